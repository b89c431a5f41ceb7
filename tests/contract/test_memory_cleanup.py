"""Forgetting in time: what goes, what stays, and what is left of what was trivial."""

from datetime import timedelta
from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.memory.cleanup_service import CleanupReport, Hold
from faraday_core.memory.fields import Feedback, MemoryFields
from faraday_core.memory.model import MemoryVersion, UserMemory
from faraday_core.memory.searching import Search
from tests.serving import Server
from tests.world import WORKER, World

EVERYTHING = PageRequest(limit=100)


def owner(actor: Actor) -> str:
    assert actor.user_id
    return actor.user_id


async def keep(world: World, actor: Actor, content: str, **more: Any) -> str:
    given = parse(MemoryFields, {"content": content, **more})
    return (await world.app.memories.create(actor, given)).id


async def listed(world: World, actor: Actor) -> list[str]:
    return [one.content for one in (await world.app.memories.list(actor, EVERYTHING)).items]


async def binned(world: World, actor: Actor) -> list[str]:
    return [one.content for one in (await world.app.memories.bin(actor, EVERYTHING)).items]


async def tidy(world: World, **more: bool) -> tuple[int, int, int, int]:
    report = await world.app.memory_cleanup.run(WORKER, **more)
    return report.expired, report.removed, report.summarised, report.summaries


async def test_what_has_ended_goes_into_the_bin_and_then_for_good(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    gone = await keep(world, sam, "Over soon", expires_at="2026-09-02T00:00:00Z")
    await world.app.memories.feedback(sam, gone, Feedback(helpful=True))
    await world.app.memories.change(
        sam,
        gone,
        lambda _: parse(
            MemoryFields, {"content": "Over very soon", "expires_at": "2026-09-02T00:00:00Z"}
        ),
    )
    await keep(world, sam, "Stays")
    world.clock.move(days=2)

    assert (1, 0, 0, 0) == await tidy(world, dry_run=True)
    assert [] == await binned(world, sam)
    assert (1, 0, 0, 0) == await tidy(world)
    assert (0, 0, 0, 0) == await tidy(world)
    assert (["Over very soon"], ["Stays"]) == (await binned(world, sam), await listed(world, sam))
    world.clock.move(days=30)
    assert (0, 1, 0, 0) == await tidy(world, dry_run=True)
    assert (0, 1, 0, 0) == await tidy(world)

    assert ([], ["Stays"]) == (await binned(world, sam), await listed(world, sam))
    async with world.storage.look(sam) as reader:
        with pytest.raises(NotFound):
            await reader.get(UserMemory, gone)
        assert not (await reader.memories.versions(gone, EVERYTHING)).items
    assert MemoryVersion.owner


async def test_what_is_pinned_or_named_by_another_stays(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    ends = "2026-09-02T00:00:00Z"
    await keep(world, sam, "pinned", expires_at=ends, pinned=True)
    cited = await keep(world, sam, "cited", expires_at=ends)
    deleted = await keep(world, sam, "cited and deleted")
    await keep(world, sam, "a", supersedes=cited)
    citing = await keep(world, sam, "b", supersedes=deleted)
    await world.app.memories.delete(sam, deleted)
    world.clock.move(days=40)

    assert (0, 0, 0, 0) == await tidy(world)
    async with world.storage.look(sam) as reader:
        assert 5 == await reader.memories.count()
    await world.app.memories.delete(sam, citing)
    assert (0, 1, 0, 0) == await tidy(world)


async def test_nothing_goes_of_whom_all_is_held(world: World) -> None:
    sam, admin = await world.acting(Role.STUDENT), await world.acting(Role.ORG_ADMIN)
    await world.app.memories.delete(sam, await keep(world, sam, "deleted"))
    await keep(world, sam, "over", expires_at="2026-09-02T00:00:00Z")
    app = world.app.memory_cleanup
    with pytest.raises(NotFound):
        await app.held(admin, owner(sam))

    held = await app.hold(admin, owner(sam), Hold("a court asked for it"))
    world.clock.move(days=40)

    assert (held.held_since, "a court asked for it") == (
        (await app.held(admin, owner(sam))).held_since,
        held.reason,
    )
    assert (0, 0, 0, 0) == await tidy(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await app.release(admin, owner(sam))
    assert (1, 1, 0, 0) == await tidy(world)
    teacher = await world.acting(Role.TEACHER)
    for act in (app.hold(teacher, owner(sam), Hold("x")), app.release(teacher, owner(sam))):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(Forbidden):
        await app.run(sam)


async def trivial(world: World, actor: Actor, count: int = 6) -> list[str]:
    """Old, unimportant, and of one subject."""
    ids = [
        await keep(
            world,
            actor,
            f"In lesson {n} we drew triangles. The weather was fine on day {n}.",
            context={"course": "Maths", "turn": n},
            tags=["maths"],
            expires_at="2030-01-01T00:00:00Z",
        )
        for n in range(count)
    ]
    world.clock.move(days=200)
    return ids


async def with_tracking(world: World) -> Actor:
    sam = await world.acting(Role.STUDENT)
    await world.app.preferences.merge(sam, {"privacy": {"track_activity": True}})
    return sam


async def test_of_old_trivial_memories_a_summary_stays(world: World) -> None:
    sam = await with_tracking(world)
    ids = await trivial(world, sam)
    await keep(world, sam, "Fresh", context={"course": "Maths"})

    assert (0, 0, 6, 1) == await tidy(world)
    assert (0, 0, 0, 0) == await tidy(world)

    fresh, summary = [*(await world.app.memories.list(sam, EVERYTHING)).items][::-1]
    if fresh.content != "Fresh":
        fresh, summary = summary, fresh
    assert "summary" == summary.context["source"]
    assert ids == summary.context["summary_of"]
    assert ("Maths", ("maths",)) == (summary.context["course"], summary.tags)
    assert summary.content.startswith("Summary of 6 memories, 2026-09-01 to 2026-09-01")
    result = await world.app.memory_search.search(sam, Search("triangles", track=False))
    assert [summary.id] == [one.memory.id for one in result.items]


async def test_what_a_summary_is_made_of_stays_and_can_be_taken_out(world: World) -> None:
    sam = await with_tracking(world)
    ids = await trivial(world, sam)
    await tidy(world)

    assert (await world.app.memories.get(sam, ids[0])).content.startswith("In lesson 0")
    restored = await world.app.memories.restore(sam, ids[0])
    assert ids[0] == restored.id
    assert 2 == len(await listed(world, sam))
    world.clock.move(days=100)
    assert (0, 0, 0, 0) == await tidy(world)
    assert (await world.app.memories.get(sam, ids[1])).content.startswith("In lesson 1")


async def test_no_summary_is_made_of_who_is_not_to_be_tracked(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await trivial(world, sam)

    assert (0, 0, 0, 0) == await tidy(world)
    assert 6 == len(await listed(world, sam))


async def test_few_or_important_or_pinned_ones_stay_as_they_are(world: World) -> None:
    sam = await with_tracking(world)
    for n in range(4):
        await keep(world, sam, f"few {n}", context={"course": "Art"})
    for n in range(6):
        await keep(world, sam, f"important {n}", importance_score=0.9)
        await keep(world, sam, f"pinned {n}", pinned=True, importance_score=0.1)
        used = await keep(world, sam, f"used {n}", context={"course": "Music"})
    world.clock.move(days=200)
    await world.app.memories.get(sam, used)
    await world.app.memory_use.flush(WORKER)
    world.clock.move(days=100)

    # Of Music, five are old and one was used since.
    assert (0, 0, 5, 1) == await tidy(world)


async def test_a_cleanup_that_is_broken_off_is_gone_on_with(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faraday_core.memory.cleanup_service.AT_ONCE", 2)
    sam = await world.acting(Role.STUDENT)
    ends = world.clock() + timedelta(days=1)
    for n in range(5):
        await keep(world, sam, f"over {n}", expires_at=ends.isoformat())
    world.clock.move(days=2)
    real = world.app.memory_cleanup.now
    asked = 0

    def breaking() -> Any:  # a clock that stops half-way
        nonlocal asked
        asked += 1
        if asked == 2:
            raise RuntimeError("killed")
        return real()

    broken = type(world.app.memory_cleanup)(
        world.storage,
        world.app.memory_cleanup.people,
        world.app.memory_cleanup.policy,
        breaking,
        world.app.memory_cleanup.new_id,
    )
    with pytest.raises(RuntimeError):
        await broken.run(WORKER)

    report: CleanupReport = await world.app.memory_cleanup.run(WORKER)
    assert 5 == len(await binned(world, sam))
    assert report.expired <= 5


async def test_a_hold_is_set_over_http(server: Server) -> None:
    admin, sam = await server.signed_in(Role.ORG_ADMIN), await server.signed_in(Role.STUDENT)
    path = f"/users/{(await sam.ask('GET /users/me')).json['id']}/memory-hold"

    assert 404 == (await admin.ask(f"GET {path}")).status
    assert 200 == (await admin.ask(f"PUT {path}", {"reason": "a court asked"})).status
    assert "a court asked" == (await admin.ask(f"GET {path}")).json["reason"]
    assert 404 == (await sam.ask(f"GET {path}")).status
    assert 204 == (await admin.ask(f"DELETE {path}")).status
    assert 404 == (await admin.ask(f"DELETE {path}")).status
