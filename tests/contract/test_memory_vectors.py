"""What memories mean: a first vector at once, a better one soon, and words alone without either.

The two embedders are small and real: they know the words of one school subject or of two.
"""

from collections.abc import AsyncIterator, Sequence
from math import sqrt
from zlib import crc32

import pytest
from attrs import evolve, frozen

from faraday_core.kernel.actor import Actor, Role
from faraday_core.memory.cold import Cold
from faraday_core.memory.embedding import Embedding, MemoryVectors
from faraday_core.memory.fields import MemoryFields
from faraday_core.memory.importing import ImportReport
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.layouts import packed, unpacked
from faraday_core.memory.model import MemoriesToEmbed
from faraday_core.memory.nearby import Surroundings
from faraday_core.memory.ranking.embedders import CarefulEmbedder
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.warming import Warming
from tests.world import WORKER, World

SUBJECTS = (
    {"maths", "fractions", "numerator", "algebra", "arithmetic"},
    {"biology", "photosynthesis", "plant", "leaf", "botany"},
    {"history", "revolution", "king", "castle"},
)


OTHER = 64


@frozen
class Subjects:
    """How much of each subject a text speaks of; `knows` so many of them."""

    name: str
    knows: int

    @property
    def dim(self) -> int:
        return self.knows + OTHER

    @property
    def fingerprint(self) -> str:
        return f"{self.name}-1"

    @property
    def near(self) -> float:
        return 0.5

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [self._vector(text) for text in texts]

    async def embed_query(self, text: str) -> Sequence[float]:
        return self._vector(text)

    async def close(self) -> None:
        """There is nothing to close."""

    def _vector(self, text: str) -> Sequence[float]:
        words = [word.strip(".,:()") for word in text.lower().split()]
        counts = [float(sum(w in subject for w in words)) for subject in SUBJECTS[: self.knows]]
        rest = [0.02] * OTHER  # what it knows nothing of lies somewhere, by its words
        rest[crc32(text.encode()) % OTHER] = 0.3
        whole = [*counts, *rest]
        length = sqrt(sum(count * count for count in whole))
        return [count / length for count in whole]


@frozen
class Broken(Subjects):
    """Answers what is no vector."""

    def _vector(self, text: str) -> Sequence[float]:
        return [float("nan")] * self.dim


@frozen
class Reading:
    """The services of memories, with models."""

    world: World
    embedding: Embedding
    people: KnownPeople

    @property
    def warming(self) -> Warming:
        return Warming(self.world.storage, self.people)

    @property
    def surroundings(self) -> Surroundings:
        return Surroundings(self.people, Cold(self.people), self.warming, self.world.clock)

    @property
    def vectors(self) -> MemoryVectors:
        return MemoryVectors(self.world.storage, self.embedding)

    async def keep(self, actor: Actor, content: str) -> str:
        app = self.world.app.memories
        storing = evolve(app.storing, embedding=self.embedding)
        service = evolve(app, storing=storing, surroundings=self.surroundings)
        return (await service.create(actor, MemoryFields(content))).id

    async def keep_others(self, actor: Actor) -> None:
        """Among which something can stand out."""
        for number in range(12):
            await self.keep(actor, f"Nothing of note {'!' * number} happened.")

    async def change(self, actor: Actor, memory_id: str, content: str) -> None:
        app = self.world.app.memories
        service = evolve(app, storing=evolve(app.storing, embedding=self.embedding))
        await service.change(actor, memory_id, lambda _: MemoryFields(content))

    async def take(self, actor: Actor, count: int) -> ImportReport:
        app = evolve(self.world.app.memory_imports, embedding=self.embedding, people=self.people)

        async def lines() -> AsyncIterator[bytes]:
            for number in range(count):
                what = "leaf" if number % 30 == 0 else "thing"
                yield f'{{"content": "My {number}. {what}"}}'.encode()

        return await app.run(actor, lines())

    async def search(self, actor: Actor, q: str) -> SearchResult:
        app = self.world.app.memory_search
        finding = evolve(
            app.finding,
            embedding=self.embedding,
            people=self.people,
            cold=Cold(self.people),
            warming=self.warming,
        )
        service = evolve(app, finding=finding)
        return await service.search(actor, Search(q, track=False))

    async def models(self, actor: Actor) -> list[str]:
        async with self.world.storage.look(actor) as reader:
            return [one.model for one in (await reader.memories.changes(0)).vectors]


def reading(world: World, first: Subjects | None, best: Subjects | None) -> Reading:
    careful = [CarefulEmbedder(one, rest=0) if one else None for one in (first, best)]
    return Reading(
        world,
        Embedding(careful[0], careful[1]),
        KnownPeople(world.app.memories.surroundings.people.stemmer),
    )


def said(result: SearchResult) -> list[str]:
    return [one.memory.content for one in result.items]


FIRST, BEST = Subjects("first", 1), Subjects("best", 3)


async def test_what_is_meant_is_found_by_the_next_search(world: World) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, FIRST, BEST)
    await memories.keep_others(sam)
    await memories.keep(sam, "I mix up the numerator.")

    result = await memories.search(sam, "arithmetic")

    assert ("hybrid", ["I mix up the numerator."]) == (result.retrieval, said(result))
    assert "meaning" in {reason.kind for reason in result.items[0].reasons}
    assert {"first-1"} == {*await memories.models(sam)}


async def test_the_better_models_vector_takes_the_place_of_the_first(world: World) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, FIRST, BEST)
    await memories.keep(sam, "The castle is old.")
    assert [] == said(await memories.search(sam, "king"))

    assert 1 == await memories.vectors.make(WORKER, MemoriesToEmbed(sam.user_id or ""))
    assert 0 == await memories.vectors.make(WORKER, MemoriesToEmbed(sam.user_id or ""))

    assert ["best-1"] == await memories.models(sam)
    assert ["The castle is old."] == said(await memories.search(sam, "king"))


async def test_who_lacks_vectors_is_found_after_another_model_was_installed(world: World) -> None:
    sam, kim = await world.acting(Role.STUDENT), await world.acting(Role.STUDENT, "south")
    old, new = reading(world, None, FIRST), reading(world, None, BEST)
    for actor in (sam, kim):
        await old.keep(actor, "The castle is old.")
    assert 2 == await old.vectors.make_all(WORKER)
    assert 0 == await old.vectors.make_all(WORKER)

    assert 2 == await new.vectors.make_all(WORKER)

    assert ["best-1"] == await new.models(sam) == await new.models(kim)


async def test_what_says_something_else_means_something_else(world: World) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, None, BEST)
    made = await memories.keep(sam, "The castle is old.")
    await memories.vectors.make_all(WORKER)
    assert said(await memories.search(sam, "king"))

    await memories.change(sam, made, "The leaf is green.")

    assert [] == await memories.models(sam)
    assert [] == said(await memories.search(sam, "king"))
    assert 1 == await memories.vectors.make_all(WORKER)
    assert ["The leaf is green."] == said(await memories.search(sam, "botany"))


async def test_a_model_that_comes_while_the_product_runs_reads_what_is_there_once(
    world: World,
) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, None, None)
    await memories.keep(sam, "The castle is old.")
    assert [] == said(await memories.search(sam, "king"))
    assert 0 == await memories.vectors.make_for_new(WORKER)

    memories.embedding.take(None, CarefulEmbedder(BEST, rest=0))

    assert 1 == await memories.vectors.make_for_new(WORKER)
    assert 0 == await memories.vectors.make_for_new(WORKER)
    assert ["The castle is old."] == said(await memories.search(sam, "king"))


async def test_thousands_that_are_imported_mean_something_at_once(world: World) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, Subjects("all", 2), BEST)

    assert 300 == (await memories.take(sam, 300)).created

    assert 10 == len(said(await memories.search(sam, "photosynthesis")))
    assert 300 == await memories.vectors.make_all(WORKER)


@pytest.mark.parametrize("broken", [Broken("broken", 2)])
async def test_a_broken_model_stops_nothing(world: World, broken: Subjects) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, broken, broken)
    await memories.keep(sam, "The castle is old.")

    result = await memories.search(sam, "castle")

    assert ("lexical", ["The castle is old."]) == (result.retrieval, said(result))
    assert 0 == await memories.vectors.make_all(WORKER)


async def test_without_a_model_words_find_what_others_have_vectors_of(world: World) -> None:
    sam, memories = await world.acting(Role.STUDENT), reading(world, FIRST, BEST)
    await memories.keep(sam, "The numerator is above.")

    result = await world.app.memory_search.search(sam, Search("numerator"))

    assert ("lexical", 1) == (result.retrieval, len(result.items))


def test_numbers_are_kept_at_half_the_precision() -> None:
    numbers = (0.5, -0.25, 0.1)

    assert all(abs(a - b) < 0.001 for a, b in zip(numbers, unpacked(packed(numbers)), strict=True))
