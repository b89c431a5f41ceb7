"""Half a year of memories of nobody in particular, for a picture."""

from datetime import UTC, datetime, timedelta

from attrs import evolve

from faraday_core.memory.analytics_answer import answer_of
from faraday_core.memory.analytics_model import DAY, MemoryFacts
from faraday_core.memory.analytics_shown import Days
from faraday_core.memory.analytics_tally import Past, tallies_of
from faraday_core.memory.analytics_views import AnalyticsView, Group
from faraday_core.memory.model import InteractionType, MemoryInteraction

SINCE = datetime(2026, 7, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
KEPT = (("Latin", 0, 12, 3), ("Maths", 5, 140, 4), ("Biology", 80, 150, 3))  # from, to, every


def half_a_year() -> AnalyticsView:
    facts = [
        _fact(f"{course}-{day}", course, SINCE + day * DAY)
        for course, first, last, step in KEPT
        for day in range(first, last, step)
    ]
    done = [one for number, fact in enumerate(facts) for one in _done(number, fact)]
    seen = {one.memory_id: one.created_at for one in done}
    used = [
        evolve(fact, access_count=number % 5, last_accessed=seen.get(fact.id))
        for number, fact in enumerate(facts)
    ]
    tallies = tallies_of(Past(used, (), done), NOW, by_counters=False)
    return answer_of(Days(SINCE, NOW, NOW, tallies, tuple(used)), Group.MONTH, tracked=True)


def _fact(id: str, course: str, at: datetime) -> MemoryFacts:
    return MemoryFacts(
        id, course, course, None, None, 120, at, at, None, None, None, 0, None, 0, 0
    )


def _done(number: int, fact: MemoryFacts) -> list[MemoryInteraction]:
    """Maths helps more often than Biology does."""
    at = fact.created_at + timedelta(days=2, hours=8)
    helps = number % 4 if fact.course == "Maths" else number % 4 == 0
    shown = [
        _interaction(fact.id, InteractionType.RETRIEVE, at, {"query": "x"}, 4 + n * number % 9)
        for n in range(number % 5)
    ]
    said = [_interaction(fact.id, InteractionType.FEEDBACK, at, {}, None)]
    return [*shown, *said] if helps and shown else shown


def _interaction(
    memory_id: str,
    kind: InteractionType,
    at: datetime,
    context: dict[str, str],
    took: int | None,
) -> MemoryInteraction:
    return MemoryInteraction("", "", memory_id, kind, context, True, took, at)  # noqa: FBT003 -- that it succeeded
