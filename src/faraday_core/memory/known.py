"""What is known of one person's memories in this process: laid out to be found."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from attrs import define, evolve, field

from faraday_core.memory.layouts import indexed, laid_of
from faraday_core.memory.model import MemoryLayout, MemoryVector, UserMemory
from faraday_core.memory.ranking import Halves, MemoryIndex, Vector
from faraday_core.memory.ranking.laying import Laid

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
    unread: list[MemoryLayout] = field(factory=list)  # what storage lacks, read here meanwhile
    bytes_of_texts: int = 0

    @property
    def size_in_bytes(self) -> int:
        return self.bytes_of_texts + self.index.size_in_bytes

    def put(
        self,
        memory: UserMemory,
        vector: MemoryVector | None = None,
        layout: MemoryLayout | None = None,
    ) -> None:
        """As it is now. One that is in the bin, or in a summary, is known no longer.

        `vector`: where there is a new one. An old one goes where the text is another one.
        `layout`: of this very version, in this language.
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
            self._index(memory, laid_of(layout) if layout else None)
        former = before.supersedes if before else None
        if former != memory.supersedes:
            self._supersede(former, memory)

    def put_vector(self, vector: MemoryVector) -> None:
        self.vectors[vector.id] = vector
        entry = self.index.get(vector.id)
        if entry is not None:
            self._index(self.memories[vector.id], entry.laid)

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

    def _index(self, memory: UserMemory, laid: Laid | None = None) -> None:
        superseded = bool(self.superseding.get(memory.id))
        kept = self.vectors.get(memory.id)
        vector = Vector(kept.model, Halves(kept.numbers)) if kept else None
        self.index.put(indexed(memory, superseded=superseded, vector=vector), laid)

    def _supersede(self, former: str | None, memory: UserMemory) -> None:
        """So that the older one sinks, and rises again where it is superseded no longer."""
        if former is not None:
            self.superseding.get(former, set()).discard(memory.id)
        if memory.supersedes is not None:
            self.superseding.setdefault(memory.supersedes, set()).add(memory.id)
        for id in (former, memory.supersedes):
            entry = self.index.get(id) if id is not None else None
            if entry is not None:
                self._index(self.memories[entry.id], entry.laid)

    def _forget_hash(self, memory: UserMemory | None) -> None:
        if memory is None:
            return
        ids = self.by_hash.get(memory.text_hash, set())
        ids.discard(memory.id)
        if not ids:
            self.by_hash.pop(memory.text_hash, None)


def _text_of(memory: UserMemory) -> tuple[str, object]:
    return memory.content, memory.context


def _size_of(memory: UserMemory) -> int:
    return _AROUND + 2 * len(memory.content) + 4 * len(str(memory.context))
