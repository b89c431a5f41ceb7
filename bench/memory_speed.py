"""How long a search of one person's ten thousand memories takes, in processor time."""

from collections.abc import Sequence
from time import process_time
from typing import Final

from attrs import evolve, frozen

from adapters.embedding.numbers import MatrixVectors
from adapters.stemming.snowball import SnowballStemmer
from bench.memory_many import english, many
from bench.memory_quality import Meaning, now_of
from bench.memory_sets import MemorySet
from faraday_core.memory.ranking import MemoryIndex, Question, search
from faraday_core.memory.ranking.places import text_to_embed

MEMORIES: Final = 10_000
ROUNDS: Final = 4


@frozen
class Speed:
    memories: int
    read: float  # seconds, to read them and lay them out
    built: float  # seconds, to lay out what was read before
    megabytes: float
    p50: float  # milliseconds
    p95: float


def measure(meaning: Meaning | None) -> Speed:
    """Our English set over and over, in other sessions and with other words."""
    ours = english()
    index = MemoryIndex(SnowballStemmer(), "en", MatrixVectors)
    memories = many(ours, MEMORIES)
    if meaning is not None:
        vectors = meaning.of([text_to_embed(one, index.language) for one in memories])
        memories = [evolve(m, vector=v) for m, v in zip(memories, vectors, strict=True)]
    began = process_time()
    index.extend(memories)
    read = process_time() - began
    laid = [(memory, entry.laid) for memory in memories if (entry := index.get(memory.id))]
    again = MemoryIndex(SnowballStemmer(), "en", MatrixVectors)
    began = process_time()
    for memory, its in laid:
        again.put(memory, its)
    built = process_time() - began
    took = sorted(_took(index, ours, meaning))
    return Speed(
        len(index),
        read,
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
