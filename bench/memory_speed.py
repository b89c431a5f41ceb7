"""How long a search of one person's ten thousand memories takes, in processor time."""

import random
from collections.abc import Sequence
from datetime import timedelta
from time import process_time
from typing import Final

from attrs import evolve, frozen

from adapters.embedding.numbers import MatrixVectors
from adapters.stemming.snowball import SnowballStemmer
from bench.memory_quality import Meaning, now_of
from bench.memory_sets import MemorySet, own_sets
from faraday_core.memory.ranking import Indexed, MemoryIndex, Question, search
from faraday_core.memory.ranking.places import text_to_embed

MEMORIES: Final = 10_000
ROUNDS: Final = 4
_CHANGED: Final = 4  # words of each, so that no two are alike
_SEED: Final = 1


@frozen
class Speed:
    memories: int
    built: float  # seconds
    megabytes: float
    p50: float  # milliseconds
    p95: float


def measure(meaning: Meaning | None) -> Speed:
    """Our English set over and over, in other sessions and with other words."""
    (ours,) = (one for one in own_sets() if one.language == "en")
    index = MemoryIndex(SnowballStemmer(), "en", MatrixVectors)
    memories = _many(ours)
    if meaning is not None:
        vectors = meaning.of([text_to_embed(one, index.language) for one in memories])
        memories = [evolve(m, vector=v) for m, v in zip(memories, vectors, strict=True)]
    began = process_time()
    index.extend(memories)
    built = process_time() - began
    took = sorted(_took(index, ours, meaning))
    return Speed(
        len(index),
        built,
        index.size_in_bytes / 1e6,
        took[len(took) // 2],
        took[len(took) * 95 // 100],
    )


def _took(index: MemoryIndex, ours: MemorySet, meaning: Meaning | None) -> Sequence[float]:
    now, took = now_of(ours), []
    for asked in ROUNDS * list(ours.questions):
        began = process_time()
        vectors = meaning.of([asked.text]) if meaning else ()
        search(index, Question(asked.text, vectors=vectors), now)
        took.append(1000 * (process_time() - began))
    return took


def _many(ours: MemorySet) -> list[Indexed]:
    rng = random.Random(_SEED)  # noqa: S311 -- the same memories in each run
    words = [word for memory in ours.memories for word in memory.content.split()]
    made: list[Indexed] = []
    while len(made) < MEMORIES:
        copy = len(made) // len(ours.memories)
        memory = ours.memories[len(made) % len(ours.memories)]
        said = memory.content.split()
        for _ in range(_CHANGED):
            said[rng.randrange(len(said))] = rng.choice(words)
        session = f"{memory.context['session']}-{copy}"
        made.append(
            evolve(
                memory,
                id=f"{memory.id}-{copy}",
                content=" ".join(said),
                context={**memory.context, "session": session},
                created_at=memory.created_at - timedelta(days=copy),
            )
        )
    return made
