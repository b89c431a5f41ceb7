"""What was done with memories, noted in passing: counted here, and told to storage in batches."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from time import perf_counter
from typing import Any, Final

from attrs import Factory, define, evolve, field, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.importance import importance_of
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.model import InteractionType, MemoryInteraction, UserMemory
from faraday_core.memory.ports import MemoryStorage, MemoryUnit, Uses
from faraday_core.preferences.model import may_track
from faraday_core.preferences.standing import standing_of

MOST_WAITING: Final = 100_000  # interactions, while storage is away; beyond it the oldest go
LONGEST_QUERY: Final = 500  # characters of what was asked that are kept


@define
class Waiting:
    """Of one person."""

    counts: defaultdict[str, int] = field(factory=lambda: defaultdict(int))
    last: dict[str, datetime] = field(factory=dict)
    done: list[MemoryInteraction] = field(factory=list)


def kept_query(query: str) -> str:
    """What was asked, as far as it is kept, and as storage can keep it."""
    storable = query[:LONGEST_QUERY].encode(errors="ignore").decode()
    return storable.replace("\0", "")


def milliseconds_since(began: float) -> int:
    return round((perf_counter() - began) * 1000)


@frozen(eq=False)
class MemoryUse:
    """How often memories are used is counted for everybody; that, when and how they were is kept
    of those alone whose privacy preference `track_activity` allows it."""

    storage: MemoryStorage
    people: KnownPeople
    now: Clock
    new_id: NewId
    _waiting: dict[str, Waiting] = Factory(dict)

    def note(
        self,
        user_id: str,
        memory_id: str,
        kind: InteractionType,
        *,
        context: Mapping[str, Any] | None = None,  # as in JSON
        success: bool = True,
        response_time: int | None = None,
    ) -> None:
        """Takes no time: storage hears of it soon. What is retrieved counts as used."""
        waiting, now = self._waiting.setdefault(user_id, Waiting()), self.now()
        if kind is InteractionType.RETRIEVE:
            waiting.counts[memory_id] += 1
            waiting.last[memory_id] = now
        done = MemoryInteraction(
            self.new_id(), user_id, memory_id, kind, context or {}, success, response_time, now
        )
        waiting.done.append(done)
        if len(waiting.done) > MOST_WAITING:
            del waiting.done[0]

    def pending(self, user_id: str, memory_id: str) -> tuple[int, datetime | None]:
        """How often, and when last, of what storage has not heard yet."""
        waiting = self._waiting.get(user_id)
        if waiting is None:
            return 0, None
        return waiting.counts.get(memory_id, 0), waiting.last.get(memory_id)

    async def flush(self, actor: Actor, user_id: str | None = None) -> int:
        """Tell storage of one person, or of all; answers how many interactions there were.

        What cannot be told stays for the next time.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        total = 0
        for one in [user_id] if user_id else [*self._waiting]:
            if waiting := self._waiting.pop(one, None):
                try:
                    await self._tell(one, waiting)
                except NotFound:  # whoever it was is erased
                    continue
                except BaseException:
                    self._put_back(one, waiting)
                    raise
                total += len(waiting.done)
        return total

    async def _tell(self, user_id: str, waiting: Waiting) -> None:
        async with self.storage.look(WORKER, person=user_id) as reader:
            tenant = (await reader.people.person(user_id)).home
        async with self.storage.begin(WORKER, tenant=tenant, person=user_id) as unit:
            preferences = (await standing_of(unit, user_id)).in_force.preferences
            if waiting.counts:
                await self._count(unit, user_id, waiting)
            if may_track(preferences):
                await unit.memory_keeping.add_interactions(waiting.done)

    async def _count(self, unit: MemoryUnit, user_id: str, waiting: Waiting) -> None:
        known = self.people.held(user_id)
        there = await unit.memories.some([*waiting.counts])
        uses = [_use(memory, waiting) for memory in there]
        await unit.memory_keeping.note_uses(uses)
        if known is not None:
            for use in uses:
                known.note_use(use.memory_id, use.count, use.last, use.importance)

    def _put_back(self, user_id: str, waiting: Waiting) -> None:
        later = self._waiting.setdefault(user_id, Waiting())
        for memory_id, count in waiting.counts.items():
            later.counts[memory_id] += count
            later.last.setdefault(memory_id, waiting.last[memory_id])
        later.done = [*waiting.done, *later.done][-MOST_WAITING:]


def _use(memory: UserMemory, waiting: Waiting) -> Uses:
    count, last = waiting.counts[memory.id], waiting.last[memory.id]
    used = evolve(memory, access_count=memory.access_count + count)
    return Uses(memory.id, count, last, importance_of(used).score)
