"""The quick way over threads and the rows that explain a place come to the same order."""

import random
from collections.abc import Iterable
from datetime import timedelta

import pytest
from bench.memory_sets import MemorySet, own_sets

from faraday_core.memory.ranking import MemoryIndex, Question, Vector, Weights
from faraday_core.memory.ranking.contest import best
from faraday_core.memory.ranking.entries import Entry
from faraday_core.memory.ranking.gathering import Gathered, gather
from faraday_core.memory.ranking.rows import Rows
from faraday_core.memory.ranking.scoring import parts_of, score_of
from tests.remembering import STEMMER
from tests.unit.test_ranking_index import WORDS, one

WEIGHTS = Weights(recent=0.0)  # which the quick way leaves to the rows


def best_by_rows(index: MemoryIndex, question: Question, count: int) -> list[float]:
    """The scores of every memory that something speaks for: what the quick way spares."""
    gathered = gather(index, question, WEIGHTS)
    found = [
        entry
        for entry in filter(None, index.entries)
        if gathered.speaks_for(entry.slot) or index.homes[entry.slot] in gathered.matches.threads
    ]
    return scores(index, gathered, found)[:count]


def best_quickly(index: MemoryIndex, question: Question, count: int) -> list[float]:
    gathered = gather(index, question, WEIGHTS)
    return scores(index, gathered, best(index, gathered, WEIGHTS, count, lambda _: True))


def scores(index: MemoryIndex, gathered: Gathered, entries: Iterable[Entry]) -> list[float]:
    """The best first, so that of two alike either may be there."""
    rows = [Rows(index, gathered, NOW).of(entry) for entry in entries]
    found = (score_of(row, parts_of(row, WEIGHTS), WEIGHTS) for row in rows)
    return sorted((round(score, 6) for score in found), reverse=True)


NOW = max(memory.created_at for one in own_sets() for memory in one.memories) + timedelta(days=1)


@pytest.mark.parametrize("of", own_sets(), ids=lambda of: of.name)
def test_it_misses_none_of_the_best_of_our_set(of: MemorySet) -> None:
    index = MemoryIndex(STEMMER, of.language)
    index.extend(of.memories)

    for asked in of.questions:
        question = Question(asked.text)

        assert best_by_rows(index, question, 10) == best_quickly(index, question, 10)


@pytest.mark.parametrize("seed", range(8))
def test_it_misses_none_of_the_best_with_meanings_names_and_loose_ends(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 -- the same in each run
    index = MemoryIndex(STEMMER)
    index.extend(one(rng, number) for number in range(300))
    for _ in range(10):
        values = [rng.uniform(-1, 1) for _ in range(8)]
        length = sum(value * value for value in values) ** 0.5
        vector = Vector("model", [value / length for value in values])
        text = "when " + " ".join(rng.choices(WORDS, k=2))
        question = Question(text, {"topic": rng.choice(WORDS)}, [vector])

        assert best_by_rows(index, question, 10) == best_quickly(index, question, 10)
