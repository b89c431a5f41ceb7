"""From what is kept to a roster's row."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import singledispatch

from faraday_core.identity.model import User
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.records.model import Guardianship
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.rows import (
    JOIN,
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)

Refs = Mapping[str, str]  # by an id, the one by which a row refers to it


@singledispatch
def row_of(one: object, refs: Refs) -> Row | None:
    """None where it stands on what is not exported."""
    raise TypeError(type(one))


@row_of.register
def _(one: Organization, refs: Refs) -> Row:
    return OrganizationRow(
        *_head(active=one.archived_at is None),
        refs[one.id],
        one.name,
        one.type,
        one.identifier,
        _ref(one.parent_organization_id, refs),
    )


@row_of.register
def _(one: Department, refs: Refs) -> Row:
    parent = _ref(one.parent_department_id, refs) or _ref(one.organization_id, refs)
    head = _head(active=one.archived_at is None)
    return DepartmentRow(*head, refs[one.id], one.name, parent)


@row_of.register
def _(one: AcademicSession, refs: Refs) -> Row:
    return AcademicSessionRow(
        *_head(active=one.is_active),
        refs[one.id],
        one.title,
        one.type,
        _day(one.starts_on),
        _day(one.ends_on),
        one.school_year,
        _ref(one.parent_session_id, refs),
    )


@row_of.register
def _(one: Course, refs: Refs) -> Row:
    return CourseRow(
        *_head(active=one.is_active),
        refs[one.id],
        one.title,
        one.code,
        _list(one.grades),
        _list(one.subjects),
        _ref(one.organization_id, refs),
        _ref(one.academic_session_id, refs),
    )


@row_of.register
def _(one: Class, refs: Refs) -> Row:
    return ClassRow(
        *_head(active=one.is_active),
        refs[one.id],
        one.title,
        one.code,
        one.type,
        one.location,
        _list(one.grades),
        _list(one.subjects),
        _list(one.periods),
        _ref(one.organization_id, refs),
        _ref(one.course_id, refs),
        _list([refs[id] for id in one.academic_session_ids if id in refs]),
    )


@row_of.register
def _(one: User, refs: Refs) -> Row:
    return UserRow(
        *_head(active=one.is_active),
        refs[one.id],
        one.full_name,
        one.given_name,
        one.middle_name,
        one.family_name,
        one.username,
        one.email,
        one.identifier,
        _list(one.grades),
    )


@row_of.register
def _(one: UserOrganization, refs: Refs) -> Row | None:
    if one.user_id not in refs:
        return None
    place = _ref(one.department_id, refs) or _ref(one.organization_id, refs)
    days = (_day(one.starts_on), _day(one.ends_on))
    return RoleRow(*_head(active=True), refs[one.user_id], str(one.role), place, *days)


@row_of.register
def _(one: Guardianship, refs: Refs) -> Row | None:
    if not {one.child_id, one.guardian_id} <= refs.keys():
        return None
    people = refs[one.child_id], refs[one.guardian_id]
    return GuardianRow(*_head(active=True), *people, one.relation)


@row_of.register
def _(one: Enrollment, refs: Refs) -> Row | None:
    if not {one.class_id, one.user_id} <= refs.keys():
        return None
    return EnrollmentRow(
        *_head(active=one.is_active),
        one.source_id,
        refs[one.class_id],
        refs[one.user_id],
        one.role,
        one.is_primary,
        _day(one.starts_on),
        _day(one.ends_on),
    )


def _head(*, active: bool) -> tuple[int, int, int, None, Standing]:
    """What each row begins with: it stands in no file."""
    return 0, 0, 0, None, Standing.ACTIVE if active else Standing.INACTIVE


def _ref(id: str | None, refs: Refs) -> str | None:
    """None: of nothing, or of what is exported itself."""
    return refs.get(id) if id else None


def _list(parts: Sequence[str]) -> str | None:
    return JOIN.join(parts) or None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
