"""An index of the few memories that an answer can come from, with what is known of all the others.

Storage chooses the few, and counts the rest: where each of the question's words is, how long the
memories and the threads are, how near they are in meaning on the whole. So each number that the
ranking goes by is the one that an index of them all would give it.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.entries import Entry, ThreadEntries
from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.laying import Laid, Reading, key_of
from faraday_core.memory.ranking.model import Filters, Indexed, Vector, Vectors
from faraday_core.memory.ranking.standard import Spread, Standard
from faraday_core.memory.ranking.weights import Weights

# The memory's id as bytes, how often the term is there and in the content, the lengths of both in
# terms, and the thread's number.
Place = tuple[bytes, int, int, int, int, int]


@frozen
class Strength:
    """What makes a memory one of the chosen: the weightiest parts of the ranking, roughly. `words`
    and `thread` count in deviations of what all have."""

    words: float
    thread: float
    named: float  # a word is there only by its context
    length: float  # ln(1 + characters)
    asks: float
    time: float
    constant: float  # of BM25, with the slope by the length
    slope: float


def strength_of(weights: Weights, *, asks_when: bool) -> Strength:
    return Strength(
        weights.words + weights.plain_words,
        weights.thread,
        weights.context,
        weights.length,
        weights.question,
        weights.time + weights.time_asked * asks_when,
        weights.k1 * (1 - weights.b),
        weights.k1 * weights.b,
    )


@frozen
class Wanted:
    """`rules`: by which the memories have been read. `vectors`: the question's, one a model.
    `filters`: of who is chosen; what is counted is counted of all. `most`: how many are chosen by
    their words; by their meaning, two thirds as many. `few`: of so many memories all are chosen.
    `numbers`: whether the vectors of the chosen ones are told as well."""

    rules: str
    terms: Sequence[str]
    vectors: Sequence[Vector]
    filters: Filters
    strength: Strength
    most: int
    few: int
    numbers: bool = False


@frozen
class Total:
    """Of all of a person's memories; lengths are in terms. `missing`: how many of them nothing has
    been read of yet by these rules."""

    memories: int = 0
    length: int = 0
    plain_length: int = 0
    threads: int = 0
    threaded: int = 0  # memories that are in one
    threaded_length: int = 0
    missing: int = 0


@frozen
class Candidate:
    memory: Indexed
    laid: Laid
    model: str | None = None  # of its vector, where the question has one as well
    cosine: float = 0.0


@frozen
class Sketch:
    """`places`: by term; a term without any, nothing has. `threads`: the length of each that has
    one of the terms, or a candidate, by its number. `spreads`: how the cosines of a model lie."""

    total: Total
    places: Mapping[str, Iterable[Place]] = field(factory=dict)
    threads: Mapping[int, int] = field(factory=dict)
    spreads: Mapping[str, Spread] = field(factory=dict)
    candidates: Sequence[Candidate] = ()


class SketchedIndex(MemoryIndex):
    """For the question that its sketch was made for, and no other."""

    def __init__(
        self,
        sketch: Sketch,
        reading: Reading,
        vectors: Callable[[], Vectors] = PlainVectors,
        *,
        compared: bool = False,
    ) -> None:
        """`compared`: with each other too, by all their words."""
        super().__init__(reading.stemmer, vectors=vectors, reading=reading)
        self._compared: Final = compared
        self._total: Final = sketch.total
        for one in sketch.candidates:
            self.put(one.memory, one.laid)
        self.length, self.plain_length = self._total.length, self._total.plain_length
        self.threaded_length = self._total.threaded_length
        self._place(sketch)
        self._near(sketch)

    def __len__(self) -> int:
        return self._total.memories

    @property
    def homeless(self) -> int:
        return self._total.memories - self._total.threaded

    @property
    def thread_count(self) -> int:
        return self._total.threads

    def _post(self, entry: Entry) -> None:
        """Where the question's words are is told; where others are, only likeness asks for."""
        if self._compared:
            super()._post(entry)

    def _place(self, sketch: Sketch) -> None:
        """Where the question's words are, also those who are no candidates: they get slots without
        an entry."""
        homes = {key_of(thread): home for thread, home in self.threads.items()}
        for key, length in sketch.threads.items():
            homes.setdefault(key, ThreadEntries()).length = length
        slots = {bytes_of(one.memory.id): at for at, one in enumerate(sketch.candidates)}
        for term, places in sketch.places.items():
            held = array("Q")
            for id, times, in_content, length, plain_length, thread in places:
                slot = slots.get(id)
                if slot is None:
                    slot = slots[id] = len(self.entries)
                    self.entries.append(None)
                    self.lengths.append(length)
                    self.plain_lengths.append(plain_length)
                    self.homes.append(homes.get(thread))
                held.append(slot << 16 | times << 8 | in_content)
            self.postings.set(term, held)

    def _near(self, sketch: Sketch) -> None:
        for model, spread in sketch.spreads.items():
            cosines = {
                at: one.cosine for at, one in enumerate(sketch.candidates) if one.model == model
            }
            self.vectors[model] = _Told(cosines, self.vectors.get(model))
            self.spreads[model] = spread


@frozen
class _Told:
    """Vectors whose cosines with the question storage has told."""

    by_slot: Mapping[int, float]
    vectors: Vectors | None

    def put(self, slot: int, values: Sequence[float]) -> None:
        raise TypeError("a sketch stays as it was made")

    def drop(self, slot: int) -> None:
        raise TypeError("a sketch stays as it was made")

    def cosines(self, query: Sequence[float], size: int) -> list[float]:
        found = [0.0] * size
        for slot, cosine in self.by_slot.items():
            found[slot] = cosine
        return found

    def similarity(self, slot: int, other: int) -> float:
        return self.vectors.similarity(slot, other) if self.vectors else 0.0

    @property
    def size_in_bytes(self) -> int:
        return self.vectors.size_in_bytes if self.vectors else 0


def bytes_of(id: str) -> bytes:
    """Of a UUID."""
    return bytes.fromhex(id.replace("-", ""))


def spread_of(count: int, total: float, squares: float) -> Spread:
    """Of so many values, at least one, by their sum and that of their squares."""
    mean = total / count
    return Spread(count, Standard.of(mean, squares / count - mean * mean))
