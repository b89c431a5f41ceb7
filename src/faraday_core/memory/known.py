"""What is known of people's memories in this process: laid out to be found, and never out of date.

Storage is the truth. Each time somebody is asked about, one statement tells what has changed since
the change that is known here, however many processes there are.
"""

import asyncio
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from attrs import Factory, define, evolve, field, frozen

from faraday_core.memory.model import MemoryVector, UserMemory
from faraday_core.memory.ports import Changes, MemoryReader
from faraday_core.memory.ranking import Indexed, MemoryIndex, Stemmer, Vector, Vectors
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.languages import Language, language_of
from faraday_core.preferences.standing import standing_of

MOST_BYTES: Final = 256 << 20  # of all people together
PART: Final = 50  # memories that are taken in before others get their turn
_AROUND: Final = 700  # bytes of a memory beside its texts, about


@define(eq=False)
class Known:
    """One person's memories, as of the change of this `number`."""

    user_id: str
    index: MemoryIndex
    number: int = 0
    memories: dict[str, UserMemory] = field(factory=dict)
    by_hash: dict[bytes, set[str]] = field(factory=dict)
    superseding: dict[str, set[str]] = field(factory=dict)  # by which, by what is superseded
    vectors: dict[str, MemoryVector] = field(factory=dict)
    bytes_of_texts: int = 0

    @property
    def size_in_bytes(self) -> int:
        return self.bytes_of_texts + self.index.size_in_bytes

    def put(self, memory: UserMemory, vector: MemoryVector | None = None) -> None:
        """As it is now. One that is in the bin, or in a summary, is known no longer.

        `vector`: where there is a new one. An old one goes where the text is another one.
        """
        before = self.memories.get(memory.id)
        if before is not None and _text_of(before) != _text_of(memory):
            self.vectors.pop(memory.id, None)
        if vector is not None:
            self.vectors[memory.id] = vector
        if memory.deleted_at is not None or memory.summary_id is not None:
            self.drop(memory.id)
            return
        self._forget_hash(before)
        self.memories[memory.id] = memory
        self.by_hash.setdefault(memory.text_hash, set()).add(memory.id)
        self.bytes_of_texts += _size_of(memory) - (_size_of(before) if before else 0)
        if vector is not None or before is None or indexed(before) != indexed(memory):
            self._index(memory)
        former = before.supersedes if before else None
        if former != memory.supersedes:
            self._supersede(former, memory)

    def put_vector(self, vector: MemoryVector) -> None:
        self.vectors[vector.id] = vector
        if vector.id in self.memories:
            self._index(self.memories[vector.id])

    def drop(self, memory_id: str) -> None:
        before = self.memories.pop(memory_id, None)
        if before is None:
            return
        self._forget_hash(before)
        self.bytes_of_texts -= _size_of(before)
        self.index.remove(memory_id)
        self._supersede(before.supersedes, evolve(before, supersedes=None))

    def note_use(self, memory_id: str, count: int, last: datetime, importance: float) -> None:
        """What is counted in passing, which storage does not tell of again."""
        if memory := self.memories.get(memory_id):
            self.memories[memory_id] = evolve(
                memory,
                access_count=memory.access_count + count,
                last_accessed=last,
                importance_score=importance,
            )

    def with_hash(self, text_hash: bytes) -> Iterable[UserMemory]:
        return (self.memories[id] for id in sorted(self.by_hash.get(text_hash, ())))

    def _index(self, memory: UserMemory) -> None:
        superseded = bool(self.superseding.get(memory.id))
        kept = self.vectors.get(memory.id)
        vector = Vector(kept.model, unpacked(kept.numbers)) if kept else None
        self.index.put(indexed(memory, superseded=superseded, vector=vector))

    def _supersede(self, former: str | None, memory: UserMemory) -> None:
        """So that the older one sinks, and rises again where it is superseded no longer."""
        if former is not None:
            self.superseding.get(former, set()).discard(memory.id)
        if memory.supersedes is not None:
            self.superseding.setdefault(memory.supersedes, set()).add(memory.id)
        for id in {former, memory.supersedes} - {None}:
            if id in self.memories:
                self._index(self.memories[id])

    def _forget_hash(self, memory: UserMemory | None) -> None:
        if memory is None:
            return
        ids = self.by_hash.get(memory.text_hash, set())
        ids.discard(memory.id)
        if not ids:
            self.by_hash.pop(memory.text_hash, None)


def indexed(
    memory: UserMemory, *, superseded: bool = False, vector: Vector | None = None
) -> Indexed:
    """What the ranking knows of it. A category is known by its name."""
    said = memory.helpful + memory.unhelpful
    return Indexed(
        memory.id,
        memory.content,
        memory.created_at,
        memory.context,
        memory.category,
        memory.category,
        frozenset(memory.tags),
        memory.importance_score,
        (memory.helpful - memory.unhelpful) / (said + 1) if said else 0.0,
        superseded,
        memory.expires_at,
        vector,
    )


def unpacked(numbers: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(numbers) // 2}e", numbers)


def _text_of(memory: UserMemory) -> tuple[str, object]:
    return memory.content, memory.context


def _size_of(memory: UserMemory) -> int:
    return _AROUND + 2 * len(memory.content) + 4 * len(str(memory.context))


@frozen(eq=False)
class KnownPeople:
    """Those who were asked about last, within so many bytes."""

    stemmer: Stemmer
    vectors: Callable[[], Vectors] = PlainVectors
    most_bytes: int = MOST_BYTES
    _people: OrderedDict[str, Known] = Factory(OrderedDict)
    _sizes: dict[str, int] = Factory(dict)
    _locks: dict[str, asyncio.Lock] = Factory(dict)

    async def of(self, reader: MemoryReader, user_id: str) -> Known:
        """As storage has them at this moment. The reader stands at the person."""
        lock = self._locks.setdefault(user_id, asyncio.Lock())
        try:
            async with lock:  # two at once would take the same changes in
                return await self._of(reader, user_id)
        finally:
            if not lock.locked():
                self._locks.pop(user_id, None)

    def held(self, user_id: str) -> Known | None:
        """As it was known last, if it is."""
        return self._people.get(user_id)

    def language_of(self, user_id: str) -> Language:
        """As it was known last; else the ranking's own."""
        known = self._people.get(user_id)
        return known.index.language if known else language_of("en")

    def forget(self, user_id: str) -> None:
        self._people.pop(user_id, None)
        self._sizes.pop(user_id, None)

    async def _of(self, reader: MemoryReader, user_id: str) -> Known:
        known = self._people.get(user_id)
        changes = await reader.memories.changes(known.number if known else 0)
        if known is None or changes.number < known.number:
            # Never known, or storage was set back: from the beginning.
            if known is not None:
                changes = await reader.memories.changes(0)
            language = await _language(reader, user_id)
            known = Known(user_id, MemoryIndex(self.stemmer, language, self.vectors))
        self._people[user_id] = known
        self._people.move_to_end(user_id)
        if changes.memories or changes.vectors or user_id not in self._sizes:
            await _take_in(known, changes)
            self._sizes[user_id] = known.size_in_bytes
            self._let_go(user_id)
        known.number = changes.number
        return known

    def _let_go(self, but: str) -> None:
        """Of those who were not asked about for longest; `but` this one, whatever its size."""
        total = sum(self._sizes.values())
        for user_id in [*self._people]:
            if total <= self.most_bytes:
                return
            if user_id != but:
                total -= self._sizes.get(user_id, 0)
                self.forget(user_id)


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


async def _language(reader: MemoryReader, user_id: str) -> str:
    return (await standing_of(reader, user_id)).in_force.preferences.language
