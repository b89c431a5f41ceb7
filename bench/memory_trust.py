"""Whether a relevance is what it says: of what is shown as 70 % likely, 70 % is useful."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from attrs import frozen

from adapters.stemming.snowball import SnowballStemmer
from bench.memory_quality import DEEP, Indexes, now_of
from faraday_core.memory.ranking import MemoryIndex, Question, Weights, search
from faraday_core.memory.ranking.gathering import gather
from faraday_core.memory.ranking.scoring import few_of
from faraday_core.memory.ranking.search import leads_of, rank
from faraday_core.memory.ranking.weights import Calibration

EDGES: Final = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
FEW: Final = (1, 2, 4, 8, 16, 32)  # memories: people who have just begun
_DRAWN: Final = 25  # times of each number and set
_HALF: Final = 0.5  # of which the answer is among them
_STEPS: Final = 40
_SEED: Final = 3


@frozen
class Bin:
    low: float
    high: float
    count: int
    useful: float


def bins(sets: Sequence[Indexes], weights: Weights) -> Sequence[Bin]:
    shown = [
        (found.relevance_score, found.id in asked.answers)
        for one in sets
        for asked, vectors in zip(one.of.questions, one.vectors, strict=True)
        for found in search(
            one.index,
            Question(asked.text, vectors=vectors),
            now_of(one.of),
            limit=DEEP,
            weights=weights,
        )
    ]
    return [_bin(shown, low, high) for low, high in pairwise(EDGES)]


def _bin(shown: Sequence[tuple[float, bool]], low: float, high: float) -> Bin:
    inside = [useful for relevance, useful in shown if low <= relevance < high]
    return Bin(low, high, len(inside), sum(inside) / (len(inside) or 1))


def fitted(sets: Sequence[Indexes]) -> Calibration:
    """By Newton's method, over our set as it is and over small parts of it."""
    rows = [*_whole(sets), *_parts(sets)]
    features = np.array([[1.0, *given] for given, _ in rows])
    useful = np.array([float(it) for _, it in rows])
    weights = np.zeros(features.shape[1])
    for _ in range(_STEPS):
        likely = 1 / (1 + np.exp(-features @ weights))
        slope = features.T @ (useful - likely)
        bend = (features * (likely * (1 - likely))[:, None]).T @ features
        weights += np.linalg.solve(bend + np.eye(len(weights)) * 1e-6, slope)
    return Calibration(*(round(float(weight), 2) for weight in weights))


Rows = Iterator[tuple[tuple[float, float, float], bool]]


def _whole(sets: Sequence[Indexes]) -> Rows:
    for one in sets:
        for asked, vectors in zip(one.of.questions, one.vectors, strict=True):
            yield from _rows(one, one.index, Question(asked.text, vectors=vectors), asked.answers)


def _parts(sets: Sequence[Indexes]) -> Rows:
    rng = random.Random(_SEED)  # noqa: S311 -- the same figures in each run
    stemmer = SnowballStemmer()
    for one in sets:
        asked_all = list(zip(one.of.questions, one.vectors, strict=True))
        for count in (few for few in FEW for _ in range(_DRAWN)):
            asked, vectors = rng.choice(asked_all)
            answers = [memory for memory in one.of.memories if memory.id in asked.answers]
            others = [memory for memory in one.of.memories if memory.id not in asked.answers]
            among = answers[:1] if rng.random() < _HALF else []
            index = MemoryIndex(stemmer, one.of.language)
            index.extend([*among, *rng.sample(others, count - len(among))])
            yield from _rows(one, index, Question(asked.text, vectors=vectors), asked.answers)


def _rows(one: Indexes, index: MemoryIndex, question: Question, answers: frozenset[str]) -> Rows:
    gathered = gather(index, question, Weights())
    ranked = rank(index, gathered, now_of(one.of), 2 * DEEP)
    for found, lead in list(zip(ranked, leads_of(ranked), strict=True))[:DEEP]:
        given = (found.row.coverage, lead, few_of(found.row))
        yield given, found.entry.id in answers
