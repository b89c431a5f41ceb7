"""Memories: kept as they were said, by their person alone, with every earlier version."""

import io
import json
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, FaradayError, Invalid, NotFound, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.memory.fields import Feedback, MemoryFields, MemoryFilter
from faraday_core.memory.model import MemoryState
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.memory.views import StoredMemory
from tests.serving import Answer, Client, Server
from tests.world import WORKER, World

FRACTIONS = "I mix up numerators and denominators when I add fractions."
EVERYTHING = PageRequest(limit=100)


def fields(content: str = FRACTIONS, **more: Any) -> MemoryFields:  # as in JSON
    return parse(MemoryFields, {"content": content, **more})


def as_given(written: MemoryFields, _: object) -> MemoryFields:
    return written


async def keep(world: World, actor: Actor, content: str = FRACTIONS, **more: Any) -> StoredMemory:
    return await world.app.memories.create(actor, fields(content, **more))


async def contents(world: World, actor: Actor, **wanted: Any) -> list[str]:  # as a filter has them
    page = await world.app.memories.list(actor, EVERYTHING, MemoryFilter(**wanted))
    return [one.content for one in page.items]


async def track(world: World, actor: Actor) -> None:
    await world.app.preferences.merge(actor, {"privacy": {"track_activity": True}})


# --- Kept and read


async def test_what_is_kept_is_read_as_it_was_said(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    context = {"course": "Maths", "session": {"n": [1, 2.5, None, True]}, "speaker": "Säm 😀"}

    made = await keep(
        world, sam, "  Fractions\nare hard 😀 ", tags=["a", "b", "a"], context=context
    )
    read = await world.app.memories.get(sam, made.id)

    assert "  Fractions\nare hard 😀 " == read.content == made.content
    assert ("a", "b") == read.tags
    assert context == read.context
    assert world.clock() == read.created_at == read.updated_at
    assert world.clock() + timedelta(days=365) == read.expires_at
    assert (None, False, None) == (read.category, read.pinned, read.supersedes)
    assert made.tag == read.tag


async def test_the_newest_are_listed_first_page_by_page(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    for number in range(5):
        await keep(world, sam, f"Thing {number}")

    first = await world.app.memories.list(sam, PageRequest(limit=3))
    rest = await world.app.memories.list(sam, PageRequest(3, first.next_cursor))

    said = [one.content for one in (*first.items, *rest.items)]
    assert [f"Thing {number}" for number in reversed(range(5))] == said
    assert rest.next_cursor is None


async def test_a_list_is_narrowed_by_what_it_is_asked_for(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await keep(world, sam, "Ärger with 100% of fractions", tags=["maths"], importance_score=0.9)
    await keep(world, sam, "The Danube is long", category="Geography", importance_score=0.2)
    await keep(world, sam, "Over soon", expires_at="2026-09-01T08:00:00Z", importance_score=0)
    world.clock.move(hours=1)

    assert ["Ärger with 100% of fractions"] == await contents(world, sam, tag="maths")
    assert ["Ärger with 100% of fractions"] == await contents(world, sam, min_importance=0.5)
    assert ["Ärger with 100% of fractions"] == await contents(world, sam, q="FRACTIONS 100%")
    assert [] == await contents(world, sam, q="100_")
    assert ["The Danube is long"] == await contents(world, sam, category="geography")
    assert [] == await contents(world, sam, category="Physics")
    assert 2 == len(await contents(world, sam))
    assert 3 == len(await contents(world, sam, include_expired=True))


async def test_nobody_elses_memory_is_there(world: World) -> None:
    sam, admin = await world.acting(Role.STUDENT), await world.acting(Role.ORG_ADMIN)
    root = await world.acting(Role.PLATFORM_ADMIN)
    made = await keep(world, sam)
    app = world.app.memories

    for other in (admin, root):
        assert [] == await contents(world, other)
        for act in (
            app.get(other, made.id),
            app.delete(other, made.id),
            app.restore(other, made.id),
            app.versions(other, made.id, EVERYTHING),
            app.interactions(other, made.id, EVERYTHING),
            app.importance(other, made.id),
            app.feedback(other, made.id, Feedback(helpful=True)),
            app.change(other, made.id, lambda _: fields("mine now")),
        ):
            with pytest.raises(NotFound):
                await act
        with pytest.raises(Invalid):
            await keep(world, other, "x", supersedes=made.id)


# --- Changed


async def test_every_earlier_version_is_kept(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, "one", tags=["a"], context={"course": "Maths"})
    for content in ("two", "three"):
        world.clock.move(minutes=1)
        await world.app.memories.change(sam, made.id, partial(as_given, fields(content)))

    page = await world.app.memories.versions(sam, made.id, EVERYTHING)

    assert [("two", 2), ("one", 1)] == [(one.content, one.number) for one in page.items]
    assert (("a",), {"course": "Maths"}) == (page.items[-1].tags, page.items[-1].context)
    assert page.items[0].written_at < page.items[0].replaced_at == world.clock()
    assert "three" == (await world.app.memories.get(sam, made.id)).content


async def test_what_changes_nothing_leaves_no_version(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, expires_at="2026-12-01T00:00:00Z")

    same = await world.app.memories.change(
        sam, made.id, lambda _: fields(expires_at="2026-12-01T00:00:00Z")
    )

    assert made.tag == same.tag
    assert () == (await world.app.memories.versions(sam, made.id, EVERYTHING)).items


async def test_a_change_that_is_meant_for_another_state_is_refused(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam)
    app = world.app.memories

    with pytest.raises(StaleVersion):
        await app.change(sam, made.id, lambda _: fields("x"), seen=["0"])
    with pytest.raises(StaleVersion):
        await app.delete(sam, made.id, seen=["0"])
    changed = await app.change(sam, made.id, lambda _: fields("x"), seen=[made.tag])
    await app.delete(sam, made.id, seen=[changed.tag])


async def test_counters_are_outside_the_tag(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam)

    await world.app.memories.get(sam, made.id)
    await world.app.memories.feedback(sam, made.id, Feedback(helpful=True))
    await world.app.memory_use.flush(WORKER)

    read = await world.app.memories.get(sam, made.id)
    assert (made.tag, 2) == (read.tag, read.access_count)
    assert world.clock() == read.last_accessed


# --- The bin


async def test_what_is_deleted_can_be_restored_for_thirty_days(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made, late = await keep(world, sam, "a"), await keep(world, sam, "b")
    app = world.app.memories
    with pytest.raises(Conflict) as refusal:
        await app.restore(sam, made.id)
    assert "not_deleted" == refusal.value.code
    for one in (made, late):
        await app.delete(sam, one.id)
        with pytest.raises(NotFound):
            await app.get(sam, one.id)
    assert [] == await contents(world, sam, include_expired=True)
    assert ["b", "a"] == [one.content for one in (await app.bin(sam, EVERYTHING)).items]

    world.clock.move(days=29)
    assert "a" == (await app.restore(sam, made.id)).content
    world.clock.move(days=1)

    assert ["a"] == await contents(world, sam)
    with pytest.raises(NotFound):
        await app.restore(sam, late.id)


async def test_what_has_expired_is_not_there(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, expires_at="2026-09-01T08:00:00+00:00")
    app = world.app.memories

    world.clock.move(minutes=20)

    for act in (
        app.get(sam, made.id),
        app.delete(sam, made.id),
        app.change(sam, made.id, lambda _: fields()),
        app.versions(sam, made.id, EVERYTHING),
    ):
        with pytest.raises(NotFound):
            await act
    assert [] == await contents(world, sam)
    assert world.clock() + timedelta(days=365) == (await app.restore(sam, made.id)).expires_at


# --- What is wrong


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"content": ""}, ("/content", "too_short")),
        ({"content": " \n\t"}, ("/content", "too_short")),
        ({"content": "ü" * (1 << 19) + "x"}, ("/content", "too_long")),
        ({"content": "a\0b"}, ("/content", "invalid_character")),
        ({"content": "\ud800"}, ("/content", "invalid_character")),
        ({"importance_score": -0.1}, ("/importance_score", "invalid_value")),
        ({"importance_score": 2}, ("/importance_score", "invalid_value")),
        ({"importance_score": float("nan")}, ("/importance_score", "invalid_value")),
        ({"importance_score": "0.5"}, ("/importance_score", "wrong_type")),
        ({"importance_score": True}, ("/importance_score", "wrong_type")),
        ({"importance_score": 10**400}, ("/importance_score", "invalid_value")),
        ({"expires_at": "2026-09-01T07:40:00Z"}, ("/expires_at", "in_the_past")),
        ({"expires_at": "0001-01-01T00:00:00+14:00"}, ("/expires_at", "in_the_past")),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, ("/expires_at", "invalid_value")),
        ({"expires_at": "soon"}, ("/expires_at", "wrong_type")),
        ({"tags": ["x"] * 33}, ("/tags", "too_long")),
        ({"tags": ["x" * 65]}, ("/tags/0", "too_long")),
        ({"tags": [""]}, ("/tags/0", "too_short")),
        ({"category": "x" * 101}, ("/category", "too_long")),
        ({"category": uuid7()}, ("/category", "unknown_reference")),
        ({"supersedes": uuid7()}, ("/supersedes", "unknown_reference")),
        ({"supersedes": "it"}, ("/supersedes", "unknown_reference")),
        ({"context": []}, ("/context", "wrong_type")),
        ({"context": {"x": "x" * 65_536}}, ("/context", "too_long")),
        ({"context": {"a\0": 1}}, ("/context/a\0", "invalid_character")),
        ({"context": {"a": ["\ud800"]}}, ("/context", "invalid_character")),
        ({"context": {"a": float("inf")}}, ("/context", "invalid_value")),
        ({"context": {"a": [2**63]}}, ("/context", "invalid_value")),
        ({"context": {"a": -1e300}}, ("/context", "invalid_value")),
        ({"pinned": 1}, ("/pinned", "wrong_type")),
        ({"colour": "red"}, ("/colour", "unknown_field")),
    ],
)
async def test_what_is_wrong_is_named(
    world: World, body: dict[str, Any], fault: tuple[str, str]
) -> None:
    sam = await world.acting(Role.STUDENT)

    async def create() -> None:
        wanted = world.app.parser.parse(MemoryFields, {"content": "x"} | body)
        await world.app.memories.create(sam, wanted)

    with pytest.raises(Invalid) as refusal:
        await create()

    assert [fault] == [(one.pointer, one.code) for one in refusal.value.faults]


def nested(levels: int) -> dict[str, Any]:
    return {"a": nested(levels - 1)} if levels > 1 else {}


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * (1 << 20)},
        {"content": "😀"},
        {"content": "مرحبا 你好 שלום"},
        {"content": "'; drop table user_memories; --"},
        {"context": nested(16)},
        {"context": {"n": 2**63 - 1, "": [[]], "e": 1e18, "f": 1e-300}},
        {"importance_score": 0},
        {"importance_score": 1},
        {"tags": ['a"b', "c,d", "{e}", "\\"]},
        {"category": "  a, b  "},
    ],
)
async def test_whatever_can_be_kept_comes_back(world: World, body: dict[str, Any]) -> None:
    sam = await world.acting(Role.STUDENT)

    made = await world.app.memories.create(sam, fields(**({"content": "x"} | body)))

    read = await world.app.memories.get(sam, made.id)
    assert body.get("content", "x") == read.content
    assert body.get("context", {}) == read.context
    assert tuple(body.get("tags", ())) == read.tags
    assert body.get("importance_score", read.importance_score) == read.importance_score


async def test_context_may_be_sixteen_levels_deep(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        fields(context=nested(17))
    assert "invalid_value" == refusal.value.code


# --- The same thing said again


async def test_what_is_like_an_earlier_one_is_told(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first = await keep(world, sam)
    await keep(world, sam, "The Danube flows through Vienna.")

    again = await keep(world, sam, FRACTIONS.upper().replace(".", " !"))
    near = await keep(
        world, sam, "I mix up numerators and denominators when I multiply fractions."
    )

    assert [(first.id, 1.0)] == [(one.id, one.similarity) for one in again.similar]
    assert {first.id, again.id} == {one.id for one in near.similar}
    assert all(0.6 <= one.similarity < 0.9 for one in near.similar)
    assert () == (await keep(world, sam, "Photosynthesis needs light.")).similar


async def test_what_is_said_again_strengthens_what_was_said(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first = await keep(world, sam, tags=["a"], context={"course": "Maths"})
    world.clock.move(days=10)

    merged = await world.app.memories.create(
        sam,
        fields(FRACTIONS + "!", tags=["b"], context={"turn": 2}),
        on_duplicate=OnDuplicate.MERGE,
    )

    assert (first.id, False) == (merged.id, merged.is_new)
    assert merged.importance_score > first.importance_score
    assert (("a", "b"), {"course": "Maths", "turn": 2}) == (merged.tags, merged.context)
    assert world.clock() + timedelta(days=365) == merged.expires_at
    assert 1 == len(await contents(world, sam))
    other = await world.app.memories.create(
        sam, fields("Something else."), on_duplicate=OnDuplicate.MERGE
    )
    assert other.is_new


async def test_what_is_said_again_can_be_refused(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    first = await keep(world, sam)

    with pytest.raises(Conflict) as refusal:
        await world.app.memories.create(
            sam, fields(FRACTIONS.lower()), on_duplicate=OnDuplicate.REFUSE
        )

    assert ("duplicate_memory", first.id) == (
        refusal.value.code,
        getattr(refusal.value, "existing_id", None),
    )
    await world.app.memories.delete(sam, first.id)
    await world.app.memories.create(sam, fields(), on_duplicate=OnDuplicate.REFUSE)


async def test_what_differs_by_a_number_or_a_not_is_something_else(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    said = "The exam in room 12 will be about everything that we did with fractions in class"
    await keep(world, sam, said)

    for other in (said.replace("12", "13"), said.replace("will be", "will not be")):
        made = await world.app.memories.create(sam, fields(other), on_duplicate=OnDuplicate.REFUSE)
        assert made.similar


async def test_one_that_contradicts_another_names_it(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    old = await keep(world, sam, "The exam is on Friday.")
    new = await keep(world, sam, "The exam is on Monday.", supersedes=old.id)

    assert old.id == (await world.app.memories.get(sam, new.id)).supersedes
    with pytest.raises(Invalid):
        await world.app.memories.change(
            sam, old.id, lambda _: fields("The exam is on Friday.", supersedes=new.id)
        )
    with pytest.raises(Invalid):
        await world.app.memories.change(sam, new.id, lambda _: fields(supersedes=new.id))


# --- Importance


async def test_importance_is_estimated_and_explained(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    plain = await keep(world, sam, "We drew triangles.")
    marked = await keep(world, sam, "Important: the exam is on Friday.", pinned=True)

    told = await world.app.memories.importance(sam, marked.id)

    assert 0 < plain.importance_score < marked.importance_score <= 1
    assert {"start", "mark", "day", "pinned"} == {part.kind for part in told.parts}
    assert marked.importance_score == round(sum(part.points for part in told.parts), 3)
    assert not told.given


async def test_an_importance_that_was_given_stays(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, "We drew triangles.", importance_score=0.1)
    await world.app.memories.feedback(sam, made.id, Feedback(helpful=True))

    assert 0.1 == (await world.app.memories.get(sam, made.id)).importance_score
    assert (await world.app.memories.importance(sam, made.id)).given
    back = await world.app.memories.change(sam, made.id, lambda _: fields("We drew triangles."))
    assert back.importance_score > 0.3


async def test_feedback_and_use_count(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, "We drew triangles.")

    up = await world.app.memories.feedback(sam, made.id, Feedback(helpful=True))
    down = await world.app.memories.feedback(sam, made.id, Feedback(helpful=False))
    down = await world.app.memories.feedback(sam, made.id, Feedback(helpful=False))
    for _ in range(7):
        await world.app.memories.get(sam, made.id)
    await world.app.memory_use.flush(WORKER)

    assert down.importance_score < made.importance_score < up.importance_score
    used = await world.app.memories.get(sam, made.id)
    assert down.importance_score < used.importance_score


async def test_an_estimate_that_is_sent_back_stays_an_estimate(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam, "We drew triangles.")

    await world.app.memories.change(
        sam,
        made.id,
        lambda _: fields("Important: triangles.", importance_score=made.importance_score),
    )

    assert not (await world.app.memories.importance(sam, made.id)).given


# --- What was done with them


async def test_what_was_done_is_kept_of_who_lets_it_be_kept(world: World) -> None:
    sam, kim = await world.acting(Role.STUDENT), await world.acting(Role.STUDENT, "south")
    await track(world, sam)
    app = world.app.memories
    for actor in (sam, kim):
        made = await keep(world, actor, context={"course": "Maths"})
        await app.get(actor, made.id)
        await app.change(actor, made.id, lambda _: fields("x"))
        await app.feedback(actor, made.id, Feedback(helpful=False, query="what was it?"))
        with pytest.raises(StaleVersion):
            await app.change(actor, made.id, lambda _: fields("y"), seen=["0"])
        done = (await app.interactions(actor, made.id, EVERYTHING)).items
        assert 1 == (await app.get(actor, made.id)).access_count - 1
        told = [(one.interaction_type, one.success) for one in done]
        if actor is kim:
            assert [] == told
        else:
            assert [
                ("update", False),
                ("feedback", False),
                ("update", True),
                ("retrieve", True),
                ("create", True),
            ] == told
            assert {"course": "Maths"} == done[-1].context
            assert {"query": "what was it?"} == done[1].context
            assert all(one.response_time is not None for one in done[2:])


async def test_uses_are_told_once_and_none_is_lost(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam)
    for _ in range(3):
        await world.app.memories.get(sam, made.id)

    await world.app.memory_use.flush(WORKER)
    await world.app.memory_use.flush(WORKER)

    page = await world.app.memories.list(sam, EVERYTHING)
    assert 3 == page.items[0].access_count
    with pytest.raises(FaradayError):
        await world.app.memory_use.flush(sam)


async def test_each_change_is_counted_once(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    made = await keep(world, sam)
    await world.app.memories.change(sam, made.id, lambda _: fields("x"))
    await world.app.memories.delete(sam, made.id)

    async with world.storage.look(sam) as reader:
        state = await reader.get(MemoryState, sam.user_id or "")
        changes = await reader.memories.changes(1)

    assert (3, 3) == (state.changed, changes.number)
    assert [(made.id, 3)] == [(one.id, one.changed) for one in changes.memories]


# --- Over HTTP


async def sam_at(server: Server) -> Client:
    return await server.signed_in(Role.STUDENT)


async def test_a_memory_is_made_read_changed_and_deleted(server: Server) -> None:
    sam = await sam_at(server)
    body = {"content": FRACTIONS, "context": {"course": "Maths"}, "tags": ["a"]}

    made = await sam.ask("POST /memories", body)
    assert 201 == made.status
    path = made.headers["Location"].removeprefix("/api/v1")
    read = await sam.ask(f"GET {path}")

    assert (200, f"/memories/{made.json['id']}") == (read.status, path)
    assert {
        *("id", "content", "category", "tags", "context", "importance_score", "access_count"),
        *("last_accessed", "expires_at", "pinned", "supersedes", "created_at", "updated_at"),
    } == {*read.json}
    assert {*read.json} | {"similar", "suggested_category"} == {*made.json}
    assert made.headers["ETag"] == read.headers["ETag"]
    assert 200 == (await sam.ask(f"GET {path}", headers={"If-None-Match": "*"})).status
    put = await sam.ask(f"PUT {path}", read.json | {"content": "x"})
    assert (200, "x") == (put.status, put.json["content"])
    stale = await sam.ask(f"PUT {path}", body, headers={"If-Match": made.headers["ETag"]})
    assert (412, "stale_version") == (stale.status, stale.code)
    patched = await sam.ask(f"PATCH {path}", {"context": {"course": None, "turn": 1}})
    assert (200, {"turn": 1}, "x") == (
        patched.status, patched.json["context"], patched.json["content"]
    )  # fmt: skip
    assert 2 == len((await sam.ask(f"GET {path}/versions")).json["items"])
    assert 204 == (await sam.ask(f"DELETE {path}")).status
    assert 404 == (await sam.ask(f"GET {path}")).status
    assert 1 == len((await sam.ask("GET /memories/bin")).json["items"])
    assert 200 == (await sam.ask(f"POST {path}/restore")).status
    assert 409 == (await sam.ask(f"POST {path}/restore")).status
    assert 200 == (await sam.ask(f"POST {path}/feedback", {"helpful": True})).status
    assert "start" == (await sam.ask(f"GET {path}/importance")).json["parts"][0]["kind"]


async def test_duplicates_are_answered_as_they_are_asked_for(server: Server) -> None:
    sam = await sam_at(server)
    first = await sam.ask("POST /memories", {"content": FRACTIONS})

    merged = await sam.ask("POST /memories?on_duplicate=merge", {"content": FRACTIONS})
    refused = await sam.ask("POST /memories?on_duplicate=refuse", {"content": FRACTIONS})

    assert (200, first.json["id"]) == (merged.status, merged.json["id"])
    assert (409, "duplicate_memory") == (refused.status, refused.code)
    assert first.json["id"] == refused.json["existing_id"]
    wrong = await sam.ask("POST /memories?on_duplicate=shout", {"content": FRACTIONS})
    assert {("?on_duplicate", "invalid_value")} == wrong.faults


async def test_all_that_is_wrong_with_a_memory_is_told_at_once(server: Server) -> None:
    sam = await sam_at(server)
    wrong = {"content": " ", "importance_score": 2, "tags": 1, "id": "x", "colour": "red"}

    answer = await sam.ask("POST /memories", wrong)

    assert 422 == answer.status
    assert {
        ("/content", "too_short"),
        ("/importance_score", "invalid_value"),
        ("/tags", "wrong_type"),
        ("/colour", "unknown_field"),
    } == answer.faults
    assert {("?limit", "invalid_value"), ("?x", "unknown_parameter")} == (
        await sam.ask("GET /memories?limit=0&x=1")
    ).faults
    assert {("?min_importance", "invalid_value")} == (
        await sam.ask("GET /memories?min_importance=nan")
    ).faults
    assert 401 == (await server.client.ask("GET /memories")).status


async def test_a_content_of_a_megabyte_is_taken_and_not_a_byte_more(server: Server) -> None:
    sam = await sam_at(server)

    async def send(route: str, content: str) -> Answer:
        body = io.BytesIO(json.dumps({"content": content}).encode())
        return await sam.ask(route, data=body, headers={"Content-Type": "application/json"})

    made = await send("POST /memories", "\u0001" * (1 << 20))
    assert 201 == made.status, made.body[:200]
    path = f"/memories/{made.json['id']}"
    for route in ("POST /memories", f"PUT {path}", f"PATCH {path}"):
        answer = await send(route, "x" * ((1 << 20) + 1))
        assert (422, {("/content", "too_long")}) == (answer.status, answer.faults)
    large = await send("POST /memories", "x" * (8 << 20))
    assert (413, "body_too_large") == (large.status, large.code)
