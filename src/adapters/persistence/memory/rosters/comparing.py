"""A set of rows beside what is there, kind by kind: what each would do, or why it cannot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from adapters.persistence.memory.rosters.merges import leave_merged, merged_in
from adapters.persistence.memory.rosters.repeats import one_of_each, without_exact_repeats
from adapters.persistence.memory.rosters.targets import Target, Values, is_in_use
from adapters.persistence.memory.rosters.work import (
    Deed,
    Named,
    Thing,
    Work,
    first_of,
)
from faraday_core.kernel.ids import uuid7
from faraday_core.roster.rows import Kind, RowFault, Standing

_DEEPEST: Final = 40  # of a chain that is followed upward; a longer one is taken for a circle
_CIRCLE: Final = "lies below itself, or too deep"


def compare(work: Work, target: Target) -> None:
    rows = without_exact_repeats(work, work.staged[target.row])
    rows = one_of_each(work, target.kind, rows, ("source_id",), "source_id")
    work.staged[target.row] = rows
    work.names[target.kind] = _names(work, target, rows)
    work.found[target.kind] = [_find(work, target, row) for row in rows]
    if target.kind is Kind.ORGANIZATIONS:
        leave_merged(work)
    _settle(work, target)
    note(work, target.kind)
    _carry(work, target)
    work.gone[target.kind] = gone_of(work, target.kind, work.here(target.entity))


def _names(work: Work, target: Target, rows: Sequence[Any]) -> dict[str, Named]:
    """An id for each thing that is named: its own, or a new one."""
    merged = merged_in(work.rows) if target.kind is Kind.ORGANIZATIONS else {}
    here = {
        row.source_id: Named(merged.get(row.id, row.id), row)
        for row in work.here(target.entity)
        if row.source_id and work.is_ours(row)
    }
    named = [row.source_id for row in rows if row.source_id is not None]
    return {**here, **{id: here.get(id) or Named(uuid7()) for id in named}}


def _find(work: Work, target: Target, row: Any) -> Thing:
    named = work.names[target.kind].get(row.source_id)
    old = named.old if named else None
    values, nowhere = _said(work, target, row)
    in_use = row.standing is Standing.ACTIVE
    differs = True
    if old is not None:
        values = {name: _held(old, name, value) for name, value in values.items()}
        in_use = is_in_use(old) if "is_active" in old.held_fields else in_use
        was = {name: getattr(old, name) for name in values}
        differs = not _are_same(values, was) or in_use is not is_in_use(old)
    lacks = values.get(target.required) is None
    thing = Thing(
        row,
        named.id if named else "",
        old,
        Deed.UNCHANGED,
        in_use,
        differs,
        row.fault,
        {**values, **target.follows(row)},
        nowhere,
    )
    thing.deed = deed_of(thing, was_in_use=old is not None and is_in_use(old), lacks=lacks)
    return thing


def _said(work: Work, target: Target, row: Any) -> tuple[Values, list[str]]:
    """What the row says, and which of its fields lead nowhere."""
    values, nowhere = target.values(row), []
    for field, follow in target.references.items():
        led = follow(work, row)
        if led is None:
            nowhere.append(field)
        values |= led or {}
    if target.kind is Kind.ACADEMIC_SESSIONS:
        values["organization_id"] = work.root
    return values, nowhere


def _held(old: Any, name: str, value: object) -> object:
    return getattr(old, name) if name in old.held_fields else value


def _are_same(values: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Lists may be of one class or another."""
    return all(_plain(values[name]) == _plain(others[name]) for name in values)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def deed_of(thing: Thing, *, was_in_use: bool, lacks: bool = False) -> Deed:
    """Of a row that says that its thing is gone, nothing else counts. `lacks`: what it takes to
    make one."""
    is_bad = thing.fault is not None or bool(thing.nowhere)
    if thing.only_ends:
        return Deed.REMOVE if was_in_use and not thing.in_use else Deed.UNCHANGED
    if thing.row.standing is Standing.DELETED and (is_bad or lacks):
        return Deed.SKIP
    if is_bad:
        return Deed.REFUSE
    if thing.old is None:
        return Deed.CREATE
    return Deed.UPDATE if thing.differs else Deed.UNCHANGED


def _settle(work: Work, target: Target) -> None:
    """Leave out, with what is refused, what refers to it within the kind, until all holds."""
    _forget_left_out(work, target.kind)
    if target.parent is None:
        return
    left_out = True
    while left_out:
        left_out = _refuse_circles(work, target, target.parent) or _refuse_orphans(work, target)
        _forget_left_out(work, target.kind)


def _refuse_orphans(work: Work, target: Target) -> bool:
    orphans = _orphans(work, target)
    for thing in orphans:
        thing.nowhere.append("parent")
        is_gone = thing.row.standing is Standing.DELETED
        thing.deed = Deed.SKIP if is_gone else Deed.REFUSE
    return bool(orphans)


def _orphans(work: Work, target: Target) -> list[Thing]:
    return [
        thing
        for thing in work.found[target.kind]
        if thing.is_taken and not thing.only_ends and not _has_parent(work, target, thing)
    ]


def _forget_left_out(work: Work, kind: Kind) -> None:
    """So that what refers to it is refused as well; what is here already, stays."""
    for thing in work.found[kind]:
        if not thing.is_taken and thing.old is None:
            work.names[kind].pop(thing.row.source_id, None)


def _has_parent(work: Work, target: Target, thing: Thing) -> bool:
    parent = thing.row.parent
    known = parent is None or parent in work.names[target.kind]
    return known or (target.kind is Kind.DEPARTMENTS and parent in work.names[Kind.ORGANIZATIONS])


def _refuse_circles(work: Work, target: Target, column: str) -> bool:
    written = {
        thing.id: thing
        for thing in work.found[target.kind]
        if thing.deed in {Deed.CREATE, Deed.UPDATE}
    }
    here = {row.id: row for row in work.here(target.entity)}

    def above(id: str) -> str | None:
        known = written.get(id)
        parent: str | None = known.values[column] if known else getattr(here.get(id), column, None)
        return parent

    circling = [thing for thing in written.values() if _circles(thing.id, above)]
    for thing in circling:
        heading, _ = work.column(thing.row, "parent")
        thing.fault = RowFault("invalid_value", heading, 0, _CIRCLE)
        thing.deed = Deed.REFUSE
    return bool(circling)


def _circles(start: str, above: Callable[[str], str | None]) -> bool:
    at = above(start)
    for _ in range(_DEEPEST - 1):
        if at is None or at == start:
            break
        at = above(at)
    return at is not None


def note(work: Work, kind: Kind) -> None:
    """What is refused, for what comes first in it, and what is skipped."""
    for thing in work.found[kind]:
        if thing.deed is Deed.SKIP:
            detail = "is gone at its source, and never was here"
            work.warn(thing.row, None, "nothing_to_remove", detail)
        if thing.deed is Deed.REFUSE:
            led = [work.leading_nowhere(thing.row, field) for field in thing.nowhere]
            work.refuse(kind, thing.row, first_of([thing.fault, *led]))


def _carry(work: Work, target: Target) -> None:
    if not target.carries:
        return
    names = work.names[target.kind]
    for named in names.values():
        named.organization_id = named.old.organization_id if named.old else None
    for thing in work.found[target.kind]:
        if thing.is_taken and not thing.only_ends:
            names[thing.row.source_id].organization_id = thing.values["organization_id"]


def gone_of(work: Work, kind: Kind, here: Sequence[Any]) -> list[Any]:
    """What is to be put out of use: what its row says of, and, where the set is all that there is,
    what it does not name. `here`: all of the kind."""
    found = work.found[kind]
    gone = [thing.old for thing in found if thing.deed is Deed.REMOVE]
    if not work.task.full or not found:
        return gone
    named = {thing.old.id for thing in found if thing.old is not None}
    missing = [
        row
        for row in here
        if work.is_ours(row)
        and is_in_use(row)
        and "is_active" not in getattr(row, "held_fields", ())
        and row.id not in named
    ]
    return gone + missing
