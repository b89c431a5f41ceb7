"""How well memories are found: the usual figures, and how far to trust them."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import log2
from typing import Final, Protocol

from attrs import evolve, frozen

from adapters.stemming.snowball import SnowballStemmer
from bench.memory_sets import Asked, MemorySet
from faraday_core.memory.ranking import MemoryIndex, Question, Vector, Weights, search
from faraday_core.memory.ranking.places import text_to_embed

DEEP: Final = 20
_RESAMPLED: Final = 1_000
_SEED: Final = 7


class Meaning(Protocol):
    def of(self, texts: Sequence[str]) -> Sequence[Vector]: ...


@frozen
class Answered:
    """Of one question: in which places its answers came, from 0, and of how many there are."""

    places: Sequence[int]
    answers: int

    def recall(self, count: int) -> float:
        return sum(place < count for place in self.places) / self.answers

    def gain(self, count: int = 10) -> float:
        """nDCG (Järvelin and Kekäläinen 2002), each answer worth the same."""
        best = sum(1 / log2(place + 2) for place in range(min(count, self.answers)))
        return sum(1 / log2(place + 2) for place in self.places if place < count) / best

    def reciprocal(self) -> float:
        return 1 / (1 + min(self.places)) if self.places else 0.0


FIGURES: Final[dict[str, Callable[[Answered], float]]] = {
    "recall@5": lambda answered: answered.recall(5),
    "recall@10": lambda answered: answered.recall(10),
    "recall@20": lambda answered: answered.recall(20),
    "nDCG@10": lambda answered: answered.gain(),
    "MRR": lambda answered: answered.reciprocal(),
}


@frozen
class Indexes:
    """A set laid out to be asked, with the vectors of its questions where there is a model."""

    of: MemorySet
    index: MemoryIndex
    vectors: Sequence[Sequence[Vector]]  # a question


def indexed(
    sets: Sequence[MemorySet],
    meaning: Meaning | None = None,
) -> Sequence[Indexes]:
    return [_indexed(one, meaning) for one in sets]


def _indexed(one: MemorySet, meaning: Meaning | None) -> Indexes:
    index = MemoryIndex(SnowballStemmer(), one.language)
    memories = one.memories
    asked: Sequence[Sequence[Vector]] = [()] * len(one.questions)
    if meaning is not None:
        vectors = meaning.of([text_to_embed(memory, index.language) for memory in memories])
        memories = [evolve(m, vector=v) for m, v in zip(memories, vectors, strict=True)]
        asked = [[vector] for vector in meaning.of([asked.text for asked in one.questions])]
    index.extend(memories)
    return Indexes(evolve(one, memories=memories), index, asked)


def now_of(one: MemorySet) -> datetime:
    """A day after the last of them."""
    return max(memory.created_at for memory in one.memories) + timedelta(days=1)


def answered(sets: Sequence[Indexes], weights: Weights) -> Sequence[Answered]:
    return [
        _answered(one, asked, vectors, weights)
        for one in sets
        for asked, vectors in zip(one.of.questions, one.vectors, strict=True)
    ]


def _answered(one: Indexes, asked: Asked, vectors: Sequence[Vector], weights: Weights) -> Answered:
    question = Question(asked.text, vectors=vectors)
    found = search(one.index, question, now_of(one.of), limit=DEEP, weights=weights)
    places = [at for at, memory in enumerate(found) if memory.id in asked.answers]
    return Answered(places, len(asked.answers))


def mean(answered: Sequence[Answered], figure: str) -> float:
    return sum(map(FIGURES[figure], answered)) / len(answered)


def interval(answered: Sequence[Answered], figure: str) -> tuple[float, float]:
    """Of the mean, 95 %: the questions drawn anew a thousand times (Efron 1979)."""
    rng = random.Random(_SEED)  # noqa: S311 -- the same figures in each run
    values = list(map(FIGURES[figure], answered))
    means = sorted(
        sum(rng.choices(values, k=len(values))) / len(values) for _ in range(_RESAMPLED)
    )
    return means[_RESAMPLED * 25 // 1000], means[_RESAMPLED * 975 // 1000 - 1]
