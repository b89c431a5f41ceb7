"""Searching memories: what is found, by whom, and what it leaves behind."""

from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.parsing import parse
from faraday_core.memory.fields import MemoryFields
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.searching import Search
from faraday_core.memory.views import StoredMemory
from tests.serving import Server
from tests.world import WORKER, World

SAID = (
    ("I mix up numerators and denominators when I add fractions.", {"course": "Maths"}),
    ("The Danube flows through Vienna and Budapest.", {"course": "Geography"}),
    ("Photosynthesis needs light, water and carbon dioxide.", {"course": "Biology"}),
    ("Ms Vega said my essay on the French revolution was well argued.", {"course": "History"}),
    ("I learn words best with pictures.", {"course": "Spanish"}),
)


async def keep(world: World, actor: Actor, content: str, **more: Any) -> StoredMemory:
    return await world.app.memories.create(
        actor, parse(MemoryFields, {"content": content, **more})
    )


async def with_memories(world: World, at: str = "north") -> Actor:
    sam = await world.acting(Role.STUDENT, at)
    for content, context in SAID:
        await keep(world, sam, content, context=context)
    return sam


async def found(world: World, actor: Actor, q: str, **more: Any) -> list[str]:  # as asked
    result = await world.app.memory_search.search(actor, Search(q, **more))
    scores = [one.relevance_score for one in result.items]
    assert sorted(scores, reverse=True) == scores
    assert all(0 <= score <= 1 for score in scores)
    assert all(one.reasons for one in result.items)
    return [one.memory.content for one in result.items]


async def test_the_best_comes_first_with_its_reasons(world: World) -> None:
    sam = await with_memories(world)

    result = await world.app.memory_search.search(sam, Search("adding fractions"))

    assert SAID[0][0] == result.items[0].memory.content
    assert "words" in {reason.kind for reason in result.items[0].reasons}
    assert "lexical" == result.retrieval
    assert result.took_ms >= 0


async def test_what_matches_nothing_finds_nothing(world: World) -> None:
    sam = await with_memories(world)

    for nothing in ("zzyzx", "the", '"unclosed', "'; drop table users; --", "😀", "x" * 10_000):
        assert [] == await found(world, sam, nothing)
    assert [] == await found(world, await world.acting(Role.TEACHER), "fractions")


async def test_what_is_kept_is_found_by_the_next_search(world: World) -> None:
    sam = await with_memories(world)
    assert [] == await found(world, sam, "volcano")

    made = await keep(world, sam, "A volcano erupted in Iceland.")
    assert 1 == len(await found(world, sam, "volcano"))
    await world.app.memories.change(
        sam, made.id, lambda _: parse(MemoryFields, {"content": "A geyser erupted in Iceland."})
    )
    assert [] == await found(world, sam, "volcano")
    assert 1 == len(await found(world, sam, "geyser"))
    await world.app.memories.delete(sam, made.id)
    assert [] == await found(world, sam, "geyser")
    await world.app.memories.restore(sam, made.id)
    assert 1 == len(await found(world, sam, "geyser"))


async def test_what_another_process_does_is_known_here(world: World) -> None:
    sam = await with_memories(world)
    assert [] == await found(world, sam, "volcano")
    elsewhere = KnownPeople(world.app.memory_search.finding.people.stemmer)

    made = await keep(world, sam, "A volcano erupted in Iceland.")
    async with world.storage.look(sam) as reader:
        known = await elsewhere.of(reader, sam.user_id or "")
        assert 6 == len(known.index)
    await world.app.memories.delete(sam, made.id)
    async with world.storage.look(sam) as reader:
        known = await elsewhere.of(reader, sam.user_id or "")

    assert 5 == len(known.index) == len(known.memories)
    assert made.id not in known.index


async def test_who_was_not_asked_about_for_longest_is_let_go(world: World) -> None:
    sam, kim = await with_memories(world), await with_memories(world, "south")
    small = KnownPeople(world.app.memory_search.finding.people.stemmer, most_bytes=1)

    for actor in (sam, kim):
        async with world.storage.look(actor) as reader:
            assert 5 == len((await small.of(reader, actor.user_id or "")).index)

    assert small.held(sam.user_id or "") is None
    assert small.held(kim.user_id or "") is not None


async def test_what_has_expired_is_found_no_longer(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await keep(world, sam, "A volcano erupted.", expires_at="2026-09-01T08:00:00Z")
    assert 1 == len(await found(world, sam, "volcano"))

    world.clock.move(minutes=20)

    assert [] == await found(world, sam, "volcano")


async def test_a_search_is_narrowed(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = {"occurred_at": "2026-08-01T10:00:00Z"}
    await keep(world, sam, "Fractions in August", category="Maths", tags=["a"], context=old)
    await keep(world, sam, "Fractions today", category="Physics")

    august, today = ["Fractions in August"], ["Fractions today"]
    assert {*august, *today} == {*await found(world, sam, "fractions")}
    assert august == await found(world, sam, "fractions", category="Maths")
    assert [] == await found(world, sam, "fractions", category="Chemistry")
    assert august == await found(world, sam, "fractions", tag="a")
    assert august == await found(world, sam, "fractions", to="2026-08-01")
    assert [] == await found(world, sam, "fractions", to="2026-07-31")
    assert today == await found(world, sam, "fractions", from_="2026-08-01T10:00:01Z")
    assert 1 == len(await found(world, sam, "fractions", limit=1))


async def test_what_is_superseded_sinks(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = await keep(world, sam, "The exam is on Friday in room A.")
    assert ["The exam is on Friday in room A."] == await found(world, sam, "When is the exam?")

    new = await keep(world, sam, "The exam is on Monday.", supersedes=old.id)
    assert "The exam is on Monday." == (await found(world, sam, "When is the exam?"))[0]
    assert 2 == len(await found(world, sam, "When is the exam?"))
    await world.app.memories.delete(sam, new.id)
    assert ["The exam is on Friday in room A."] == await found(world, sam, "When is the exam?")


async def test_a_search_counts_as_a_use_unless_it_says_otherwise(world: World) -> None:
    sam = await with_memories(world)
    await world.app.preferences.merge(sam, {"privacy": {"track_activity": True}})

    await found(world, sam, "fractions", context='{"lesson": "7"}')
    result = await world.app.memory_search.search(sam, Search("fractions", track=False))
    assert 1 == result.items[0].memory.access_count  # though storage has not heard of it yet
    await world.app.memory_use.flush(WORKER)
    result = await world.app.memory_search.search(sam, Search("fractions", track=False))
    assert 1 == result.items[0].memory.access_count

    from faraday_core.kernel.paging import PageRequest  # noqa: PLC0415 -- for this one

    memory_id = result.items[0].memory.id
    done = (await world.app.memories.interactions(sam, memory_id, PageRequest())).items
    assert ["retrieve", "create"] == [one.interaction_type for one in done]
    assert {"lesson": "7", "query": "fractions"} == done[0].context


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        ({"q": ""}, ("/q", "too_short")),
        ({"q": " "}, ("/q", "too_short")),
        ({"q": "x" * 10_001}, ("/q", "too_long")),
        ({"diversity": 1.1}, ("/diversity", "invalid_value")),
        ({"limit": 101}, ("/limit", "invalid_value")),
        ({"from_": "tomorrow"}, ("/from_", "invalid_value")),
        ({"to": "2026-02-30"}, ("/to", "invalid_value")),
        ({"to": "9999-12-31"}, ("/to", "invalid_value")),
        ({"from_": "0001-01-01T00:00:00+14:00"}, ("/from_", "invalid_value")),
        ({"context": "no json"}, ("?context", "invalid_value")),
        ({"context": "[1]"}, ("?context", "wrong_type")),
        ({"context": '{"a": "\\ud800"}'}, ("?context", "invalid_character")),
    ],
)
async def test_a_wrong_search_is_refused(
    memory_world: World, asked: dict[str, Any], fault: tuple[str, str]
) -> None:
    sam = await memory_world.acting(Role.STUDENT)

    async def search() -> None:
        await memory_world.app.memory_search.search(sam, Search(**({"q": "x"} | asked)))

    with pytest.raises(Invalid) as refusal:
        await search()

    assert [fault] == [(one.pointer, one.code) for one in refusal.value.faults]


async def test_memories_are_searched_over_http(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    for content, context in SAID:
        made = await sam.ask("POST /memories", {"content": content, "context": context})
        assert 201 == made.status

    answer = await sam.ask("GET /memories/search?q=fractions&limit=3&track=false")

    assert 200 == answer.status
    assert {"items", "retrieval", "took_ms"} == {*answer.json}
    first = answer.json["items"][0]
    assert {"memory", "relevance_score", "reasons"} == {*first}
    assert {"kind", "detail"} == {*first["reasons"][0]}
    assert SAID[0][0] == first["memory"]["content"]
    assert {("?q", "too_short")} == (await sam.ask("GET /memories/search?q=")).faults
    assert {("?q", "required")} == (await sam.ask("GET /memories/search")).faults
    assert {("?from", "invalid_value")} == (
        await sam.ask("GET /memories/search?q=x&from=yesterday")
    ).faults
    assert {("?from_", "unknown_parameter")} == (
        await sam.ask("GET /memories/search?q=x&from_=2026-09-01")
    ).faults
