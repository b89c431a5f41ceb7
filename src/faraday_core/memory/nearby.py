"""What a new memory is like among its person's own, whether they are known here yet or not."""

from attrs import frozen

from faraday_core.kernel.ports import Clock
from faraday_core.memory.cold import Cold
from faraday_core.memory.doubles import text_hash_of
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.neighbours import (
    NEAREST,
    Neighbours,
    asked_of,
    nearest_in,
    neighbours_among,
    neighbours_of,
)
from faraday_core.memory.ports import MemoryReader
from faraday_core.memory.ranking import Filters
from faraday_core.memory.ranking.laying import Reading
from faraday_core.memory.warming import Warming


@frozen
class Nearby:
    """`number`: of the last change that was looked at. `reading`: how the new one is read."""

    number: int
    reading: Reading
    neighbours: Neighbours


@frozen
class Surroundings:
    people: KnownPeople
    cold: Cold
    warming: Warming
    now: Clock

    async def of(self, reader: MemoryReader, user_id: str, content: str) -> Nearby:
        """The reader stands at the person."""
        known, now = await self.people.ready(reader, user_id), self.now()
        if known is None:
            nearby = await self._cold(reader, user_id, content)
            self.warming.begin(user_id)
            if nearby is not None:
                return nearby
            known = await self.people.of(reader, user_id)
        near = neighbours_of(known, content, now)
        return Nearby(known.number, known.index.reading, near)

    async def _cold(self, reader: MemoryReader, user_id: str, content: str) -> Nearby | None:
        # Asked first: what comes meanwhile is looked at again when the new one is written.
        number = await reader.memories.number()
        asked = asked_of(content)
        index = await self.cold.index(reader, user_id, asked, (), Filters(), NEAREST)
        if index is None:
            return None
        now = self.now()
        found = nearest_in(index, content, now)
        near = await reader.memories.some([one.id for one in found]) if found else ()
        same = await reader.memories.saying([text_hash_of(content)])
        memories = {memory.id: memory for memory in near}
        near_it = neighbours_among(found, memories, same, content, now)
        return Nearby(number, index.reading, near_it)
