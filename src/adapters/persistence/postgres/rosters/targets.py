"""What each plain kind of thing is made of: which column of its table says what of its rows."""

from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from faraday_core.roster.rows import Kind

_THE_ROOT: Final = "%(root)s::uuid"


@frozen
class Reference:
    """A row's `field` names another thing, or several.

    `columns`: what is taken of it. `join`: how it is found. `dangling`: that it is not.
    """

    field: str
    columns: Mapping[str, str]
    join: str
    dangling: str


def _to(field: str, column: str, ids: str, unless: str = "null::uuid") -> Reference:
    """One thing, by its source's id. `unless`: where the row names none."""
    found = f"r_{field}"
    return Reference(
        field,
        {column: f"coalesce({found}.id, {unless})"},
        f"left join {ids} {found} on {found}.source_id = s.{field}",
        f"(s.{field} is not null and {found}.id is null)",
    )


@frozen
class Target:
    """`values`: each column with what it takes of the staged row `s`. `active`: whether what is
    there, `o`, is in use. `carries`: what other kinds ask of one, beside its id. `follows`:
    columns that say again what another one says, with what they take of the row."""

    kind: Kind
    values: Mapping[str, str]
    references: tuple[Reference, ...] = ()
    active: str = "o.is_active"
    carries: tuple[str, ...] = ()
    follows: Mapping[str, str] = field(factory=dict)

    @property
    def required(self) -> str:
        """Without which there can be none."""
        return "name" if "name" in self.values else "title"

    @property
    def table(self) -> str:
        return str(self.kind)

    @property
    def stage(self) -> str:
        return f"stage_{self.kind}"

    @property
    def columns(self) -> Mapping[str, str]:
        """All that is compared, but whether it is in use."""
        referring = {c: v for reference in self.references for c, v in reference.columns.items()}
        return {**self.values, **referring}


def _text(*names: str) -> dict[str, str]:
    return {name: f"s.{name}" for name in names}


def _lists(*names: str) -> dict[str, str]:
    return {
        name: f"coalesce(string_to_array(s.{name}, chr(31)), '{{}}'::text[])" for name in names
    }


def _days(*names: str) -> dict[str, str]:
    return {name: f"s.{name}::date" for name in names}


ORGANIZATIONS: Final = Target(
    Kind.ORGANIZATIONS,
    _text("name", "type", "identifier"),
    (_to("parent", "parent_organization_id", "ids_organizations", _THE_ROOT),),
    active="o.archived_at is null",
    follows={"name_key": "s.name_key"},
)
# Below an organisation or a department: `homes` has found which, and whose the latter is.
DEPARTMENTS: Final = Target(
    Kind.DEPARTMENTS,
    _text("name"),
    (
        Reference(
            "parent",
            {
                "organization_id": "home.organization_id",
                "parent_department_id": "home.department_id",
            },
            "left join homes home on home.source_id = s.source_id",
            "home.source_id is null",
        ),
    ),
    active="o.archived_at is null",
    follows={"name_key": "s.name_key"},
)
ACADEMIC_SESSIONS: Final = Target(
    Kind.ACADEMIC_SESSIONS,
    {
        **_text("title", "type", "school_year"),
        **_days("starts_on", "ends_on"),
        "organization_id": _THE_ROOT,
    },
    (_to("parent", "parent_session_id", "ids_academic_sessions"),),
)
COURSES: Final = Target(
    Kind.COURSES,
    {**_text("title", "code"), **_lists("grades", "subjects")},
    (
        _to("organization", "organization_id", "ids_organizations", _THE_ROOT),
        _to("academic_session", "academic_session_id", "ids_academic_sessions"),
    ),
    carries=("organization_id",),
)
CLASSES: Final = Target(
    Kind.CLASSES,
    {**_text("title", "code", "type", "location"), **_lists("grades", "subjects", "periods")},
    (
        _to("course", "course_id", "ids_courses"),
        _to(
            "organization",
            "organization_id",
            "ids_organizations",
            f"r_course.organization_id, {_THE_ROOT}",
        ),
        Reference(
            "academic_sessions",
            {"academic_session_ids": "coalesce(terms.ids, '{}'::uuid[])"},
            "left join lateral (select array_agg(i.id order by named.place) ids,"
            " bool_or(i.id is null) lacking"
            " from unnest(string_to_array(s.academic_sessions, chr(31)))"
            " with ordinality named (source_id, place)"
            " left join ids_academic_sessions i on i.source_id = named.source_id) terms on true",
            "coalesce(terms.lacking, false)",
        ),
    ),
    carries=("organization_id",),
)
PLAIN: Final = (ORGANIZATIONS, DEPARTMENTS, ACADEMIC_SESSIONS, COURSES, CLASSES)
