"""People beside those who are there, with the roles that their own rows name.

A person is found by the source's id, and by nothing else; an address only has an account adopted
that belongs to the organisation and came from no source. Nobody who ranks above a teacher is
changed, and of who has a role elsewhere neither the address nor whether they may sign in.
"""

from collections import defaultdict
from typing import Any, Final

from attrs import define

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rosters.addresses import settle_addresses
from adapters.persistence.memory.rosters.comparing import deed_of, gone_of, note
from adapters.persistence.memory.rosters.person import Person
from adapters.persistence.memory.rosters.repeats import one_of_each, without_exact_repeats
from adapters.persistence.memory.rosters.targets import parts
from adapters.persistence.memory.rosters.work import Deed, Named, Work
from faraday_core.identity.addresses import email_key
from faraday_core.identity.model import User
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.membership import UserOrganization
from faraday_core.roster.importing import PROTECTED
from faraday_core.roster.rows import GuardianRow, Kind, RoleRow, Standing, UserRow

# What a row says of a person; the address and whether they may sign in apart, since these are
# left to whoever else has a say in them.
TEXTS: Final = (
    "full_name",
    "given_name",
    "middle_name",
    "family_name",
    "username",
    "identifier",
)


def compare_users(work: Work) -> None:
    rows = without_exact_repeats(work, work.staged[UserRow])
    rows = one_of_each(work, Kind.USERS, rows, ("source_id",), "source_id")
    for part in (RoleRow, GuardianRow):
        own = without_exact_repeats(work, (r for r in work.staged[part] if not r.inline))
        work.staged[part] = [row for row in work.staged[part] if row.inline] + own
    known = _Known.of(work)
    nowhere = _roles_nowhere(work)
    found = [_find(work, known, row, nowhere) for row in rows]
    work.found[Kind.USERS] = found
    work.protected = {person.old.id for person in found if person.is_protected}
    settle_addresses(work, found)
    note(work, Kind.USERS)
    _name(work, found, known)
    _warn_of_protected(work, found)
    gone = gone_of(work, Kind.USERS, known.of_source())
    work.gone[Kind.USERS] = [user for user in gone if not known.is_elsewhere(user)]


@define
class _Known:
    """Everybody, by what a row could find them by."""

    work: Work
    by_source: dict[str, User]
    by_key: dict[str, User]
    roles: dict[str, list[tuple[str, UserOrganization]]]  # of a person, each with its tenant
    below: set[str]  # organisations: what is imported into, and all below

    @classmethod
    def of(cls, work: Work) -> "_Known":
        users = work.rows.all(User)
        roles = defaultdict(list)
        for stored in work.rows.stored(UserOrganization):
            roles[stored.row.user_id].append((stored.owner, stored.row))
        below = MemoryOrganizations(work.rows).below([work.root])
        by_source = {u.source_id: u for u in users if u.source_id and _is_of_source(work, u)}
        by_key = {user.email_key: user for user in users if user.email_key}
        return cls(work, by_source, by_key, roles, below)

    def of_source(self) -> list[User]:
        return list(self.by_source.values())

    def is_here(self, user: User) -> bool:
        """Whether they belong to the organisation, in whatever role and at whatever time."""
        held = self.roles.get(user.id, [])
        return any(self._is_inside(tenant, role) for tenant, role in held)

    def is_nobodys(self, user: User) -> bool:
        """Whether they have shown neither a place nor that their address is theirs."""
        shown = user.email_verified or user.is_platform_admin or user.id in self.roles
        return user.source_id is None and not shown

    def is_protected(self, user: User) -> bool:
        ranks = {role.role for _, role in self.roles.get(user.id, [])}
        return user.is_platform_admin or user.is_service or bool(ranks & {*PROTECTED})

    def is_elsewhere(self, user: User) -> bool:
        """Whether somebody else has a say in them too."""
        held = self.roles.get(user.id, [])
        inside = all(self._is_inside(tenant, role) for tenant, role in held)
        return not inside or self.is_protected(user)

    def _is_inside(self, tenant: str, role: UserOrganization) -> bool:
        return tenant == self.work.tenant and role.organization_id in self.below


def _is_of_source(work: Work, user: User) -> bool:
    return user.source_tenant_id == work.tenant and work.is_ours(user)


def is_somewhere(work: Work, source_id: str | None) -> bool:
    """Whether a row's organisation or department is here; none is named: what is imported into."""
    organizations, departments = work.names[Kind.ORGANIZATIONS], work.names[Kind.DEPARTMENTS]
    return source_id is None or source_id in organizations or source_id in departments


def _roles_nowhere(work: Work) -> set[tuple[int, int]]:
    """A role that a person's own row gives where nothing is: that row is at fault."""
    return {
        (role.file, role.line)
        for role in work.staged[RoleRow]
        if role.inline and not is_somewhere(work, role.organization)
    }


def _find(work: Work, known: _Known, row: UserRow, roles_nowhere: set[tuple[int, int]]) -> Person:
    key = email_key(row.email) if row.email else None
    old, holder = known.by_source.get(row.source_id), known.by_key.get(key or "")
    if old is not None and holder is not None and holder.id == old.id:
        holder = None
    adopts = old is None and holder is not None and holder.source_id is None
    if adopts and holder is not None and known.is_here(holder):
        old, holder = holder, None
    else:
        adopts = False
    is_elsewhere = old is not None and known.is_elsewhere(old)
    values = _said(row, old, key, keep=is_elsewhere)
    in_use = row.standing is Standing.ACTIVE
    if old is not None and (is_elsewhere or "is_active" in old.held_fields):
        in_use = old.is_active
    is_at_fault = not is_somewhere(work, row.organization) or (
        (row.file, row.line) in roles_nowhere
    )
    not_gone = row.standing is not Standing.DELETED  # of who is, nothing else counts
    person = Person(
        row,
        "",
        old,
        Deed.UNCHANGED,
        in_use,
        old is None or adopts or (not_gone and _differs(values, in_use, old)),
        row.fault,
        values,
        ["organization"] if is_at_fault else [],
        adopts=adopts,
        holder=holder,
        is_vacant=holder is not None and known.is_nobodys(holder),
        is_protected=old is not None and known.is_protected(old),
        is_elsewhere=is_elsewhere,
    )
    if not person.is_protected:
        was_in_use = old is not None and old.is_active
        person.deed = deed_of(person, was_in_use=was_in_use, lacks=row.full_name is None)
    return person


def _said(row: UserRow, old: User | None, key: str | None, *, keep: bool) -> dict[str, Any]:
    """By a person's field. `keep`: their address."""
    values: dict[str, Any] = {name: getattr(row, name) for name in TEXTS}
    values |= {"grades": parts(row.grades), "email": row.email, "email_key": key}
    if old is None:
        return values
    held = {*old.held_fields} | ({"email"} if keep else set())
    held |= {"email_key"} if "email" in held else set()
    return {name: getattr(old, name) if name in held else said for name, said in values.items()}


def _differs(values: dict[str, Any], in_use: object, old: User) -> bool:
    was = {name: getattr(old, name) for name in values}
    return {**values, "grades": [*values["grades"]]} != {**was, "grades": [*was["grades"]]} or (
        in_use is not old.is_active
    )


def _name(work: Work, found: list[Person], known: _Known) -> None:
    named = {id: Named(user.id, user) for id, user in known.by_source.items()}
    for person in found:
        person.id = person.old.id if person.old is not None else uuid7()
        if person.is_taken:
            named[person.row.source_id] = Named(person.id, person.old)
    work.names[Kind.USERS] = named


def _warn_of_protected(work: Work, found: list[Person]) -> None:
    for person in found:
        if person.is_protected:
            detail = "is somebody with a role above teacher, whom no file changes"
            work.warn(person.row, None, "role_protected", detail)
        elif person.is_elsewhere and _wants_more(person):
            detail = "has a role elsewhere too: their address and their sign-in are left alone"
            work.warn(person.row, None, "role_protected", detail)


def _wants_more(person: Person) -> bool:
    is_active = person.row.standing is Standing.ACTIVE
    return person.row.email != person.old.email or is_active is not person.old.is_active
