"""What memories mean: a first vector at once, by a model that takes no time, and the better one's
from a worker soon after. Without any model, words find them."""

from collections.abc import Sequence
from typing import Final

from attrs import define, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.memory.layouts import indexed, packed
from faraday_core.memory.model import MemoriesToEmbed, MemoryVector, UserMemory
from faraday_core.memory.ports import MemoryReader, MemoryStorage, MemoryUnit
from faraday_core.memory.ranking import Vector
from faraday_core.memory.ranking.embedders import CarefulEmbedder
from faraday_core.memory.ranking.languages import Language, language_of
from faraday_core.memory.ranking.places import text_to_embed
from faraday_core.preferences.standing import standing_of

AT_ONCE: Final = 64  # memories that are read by a model, and stored, at a time
MOST_PEOPLE: Final = 100
LONGEST: Final = 500  # characters of a question that a model is asked


@define(eq=False)
class Embedding:
    """`first`: takes no time. `best`: takes a while, and so is never waited for when something is
    kept. Either may come, or be another, while the product runs; `is_new` says so until memories
    are read with it."""

    first: CarefulEmbedder | None = None
    best: CarefulEmbedder | None = None
    is_new: bool = False

    def take(self, first: CarefulEmbedder | None, best: CarefulEmbedder | None) -> None:
        self.first, self.best, self.is_new = first, best, True

    @property
    def models(self) -> tuple[CarefulEmbedder, ...]:
        return tuple(one for one in (self.first, self.best) if one is not None)

    async def question(self, text: str) -> Sequence[Vector]:
        """Of each of the models that can be asked now."""
        found = [await one.query(text[:LONGEST]) for one in self.models]
        return [vector for vector in found if vector is not None]

    async def keep_first(
        self, unit: MemoryUnit, memories: Sequence[UserMemory], language: Language, number: int
    ) -> None:
        """And have the better ones made. The unit stands at the person."""
        if self.first is not None:
            await unit.memory_keeping.put_vectors(
                await vectors_of(self.first, memories, language, number)
            )
        if self.best is not None and memories:
            await unit.record(MemoriesToEmbed(memories[0].user_id))


@frozen
class MemoryVectors:
    """Reads memories with the best model, in the background."""

    storage: MemoryStorage
    embedding: Embedding

    async def make(self, actor: Actor, asked: MemoriesToEmbed) -> int:
        """Those that somebody's memories still lack; told twice, it does it once. Answers how
        many."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        best, total = self.embedding.best, 0
        if best is None:
            return 0
        try:
            async with self.storage.look(WORKER, person=asked.user_id) as reader:
                language = await _language(reader, asked.user_id)
        except NotFound:  # erased meanwhile
            return 0
        while True:
            async with self.storage.look(WORKER, person=asked.user_id) as reader:
                memories = await reader.memories.without_vector(best.fingerprint, AT_ONCE)
            made = await vectors_of(best, memories, language, 0)
            if not made:
                return total
            total += await self._store(asked.user_id, memories, made)

    async def make_all(self, actor: Actor) -> int:
        """Of whoever lacks some: after another model was installed, or a worker was killed."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        if self.embedding.best is None:
            return 0
        model = self.embedding.best.fingerprint
        async with self.storage.look_everywhere(WORKER) as reader:
            people = await reader.memory_upkeep.without_vectors(model, MOST_PEOPLE)
        return sum([await self.make(WORKER, MemoriesToEmbed(one)) for one in people])

    async def make_for_new(self, actor: Actor) -> int:
        """Of everybody, where a model came since it was asked last."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        if not self.embedding.is_new:
            return 0
        self.embedding.is_new, total = False, 0
        while made := await self.make_all(actor):
            total += made
        return total

    async def _store(
        self, user_id: str, read: Sequence[UserMemory], made: Sequence[MemoryVector]
    ) -> int:
        """Of those that say still what they said when they were read."""
        said = {memory.id: memory.version for memory in read}
        async with self.storage.begin(WORKER, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            now = {one.id: one.version for one in await unit.memories.some([*said])}
            numbered = [
                MemoryVector(one.id, user_id, one.model, one.numbers, number)
                for one in made
                if now.get(one.id) == said[one.id]
            ]
            await unit.memory_keeping.put_vectors(numbered)
        return len(numbered)


async def vectors_of(
    model: CarefulEmbedder, memories: Sequence[UserMemory], language: Language, number: int
) -> list[MemoryVector]:
    """Of those of which there is a sound one."""
    texts = [text_to_embed(indexed(memory), language) for memory in memories]
    found = await model.documents(texts)
    return [
        MemoryVector(memory.id, memory.user_id, vector.model, packed(vector.values), number)
        for memory, vector in zip(memories, found, strict=True)
        if vector is not None
    ]


async def _language(reader: MemoryReader, user_id: str) -> Language:
    standing = await standing_of(reader, user_id)
    return language_of(standing.in_force.preferences.language)
