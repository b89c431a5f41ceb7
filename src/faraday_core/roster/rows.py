"""What a reader makes of files: the core's own rows, whatever the format.

A set may have a million of them, so they are plain tuples. Each begins with where it stands and
what is wrong with it; a reference is the id that its source gives to the other thing.
"""

from enum import StrEnum
from typing import Final, NamedTuple

LONGEST_CELL: Final = 65_536  # bytes


class Kind(StrEnum):
    """What is counted of an import, in the order in which one kind refers to those before it."""

    ORGANIZATIONS = "organizations"
    DEPARTMENTS = "departments"
    ACADEMIC_SESSIONS = "academic_sessions"
    COURSES = "courses"
    CLASSES = "classes"
    USERS = "users"
    ENROLLMENTS = "enrollments"


class Standing(StrEnum):
    """What a row says of its thing: that it is in use, that it rests, or that it is gone."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


class RowFault(NamedTuple):
    """Why a row is refused. `position`: of the column in its file, from 0; -1: of none."""

    code: str
    column: str | None
    position: int
    detail: str


class OrganizationRow(NamedTuple):
    """`file`: its index among the reader's files. `line`: the physical line on which it begins.
    `raw`: a hash of all its cells, 64 bits and signed, by which an exact repeat is known."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    name: str = ""
    type: str | None = None
    identifier: str | None = None
    parent: str | None = None  # an organisation; None: the one that is imported into


class DepartmentRow(NamedTuple):
    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    name: str = ""
    parent: str | None = None  # an organisation or a department; None: the one imported into


class AcademicSessionRow(NamedTuple):
    """`starts_on`, `ends_on` and all other days: ISO 8601."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    title: str = ""
    type: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    school_year: str | None = None
    parent: str | None = None  # an academic session


class CourseRow(NamedTuple):
    """`grades` and all other lists: joined by `JOIN`."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    title: str = ""
    code: str | None = None
    grades: str | None = None
    subjects: str | None = None
    organization: str | None = None  # None: the one that is imported into
    academic_session: str | None = None


class ClassRow(NamedTuple):
    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    title: str = ""
    code: str | None = None
    type: str | None = None
    location: str | None = None
    grades: str | None = None
    subjects: str | None = None
    periods: str | None = None
    organization: str | None = None  # None: the course's, else the one that is imported into
    course: str | None = None
    academic_sessions: str | None = None  # a list


class UserRow(NamedTuple):
    """`email`: valid, as it is written. Its roles and guardians are rows of their own.

    `organization`: where the person belongs whatever their roles; it has but to be there.
    """

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str
    full_name: str = ""
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    username: str | None = None
    email: str | None = None
    identifier: str | None = None
    grades: str | None = None
    organization: str | None = None


class RoleRow(NamedTuple):
    """A role that somebody holds. `inline`: it is part of its user's row, and refused with it.

    `role`: `teacher`, `guardian` or `student`, which is all that a file can give.
    `organization`: an organisation or a department; None: the one that is imported into.
    """

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    user: str
    role: str = ""
    organization: str | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    inline: bool = False


class GuardianRow(NamedTuple):
    """That one is another's guardian. `inline`: part of the child's row; where such a guardian is
    not to be found, the child is taken without them, and a warning says so."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    user: str  # the child
    guardian: str = ""
    relation: str | None = None
    inline: bool = False


class DemographicRow(NamedTuple):
    """What is asked for by name alone."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    user: str
    born_on: str | None = None


class EnrollmentRow(NamedTuple):
    """One (class, user, role). `source_id`: where the source has one."""

    file: int
    line: int
    raw: int
    fault: RowFault | None
    standing: Standing
    source_id: str | None
    class_: str = ""
    user: str = ""
    role: str = ""
    is_primary: bool = False
    starts_on: str | None = None
    ends_on: str | None = None


Row = (
    OrganizationRow
    | DepartmentRow
    | AcademicSessionRow
    | CourseRow
    | ClassRow
    | UserRow
    | RoleRow
    | GuardianRow
    | DemographicRow
    | EnrollmentRow
)

JOIN: Final = "\x1f"  # between the parts of a list: no cell can hold it

KIND_OF: Final[dict[type[Row], Kind]] = {
    OrganizationRow: Kind.ORGANIZATIONS,
    DepartmentRow: Kind.DEPARTMENTS,
    AcademicSessionRow: Kind.ACADEMIC_SESSIONS,
    CourseRow: Kind.COURSES,
    ClassRow: Kind.CLASSES,
    UserRow: Kind.USERS,
    RoleRow: Kind.USERS,
    GuardianRow: Kind.USERS,
    DemographicRow: Kind.USERS,
    EnrollmentRow: Kind.ENROLLMENTS,
}
