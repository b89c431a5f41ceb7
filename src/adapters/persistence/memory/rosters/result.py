"""What a comparison has found, as the core has it."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from adapters.persistence.memory.rosters.people import TEXTS
from adapters.persistence.memory.rosters.targets import PLAIN, is_in_use
from adapters.persistence.memory.rosters.work import Deed, Noted, Thing, Work
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.records.model import Guardianship
from faraday_core.roster.importing import Comparison, Counts, HeldBack
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.reading import MOST_NOTED, Note
from faraday_core.roster.rows import Kind

ENTITIES: Final = {
    Kind.ORGANIZATIONS: Organization,
    Kind.DEPARTMENTS: Department,
    Kind.ACADEMIC_SESSIONS: AcademicSession,
    Kind.COURSES: Course,
    Kind.CLASSES: Class,
    Kind.USERS: User,
    Kind.ENROLLMENTS: Enrollment,
}


def comparison_of(work: Work) -> Comparison:
    return Comparison(
        counts={kind: _counts(work, kind) for kind in Kind},
        refused=_notes(work, (noted for kind in Kind for noted in work.refused[kind])),
        warnings=_notes(work, work.warned),
        held=[held for kind in Kind for held in _held(work, kind)][:MOST_NOTED],
        state=state_of(work.rows),
    )


def state_of(rows: Rows) -> str:
    """All that a plan goes by: where any of it is saved anew, comes or goes, this is another."""
    kinds: list[Any] = [*ENTITIES.values(), UserOrganization, Guardianship]
    here = [row for kind in kinds if kind is not User for _, row in rows.in_sight(kind)]
    members = {role.user_id for _, role in rows.in_sight(UserOrganization)}
    tenant = rows.scope.tenant_id
    people = [u for u in rows.all(User) if u.source_tenant_id == tenant or u.id in members]
    known = sorted((type(row).__name__, row.id, row.version) for row in (*here, *people))
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _counts(work: Work, kind: Kind) -> Counts:
    deeds = Counter(thing.deed for thing in work.found[kind])
    entities: Iterable[Any] = (
        (user for user in work.rows.all(User) if user.source_tenant_id == work.tenant)
        if kind is Kind.USERS
        else work.here(ENTITIES[kind])
    )
    known = [row for row in entities if work.is_ours(row) and is_in_use(row)]
    return Counts(
        create=deeds[Deed.CREATE],
        update=deeds[Deed.UPDATE],
        unchanged=deeds[Deed.UNCHANGED],
        remove=len(work.gone[kind]),
        refuse=len(work.refused[kind]),
        known=len(known),
    )


def _notes(work: Work, noted: Iterable[Noted]) -> list[Note]:
    in_order = sorted(noted, key=lambda n: (n.file, n.line, n.code))[:MOST_NOTED]
    return [Note(work.files[n.file].name, n.line, n.heading, n.code, n.detail) for n in in_order]


def _held(work: Work, kind: Kind) -> list[HeldBack]:
    """The source's values that are left, since somebody holds the field."""
    if kind is Kind.ENROLLMENTS:
        return []
    found: list[Thing] = [
        thing
        for thing in work.found[kind]
        if thing.old is not None and thing.deed in {Deed.UPDATE, Deed.UNCHANGED}
    ]
    return [
        HeldBack(kind, thing.old.id, thing.row.source_id, name, _shown(value))
        for thing in found
        for name, value in _said(kind, thing.row).items()
        if name in thing.old.held_fields and _shown(value) != _shown(getattr(thing.old, name))
    ]


def _said(kind: Kind, row: Any) -> dict[str, Any]:  # of the kind's class of rows
    if kind is Kind.USERS:
        return {name: getattr(row, name) for name in (*TEXTS, "email")}
    return next(target for target in PLAIN if target.kind is kind).values(row)


def _shown(value: Any) -> str | None:  # an entity's field
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return None if value is None else str(value)
