from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import frozen

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import Person, User, view_of
from faraday_core.identity.session_model import (
    BlacklistedToken,
    Claims,
    Identity,
    UserSession,
)
from faraday_core.kernel.access import not_found
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.words import words_of
from faraday_core.organizations.membership import UserOrganization
from faraday_core.people.model import Listing, UserFilter


@frozen
class Terms:
    """What somebody is found by in a tenant."""

    user_id: str
    terms: frozenset[str]


@frozen
class MemoryPeople:
    rows: Rows

    async def person(self, user_id: str) -> Person:
        held = self.rows.roles(user_id)
        stored = self.rows.by_id(User).get(user_id)
        scope, known = self.rows.scope, self.rows.memberships(user_id)
        in_sight = scope.everywhere or user_id == scope.user_id or known
        if stored is None or stored.row is None:
            raise not_found()
        if not in_sight and stored.row.source_tenant_id not in scope.tenants:
            raise not_found()
        grants = (role.grant(tenant) for tenant, role in held)
        return Person(stored.row, tuple(grants))

    async def identity(
        self, claims: Claims, *, now: datetime, unused_since: datetime
    ) -> Identity | None:
        session = self.rows.find(UserSession, claims.session_id)
        user = self.rows.find(User, claims.user_id)
        if session is None or user is None or self.rows.find(BlacklistedToken, claims.token_id):
            return None
        living = (
            session.ended_at is None
            and session.expires_at > now
            and session.last_used_at > unused_since
            and session.security_epoch == user.security_epoch
            and user.is_active
        )
        if not living:
            return None
        return Identity(await self.person(user.id), claims, session.last_used_at)

    async def platform_admins(self) -> int:
        return sum(u.is_platform_admin and u.is_active for u in self.rows.all(User))


@frozen
class MemoryDirectory:
    rows: Rows

    async def page(
        self, nodes: Sequence[str] | None, wanted: UserFilter, page: PageRequest
    ) -> Page[Listing]:
        words = words_of(wanted.q or "")
        if wanted.q is not None and not words:
            return Page(())
        people = MemoryPeople(self.rows)
        by_source = wanted.source_id is not None and not words
        ids = self._of_source() if by_source else self._in_sight()
        everyone = [await people.person(user_id) for user_id in ids]
        below = await self._below(nodes)
        listings = [
            Listing(person.user.id, view_of(person), term)
            for person in everyone
            if self._is_wanted(person, wanted, below)
            and (term := self._term(person.user.id, words)) is not None
        ]
        order = ("term", "id") if words else ("id",)
        return self.rows.page(Listing, listings, page, order)

    async def tenants_of(self, user_id: str) -> Sequence[str]:
        return sorted({tenant for tenant, _ in self.rows.memberships(user_id)})

    def _in_sight(self) -> set[str]:
        if self.rows.scope.everywhere:
            return {user.id for user in self.rows.all(User)}
        return {role.user_id for _, role in self.rows.in_sight(UserOrganization)}

    def _of_source(self) -> set[str]:
        """Those who may hold no role (yet)."""
        scope = self.rows.scope
        return {
            user.id
            for user in self.rows.all(User)
            if scope.everywhere or user.source_tenant_id in scope.tenants
        }

    async def _below(self, nodes: Sequence[str] | None) -> set[str] | None:
        return None if nodes is None else MemoryOrganizations(self.rows).below(nodes)

    def _is_wanted(self, person: Person, wanted: UserFilter, below: set[str] | None) -> bool:
        held = [
            role
            for _, role in self.rows.memberships(person.user.id)
            if below is None or role.organization_id in below
        ]
        narrowed = below is not None or wanted.role is not None
        if narrowed and not any(wanted.role in {None, role.role} for role in held):
            return False
        if person.user.is_platform_admin and not self.rows.scope.everywhere:
            return False
        if person.user.is_service and not wanted.include_service:
            return False
        if wanted.source_system not in {None, person.user.source_system}:
            return False
        if wanted.source_id not in {None, person.user.source_id}:
            return False
        return wanted.activity in {None, person.user.is_active}

    def _term(self, user_id: str, words: list[str]) -> str | None:
        """By which of their terms the person is found, in one tenant or another."""
        if not words:
            return ""
        longest = max(words, key=len)
        for _, entry in self.rows.in_sight(Terms):
            found = sorted(term for term in entry.terms if term.startswith(longest))
            if entry.user_id == user_id and found and _has_all(entry.terms, words):
                return found[0]
        return None


@frozen
class MemoryDirectoryEntries:
    rows: Rows

    async def describe(self, user_id: str, terms: Collection[str]) -> None:
        tenant = self.rows.scope.tenant_id or ""
        self.rows.put(f"{tenant} {user_id}", Terms(user_id, frozenset(terms)), owner=tenant)


def _has_all(terms: Collection[str], words: Collection[str]) -> bool:
    return all(any(term.startswith(word) for term in terms) for word in words)
