"""Whose memories are known in this process, never out of date.

Storage is the truth. Each time somebody is asked about, one statement tells what has changed since
the change that is known here, however many processes there are.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from attrs import Factory, frozen

from faraday_core.memory.known import Known
from faraday_core.memory.layouts import layout_of
from faraday_core.memory.ports import Changes, Kept, MemoryReader
from faraday_core.memory.ranking import MemoryIndex, Stemmer, Vectors
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.languages import language_of
from faraday_core.memory.ranking.laying import Reading
from faraday_core.preferences.standing import standing_of

MOST_BYTES: Final = 256 << 20  # of all people together
PART: Final = 50  # memories that are taken in before others get their turn
PAGE: Final = 200  # that are read at once
MOST_CHANGES: Final = 200  # that are waited for; behind more, all is read anew


@frozen(eq=False)
class KnownPeople:
    """Those who were asked about last, within so many bytes."""

    stemmer: Stemmer
    vectors: Callable[[], Vectors] = PlainVectors
    most_bytes: int = MOST_BYTES
    _people: OrderedDict[str, Known] = Factory(OrderedDict)
    _sizes: dict[str, int] = Factory(dict)
    _locks: dict[str, asyncio.Lock] = Factory(dict)
    _being_read: set[str] = Factory(set)
    _readings: dict[str, Reading] = Factory(dict)  # by language

    async def of(self, reader: MemoryReader, user_id: str) -> Known:
        """As storage has them at this moment, however long that takes. The reader stands at the
        person."""
        async with self._alone(user_id):
            known = await self._caught_up(reader, user_id)
            return known or await self._read(reader, user_id)

    async def ready(self, reader: MemoryReader, user_id: str) -> Known | None:
        """The same, if it takes no time: None where nothing is known, or too much has changed."""
        if user_id not in self._people or user_id in self._being_read:
            return None
        async with self._alone(user_id):
            return await self._caught_up(reader, user_id)

    def held(self, user_id: str) -> Known | None:
        """As it was known last, if it is."""
        return self._people.get(user_id)

    def forget(self, user_id: str) -> None:
        self._people.pop(user_id, None)
        self._sizes.pop(user_id, None)

    async def reading(self, reader: MemoryReader, user_id: str) -> Reading:
        """How the person's memories are read: as they are known here, or else in the language that
        the person prefers. The reader stands at them."""
        known = self._people.get(user_id)
        return known.index.reading if known else await self.preferred(reader, user_id)

    async def preferred(self, reader: MemoryReader, user_id: str) -> Reading:
        language = (await standing_of(reader, user_id)).in_force.preferences.language
        code = language_of(language).code
        if code not in self._readings:
            self._readings[code] = Reading(self.stemmer, code)
        return self._readings[code]

    @asynccontextmanager
    async def _alone(self, user_id: str) -> AsyncIterator[None]:
        """Two at once would take the same changes in."""
        lock = self._locks.setdefault(user_id, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._locks.pop(user_id, None)

    async def _caught_up(self, reader: MemoryReader, user_id: str) -> Known | None:
        known = self._people.get(user_id)
        if known is None:
            return None
        changes = await reader.memories.few_changes(known.number, MOST_CHANGES)
        if changes is None or changes.number < known.number:
            return None  # too many of them, or storage was set back
        self._people[user_id] = known
        self._people.move_to_end(user_id)
        if changes.memories or changes.vectors:
            await _take_in(known, changes)
            self._keep_within(known)
        known.number = changes.number
        return known

    async def _read(self, reader: MemoryReader, user_id: str) -> Known:
        """All of it, in parts. What changes meanwhile is told of by the next question."""
        self._being_read.add(user_id)
        try:
            reading = await self.preferred(reader, user_id)
            index = MemoryIndex(self.stemmer, vectors=self.vectors, reading=reading)
            known = Known(user_id, index, await reader.memories.number())
            after: str | None = None
            while part := await reader.memories.kept(after, PAGE):
                for number, kept in enumerate(part, 1):
                    _put(known, kept, reading)
                    if number % PART == 0:
                        await asyncio.sleep(0)
                after = part[-1].memory.id
            self._people[user_id] = known
            self._people.move_to_end(user_id)
            self._keep_within(known)
        finally:
            self._being_read.discard(user_id)
        return known

    def _keep_within(self, known: Known) -> None:
        """Let go of those who were not asked about for longest; but not of this one, whatever its
        size."""
        self._sizes[known.user_id] = known.size_in_bytes
        total = sum(self._sizes.values())
        for user_id in [*self._people]:
            if total <= self.most_bytes:
                return
            if user_id != known.user_id:
                total -= self._sizes.get(user_id, 0)
                self.forget(user_id)


def _put(known: Known, kept: Kept, reading: Reading) -> None:
    layout = kept.layout
    if layout is None or layout.rules != reading.rules:
        layout = layout_of(kept.memory, reading)
        known.unread.append(layout)
    known.put(kept.memory, kept.vector, layout)


async def _take_in(known: Known, changes: Changes) -> None:
    new = {vector.id: vector for vector in changes.vectors}
    for number, memory in enumerate(changes.memories, 1):
        known.put(memory, new.pop(memory.id, None))
        if number % PART == 0:
            await asyncio.sleep(0)
    for number, vector in enumerate(new.values(), 1):
        known.put_vector(vector)
        if number % PART == 0:
            await asyncio.sleep(0)
