"""One person's memories, laid out to be found. Whoever keeps it fills it and bounds it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.entries import ALONE, Around, Entry, ThreadEntries
from faraday_core.memory.ranking.impacts import Impacts
from faraday_core.memory.ranking.languages import Language
from faraday_core.memory.ranking.laying import Laid, Reading
from faraday_core.memory.ranking.model import Indexed, Stemmer, Vectors
from faraday_core.memory.ranking.names import Name, Names
from faraday_core.memory.ranking.places import Thread
from faraday_core.memory.ranking.postings import Postings
from faraday_core.memory.ranking.scoring import informativeness
from faraday_core.memory.ranking.standard import Spread
from faraday_core.memory.ranking.weights import Weights
from faraday_core.memory.ranking.words import Terms

_AN_ENTRY: Final = 900  # bytes, about


class MemoryIndex:
    """Kept current one memory at a time. Not for two threads at once."""

    def __init__(
        self,
        stemmer: Stemmer,
        language: str = "en",
        vectors: Callable[[], Vectors] = PlainVectors,
        *,
        reading: Reading | None = None,
    ) -> None:
        """`reading`: in place of one of its own for the stemmer and the language."""
        self.reading: Final = reading or Reading(stemmer, language)
        self.language: Final[Language] = self.reading.language
        self.terms: Final[Terms] = self.reading.terms
        self.postings: Final = Postings()
        self.entries: Final[list[Entry | None]] = []  # by slot
        self.lengths: Final[list[int]] = []  # by slot, of all and of the content alone
        self.plain_lengths: Final[list[int]] = []
        self.homes: Final[list[ThreadEntries | None]] = []  # by slot
        self.threads: Final[dict[Thread, ThreadEntries]] = {}
        self.vectors: Final[dict[str, Vectors]] = {}  # by model
        self.spreads: Final[dict[str, Spread]] = {}  # of cosines that are not all known here
        self.names: Final = Names()
        self.timed: Final[set[int]] = set()  # slots that say a time
        self.impacts: Final = Impacts(self.postings, self.lengths, self.plain_lengths, self.homes)
        self.length = 0
        self.plain_length = 0
        self.threaded_length = 0  # of those in a thread
        self._by_id: dict[str, Entry] = {}
        self._free: list[int] = []
        self._threaded = 0
        self._make_vectors = vectors
        self._weighed: Weights | None = None
        self._worths: list[float] = []

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    @property
    def size_in_bytes(self) -> int:
        """About what it takes up, for whoever keeps several of them within bounds."""
        vectors = sum(vectors.size_in_bytes for vectors in self.vectors.values())
        return len(self) * _AN_ENTRY + self.postings.size_in_bytes + vectors

    def get(self, id: str) -> Entry | None:
        return self._by_id.get(id)

    def extend(self, memories: Iterable[Indexed]) -> None:
        for memory in memories:
            self.put(memory)

    def put(self, memory: Indexed, laid: Laid | None = None) -> None:
        """A new one, or a known one as it is now. `laid`: where it was read before."""
        self.remove(memory.id)
        slot = self._slot()
        entry = _entry(slot, memory, laid or self.reading.laid(memory))
        self._post(entry)
        self.entries[slot] = self._by_id[memory.id] = entry
        if self._weighed is not None:
            self._worths[slot : slot + 1] = [worth(entry, self._weighed)]
        self.lengths[slot], self.plain_lengths[slot] = entry.length, entry.plain_length
        self.length += entry.length
        self.plain_length += entry.plain_length
        self.impacts.forget(entry.terms)
        self.names.put(slot, entry.names)
        if entry.says_time:
            self.timed.add(slot)
        if entry.thread is not None:
            home = self.threads.setdefault(entry.thread, ThreadEntries())
            self.homes[slot] = home
            home.put(entry)
            self.threaded_length += entry.length
            self._threaded += 1
        if memory.vector is not None:
            vectors = self.vectors.get(memory.vector.model)
            if vectors is None:
                vectors = self.vectors[memory.vector.model] = self._make_vectors()
            vectors.put(slot, memory.vector.values)

    def _post(self, entry: Entry) -> None:
        self.postings.put(entry.slot, entry.terms, entry.laid.times)

    def remove(self, id: str) -> None:
        """Nothing where it is not there."""
        entry = self._by_id.pop(id, None)
        if entry is None:
            return
        self.entries[entry.slot] = None
        self._free.append(entry.slot)
        self.postings.drop(entry.slot, entry.terms)
        self.length -= entry.length
        self.plain_length -= entry.plain_length
        self.impacts.forget(entry.terms)
        self.names.drop(entry.slot, entry.names)
        self.timed.discard(entry.slot)
        self._leave_thread(entry)
        if entry.vector_model is not None:
            self.vectors[entry.vector_model].drop(entry.slot)

    def around(self, entry: Entry) -> Around:
        """In its thread. One without a thread stands alone."""
        home = self.homes[entry.slot]
        return ALONE if home is None else home.around(entry)

    @property
    def thread_count(self) -> int:
        return len(self.threads)

    @property
    def homeless(self) -> int:
        """How many are in no thread."""
        return len(self) - self._threaded

    def worths(self, weights: Weights) -> Sequence[float]:
        """By slot: what each memory is worth whatever is asked, but for where it stands."""
        if self._weighed != weights:
            self._worths = [worth(entry, weights) if entry else 0.0 for entry in self.entries]
            self._weighed = weights
            for thread in self.threads.values():
                thread.best_worth = None
        return self._worths

    def _slot(self) -> int:
        if self._free:
            return self._free.pop()
        self.entries.append(None)
        self.lengths.append(0)
        self.plain_lengths.append(0)
        self.homes.append(None)
        return len(self.entries) - 1

    def names_in(self, context: Mapping[str, object]) -> frozenset[Name]:
        return self.reading.names_in(context)

    def _leave_thread(self, entry: Entry) -> None:
        home = self.homes[entry.slot]
        if home is None or entry.thread is None:
            return
        self.homes[entry.slot] = None
        self.threaded_length -= entry.length
        self._threaded -= 1
        home.drop(entry)
        if not home.members:
            del self.threads[entry.thread]


def _entry(slot: int, memory: Indexed, laid: Laid) -> Entry:
    given, occurred = laid.turn, laid.occurred_at
    return Entry(
        slot,
        memory.id,
        laid,
        laid.terms,
        laid.length,
        laid.plain_length,
        laid.thread,
        (1, 0.0, occurred, memory.id) if given is None else (0, given, occurred, memory.id),
        occurred,
        memory.expires_at,
        memory.category,
        memory.tags,
        laid.names,
        laid.log_length,
        laid.asks,
        laid.says_time,
        laid.has_caption,
        memory.importance,
        memory.usefulness,
        memory.superseded,
        memory.vector.model if memory.vector else None,
    )


def worth(entry: Entry, weights: Weights) -> float:
    return (
        informativeness(
            weights,
            entry.log_length,
            question=entry.asks,
            caption=entry.has_caption,
            time=entry.says_time,
            opening=False,
            superseded=entry.superseded,
        )
        + weights.importance * (2 * entry.importance - 1)
        + weights.usefulness * entry.usefulness
    )
