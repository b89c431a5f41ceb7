"""What the rows say of people beside themselves: the roles that they hold, whose guardians they
are, and when they were born. Of these only what came from this source is ever ended."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from adapters.persistence.memory.rosters.people import is_somewhere
from adapters.persistence.memory.rosters.targets import day
from adapters.persistence.memory.rosters.work import (
    Belonging,
    Deed,
    RoleDays,
    RoleKey,
    Work,
    first_of,
)
from faraday_core.organizations.membership import UserOrganization
from faraday_core.records.model import BirthDate, Guardianship
from faraday_core.roster.rows import (
    DemographicRow,
    GuardianRow,
    Kind,
    RoleRow,
    Standing,
)

Place = tuple[str, str | None]  # an organisation and, where it is one, the department in it


def compare_belonging(work: Work) -> None:
    work.belonging = Belonging()
    taken = {
        (person.row.file, person.row.line) for person in work.found[Kind.USERS] if person.is_taken
    }
    # First the relations: one refusal a row, and a relation's is to name its own columns.
    _guardians(work, taken)
    _roles(work, taken)
    _birth_dates(work)
    changed = work.belonging.people
    for person in work.found[Kind.USERS]:
        if person.deed is Deed.UNCHANGED and not person.is_protected and person.id in changed:
            person.deed = Deed.UPDATE


def _refuse(work: Work, row: Any, nowhere: Iterable[str]) -> None:
    """A row of its own that is faulty, or names what is not here."""
    faults = [row.fault, *(work.leading_nowhere(row, field) for field in nowhere)]
    if not any(faults) or row.standing is Standing.DELETED:
        return
    if all((n.file, n.line) != (row.file, row.line) for n in work.refused[Kind.USERS]):
        work.refuse(Kind.USERS, row, first_of(faults))


def _is_nobody(work: Work, source_id: str | None) -> bool:
    return source_id is not None and source_id not in work.names[Kind.USERS]


def _roles(work: Work, taken: set[tuple[int, int]]) -> None:
    said: defaultdict[RoleKey, list[RoleRow]] = defaultdict(list)
    places = _places(work)
    for row in work.staged[RoleRow]:
        somewhere = is_somewhere(work, row.organization)
        if not row.inline:
            nowhere = ["user"] if _is_nobody(work, row.user) else []
            _refuse(work, row, nowhere + ([] if somewhere else ["organization"]))
        user = work.names[Kind.USERS].get(row.user)
        if row.fault or not somewhere or not user or user.id in work.protected:
            continue
        if not row.inline or (row.file, row.line) in taken:
            at, department = places[row.organization]
            said[RoleKey(user.id, at, department, row.role)].append(row)
    _compare_roles(work, said)


def _places(work: Work) -> dict[str | None, Place]:
    """Where the organisation that a row names is."""
    homes = {
        thing.id: thing.values["organization_id"]
        for thing in work.found[Kind.DEPARTMENTS]
        if thing.is_taken and not thing.only_ends
    }
    places: dict[str | None, Place] = {None: (work.root, None)}
    for source_id, named in work.names[Kind.DEPARTMENTS].items():
        home = homes.get(named.id) or named.old.organization_id
        places[source_id] = (home, named.id)
    for source_id, named in work.names[Kind.ORGANIZATIONS].items():
        places[source_id] = (named.id, None)
    return places


def _compare_roles(work: Work, said: dict[RoleKey, list[RoleRow]]) -> None:
    wanted = {key: _days(rows) for key, rows in said.items() if not _is_gone(rows)}
    held = {
        RoleKey(role.user_id, role.organization_id, role.department_id, role.role): role
        for role in work.here(UserOrganization)
        if role.team_id is None
    }
    found = work.belonging
    found.new_roles = {key: days for key, days in wanted.items() if key not in held}
    found.other_roles = [
        (held[key], days)
        for key, days in wanted.items()
        if key in held
        and work.is_ours(held[key])
        and (held[key].starts_on, held[key].ends_on) != (days.starts_on, days.ends_on)
    ]
    ending = _whose_others_end(work, said)
    today = work.task.started_at.date()
    found.ended_roles = [
        role
        for key, role in held.items()
        if work.is_ours(role)
        and (role.ends_on is None or role.ends_on >= today)
        and key not in wanted
        and (role.user_id in ending or key in said)
    ]


def _whose_others_end(work: Work, said: dict[RoleKey, list[RoleRow]]) -> set[str]:
    """Who is named with some roles has no others of this source's; a delta of roles alone says
    only what has changed."""
    return {
        key.user_id
        for key, rows in said.items()
        if not work.is_delta or any(row.inline for row in rows)
    }


def _days(rows: list[RoleRow]) -> RoleDays:
    starts = [row.starts_on for row in rows if row.starts_on]
    ends = [row.ends_on for row in rows if row.ends_on]
    return RoleDays(day(min(starts, default=None)), day(max(ends, default=None)))


def _is_gone(rows: Iterable[RoleRow | GuardianRow]) -> bool:
    return all(row.standing is Standing.DELETED for row in rows)


def _guardians(work: Work, taken: set[tuple[int, int]]) -> None:
    said: defaultdict[tuple[str, str], list[GuardianRow]] = defaultdict(list)
    people = work.names[Kind.USERS]
    for row in work.staged[GuardianRow]:
        nowhere = [name for name in ("user", "guardian") if _is_nobody(work, getattr(row, name))]
        if row.inline and (row.file, row.line) not in taken:
            continue
        if not row.inline:
            _refuse(work, row, nowhere)
        elif "guardian" in nowhere:
            detail = f"names a guardian who is not here: {row.guardian[:100]}"
            work.warn(row, "guardian", "unknown_reference", detail)
        child, guardian = people.get(row.user), people.get(row.guardian)
        if row.fault or not child or not guardian or child.id == guardian.id:
            continue
        if child.id not in work.protected:
            said[child.id, guardian.id].append(row)
    _compare_guardians(work, said)


def _compare_guardians(work: Work, said: dict[tuple[str, str], list[GuardianRow]]) -> None:
    held = {(row.child_id, row.guardian_id): row for row in work.here(Guardianship)}
    wanted = [pair for pair, rows in said.items() if not _is_gone(rows)]
    children = set() if work.is_delta else {child for child, _ in said}
    relations = {pair: max(r.relation or "" for r in said[pair]) or None for pair in wanted}
    work.belonging.new_guardians = {p: relations[p] for p in wanted if p not in held}
    work.belonging.other_guardians = [
        (held[pair], relation)
        for pair, relation in relations.items()
        if pair in held and work.is_ours(held[pair]) and held[pair].relation != relation
    ]
    work.belonging.ended_guardians = [
        row
        for pair, row in held.items()
        if work.is_ours(row) and pair not in wanted and (row.child_id in children or pair in said)
    ]


def _birth_dates(work: Work) -> None:
    """Only what is asked for is staged."""
    held = {row.user_id: row for row in work.rows.all(BirthDate)}
    said: dict[str, str] = {}
    for row in work.staged[DemographicRow]:
        _refuse(work, row, ["user"] if _is_nobody(work, row.user) else [])
        user = work.names[Kind.USERS].get(row.user)
        is_good = row.fault is None and row.standing is not Standing.DELETED and row.born_on
        if is_good and user and user.id not in work.protected:
            said[user.id] = max(row.born_on, said.get(user.id, ""))
    for user_id, born_on in said.items():
        old, new = held.get(user_id), day(born_on)
        if new and (old is None or old.born_on != new):
            work.belonging.new_births[user_id] = (old, new)
