"""The demo school's pupil has memories that make a search, analytics and recommendations worth
looking at."""

from datetime import UTC, datetime

import pytest

from adapters.serving.demo import load_into
from adapters.serving.demo_diary import DIARY, LOOKS, STUDENT
from adapters.serving.demo_school import PASSWORD
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.analytics_views import AnalyticsQuery, PatternKind
from faraday_core.memory.recommendations_model import RecommendationKind, RecommendationQuery
from faraday_core.memory.searching import Search
from tests.world import World

EVERYTHING = PageRequest(limit=100)


@pytest.fixture
async def pupil(world: World) -> Actor:
    world.clock.now = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    await load_into(world.app)
    return await world.actor(await world.sign_in(STUDENT, password=PASSWORD))


async def test_the_demo_pupil_is_recommended_something_of_each_kind(
    world: World, pupil: Actor
) -> None:
    found = {
        kind: (await world.app.memory_recommendations.list(pupil, RecommendationQuery(kind))).items
        for kind in RecommendationKind
    }

    assert {} == {kind: items for kind, items in found.items() if not items}
    (doubled,) = found[RecommendationKind.DUPLICATE]
    assert "Volcanoes are made" in doubled.memory.content
    outdated = {one.memory.content[:17] for one in found[RecommendationKind.OUTDATED]}
    assert {"This term I want ", "At the library on", "The poster about "} <= outdated


async def test_nothing_in_the_demo_pupils_analytics_is_empty(world: World, pupil: Actor) -> None:
    found = await world.app.memory_analytics.get(pupil)

    assert {*PatternKind} == {one.kind for one in found.patterns}
    grown = {name for one in found.patterns if one.kind is PatternKind.GROWING
             for name in one.evidence.values()}  # fmt: skip
    assert "Science" in grown
    totals = found.totals
    assert totals.memories == sum(len(day.memories) for day in DIARY)
    assert totals.created
    assert totals.retrieved
    assert {"Facts and methods", "Trips", None} <= {one.category for one in found.by_category}
    assert 3 < sum(bool(one.retrieved or one.created) for one in found.by_hour)
    assert 10 < sum(bool(one.retrieved or one.created) for one in found.series)
    helped = found.effectiveness
    assert helped.shown
    assert helped.opened
    assert 0 < helped.interval[0] < helped.rate < helped.interval[1] < 1
    assert found.response_time_ms.p50
    assert {"revisit", "categorize", "expiring"} <= {one.kind for one in found.suggestions}


async def test_the_demo_pupils_days_are_stored_as_they_are_counted(
    world: World, pupil: Actor
) -> None:
    before = await world.app.memory_analytics.get(pupil, AnalyticsQuery("2026-06-01"))

    assert await world.app.memory_analytics.roll_up(WORKER)

    after = await world.app.memory_analytics.get(pupil, AnalyticsQuery("2026-06-01"))
    assert before == after


async def test_the_demo_pupil_finds_what_helped(world: World, pupil: Actor) -> None:
    found = await world.app.memory_search.search(pupil, Search("how do I add fractions?"))

    assert "denominator" in found.items[0].memory.content
    assert "helpful" in {reason.kind for one in found.items for reason in one.reasons}


async def test_the_demo_pupils_memories_are_made_once(world: World, pupil: Actor) -> None:
    first = await world.app.memories.list(pupil, EVERYTHING)

    await load_into(world.app)

    assert first == await world.app.memories.list(pupil, EVERYTHING)
    listed = [one.created_at for one in first.items]
    assert sorted(listed, reverse=True) == listed
    assert max(look.ago for look in LOOKS) < max(day.ago for day in DIARY)
