"""What each plain kind of thing is made of: which field of its entity says what of its rows."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from attrs import frozen

from adapters.persistence.memory.rosters.work import Work
from faraday_core.kernel.words import key_of
from faraday_core.organizations.model import Department, Organization
from faraday_core.roster.model import AcademicSession, Class, Course
from faraday_core.roster.rows import (
    JOIN,
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DepartmentRow,
    Kind,
    OrganizationRow,
    Row,
)

Values = dict[str, Any]  # by an entity's field
# What a row's field leads to; None: nowhere.
Follow = Callable[[Work, Any], Values | None]


@frozen
class Target:
    """`values`: what a row says itself. `required`: what has to be said. `references`: what a
    row's field says by naming other things. `parent`: the entity's field that leads upward among
    things of the kind. `carries`: whether others ask where it lies. `follows`: what says again
    what another field says."""

    kind: Kind
    row: type[Row]
    entity: type[Any]
    values: Callable[[Any], Values]
    required: str
    references: Mapping[str, Follow]
    parent: str | None = None
    carries: bool = False
    follows: Callable[[Any], Values] = lambda _: {}


def is_in_use(entity: Any) -> bool:  # one that a roster may bring
    if isinstance(entity, Organization | Department):
        return entity.archived_at is None
    return bool(entity.is_active)


def parts(joined: str | None) -> tuple[str, ...]:
    return tuple(joined.split(JOIN)) if joined else ()


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _texts(*names: str) -> Callable[[Any], Values]:
    return lambda row: {name: getattr(row, name) for name in names}


def _to(field: str, column: str, kind: Kind, *, or_root: bool = False) -> Follow:
    """To one thing. `or_root`: where the row names none, to what is imported into."""

    def follow(work: Work, row: Any) -> Values | None:  # of a class of rows
        source_id = getattr(row, field)
        if source_id is None:
            return {column: work.root if or_root else None}
        found = work.names[kind].get(source_id)
        return {column: found.id} if found else None

    return follow


def _class_organization(work: Work, row: ClassRow) -> Values | None:
    if row.organization is not None:
        found = work.names[Kind.ORGANIZATIONS].get(row.organization)
        return {"organization_id": found.id} if found else None
    course = work.names[Kind.COURSES].get(row.course) if row.course else None
    return {"organization_id": (course.organization_id if course else None) or work.root}


def _class_sessions(work: Work, row: ClassRow) -> Values | None:
    known = work.names[Kind.ACADEMIC_SESSIONS]
    named = parts(row.academic_sessions)
    if not {*named} <= known.keys():
        return None
    return {"academic_session_ids": tuple(known[source_id].id for source_id in named)}


def _department_home(work: Work, row: DepartmentRow) -> Values | None:
    """Its parent is an organisation, or a department that lies in one."""
    organization = _organization_above(work, row)
    if organization is None:
        return None
    is_inside = row.parent is not None and row.parent not in work.names[Kind.ORGANIZATIONS]
    department = work.names[Kind.DEPARTMENTS][row.parent or ""].id if is_inside else None
    return {"organization_id": organization, "parent_department_id": department}


def _organization_above(work: Work, row: DepartmentRow) -> str | None:
    organizations, departments = work.names[Kind.ORGANIZATIONS], work.names[Kind.DEPARTMENTS]
    rows = {r.source_id: r for r in work.staged[DepartmentRow]}
    at, passed = row.parent, {row.source_id}
    while at is not None and at not in organizations:
        if at in passed or at not in departments:
            return None
        if at not in rows:
            lies_in: str = departments[at].old.organization_id
            return lies_in
        passed.add(at)
        at = rows[at].parent
    return organizations[at].id if at else work.root


def _node_values(*names: str) -> Callable[[Any], Values]:
    return _texts("name", *names)


def _name_key(row: Any) -> Values:  # of a node
    return {"name_key": key_of(row.name or "")}


def _session_values(row: AcademicSessionRow) -> Values:
    days = {"starts_on": day(row.starts_on), "ends_on": day(row.ends_on)}
    return {**_texts("title", "type", "school_year")(row), **days}


def _lesson_values(*texts: str, lists: tuple[str, ...]) -> Callable[[Any], Values]:
    def values(row: Any) -> Values:  # of a course or a class
        return {**_texts(*texts)(row), **{name: parts(getattr(row, name)) for name in lists}}

    return values


PLAIN: Final = (
    Target(
        Kind.ORGANIZATIONS,
        OrganizationRow,
        Organization,
        _node_values("type", "identifier"),
        "name",
        {"parent": _to("parent", "parent_organization_id", Kind.ORGANIZATIONS, or_root=True)},
        parent="parent_organization_id",
        follows=_name_key,
    ),
    Target(
        Kind.DEPARTMENTS,
        DepartmentRow,
        Department,
        _node_values(),
        "name",
        {"parent": _department_home},
        parent="parent_department_id",
        follows=_name_key,
    ),
    Target(
        Kind.ACADEMIC_SESSIONS,
        AcademicSessionRow,
        AcademicSession,
        _session_values,
        "title",
        {"parent": _to("parent", "parent_session_id", Kind.ACADEMIC_SESSIONS)},
        parent="parent_session_id",
    ),
    Target(
        Kind.COURSES,
        CourseRow,
        Course,
        _lesson_values("title", "code", lists=("grades", "subjects")),
        "title",
        {
            "organization": _to(
                "organization", "organization_id", Kind.ORGANIZATIONS, or_root=True
            ),
            "academic_session": _to(
                "academic_session", "academic_session_id", Kind.ACADEMIC_SESSIONS
            ),
        },
        carries=True,
    ),
    Target(
        Kind.CLASSES,
        ClassRow,
        Class,
        _lesson_values(
            "title", "code", "type", "location", lists=("grades", "subjects", "periods")
        ),
        "title",
        {
            "course": _to("course", "course_id", Kind.COURSES),
            "organization": _class_organization,
            "academic_sessions": _class_sessions,
        },
        carries=True,
    ),
)
