"""What is understood of memories: by the day, as far as their person lets it be kept."""

import json
from datetime import timedelta
from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.analytics_model import MemoryAnalytics
from faraday_core.memory.analytics_views import AnalyticsQuery, AnalyticsView, Group
from faraday_core.memory.fields import Feedback, MemoryFields
from faraday_core.memory.searching import Search
from tests.contract.test_privacy_export import exported
from tests.serving import OPERATOR, Server
from tests.world import PASSWORD, WORKER, World


async def keep(world: World, actor: Actor, content: str, **more: Any) -> str:  # as its fields
    return (await world.app.memories.create(actor, MemoryFields(content, **more))).id


async def track(world: World, actor: Actor, *, on: bool = True) -> None:
    await world.app.preferences.merge(actor, {"privacy": {"track_activity": on}})


async def asked(world: World, actor: Actor, **query: Any) -> AnalyticsView:  # as its fields
    return await world.app.memory_analytics.get(actor, AnalyticsQuery(**query))


async def stored(world: World, actor: Actor) -> list[MemoryAnalytics]:
    async with world.storage.look(WORKER, person=actor.user_id) as reader:
        begin = world.clock() - timedelta(days=500)
        return [*await reader.memory_activity.days(begin, world.clock())]


async def a_day_of_fractions(world: World, sam: Actor) -> str:
    """Three memories; one is found twice, opened once, and helps."""
    found = await keep(
        world, sam, "Add fractions by their denominator.", category="Maths",
        context={"course": "Maths"},
    )  # fmt: skip
    await keep(world, sam, "Otters hold hands when they sleep.")
    gone = await keep(world, sam, "A thing to be deleted.")
    await world.app.memories.delete(sam, gone)
    for _ in range(2):
        await world.app.memory_search.search(sam, Search("denominator", context='{"topic": "x"}'))
    await world.app.memories.get(sam, found)
    await world.app.memories.feedback(sam, found, Feedback(helpful=True))
    return found


async def test_what_was_done_is_counted_in_the_very_next_answer(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await a_day_of_fractions(world, sam)

    view = await asked(world, sam)

    assert (2, 3, 3, 0, 1, 0) == (
        view.totals.memories, view.totals.created, view.totals.retrieved, view.totals.updated,
        view.totals.deleted, view.totals.expired,
    )  # fmt: skip
    assert (2, 1, 1, 0.5) == (
        view.effectiveness.shown, view.effectiveness.opened, view.effectiveness.helpful,
        view.effectiveness.rate,
    )  # fmt: skip
    assert view.effectiveness.interval[0] < 0.5 < view.effectiveness.interval[1]
    assert [("Maths", 1, 3), (None, 1, 0)] == [
        (one.category, one.memories, one.retrieved) for one in view.by_category
    ]
    assert (3, 3) == (view.by_hour[7].created, view.by_hour[7].retrieved)
    assert ("2026-09-01", 3) == (view.series[-1].period, view.series[-1].created)
    assert 30 == len(view.series)
    assert view.response_time_ms.p50 is not None
    assert not view.suggestions


async def test_who_is_not_tracked_is_told_what_their_memories_tell(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await a_day_of_fractions(world, sam)

    view = await asked(world, sam)

    assert (2, 3, 3, 1) == (
        view.totals.memories, view.totals.created, view.totals.retrieved, view.totals.deleted
    )  # fmt: skip
    assert (3, 0, 1) == (
        view.effectiveness.shown, view.effectiveness.opened, view.effectiveness.helpful
    )  # fmt: skip
    assert view.response_time_ms.p50 is None
    assert ["track_activity"] == [one.kind for one in view.suggestions]


async def test_a_day_is_stored_once_however_often_it_is_counted(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await a_day_of_fractions(world, sam)
    before = await asked(world, sam)

    assert 1 == await world.app.memory_analytics.roll_up(WORKER)
    once = await stored(world, sam)
    assert 1 == await world.app.memory_analytics.roll_up(WORKER)
    again = await stored(world, sam)

    assert 1 == len(once) == len(again)
    assert once[0].totals == again[0].totals
    assert {"created": 3, "deleted": 1, "retrieved": 3, "shown": 2, "opened": 1, "helpful": 1} == (
        once[0].totals
    )
    assert 2 == once[0].by_context["topic"]["x"]["shown"]
    assert before == await asked(world, sam)


async def test_nothing_is_stored_of_who_is_not_tracked(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await keep(world, sam, "one")
    await world.app.memory_use.flush(WORKER)
    await track(world, sam, on=False)

    assert 0 == await world.app.memory_analytics.roll_up(WORKER)

    assert [] == await stored(world, sam)


async def test_a_day_that_is_over_stays_as_it_was_when_its_memories_go(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await a_day_of_fractions(world, sam)
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)
    before = await stored(world, sam)
    world.clock.move(days=3)
    await keep(world, sam, "later")
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)
    world.clock.move(days=31)
    await world.app.memory_cleanup.run(WORKER)

    view = await asked(world, sam, from_="2026-09-01", to="2026-09-30")

    assert before[0].totals == (await stored(world, sam))[0].totals
    assert (3, 4, 1) == (view.totals.memories, view.totals.created, view.totals.deleted)
    assert [3, 0, 0, 1] == [one.created for one in view.series[:4]]


async def test_a_day_that_was_never_rolled_up_is_counted_when_it_is_asked_for(
    world: World,
) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await keep(world, sam, "one")
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)
    world.clock.move(days=10)
    memory_id = await keep(world, sam, "two")
    await world.app.memories.get(sam, memory_id)

    view = await asked(world, sam, group=Group.WEEK)

    assert (2, 1) == (view.totals.created, view.totals.retrieved)
    assert ["2026-08-31", "2026-09-07"] == [one.period for one in view.series[-2:]]


async def test_each_sees_their_own_alone(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    kim = await world.acting(Role.STUDENT, email="kim@example.org")
    for one in (sam, kim):
        await track(world, one)
    await a_day_of_fractions(world, sam)
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)

    assert 1 == len(await stored(world, sam))
    assert 0 == (await asked(world, kim)).totals.created
    assert [] == await stored(world, kim)


async def test_an_operator_looks_and_is_seen_to(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await keep(world, sam, "one")

    view = await world.app.memory_analytics.of_person(OPERATOR, sam.user_id or "")

    assert 1 == view.totals.created
    found = await world.app.records.disclosures(sam, sam.user_id or "", PageRequest(limit=10))
    assert ["memory_analytics"] == [one.what for one in found.items]
    with pytest.raises(Forbidden):
        await world.app.memory_analytics.of_person(sam, sam.user_id or "")
    with pytest.raises(Forbidden):
        await world.app.memory_analytics.roll_up(sam)
    with pytest.raises(NotFound):
        await world.app.memory_analytics.of_person(OPERATOR, uuid7())


async def test_a_span_that_ends_before_it_begins_is_refused(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    with pytest.raises(Invalid) as caught:
        await asked(world, sam, from_="2026-09-02", to="2026-09-01")

    assert [("?from", "invalid_value")] == [(f.pointer, f.code) for f in caught.value.faults]


async def test_days_and_offers_are_in_the_copy_and_go_with_the_person(world: World) -> None:
    person = await world.person(Role.STUDENT)
    sam = await world.actor(await world.sign_in(person))
    await track(world, sam)
    await keep(world, sam, "Fish have gills.")
    await keep(world, sam, "Fish have gills!")
    assert (await world.app.memory_recommendations.list(sam)).items
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)

    archive = await exported(world, sam)
    days = json.loads(archive.read("memory_analytics.json"))
    offers = json.loads(archive.read("memory_recommendations.json"))
    await world.app.erasures.ask(sam, password=PASSWORD)
    world.clock.move(days=31)
    await world.app.erasures.carry_out_due(WORKER)

    assert [{"created": 2}] == [day["totals"] for day in days]
    assert ["duplicate"] == [offer["kind"] for offer in offers]
    assert [] == await stored(world, sam)
    async with world.storage.look(WORKER, person=sam.user_id) as reader:
        assert [] == [*await reader.memory_activity.recommendations()]


async def test_days_are_kept_for_four_hundred_days(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await track(world, sam)
    await keep(world, sam, "one")
    await world.app.memory_use.flush(WORKER)
    await world.app.memory_analytics.roll_up(WORKER)
    world.clock.move(days=399)
    await world.app.retention.run(WORKER)
    assert 1 == len(await stored(world, sam))
    world.clock.move(days=2)

    await world.app.retention.run(WORKER)

    assert [] == await stored(world, sam)


# --- Over HTTP


async def test_the_answer_has_the_shape_that_is_promised(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    made = (
        await sam.ask("POST /memories", {"content": "Otters sleep.", "category": "Biology"})
    ).json
    assert 1 == len((await sam.ask("GET /memories/search?q=otters")).json["items"])

    answer = await sam.ask("GET /memories/analytics?group=month&from=2026-01-01")

    assert 200 == answer.status, answer.body
    found = answer.json
    assert {
        "totals", "by_category", "by_hour", "series", "effectiveness", "patterns",
        "response_time_ms", "suggestions",
    } == {*found}  # fmt: skip
    assert {"memories": 1, "created": 1, "retrieved": 1} == {
        name: found["totals"][name] for name in ("memories", "created", "retrieved")
    }
    assert {"shown", "opened", "helpful", "rate", "interval"} == {*found["effectiveness"]}
    assert {"p50", "p95"} == {*found["response_time_ms"]}
    assert "-01" == found["series"][0]["period"][-3:]
    assert {"kind", "detail", "action"} == {*found["suggestions"][0]}
    assert made["id"] not in answer.body.decode()
    action = found["suggestions"][0]["action"]
    done = await sam.ask(
        f"{action['method']} {action['path'].removeprefix('/api/v1')}", action["body"]
    )
    assert 200 == done.status, done.body


async def test_wrong_questions_are_refused_each_by_its_name(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)

    async def faults(query: str) -> set[tuple[str, str]]:
        answer = await sam.ask(f"GET /memories/analytics?{query}")
        assert 422 == answer.status, answer.body
        return answer.faults

    assert {("?from", "invalid_value"), ("?group", "invalid_value")} == await faults(
        "from=yesterday&group=year"
    )
    assert {("?from", "invalid_value")} == await faults("from=2026-09-02&to=2026-09-01")
    assert {("?from", "invalid_value")} == await faults("from=1999-01-01")
    assert {("?x", "unknown_parameter")} == await faults("x=1")
    assert 401 == (await server.client.ask("GET /memories/analytics")).status
