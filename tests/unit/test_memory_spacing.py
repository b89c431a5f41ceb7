"""When a memory is to be seen again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.spacing.fsrs_spacing import FsrsSpacing
from faraday_core.memory.model import UserMemory
from faraday_core.memory.spacing import MOST_REVIEWS, Review, reviews_of

THEN = datetime(2026, 9, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SPACING = FsrsSpacing()


def memory(**more: Any) -> UserMemory:  # its fields
    return UserMemory("m", "u", "content", THEN, THEN, **more)


def test_what_was_seen_once_fades_from_day_to_day() -> None:
    seen = [Review(THEN)]

    chances = [SPACING.recall(seen, THEN + n * DAY).chance for n in (0, 1, 10, 100)]

    assert chances == sorted(chances, reverse=True)
    assert 1.0 == pytest.approx(chances[0])
    assert 0.9 > SPACING.recall(seen, THEN + 10 * DAY).chance > 0.5


def test_it_is_due_when_the_chance_is_nine_of_ten() -> None:
    recall = SPACING.recall([Review(THEN)], THEN)

    assert THEN + DAY < recall.due < THEN + 5 * DAY
    at_due = SPACING.recall([Review(THEN)], THEN + timedelta(days=recall.stability)).chance
    assert 0.9 == pytest.approx(at_due, abs=0.02)


def test_each_recall_makes_the_next_one_later_and_a_lapse_makes_it_sooner() -> None:
    once = [Review(THEN)]
    twice = [*once, Review(THEN + 3 * DAY)]
    lapsed = [*once, Review(THEN + 3 * DAY, recalled=False)]

    now = THEN + 4 * DAY
    waits = [SPACING.recall(seen, now).stability for seen in (lapsed, once, twice)]

    assert waits == sorted(waits)
    assert 3 == len({*waits})


def test_the_same_history_gives_the_same_answer() -> None:
    seen = [Review(THEN), Review(THEN + 5 * DAY)]

    assert SPACING.recall(seen, THEN + 9 * DAY) == SPACING.recall(seen, THEN + 9 * DAY)


def test_a_history_that_is_told_is_taken_and_begins_with_the_memory() -> None:
    told = [Review(THEN + 4 * DAY), Review(THEN + 2 * DAY, recalled=False), Review(THEN - DAY)]

    assert [Review(THEN), told[1], told[0]] == reviews_of(memory(), told)


def test_what_is_seen_twice_on_a_day_counts_once_and_as_it_went_worse() -> None:
    at = THEN + 3 * DAY
    told = [Review(at), Review(at + timedelta(hours=1), recalled=False), Review(at + DAY)]

    assert [(THEN, True), (told[1].at, False), (at + DAY, True)] == [
        (one.at, one.recalled) for one in reviews_of(memory(), told)
    ]


def test_without_one_the_counters_make_even_steps_to_the_last_use() -> None:
    used = memory(access_count=3, last_accessed=THEN + 6 * DAY)

    assert [THEN + n * DAY for n in (0, 2, 4, 6)] == [one.at for one in reviews_of(used, ())]
    assert [THEN] == [one.at for one in reviews_of(memory(), ())]
    many = memory(access_count=10_000, last_accessed=THEN + 6 * DAY)
    assert MOST_REVIEWS + 1 == len(reviews_of(many, ()))
    assert not reviews_of(memory(access_count=1, last_accessed=THEN + DAY, unhelpful=1), ())[
        -1
    ].recalled
