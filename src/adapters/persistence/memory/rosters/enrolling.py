"""Enrolments beside what is there: each is one (class, user, role)."""

from collections.abc import Sequence

from adapters.persistence.memory.rosters.comparing import deed_of, gone_of, note
from adapters.persistence.memory.rosters.repeats import one_of_each, without_exact_repeats
from adapters.persistence.memory.rosters.targets import Values, day
from adapters.persistence.memory.rosters.work import Deed, Thing, Work
from faraday_core.kernel.ids import uuid7
from faraday_core.roster.model import Enrollment
from faraday_core.roster.rows import EnrollmentRow, Kind, Standing

Triple = tuple[str, str, str]  # a class, a person, a role


def compare_enrollments(work: Work) -> None:
    rows = without_exact_repeats(work, work.staged[EnrollmentRow])
    rows = one_of_each(work, Kind.ENROLLMENTS, rows, ("source_id",), "source_id")
    rows = one_of_each(work, Kind.ENROLLMENTS, rows, ("class_", "user", "role"), "role")
    here = work.here(Enrollment)
    held = {(row.class_id, row.user_id, row.role): row for row in here}
    work.found[Kind.ENROLLMENTS] = [_find(work, held, row) for row in rows]
    note(work, Kind.ENROLLMENTS)
    gone = gone_of(work, Kind.ENROLLMENTS, here)
    named = {row.id for row in gone}
    moved = [row for row in _moved(work, here) if row.id not in named]
    work.gone[Kind.ENROLLMENTS] = [*gone, *moved]


def _moved(work: Work, here: Sequence[Enrollment]) -> list[Enrollment]:
    """What the source goes on to call the same, and is of another class by now."""
    found = work.found[Kind.ENROLLMENTS]
    kept = {thing.old.id for thing in found if thing.old is not None}
    anew = {thing.row.source_id for thing in found if thing.deed is Deed.CREATE}
    return [
        row
        for row in here
        if work.is_ours(row)
        and row.is_active
        and row.source_id is not None
        and row.source_id in anew
        and row.id not in kept
    ]


def _find(work: Work, held: dict[Triple, Enrollment], row: EnrollmentRow) -> Thing:
    class_ = work.names[Kind.CLASSES].get(row.class_)
    user = work.names[Kind.USERS].get(row.user)
    nowhere = [name for name, to in (("class_", class_), ("user", user)) if to is None]
    old = held.get((class_.id, user.id, row.role)) if class_ and user else None
    in_use = row.standing is Standing.ACTIVE
    values: Values = {
        "is_primary": row.is_primary,
        "starts_on": day(row.starts_on),
        "ends_on": day(row.ends_on),
        "is_active": in_use,
    }
    if old is None and class_ and user:
        values |= {"class_id": class_.id, "user_id": user.id, "role": row.role}
        values |= {"organization_id": class_.organization_id}
    differs = old is None or any(getattr(old, name) != said for name, said in values.items())
    renamed = old is not None and row.source_id is not None and row.source_id != old.source_id
    thing = Thing(
        row,
        old.id if old else uuid7(),
        old,
        Deed.UNCHANGED,
        in_use,
        differs or renamed,
        row.fault,
        values,
        nowhere,
    )
    was_in_use = old is not None and old.is_active
    thing.deed = deed_of(thing, was_in_use=was_in_use, lacks=row.role is None)
    return thing
