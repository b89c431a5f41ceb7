"""The numbers about memories, on days whose answer is known."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from faraday_core.kernel.errors import Invalid
from faraday_core.memory.analytics_model import MemoryFacts, analytics_id
from faraday_core.memory.analytics_numbers import median, phi, wilson
from faraday_core.memory.analytics_patterns import patterns_of
from faraday_core.memory.analytics_shown import (
    Days,
    by_category_of,
    by_hour_of,
    effectiveness_of,
    response_times_of,
    series_of,
    totals_of,
)
from faraday_core.memory.analytics_suggestions import suggestions_of
from faraday_core.memory.analytics_tally import (
    Past,
    Tally,
    percentile,
    rounded,
    stored_day,
    tallies_of,
)
from faraday_core.memory.analytics_views import AnalyticsQuery, Group, Pattern, PatternKind
from faraday_core.memory.model import InteractionType, MemoryInteraction

BEGIN = datetime(2026, 9, 1, tzinfo=UTC)
NOW = datetime(2026, 9, 29, 12, tzinfo=UTC)
END = datetime(2026, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def fact(id: str = "m", at: datetime = BEGIN, **more: Any) -> MemoryFacts:  # its fields
    blank = MemoryFacts(id, None, None, None, None, 10, at, at, None, None, None, 0, None, 0, 0)
    return evolve(blank, **more)


def done(kind: InteractionType, at: datetime, **more: Any) -> MemoryInteraction:  # its fields
    success, context = more.get("success", True), more.get("context", {})
    memory_id, took = more.get("memory_id", "m"), more.get("took")
    return MemoryInteraction("i", "u", memory_id, kind, context, success, took, at)


def shown(at: datetime, *, times: int = 1, **more: Any) -> list[MemoryInteraction]:
    context = {"query": "fractions", **more.pop("context", {})}
    return [done(InteractionType.RETRIEVE, at, context=context, **more)] * times


def said(at: datetime, *, helpful: bool, times: int = 1, **more: Any) -> list[MemoryInteraction]:
    return [done(InteractionType.FEEDBACK, at, success=helpful, **more)] * times


def days_of(past: Past, *, by_counters: bool = False) -> Days:
    living = tuple(one for one in past.facts if one.is_living(NOW))
    return Days(BEGIN, END, NOW, tallies_of(past, NOW, by_counters=by_counters), living)


def patterns(past: Past, kind: PatternKind) -> Sequence[Pattern]:
    days = days_of(past)
    return [one for one in patterns_of(days, days.together) if one.kind is kind]


def test_the_interval_is_wilsons() -> None:
    assert (0.0, 1.0) == wilson(0, 0)
    assert (0.2366, 0.7634) == wilson(5, 10)
    assert (0.0, 0.2775) == wilson(0, 10)
    assert (0.7225, 1.0) == wilson(10, 10)


def test_phi_and_median_are_what_they_are() -> None:
    assert 1.0 == phi(10, 10, 0, 10)
    assert -1.0 == phi(0, 10, 10, 10)
    assert 0.0 == phi(5, 10, 5, 10) == phi(0, 10, 0, 10)
    assert (3, 2.5) == (median([9, 1, 3]), median([4, 1, 2, 3]))


def test_what_memories_tell_is_counted_on_its_day_and_at_its_hour() -> None:
    at = BEGIN + timedelta(hours=9)
    past = Past(
        [
            fact("a", at, category="Maths"),
            fact("b", at, deleted_at=at + 2 * DAY),
            fact("c", at, expires_at=at + DAY, deleted_at=at + 3 * DAY, category="Maths"),
            fact("d", at, expires_at=NOW + DAY),
        ],
        [("a", at + DAY), ("gone", at)],
    )

    days = days_of(past)
    total = days.together

    assert (2, 4, 0, 1, 1, 1) == _numbers(totals_of(days, total))
    first = series_of(days, Group.DAY)
    assert 29 == len(first)
    assert ("2026-09-01", 4) == (first[0].period, first[0].created)
    assert [1, 1] == [first[1].updated, first[1].expired]
    assert 1 == first[2].deleted
    assert [("Maths", 1, 2), (None, 1, 2)] == [
        (one.category, one.memories, one.created) for one in by_category_of(days, total)
    ]
    assert (24, 4) == (len(by_hour_of(total)), by_hour_of(total)[9].created)


def _numbers(totals: Any) -> tuple[int, ...]:  # its fields, in their order
    names = ("memories", "created", "retrieved", "updated", "deleted", "expired")
    return tuple(getattr(totals, name) for name in names)


def test_a_week_begins_on_monday_and_a_month_on_its_first() -> None:
    days = days_of(Past([fact("a"), fact("b", BEGIN + 6 * DAY)]))

    assert [("2026-08-31", 1), ("2026-09-07", 1)] == [
        (one.period, one.created) for one in series_of(days, Group.WEEK)[:2]
    ]
    assert [("2026-09-01", 2)] == [
        (one.period, one.created) for one in series_of(days, Group.MONTH)
    ]


def test_shown_opened_and_helpful_are_told_apart() -> None:
    past = Past(
        [fact()],
        (),
        [
            *shown(BEGIN, times=8),
            done(InteractionType.RETRIEVE, BEGIN),
            *said(BEGIN, helpful=True, times=4),
            *said(BEGIN, helpful=False),
            done(InteractionType.RETRIEVE, BEGIN, memory_id="gone"),
        ],
    )

    total = days_of(past).together
    found = effectiveness_of(total.totals)

    assert (8, 1, 4, 0.5) == (found.shown, found.opened, found.helpful, found.rate)
    assert wilson(4, 8) == found.interval
    assert 9 == total.totals["retrieved"]


def test_of_nothing_shown_nothing_is_known() -> None:
    found = effectiveness_of({})

    assert (0.0, (0.0, 1.0)) == (found.rate, found.interval)


def test_more_that_helped_than_was_shown_is_no_rate_above_one() -> None:
    assert 1.0 == effectiveness_of({"helpful": 3}).rate


def test_without_interactions_the_counters_count_on_the_day_of_the_last_use() -> None:
    used = fact(access_count=7, last_accessed=BEGIN + 3 * DAY, helpful=2, unhelpful=1)

    with_them = days_of(Past([used]), by_counters=True)
    without = days_of(Past([used]))

    assert {"created": 1} == without.together.totals
    assert 7 == series_of(with_them, Group.DAY)[3].retrieved
    assert (7, 0, 2) == _used(with_them)


def _used(days: Days) -> tuple[int, int, int]:
    found = effectiveness_of(days.together.totals)
    return found.shown, found.opened, found.helpful


@pytest.mark.parametrize(
    ("took", "kept"), [(0, "0"), (99, "99"), (137, "140"), (1249, "1200"), (99_600, "100000")]
)
def test_a_response_time_is_kept_by_two_digits(took: int, kept: str) -> None:
    assert kept == rounded(took)


def test_percentiles_are_the_nearest_rank() -> None:
    past = Past([fact()], (), [s for n in range(1, 21) for s in shown(BEGIN, took=n)])

    found = response_times_of(days_of(past).together)

    assert (10, 19) == (found.p50, found.p95)
    assert percentile({}, 0.5) is None
    assert 5 == percentile({"5": 1, "900": 0}, 0.95)


def test_a_day_that_is_stored_says_what_the_counted_one_did() -> None:
    past = Past([fact(category="Maths", course="Algebra")], (), shown(BEGIN, took=12, times=3))
    tally = tallies_of(past, NOW, by_counters=False)[BEGIN]

    again = Tally()
    again.merge(stored_day("u", BEGIN, tally, NOW))

    assert tally == again
    assert 3 == again.by_context["course"]["Algebra"]["shown"]
    assert analytics_id("u", BEGIN) == stored_day("u", BEGIN, tally, NOW).id
    assert analytics_id("u", BEGIN) != analytics_id("v", BEGIN)


def test_a_topic_that_grows_is_told_with_its_numbers() -> None:
    late = [fact(str(n), BEGIN + 20 * DAY, category="Biology") for n in range(4)]
    steady = [fact(f"s{n}", BEGIN + n * DAY, category="Maths") for n in range(28)]

    (found,) = patterns(Past([fact("x", category="Biology"), *late, *steady]), PatternKind.GROWING)

    assert {"category": "Biology", "before": 1, "after": 4} == found.evidence
    assert () == tuple(patterns(Past(steady), PatternKind.GROWING))


def test_a_course_that_is_called_as_its_category_is_told_of_once() -> None:
    old = NOW - timedelta(days=40)
    latin = [fact(str(n), old, category="Latin", course="Latin") for n in range(3)]
    new = [fact(f"n{n}", NOW, category="Art", course="Art") for n in range(3)]

    assert 1 == len(patterns(Past(latin), PatternKind.QUIET))
    assert 1 == len(patterns(Past([*new, fact("x")]), PatternKind.GROWING))


def test_of_who_has_just_begun_nothing_grows() -> None:
    new = [fact(f"n{n}", NOW, category="Art") for n in range(9)]

    assert not patterns(Past(new), PatternKind.GROWING)


def test_a_topic_of_which_nothing_is_new_or_used_for_four_weeks_is_quiet() -> None:
    old = NOW - timedelta(days=40)
    quiet = [fact(f"q{n}", old, course="Latin") for n in range(3)]
    used = [fact(f"u{n}", old, course="Maths") for n in range(2)]
    used.append(fact("u3", old, course="Maths", last_accessed=NOW))

    (found,) = patterns(Past([*quiet, *used]), PatternKind.QUIET)

    last = old.date().isoformat()
    assert {"course": "Latin", "memories": 3, "last": last} == found.evidence
    assert "5 weeks" in found.detail


def test_the_spacing_of_visits_is_the_median_from_one_to_the_next() -> None:
    visits = [BEGIN, BEGIN + 2 * DAY, BEGIN + 3 * DAY, BEGIN + 10 * DAY]

    (found,) = patterns(Past([fact(str(at), at) for at in visits]), PatternKind.SPACING)

    assert {"visits": 4, "median_days": 2, "longest_days": 7} == found.evidence
    assert not patterns(Past([fact("a"), fact("b", NOW)]), PatternKind.SPACING)


def test_how_often_something_is_returned_to_before_it_sticks() -> None:
    then = NOW - timedelta(days=90)
    stuck = [
        fact(str(n), then, access_count=n, last_accessed=then + n * 3 * DAY) for n in (2, 4, 5)
    ]
    still = fact("x", then, access_count=9, last_accessed=NOW)
    once = fact("y", then, access_count=1, last_accessed=then)

    (found,) = patterns(Past([*stuck, still, once]), PatternKind.STICKING)

    assert {"memories": 3, "median_uses": 4, "median_days": 12} == found.evidence


def test_a_context_in_which_memories_surely_help_more_is_told_with_its_correlation() -> None:
    past = Past(
        [fact("m", course="Maths"), fact("a", course="Art")],
        (),
        [
            *shown(BEGIN, times=20),
            *said(BEGIN, helpful=True, times=18),
            *shown(BEGIN, times=20, memory_id="a"),
            *said(BEGIN, helpful=True, times=2, memory_id="a"),
        ],
    )

    found = {one.evidence["course"]: one for one in patterns(past, PatternKind.CONTEXT)}

    assert "more often" in found["Maths"].detail
    assert "less often" in found["Art"].detail
    assert (0.9, 0.8) == (found["Maths"].evidence["rate"], found["Maths"].evidence["phi"])
    assert [*wilson(2, 20)] == found["Maths"].evidence["elsewhere"]


def test_what_the_person_was_doing_counts_before_what_the_memory_is_about() -> None:
    doing = shown(BEGIN, context={"course": "Physics", "topic": 7})

    total = days_of(Past([fact(course="Maths")], (), doing)).together

    assert 1 == total.by_context["course"]["Physics"]["shown"]
    assert "topic" not in total.by_context


def test_no_day_keeps_more_values_of_a_context_than_it_may() -> None:
    facts = [fact(str(n), course=f"Course {n}") for n in range(60)]

    assert 50 == len(days_of(Past(facts)).together.by_context["course"])


def test_suggestions_follow_from_what_there_is() -> None:
    old = NOW - timedelta(days=200)
    days = days_of(Past([*(fact(str(n), old) for n in range(5)), fact("e", expires_at=NOW + DAY)]))

    found = {one.kind: one for one in suggestions_of(days, (), tracked=False)}

    assert {"categorize", "forget", "expiring", "track_activity"} == {*found}
    assert {"privacy": {"track_activity": True}} == found["track_activity"].action.body
    assert not suggestions_of(days_of(Past([])), (), tracked=True)


def test_the_last_thirty_days_are_asked_about_where_none_are_named() -> None:
    assert (END - 30 * DAY, END) == AnalyticsQuery().span(NOW)
    assert (BEGIN, BEGIN + DAY) == AnalyticsQuery("2026-09-01", "2026-09-01").span(NOW)
    moment = "2026-09-02T00:30:00+02:00"
    assert (BEGIN, BEGIN + DAY) == AnalyticsQuery(moment, moment).span(NOW)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-09-02", "2026-09-01"),
        ("2020-01-01", "2026-09-01"),
        ("9999-12-30", None),
        (None, "0001-01-02"),
        (None, "9999-12-31T23:59:59Z"),
    ],
)
def test_a_span_that_is_none_or_too_long_is_refused(begin: str | None, end: str | None) -> None:
    with pytest.raises(Invalid):
        AnalyticsQuery(begin, end).span(NOW)
