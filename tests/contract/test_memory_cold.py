"""The first search after a start, when nothing of a person is known yet: it answers as later."""

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from bench.memory_many import english, many

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.parsing import parse
from faraday_core.memory import known_people
from faraday_core.memory.cold import FEW, Cold
from faraday_core.memory.fields import MemoryFields
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.model import MemoryLayout
from faraday_core.memory.nearby import Surroundings
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.warming import Warming
from tests.world import WORKER, World

SETS: Final = sorted((Path(__file__).parents[1] / "memory_set").glob("*.json"))
LANGUAGES: Final = {"de": "de-DE", "en": "en-GB", "es": "es-ES"}


@frozen
class Process:
    """One that has just started, over the same storage."""

    world: World
    people: KnownPeople

    @property
    def warming(self) -> Warming:
        return Warming(self.world.storage, self.people)

    async def search(
        self, actor: Actor, q: str, *, warm: bool = True, **more: Any
    ) -> SearchResult:
        """And, `warm`, all is known afterwards."""
        app, warming = self.world.app.memory_search, self.warming
        finding = evolve(app.finding, people=self.people, cold=Cold(self.people), warming=warming)
        found = await evolve(app, finding=finding).search(actor, Search(q, track=False, **more))
        await warming.settled()
        if not warm:
            self.people.forget(actor.user_id or "")
        return found

    async def keep(self, actor: Actor, content: str) -> Any:  # as a service answers
        app, warming = self.world.app.memories, self.warming
        around = Surroundings(self.people, Cold(self.people), warming, self.world.clock)
        made = await evolve(app, surroundings=around).create(actor, MemoryFields(content))
        await warming.settled()
        return made


def started(world: World) -> Process:
    return Process(world, KnownPeople(world.app.memory_search.finding.people.stemmer))


async def take(world: World, actor: Actor, memories: Sequence[dict[str, Any]]) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for memory in memories:
            yield json.dumps(memory).encode()

    report = await world.app.memory_imports.run(actor, lines())
    assert (len(memories), 0) == (report.created, report.refused)


def told(result: SearchResult) -> list[tuple[str, float, list[tuple[str, str]]]]:
    return [
        (
            one.memory.id,
            round(one.relevance_score, 6),
            [(reason.kind, reason.detail) for reason in one.reasons],
        )
        for one in result.items
    ]


def ids(result: SearchResult, count: int = 10) -> list[str]:
    return [one.memory.id for one in result.items][:count]


async def speaking(world: World, language: str) -> Actor:
    sam = await world.acting(Role.STUDENT)
    await world.app.preferences.merge(sam, {"language": language})
    return sam


def of_set(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    read = json.loads(path.read_text())
    memories = [{"content": m["content"], "context": m["context"]} for m in read["memories"]]
    return memories, [one["question"] for one in read["questions"]]


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
async def test_few_memories_are_ranked_alike_to_the_last_digit(world: World, path: Path) -> None:
    memories, questions = of_set(path)
    sam = await speaking(world, LANGUAGES[path.stem])
    await take(world, sam, memories)
    assert len(memories) <= FEW
    hot, cold = started(world), started(world)
    await hot.search(sam, "warm")

    for question in [*questions, "the", "zzyzx"]:
        later = await hot.search(sam, question)
        assert told(later) == told(await cold.search(sam, question, warm=False))
    for question in questions[:5]:
        later = await hot.search(sam, question, diversity=0.5)
        assert told(later) == told(await cold.search(sam, question, warm=False, diversity=0.5))


async def test_of_many_memories_a_first_search_finds_what_later_ones_do(world: World) -> None:
    made = many(english(), 900)
    sam = await speaking(world, "en-GB")
    await take(world, sam, [{"content": m.content, "context": m.context} for m in made])
    hot, cold = started(world), started(world)
    await hot.search(sam, "warm")

    shared = first = asked = 0
    questions = [one.text for one in english().questions]
    for question in questions:
        later = ids(await hot.search(sam, question))
        at_first = ids(await cold.search(sam, question, warm=False))
        asked += len(later)
        shared += len({*later} & {*at_first})
        first += later[:1] == at_first[:1]

    assert shared >= 0.9 * asked
    assert first >= 0.95 * len(questions)


async def test_a_first_search_knows_no_more_and_no_less_than_storage(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    kim = await world.acting(Role.TEACHER)
    process = started(world)
    made = await process.keep(sam, "A volcano erupted in Iceland.")
    others = await process.keep(sam, "Another volcano sleeps.")
    await process.keep(kim, "A volcano of somebody else's.")

    assert {made.id, others.id} == {*ids(await started(world).search(sam, "volcano"))}
    await world.app.memories.delete(sam, made.id)
    assert [others.id] == ids(await started(world).search(sam, "volcano"))
    await world.app.memories.change(
        sam, others.id, lambda _: parse(MemoryFields, {"content": "A geyser sleeps."})
    )
    assert [] == ids(await started(world).search(sam, "volcano"))
    assert [others.id] == ids(await started(world).search(sam, "geyser"))
    await world.app.memories.restore(sam, made.id)
    assert [made.id] == ids(await started(world).search(sam, "volcano"))


async def test_a_first_search_is_narrowed_before_anything_is_chosen(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    common = [{"content": f"Fractions again, {number}."} for number in range(400)]
    old = {"occurred_at": "2026-03-01T10:00:00Z"}
    rare = {"content": "fractions", "category": "Rare", "tags": ["x"], "context": old}
    await take(world, sam, [rare, *common])
    cold = started(world)

    for more in ({"category": "Rare"}, {"tag": "x"}, {"to": "2026-03-02"}):
        found = await cold.search(sam, "fractions", warm=False, **more)
        assert ["fractions"] == [one.memory.content for one in found.items]
    assert [] == ids(await cold.search(sam, "fractions", warm=False, tag="y"))


async def test_what_was_never_read_is_read_once_and_kept(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await take(world, sam, [{"content": f"A volcano, {number}."} for number in range(5)])
    user_id = sam.user_id or ""
    async with world.storage.begin(WORKER, person=user_id) as unit:
        kept = await unit.memories.kept(None, 10)
        await unit.memory_keeping.drop_layouts([one.memory.id for one in kept[:3]])

    async def unread() -> list[MemoryLayout | None]:
        async with world.storage.look(WORKER, person=user_id) as reader:
            return [one.layout for one in await reader.memories.kept(None, 10)]

    assert 3 == (await unread()).count(None)
    assert 5 == len(ids(await started(world).search(sam, "volcano")))
    assert 0 == (await unread()).count(None)
    assert 5 == len(ids(await started(world).search(sam, "volcano", warm=False)))


async def test_a_person_who_changes_their_language_is_read_anew(world: World) -> None:
    sam = await speaking(world, "en-GB")
    await take(world, sam, [{"content": "Der Vulkan und die Vulkane."}])

    await world.app.preferences.merge(sam, {"language": "de-DE"})
    assert 1 == len(ids(await started(world).search(sam, "Vulkane")))
    async with world.storage.look(WORKER, person=sam.user_id) as reader:
        (kept,) = await reader.memories.kept(None, 10)
    assert kept.layout is not None
    assert "de" == kept.layout.rules.partition(".")[0]


async def test_a_renamed_category_is_found_by_its_new_name(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await take(world, sam, [{"content": "Lava is hot.", "category": "Volcanoes"}])
    assert 1 == len(ids(await started(world).search(sam, "volcanoes")))

    async with world.storage.begin(WORKER, person=sam.user_id) as unit:
        number = await unit.memory_keeping.advance()
        await unit.memory_keeping.rename_category("Volcanoes", "Mountains", number)

    assert [] == ids(await started(world).search(sam, "volcanoes"))
    assert 1 == len(ids(await started(world).search(sam, "mountains")))


async def test_a_double_is_known_by_a_process_that_has_just_started(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first = await started(world).keep(sam, "The Danube flows through Vienna.")

    again = await started(world).keep(sam, "the danube flows through Vienna")

    assert [(first.id, 1.0)] == [(one.id, one.similarity) for one in again.similar]


async def test_more_changes_than_are_waited_for_are_read_in_the_background(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_people, "MOST_CHANGES", 3)
    sam = await world.acting(Role.STUDENT)
    process = started(world)
    await process.keep(sam, "A volcano.")
    await process.search(sam, "volcano")
    await take(world, sam, [{"content": f"A volcano, {number}."} for number in range(9)])

    assert 10 == len(ids(await process.search(sam, "volcano")))
    held = process.people.held(sam.user_id or "")
    assert held is not None
    assert 10 == len(held.memories)


async def test_a_question_of_very_many_words_is_answered_too(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await take(world, sam, [{"content": "The volcano in Iceland."}, {"content": "A river."}])
    many = " ".join(f"word{number}" for number in range(100))

    assert 1 == len(ids(await started(world).search(sam, f"volcano {many}")))
