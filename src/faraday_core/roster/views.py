"""Classes, courses, sessions and enrolments as the API shows them."""

from datetime import date, datetime

from attrs import field, frozen

from faraday_core.roster.model import AcademicSession, Class, Course, EnrollmentStatus


@frozen
class AcademicSessionView:
    id: str
    title: str
    type: str | None
    school_year: str | None
    starts_on: date | None
    ends_on: date | None
    parent_session_id: str | None
    organization_id: str
    is_active: bool
    source_system: str | None
    source_id: str | None
    created_at: datetime
    updated_at: datetime
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class CourseView:
    id: str
    title: str
    code: str | None
    grades: tuple[str, ...]
    subjects: tuple[str, ...]
    academic_session_id: str | None
    organization_id: str
    is_active: bool
    source_system: str | None
    source_id: str | None
    created_at: datetime
    updated_at: datetime
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class ClassView:
    id: str
    title: str
    code: str | None
    type: str | None
    location: str | None
    grades: tuple[str, ...]
    subjects: tuple[str, ...]
    periods: tuple[str, ...]
    course_id: str | None
    academic_session_ids: tuple[str, ...]
    organization_id: str
    is_active: bool
    source_system: str | None
    source_id: str | None
    created_at: datetime
    updated_at: datetime
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class EnrollmentView:
    """Somebody's part in a class."""

    id: str
    user_id: str
    full_name: str
    role: str
    status: EnrollmentStatus
    is_primary: bool
    starts_on: date | None
    ends_on: date | None
    source_system: str | None
    source_id: str | None


@frozen
class ClassOfUser:
    """A class that somebody takes part in. `id`: the enrolment's."""

    id: str
    class_: Class
    role: str
    is_active: bool
    is_primary: bool


@frozen
class UserClassView:
    """A class that somebody takes part in, as what, and whether still."""

    id: str
    title: str
    code: str | None
    course_id: str | None
    organization_id: str
    academic_session_ids: tuple[str, ...]
    role: str
    status: EnrollmentStatus
    is_primary: bool
    source_system: str | None
    source_id: str | None


def academic_session_view(session: AcademicSession) -> AcademicSessionView:
    return AcademicSessionView(
        session.id,
        session.title,
        session.type,
        session.school_year,
        session.starts_on,
        session.ends_on,
        session.parent_session_id,
        session.organization_id,
        session.is_active,
        session.source_system,
        session.source_id,
        session.created_at,
        session.updated_at,
        str(session.version),
    )


def course_view(course: Course) -> CourseView:
    return CourseView(
        course.id,
        course.title,
        course.code,
        tuple(course.grades),
        tuple(course.subjects),
        course.academic_session_id,
        course.organization_id,
        course.is_active,
        course.source_system,
        course.source_id,
        course.created_at,
        course.updated_at,
        str(course.version),
    )


def class_view(class_: Class) -> ClassView:
    return ClassView(
        class_.id,
        class_.title,
        class_.code,
        class_.type,
        class_.location,
        tuple(class_.grades),
        tuple(class_.subjects),
        tuple(class_.periods),
        class_.course_id,
        tuple(class_.academic_session_ids),
        class_.organization_id,
        class_.is_active,
        class_.source_system,
        class_.source_id,
        class_.created_at,
        class_.updated_at,
        str(class_.version),
    )


def user_class_view(one: ClassOfUser) -> UserClassView:
    class_ = one.class_
    return UserClassView(
        class_.id,
        class_.title,
        class_.code,
        class_.course_id,
        class_.organization_id,
        tuple(class_.academic_session_ids),
        one.role,
        status_of(is_active=one.is_active and class_.is_active),
        one.is_primary,
        class_.source_system,
        class_.source_id,
    )


def status_of(*, is_active: bool) -> EnrollmentStatus:
    return EnrollmentStatus.ACTIVE if is_active else EnrollmentStatus.INACTIVE
