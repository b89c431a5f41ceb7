"""What is taught, when, and to whom: academic sessions, courses, classes and enrolments.

After OneRoster 1.2 (1EdTech), whose terms these are. What a file brought in bears the id that its
source gives it; by that it is found again the next night.
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from attrs import frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text

Id = Annotated[str, Text(1, 64)]
SearchText = Annotated[str, Text(1, 100)]


@frozen
class AcademicSession:
    """A school year, a term, a grading period. `source_root_id`: the organisation that the source
    was imported into, within which its ids are its own. `held_fields`: what an import leaves as it
    is."""

    owner: ClassVar = Owner.TENANT

    id: str
    title: str
    organization_id: str
    created_at: datetime
    updated_at: datetime
    type: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    school_year: str | None = None
    parent_session_id: str | None = None
    is_active: bool = True
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1


@frozen
class Course:
    """What may be taught again and again. `academic_session_id`: its school year."""

    owner: ClassVar = Owner.TENANT

    id: str
    title: str
    organization_id: str
    created_at: datetime
    updated_at: datetime
    code: str | None = None
    grades: Sequence[str] = ()
    subjects: Sequence[str] = ()
    academic_session_id: str | None = None
    is_active: bool = True
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1


@frozen
class Class:
    """A course as it is taught to some people in some sessions; elsewhere called a section."""

    owner: ClassVar = Owner.TENANT

    id: str
    title: str
    organization_id: str
    created_at: datetime
    updated_at: datetime
    course_id: str | None = None
    code: str | None = None
    type: str | None = None
    location: str | None = None
    grades: Sequence[str] = ()
    subjects: Sequence[str] = ()
    periods: Sequence[str] = ()
    academic_session_ids: Sequence[str] = ()
    is_active: bool = True
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1


@frozen
class Enrollment:
    """That somebody takes part in a class, in a role: one (class, user, role).

    `role`: as its source has it (`student`, `teacher`, `aide`, `proctor`, …); it says what
    somebody does in this class, and gives no right elsewhere. `organization_id`: the class's.
    """

    owner: ClassVar = Owner.TENANT

    id: str
    class_id: str
    user_id: str
    role: str
    organization_id: str
    created_at: datetime
    updated_at: datetime
    is_primary: bool = False
    starts_on: date | None = None
    ends_on: date | None = None
    is_active: bool = True
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    version: int = 1


class EnrollmentStatus(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"


@frozen
class ClassFilter:
    """`organization_id`: of it and all below it. `source_id`: the id that a roster's source gives
    it, active or not."""

    organization_id: Id | None = None
    course_id: Id | None = None
    academic_session_id: Id | None = None
    source_system: SearchText | None = None
    source_id: SearchText | None = None
    include_inactive: bool = False

    __attrs_post_init__ = obey_rules


@frozen
class CourseFilter:
    organization_id: Id | None = None
    source_system: SearchText | None = None
    source_id: SearchText | None = None
    include_inactive: bool = False

    __attrs_post_init__ = obey_rules


@frozen
class AcademicSessionFilter:
    organization_id: Id | None = None
    source_system: SearchText | None = None
    source_id: SearchText | None = None
    include_inactive: bool = False

    __attrs_post_init__ = obey_rules


@frozen
class EnrollmentFilter:
    """`role`: as its source has it."""

    role: SearchText | None = None

    __attrs_post_init__ = obey_rules


@frozen
class UserClassFilter:
    include_inactive: bool = False
