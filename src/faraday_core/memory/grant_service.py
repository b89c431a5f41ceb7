from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, not_found, require, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.fields import GrantFields, MemoryFilter
from faraday_core.memory.finding import Finding
from faraday_core.memory.model import LONGEST_GRANT, MemoryGrant, UserMemory
from faraday_core.memory.ports import MemoryReader, MemoryStorage
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.views import (
    GrantView,
    MemoryCopy,
    MemoryView,
    copy_of,
    grant_view_of,
    view_of,
)
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog

_WHAT = "memories"


_PAGE: Final = 1_000  # memories that are read at once


@frozen
class MemoryGrantService:
    """Who else may read somebody's memories, what for and how long; and their reading."""

    storage: MemoryStorage
    finding: Finding
    disclosures: DisclosureLog
    gate: ConsentGate
    now: Clock
    new_id: NewId

    async def give(self, actor: Actor, user_id: str, fields: GrantFields) -> GrantView:
        """Of one's own, or of one's child's, to somebody of a tenant that they share.

        Raises NotFound, Invalid (`in_the_past`, `unknown_reference`).
        """
        own = await self._require_say(actor, user_id)
        now = self.now()
        await self._require_grantee(actor, user_id, fields, now)
        grant = MemoryGrant(
            self.new_id(),
            user_id,
            fields.grantee_id,
            fields.purpose,
            fields.expires_at,
            now,
            own,
        )
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.add(grant)
            await unit.account("memory.grant", "user", user_id, grantee_id=fields.grantee_id)
        return grant_view_of(grant)

    async def list(self, actor: Actor, user_id: str, page: PageRequest) -> Page[GrantView]:
        """Those of one's own, or of one's child's, ended or not; the newest first. Raises
        NotFound."""
        await self._require_say(actor, user_id)
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.memory_grants.page(page)
        return Page(tuple(map(grant_view_of, found.items)), found.next_cursor)

    async def get(self, actor: Actor, user_id: str, grant_id: str) -> GrantView:
        """Raises NotFound."""
        await self._require_say(actor, user_id)
        async with self.storage.look(actor, person=user_id) as reader:
            return grant_view_of(await reader.get(MemoryGrant, grant_id))

    async def end(self, actor: Actor, user_id: str, grant_id: str) -> None:
        """Before its time; raises NotFound."""
        await self._require_say(actor, user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            grant = await unit.hold(MemoryGrant, grant_id)
            await unit.remove(grant)
            await unit.account("memory.revoke", "user", user_id, grantee_id=grant.grantee_id)

    async def memories_of(
        self, actor: Actor, user_id: str, page: PageRequest, wanted: MemoryFilter | None = None
    ) -> Page[MemoryView]:
        """Somebody's, by a grant of theirs, or for the operator; a disclosure each time.

        Raises NotFound.
        """
        wanted = wanted or MemoryFilter()
        await self._note(actor, user_id)
        async with self.storage.look(actor, person=user_id) as reader:
            asked = await self.finding.wanted(reader, wanted)
            found = await reader.memories.page(asked, page)
        return Page(tuple(map(view_of, found.items)), found.next_cursor)

    async def search(self, actor: Actor, user_id: str, asked: Search) -> SearchResult:
        """Likewise; it is no use of them by their person. Raises NotFound, Invalid."""
        _ = asked.doing
        await self._note(actor, user_id)
        vectors = await self.finding.ahead(asked.q)
        async with self.storage.look(actor, person=user_id) as reader:
            return await self.finding.found(reader, user_id, asked, vectors)

    async def copy(self, actor: Actor, user_id: str) -> Sequence[MemoryCopy]:
        """All that somebody has out of the bin, the oldest first, to be imported elsewhere; a
        disclosure like any other. Raises NotFound."""
        await self._note(actor, user_id)
        found: list[UserMemory] = []
        async with self.storage.look(actor, person=user_id) as reader:
            while part := await reader.memories.kept(found[-1].id if found else None, _PAGE):
                found += [one.memory for one in part]
        return [copy_of(one) for one in found if one.is_live(self.now())]

    async def _note(self, actor: Actor, user_id: str) -> None:
        """That the actor may read them, in the person's own log, before anything is read."""
        if actor.is_machine:
            require(actor, Action.RUN_PLATFORM, PLATFORM)
            async with self.storage.look(actor, person=user_id) as reader:
                await reader.get(User, user_id)
            await self.disclosures.note(actor, user_id, _WHAT, "administration")
            return
        if require_own(actor) == user_id:
            return
        grant = await self._grant_to(actor, user_id)
        await self.disclosures.note(actor, user_id, _WHAT, grant.purpose)

    async def _grant_to(self, actor: Actor, user_id: str) -> MemoryGrant:
        """One that holds at this moment. Raises NotFound."""
        async with self.storage.look(actor, person=user_id) as reader:
            grants = await reader.memory_grants.to(actor.user_id or "", self.now())
            if not grants:
                raise not_found()
            person = await reader.people.person(user_id)
            tenants = {grant.tenant_id for grant in person.grants}
            if not person.user.is_active or not tenants & actor.tenants:
                raise not_found()
            for grant in grants:
                if await self._holds(reader, grant):
                    return grant
        raise not_found()

    async def _holds(self, reader: MemoryReader, grant: MemoryGrant) -> bool:
        """A guardian's while they are the guardian, and the child is one."""
        if grant.granted_by == grant.user_id:
            return True
        return await self._is_guardian(reader, grant.granted_by, grant.user_id)

    async def _is_guardian(self, reader: MemoryReader, guardian_id: str, child_id: str) -> bool:
        return await self.gate.is_confirmed_guardian(reader, guardian_id, child_id)

    async def _require_say(self, actor: Actor, user_id: str) -> str:
        """The person, or their guardian while they are a child. Raises NotFound."""
        own = require_own(actor)
        if own != user_id:
            async with self.storage.look(actor, person=user_id) as reader:
                if not await self._is_guardian(reader, own, user_id):
                    raise not_found()
        return own

    async def _require_grantee(
        self, actor: Actor, user_id: str, fields: GrantFields, now: datetime
    ) -> None:
        faults = []
        if fields.expires_at <= now:
            faults.append(Fault("/expires_at", "in_the_past", "is over already"))
        elif fields.expires_at > now + LONGEST_GRANT:
            days = LONGEST_GRANT.days
            faults.append(Fault("/expires_at", "invalid_value", f"is more than {days} days away"))
        if fields.grantee_id == user_id:
            faults.append(Fault("/grantee_id", "invalid_value", "is the person themselves"))
        elif not await self._is_near(actor, user_id, fields.grantee_id):
            faults.append(Fault("/grantee_id", "unknown_reference", "is nobody here"))
        if faults:
            raise Invalid(faults)

    async def _is_near(self, actor: Actor, user_id: str, grantee_id: str) -> bool:
        """Whether the two belong to one tenant."""
        async with self.storage.look(actor, person=user_id) as reader:
            person = await reader.people.person(user_id)
        tenants = {grant.tenant_id for grant in person.grants if grant.tenant_id}
        if not tenants:
            return False
        async with self.storage.look_across(actor, tenants) as seen:
            try:
                grantee = await seen.people.person(grantee_id)
            except NotFound:
                return False
        return grantee.user.is_active
