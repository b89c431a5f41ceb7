"""How well our own set is found, by words alone: floors, a little below what was measured."""

from collections.abc import Sequence

import pytest
from attrs import evolve
from bench.memory_quality import Answered, Indexes, answered, indexed, interval, mean
from bench.memory_sets import own_sets

from faraday_core.memory.ranking import Weights
from tests.remembering import NOW, ask


@pytest.fixture(scope="module")
def sets() -> Sequence[Indexes]:
    return indexed(own_sets())


def test_the_set_has_the_size_that_was_promised() -> None:
    sets = own_sets()

    assert ["de", "en", "es"] == [one.language for one in sets]
    assert sum(len(one.memories) for one in sets) >= 300
    assert sum(len(one.questions) for one in sets) >= 150
    for one in sets:
        known = {memory.id for memory in one.memories}
        assert len(known) == len(one.memories)
        assert all(asked.answers and asked.answers <= known for asked in one.questions)


@pytest.mark.parametrize(
    ("figure", "floor"),
    [("recall@5", 0.90), ("recall@10", 0.93), ("recall@20", 0.95), ("nDCG@10", 0.79)],
)
def test_words_alone_find_most(sets: Sequence[Indexes], figure: str, floor: float) -> None:
    assert mean(answered(sets, Weights()), figure) >= floor


@pytest.mark.parametrize("language", ["de", "en", "es"])
def test_no_language_is_left_behind(sets: Sequence[Indexes], language: str) -> None:
    ours = [one for one in sets if one.of.language == language]

    assert mean(answered(ours, Weights()), "recall@10") >= 0.9


def test_threads_and_informativeness_are_worth_their_weights(sets: Sequence[Indexes]) -> None:
    whole = mean(answered(sets, Weights()), "recall@5")

    assert mean(answered(sets, evolve(Weights(), thread=0.0)), "recall@5") < whole
    assert mean(answered(sets, evolve(Weights(), length=0.0)), "recall@5") < whole


def test_from_a_half_on_a_memory_is_more_likely_useful_than_not(sets: Sequence[Indexes]) -> None:
    sure = [
        (found.relevance_score, found.id in asked.answers)
        for one in sets
        for asked in one.of.questions
        for found in ask(one.index, asked.text, now=NOW)
    ]
    likely = [useful for relevance, useful in sure if relevance >= 0.5]
    unlikely = [useful for relevance, useful in sure if relevance < 0.5]

    assert len(likely) >= 50
    assert sum(likely) / len(likely) > 0.5
    assert sum(unlikely) / len(unlikely) < 0.5


def test_the_figures_are_what_they_are_called() -> None:
    one = Answered(places=[0, 3], answers=3)

    assert 1 / 3 == one.recall(1)
    assert 2 / 3 == one.recall(5)
    assert 1.0 == one.reciprocal()
    assert pytest.approx((1 + 1 / 2.3219) / (1 + 1 / 1.585 + 1 / 2), abs=1e-3) == one.gain()
    low, high = interval([one, Answered([], 1)] * 20, "recall@5")
    assert low < 1 / 3 < high
