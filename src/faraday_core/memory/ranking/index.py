"""One person's memories, laid out to be found. Whoever keeps it fills it and bounds it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import log1p
from typing import Final

from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.entries import ALONE, Around, Entry, ThreadEntries
from faraday_core.memory.ranking.impacts import Impacts
from faraday_core.memory.ranking.languages import Language, language_of
from faraday_core.memory.ranking.model import Indexed, Stemmer, Vectors
from faraday_core.memory.ranking.names import Name, Names
from faraday_core.memory.ranking.places import (
    Thread,
    place_of,
    text_around,
    values_in,
)
from faraday_core.memory.ranking.postings import Postings
from faraday_core.memory.ranking.scoring import informativeness
from faraday_core.memory.ranking.weights import Weights
from faraday_core.memory.ranking.words import Terms

_MOST_KEYS: Final = 5_000
LONGEST_COUNTED: Final = 1_000  # characters: what is longer is not more informative for it
_AN_ENTRY: Final = 900  # bytes, about


class MemoryIndex:
    """Kept current one memory at a time. Not for two threads at once."""

    def __init__(
        self,
        stemmer: Stemmer,
        language: str = "en",
        vectors: Callable[[], Vectors] = PlainVectors,
    ) -> None:
        self.language: Final[Language] = language_of(language)
        self.terms: Final = Terms(self.language, stemmer)
        self.postings: Final = Postings()
        self.entries: Final[list[Entry | None]] = []  # by slot
        self.lengths: Final[list[int]] = []  # by slot, of all and of the content alone
        self.plain_lengths: Final[list[int]] = []
        self.homes: Final[list[ThreadEntries | None]] = []  # by slot
        self.threads: Final[dict[Thread, ThreadEntries]] = {}
        self.vectors: Final[dict[str, Vectors]] = {}  # by model
        self.names: Final = Names()
        self.timed: Final[set[int]] = set()  # slots that say a time
        self.impacts: Final = Impacts(self.postings, self.lengths, self.plain_lengths, self.homes)
        self.length = 0
        self.plain_length = 0
        self.threaded_length = 0  # of those in a thread
        self._by_id: dict[str, Entry] = {}
        self._free: list[int] = []
        self._keys: dict[str, str] = {}  # of context values
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

    def put(self, memory: Indexed) -> None:
        """A new one, or a known one as it is now."""
        self.remove(memory.id)
        slot = self._slot()
        entry = self._entry(slot, memory)
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

    def _entry(self, slot: int, memory: Indexed) -> Entry:
        place = place_of(memory)
        plain = self.terms.of(f"{memory.content} {place.caption}")
        everywhere = plain + self.terms.of(text_around(memory, place, self.language))
        content = memory.content.strip()
        return Entry(
            slot=slot,
            id=memory.id,
            terms=self.postings.put(slot, everywhere, plain),
            length=len(everywhere),
            plain_length=len(plain),
            thread=place.thread,
            turn=place.turn,
            occurred_at=place.occurred_at,
            expires_at=memory.expires_at,
            category=memory.category,
            tags=memory.tags,
            names=self.names_in(memory.context),
            log_length=log1p(min(len(content), LONGEST_COUNTED)),
            asks=content.endswith(("?", "？", "؟")),  # noqa: RUF001 -- Chinese, and Arabic
            says_time=bool(self.language.says_time.search(content)),
            has_caption=bool(place.caption),
            importance=memory.importance,
            usefulness=memory.usefulness,
            superseded=memory.superseded,
            vector_model=memory.vector.model if memory.vector else None,
        )

    def names_in(self, context: Mapping[str, object]) -> frozenset[Name]:
        """What a context names, in the terms in which a question may name it."""
        return frozenset(
            (name, key) for name, value in values_in(context) if (key := self._key(value))
        )

    def _key(self, value: str) -> str:
        """Its terms; a name that is all stop words as it is. Courses come again and again."""
        key = self._keys.get(value)
        if key is None:
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            key = self._keys[value] = " ".join(self.terms.of(value)) or value.casefold()
        return key

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
