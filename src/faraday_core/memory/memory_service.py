from collections.abc import Callable, Collection
from time import perf_counter

from attrs import evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, not_found, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Conflict, StaleVersion
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.categories import category_for
from faraday_core.memory.fields import Feedback, MemoryFields, MemoryFilter
from faraday_core.memory.finding import Finding
from faraday_core.memory.importance import Importance, importance_of
from faraday_core.memory.layouts import keep_laid
from faraday_core.memory.model import BIN_LIFE, InteractionType, MemoryPolicy, UserMemory
from faraday_core.memory.nearby import Surroundings
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.memory.ports import MemoryReader, MemoryStorage, MemoryUnit
from faraday_core.memory.ranking.laying import Reading
from faraday_core.memory.storing import Storing
from faraday_core.memory.uses import MemoryUse, kept_query, milliseconds_since
from faraday_core.memory.views import (
    InteractionView,
    MemoryView,
    StoredMemory,
    VersionView,
    interaction_view_of,
    stored_view_of,
    version_view_of,
    view_of,
)
from faraday_core.memory.writing import rewritten, version_of, weighed
from faraday_core.preferences.model import may_track
from faraday_core.preferences.standing import standing_of


@frozen
class MemoryService:
    """A person's own memories: kept as they were given, with every earlier version."""

    storage: MemoryStorage
    policy: MemoryPolicy
    surroundings: Surroundings
    use: MemoryUse
    storing: Storing
    finding: Finding
    now: Clock
    new_id: NewId

    async def create(
        self,
        actor: Actor,
        fields: MemoryFields,
        *,
        on_duplicate: OnDuplicate = OnDuplicate.KEEP,
    ) -> StoredMemory:
        """Keep one. What says the same as an earlier one is kept all the same, strengthens that
        one (`merge`), or is refused.

        Raises Invalid, Conflict (`duplicate_memory`, `too_many_memories`,
        `too_many_categories`).
        """
        return await self._create(actor, require_own(actor), actor.home, fields, on_duplicate)

    async def note(self, actor: Actor, user_id: str, fields: MemoryFields) -> StoredMemory | None:
        """What the system itself finds worth keeping for somebody; said again, it strengthens what
        is there. None, and nothing is kept, where `track_activity` is off.

        Raises NotFound, Invalid.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look(actor, person=user_id) as reader:
            home = (await reader.people.person(user_id)).home
        async with self.storage.look(actor, tenant=home, person=user_id) as reader:
            standing = await standing_of(reader, user_id)
        if not may_track(standing.in_force.preferences):
            return None
        return await self._create(actor, user_id, home, fields, OnDuplicate.MERGE)

    async def _create(
        self,
        actor: Actor,
        user_id: str,
        home: str | None,
        fields: MemoryFields,
        on_duplicate: OnDuplicate,
    ) -> StoredMemory:
        began = perf_counter()
        async with self.storage.look(actor, tenant=home, person=user_id) as reader:
            near = await self.surroundings.of(reader, user_id, fields.content)
        async with self.storage.begin(actor, tenant=home, person=user_id) as unit:
            stored = await self.storing.store(unit, actor, user_id, fields, near, on_duplicate)
        self.use.note(
            user_id,
            stored.memory.id,
            InteractionType.CREATE if stored.is_new else InteractionType.UPDATE,
            context=fields.context,
            response_time=milliseconds_since(began),
        )
        suggested = near.neighbours.suggested if stored.memory.category is None else None
        others = tuple(one for one in stored.similar if one.id != stored.memory.id)
        return stored_view_of(stored.memory, others, suggested, is_new=stored.is_new)

    async def get(self, actor: Actor, memory_id: str) -> MemoryView:
        """One of one's own, which counts as a use of it; raises NotFound."""
        user_id, began = require_own(actor), perf_counter()
        async with self.storage.look(actor, person=user_id) as reader:
            memory = await self._living(reader, memory_id)
        took = milliseconds_since(began)
        self.use.note(user_id, memory_id, InteractionType.RETRIEVE, response_time=took)
        return self._view(memory)

    async def list(
        self, actor: Actor, page: PageRequest, wanted: MemoryFilter | None = None
    ) -> Page[MemoryView]:
        """One's own, the newest first."""
        user_id, wanted = require_own(actor), wanted or MemoryFilter()
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.memories.page(await self.finding.wanted(reader, wanted), page)
        return Page(tuple(map(self._view, found.items)), found.next_cursor)

    async def bin(self, actor: Actor, page: PageRequest) -> Page[MemoryView]:
        """What was deleted and can be restored, the newest memory first."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.memories.bin(page)
        return Page(tuple(map(self._view, found.items)), found.next_cursor)

    async def change(
        self,
        actor: Actor,
        memory_id: str,
        change: Callable[[UserMemory], MemoryFields],
        *,
        seen: Collection[str] | None = None,
    ) -> MemoryView:
        """Write one anew, by fields made from the latest ones; what it was is kept.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Invalid,
        StaleVersion, Conflict (`too_many_categories`).
        """
        user_id, began = require_own(actor), perf_counter()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            old = await self._held(unit, memory_id)
            try:
                require_state(str(old.version), seen)
            except StaleVersion:
                self.use.note(user_id, memory_id, InteractionType.UPDATE, success=False)
                raise
            fields = change(old)
            now = self.now()
            names = await category_for(unit, user_id, [fields.category], now, self.new_id)
            fields = evolve(fields, category=names.get(fields.category or ""))
            new = rewritten(old, fields, now, self.policy)
            await self.storing.require_superseded(unit, new)
            if evolve(new, updated_at=old.updated_at) == old:
                return self._view(old)
            await unit.add(version_of(old, self.new_id(), now))
            new = await unit.save(evolve(new, changed=number))
            await self.storing.read_again(unit, old, new, await self._reading(unit, user_id))
            await self._account(unit, actor, "memory.update", memory_id)
        took = milliseconds_since(began)
        self.use.note(user_id, memory_id, InteractionType.UPDATE, response_time=took)
        return self._view(new)

    async def delete(
        self, actor: Actor, memory_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """Into the bin, for 30 days; raises NotFound, StaleVersion."""
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            old = await self._held(unit, memory_id)
            require_state(str(old.version), seen)
            await unit.save(evolve(old, deleted_at=self.now(), changed=number))
            await unit.memory_keeping.drop_layouts([old.id])
            await self._account(unit, actor, "memory.delete", memory_id)
        self.use.note(user_id, memory_id, InteractionType.DELETE)

    async def restore(self, actor: Actor, memory_id: str) -> MemoryView:
        """Out of the bin, or out of the summary that stands for it. What has expired meanwhile
        lives as long again as a new one.

        Raises NotFound, Conflict (`not_deleted`).
        """
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            old = await unit.hold(UserMemory, memory_id)
            if old.deleted_at is not None and old.deleted_at <= now - BIN_LIFE:
                raise not_found()
            if old.is_live(now) and old.summary_id is None:
                raise Conflict("It is not in the bin.", code="not_deleted")
            ends = self.policy.end_of(now) if old.has_expired(now) else old.expires_at
            back = evolve(old, deleted_at=None, summary_id=None, expires_at=ends, changed=number)
            restored = await unit.save(back)
            await keep_laid(unit, [restored], await self._reading(unit, user_id))
            await self._account(unit, actor, "memory.restore", memory_id)
        self.use.note(user_id, memory_id, InteractionType.RESTORE)
        return self._view(restored)

    async def versions(self, actor: Actor, memory_id: str, page: PageRequest) -> Page[VersionView]:
        """What one of one's own was before, the latest first; raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            await self._living(reader, memory_id)
            found = await reader.memories.versions(memory_id, page)
        return Page(tuple(map(version_view_of, found.items)), found.next_cursor)

    async def interactions(
        self, actor: Actor, memory_id: str, page: PageRequest
    ) -> Page[InteractionView]:
        """What was done with one of one's own, the latest first, as far as `track_activity` lets
        it be kept; raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            await self._living(reader, memory_id)
        await self.use.flush(WORKER, user_id)
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.memories.interactions(memory_id, page)
        return Page(tuple(map(interaction_view_of, found.items)), found.next_cursor)

    async def importance(self, actor: Actor, memory_id: str) -> Importance:
        """What the score of one of one's own is made of; raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            return importance_of(await self._living(reader, memory_id))

    async def feedback(self, actor: Actor, memory_id: str, said: Feedback) -> MemoryView:
        """Whether one of one's own has helped, which counts in the ranking; raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            old = await self._held(unit, memory_id)
            told = evolve(
                old,
                helpful=old.helpful + said.helpful,
                unhelpful=old.unhelpful + (not said.helpful),
                changed=number,
            )
            new = weighed(told)
            await unit.memory_keeping.note_feedback(new)
            await self._account(unit, actor, "memory.feedback", memory_id)
        context = {"query": kept_query(said.query)} if said.query else {}
        self.use.note(
            user_id, memory_id, InteractionType.FEEDBACK, context=context, success=said.helpful
        )
        return self._view(new)

    async def _living(self, reader: MemoryReader, memory_id: str) -> UserMemory:
        memory = await reader.get(UserMemory, memory_id)
        if not memory.is_live(self.now()):
            raise not_found()
        return memory

    async def _held(self, unit: MemoryUnit, memory_id: str) -> UserMemory:
        memory = await unit.hold(UserMemory, memory_id)
        if not memory.is_live(self.now()):
            raise not_found()
        return memory

    async def _reading(self, unit: MemoryUnit, user_id: str) -> Reading:
        return await self.surroundings.people.reading(unit, user_id)

    async def _account(self, unit: MemoryUnit, actor: Actor, action: str, memory_id: str) -> None:
        place = actor.organization_id
        await unit.account(action, "memory", memory_id, organization_id=place)

    def _view(self, memory: UserMemory) -> MemoryView:
        return view_of(memory, *self.use.pending(memory.user_id, memory.id))
