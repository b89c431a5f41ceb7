"""Many memories at once: lines, each taken or refused, or all of them or none."""

import json
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import pytest

from adapters.compose import in_memory
from adapters.settings import Settings
from adapters.settings.model import Environment
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, Invalid
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.import_service import Lines
from faraday_core.memory.importing import ImportReport
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.memory.searching import Search
from faraday_core.memory.views import MemoryView
from tests.serving import Client, Server
from tests.world import OPERATOR, PASSWORD, World

EVERYTHING = PageRequest(limit=100)


async def lines_of(*lines: object) -> AsyncIterator[bytes]:
    for line in lines:
        yield line if isinstance(line, bytes) else json.dumps(line).encode()


def said(*contents: str) -> Lines:
    return lines_of(*({"content": content} for content in contents))


async def there(world: World, actor: Actor) -> list[MemoryView]:
    return [*(await world.app.memories.list(actor, EVERYTHING)).items][::-1]


async def take(world: World, actor: Actor, lines: Lines, **more: Any) -> ImportReport:
    return await world.app.memory_imports.run(actor, lines, **more)


async def test_each_line_is_a_memory_as_it_would_be_by_itself(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    whole = {
        "content": 'a "quoted"\nline \\ with 😀',
        "category": "Maths",
        "tags": ["a,b", 'c"'],
        "context": {"course": "Maths", "turn": 1, "deep": [{"x": None}]},
        "importance_score": 0.25,
        "expires_at": "2027-01-01T00:00:00Z",
        "pinned": True,
    }

    report = await take(world, sam, lines_of(whole, b"", {"content": "second", "id": "ignored"}))
    first, second = await there(world, sam)

    assert (2, 0, 0, []) == (report.created, report.merged, report.refused, report.lines)
    assert whole["content"] == first.content
    assert ("Maths", ("a,b", 'c"'), True) == (first.category, first.tags, first.pinned)
    assert (whole["context"], 0.25) == (first.context, first.importance_score)
    assert second.importance_score > 0.3
    assert (second.created_at, second.updated_at) == (world.clock(), world.clock())
    result = await world.app.memory_search.search(sam, Search("second"))
    assert [second.id] == [one.memory.id for one in result.items]


async def test_what_is_wrong_with_a_line_refuses_the_line_alone(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    report = await take(
        world,
        sam,
        lines_of(
            {"content": "good"},
            {"content": ""},
            b"{",
            b"[]",
            b'"text"',
            {"content": "x", "tags": 1, "colour": "red"},
            {"content": "x", "category": uuid7()},
            {"content": "x", "supersedes": uuid7()},
            {"content": "x", "expires_at": "2026-01-01T00:00:00Z"},
            b'{"content": "a", "content": "b"}',
            b'{"content": "a", "importance_score": NaN}',
            b"\xff\xfe",
            b'{"content": "a\\u0000b"}',
            b'{"content": ' + b"[" * 100_000,
            {"content": "good, too"},
        ),
    )

    assert (2, 0, 13) == (report.created, report.merged, report.refused)
    assert ["good", "good, too"] == [one.content for one in await there(world, sam)]
    told = [(one.line, one.pointer, one.code) for one in report.lines]
    assert sorted(told) == sorted([
        (2, "/content", "too_short"),
        (3, "", "malformed_json"),
        (4, "", "wrong_type"),
        (5, "", "wrong_type"),
        (6, "/tags", "wrong_type"),
        (6, "/colour", "unknown_field"),
        (7, "/category", "unknown_reference"),
        (8, "/supersedes", "unknown_reference"),
        (9, "/expires_at", "in_the_past"),
        (10, "", "malformed_json"),
        (11, "", "malformed_json"),
        (12, "", "malformed_json"),
        (13, "/content", "invalid_character"),
        (14, "", "malformed_json"),
    ])  # fmt: skip


async def test_all_or_none_is_taken_where_that_is_asked(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    with pytest.raises(Invalid) as refusal:
        await take(world, sam, said("a", "b", " "), atomic=True)

    assert [("/3/content", "too_short")] == [
        (one.pointer, one.code) for one in refusal.value.faults
    ]
    assert [] == await there(world, sam)
    assert 3 == (await take(world, sam, said("a", "b", "c"), atomic=True)).created
    assert ["a", "b", "c"] == [one.content for one in await there(world, sam)]


async def test_what_is_said_again_is_kept_merged_or_refused(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await take(world, sam, said("One thing.", "Another."))

    merged = await take(
        world, sam, said("one thing", "ONE THING!", "New", "new!"), on_duplicate=OnDuplicate.MERGE
    )
    refused = await take(world, sam, said("Another?", "More"), on_duplicate=OnDuplicate.REFUSE)
    kept = await take(world, sam, said("More"))

    assert (1, 3, 0) == (merged.created, merged.merged, merged.refused)
    assert (1, 0, 1) == (refused.created, refused.merged, refused.refused)
    assert "duplicate_memory" == refused.lines[0].code
    assert 1 == kept.created
    first = (await there(world, sam))[0]
    parts = (await world.app.memories.importance(sam, first.id)).parts
    assert "said again 2 times" in [part.detail for part in parts]


async def test_lines_may_name_each_other_by_their_former_ids(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old, gone = uuid7(), uuid7()

    report = await take(
        world,
        sam,
        lines_of(
            {"id": old, "content": "The exam is on Friday."},
            {"content": "The exam is on Monday.", "supersedes": old},
            {"content": "x", "supersedes": gone},
        ),
    )

    first, second = await there(world, sam)
    assert first.id == second.supersedes
    assert (2, 1) == (report.created, report.refused)


async def test_thousands_are_taken_and_found(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    contents = [f"Lesson {n}: the word number{n} means something." for n in range(3000)]
    began = perf_counter()

    report = await take(world, sam, said(*contents))

    took = perf_counter() - began
    assert 3000 == report.created
    assert took < 60, took  # a bound of sanity: how fast it is, the bench says
    result = await world.app.memory_search.search(sam, Search("number2999", track=False))
    assert contents[2999] == result.items[0].memory.content


async def test_there_are_so_many_lines_and_no_more(
    memory_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faraday_core.memory.importing.MOST_LINES", 3)
    sam = await memory_world.acting(Role.STUDENT)

    report = await take(memory_world, sam, said("a", "b", "c", "d", "e"))

    assert (3, 1) == (report.created, report.refused)
    assert (4, "too_many_lines") == (report.lines[0].line, report.lines[0].code)


async def test_who_belongs_nowhere_imports_nothing_in_production() -> None:
    assert Settings().memory.most_without_organization is None
    async with in_memory(Settings(environment=Environment.PRODUCTION)) as app:
        user = await app.users.create_platform_admin(
            OPERATOR,
            email="root@example.org",
            full_name="Root",
            password=PASSWORD,
        )
        with pytest.raises(Forbidden) as refusal:
            await app.memory_imports.run(Actor(user.id), said("a"))

    assert "organization_required" == refusal.value.code


# --- Over HTTP


async def send(client: Client, content: bytes, query: str = "") -> Any:  # as JSON has it
    headers = {"Content-Type": "application/x-ndjson"}
    return await client.ask(f"POST /memories/import{query}", data=content, headers=headers)


async def test_lines_are_imported_over_http(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)

    answer = await send(sam, b'{"content": "a"}\n\n{"content": 1}\r\n{"content": "b"}')

    assert 200 == answer.status, answer.body
    assert (2, 0, 1) == (answer.json["created"], answer.json["merged"], answer.json["refused"])
    assert [{"line": 3, "code": "wrong_type", "pointer": "/content"}] == [
        {name: one[name] for name in ("line", "code", "pointer")} for one in answer.json["lines"]
    ]
    atomic = await send(sam, b'{"content": "c"}\n{}', "?atomic=true")
    assert (422, {("/2/content", "required")}) == (atomic.status, atomic.faults)
    assert 2 == len((await sam.ask("GET /memories")).json["items"])
    wrong = await sam.ask("POST /memories/import", {"content": "a"})
    assert (415, "unsupported_media_type") == (wrong.status, wrong.code)
    assert 401 == (await send(server.client, b"{}")).status


async def test_a_line_that_never_ends_is_refused(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * (1 << 20)

    answer = await sam.ask(
        "POST /memories/import", data=endless(), headers={"Content-Type": "application/x-ndjson"}
    )

    assert (413, "body_too_large") == (answer.status, answer.code)
    assert 200 == (await sam.ask("GET /memories")).status


async def test_lines_come_in_whatever_pieces(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    whole = b"".join(json.dumps({"content": f"ü {n}"}).encode() + b"\n" for n in range(50))

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 7):
            yield whole[at : at + 7]

    answer = await sam.ask(
        "POST /memories/import", data=pieces(), headers={"Content-Type": "application/x-ndjson"}
    )

    assert (200, 50) == (answer.status, answer.json["created"])
