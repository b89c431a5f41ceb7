"""An address is one person's: who comes later is refused, as is who wants somebody's who stays."""

from collections.abc import Sequence
from typing import Final

from adapters.persistence.memory.rosters.person import Person
from adapters.persistence.memory.rosters.work import Deed, Work
from faraday_core.roster.rows import RowFault

_MOST_ROUNDS: Final = 10


def settle_addresses(work: Work, found: Sequence[Person]) -> None:
    """Somebody is left out, and their place in a row of wishes falls free: until nothing
    changes."""
    for _ in range(_MOST_ROUNDS):
        doubled = _refuse_doubled(work, found)
        held = _refuse_held(work, found)
        if not doubled and not held:
            break
    for person in found:
        written = person.deed in {Deed.CREATE, Deed.UPDATE}
        if person.is_vacant and written and person.has_new_key:
            person.ends_holder = person.holder


def _refuse_doubled(work: Work, found: Sequence[Person]) -> bool:
    has, later = set(), []
    for person in found:
        if person.key is None or not person.is_taken or person.only_ends:
            continue
        if person.key in has and (person.adopts or not person.is_protected):
            later.append(person)
        has.add(person.key)
    for person in later:
        _refuse(work, person, "is the address of an earlier row")
    return bool(later)


def _refuse_held(work: Work, found: Sequence[Person]) -> bool:
    given_up = {
        person.old.id: person.key
        for person in found
        if person.old is not None and person.deed is Deed.UPDATE
    }
    wanting = [
        person
        for person in found
        if person.holder is not None
        and not person.is_vacant
        and person.is_taken
        and not person.only_ends
        and person.has_new_key
        and given_up.get(person.holder.id, person.key) == person.key
    ]
    for person in wanting:
        _refuse(work, person, "is the address of somebody who is here")
    return bool(wanting)


def _refuse(work: Work, person: Person, detail: str) -> None:
    heading, position = work.column(person.row, "email")
    person.deed = Deed.REFUSE
    person.fault = RowFault("duplicate_email", heading, position, detail)
