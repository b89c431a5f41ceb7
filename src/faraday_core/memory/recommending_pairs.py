"""Which memories say nearly the same, found without comparing each with each."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from faraday_core.memory.doubles import LIKE, similarity, words_in
from faraday_core.memory.model import UserMemory

MOST_READ: Final = 2000  # memories, the newest
MOST_COMPARED: Final = 3000  # pairs
LOOKED_AT: Final = 1000  # characters of a content
_RAREST: Final = 3  # words by which two meet
_CROWD: Final = 30  # that meet by one word: it is too common to tell anything


@frozen
class Vocabulary:
    """The words of the newest memories, by id; and how many of these have each."""

    memories: Sequence[UserMemory]
    words: Mapping[str, frozenset[str]]
    often: Mapping[str, int]
    stop_words: frozenset[str] = frozenset()

    def rarest(self, memory: UserMemory, most: int) -> Sequence[str]:
        """Of its words that another one has, too, and that tell something."""
        words = self.words.get(memory.id, frozenset()) - self.stop_words
        shared = (word for word in words if self.often[word] > 1)
        return sorted(shared, key=lambda word: (self.often[word], -len(word), word))[:most]


@frozen
class Pair:
    earlier: UserMemory
    later: UserMemory
    similarity: float


def vocabulary_of(memories: Sequence[UserMemory], stop_words: frozenset[str]) -> Vocabulary:
    """`memories`: the oldest first."""
    newest = memories[-MOST_READ:]
    words = {one.id: frozenset(words_in(one.content[:LOOKED_AT])) for one in newest}
    often = Counter(word for found in words.values() for word in found)
    return Vocabulary(newest, words, often, stop_words)


def similar_pairs(vocabulary: Vocabulary) -> Iterator[Pair]:
    """Two that have most of their words in common have one of the rarest in common as well, as a
    rule."""
    meeting: defaultdict[str, list[UserMemory]] = defaultdict(list)
    for memory in vocabulary.memories:
        # And by their hash, which says the same where there are no words at all.
        for met_by in (*vocabulary.rarest(memory, _RAREST), memory.text_hash.hex()):
            meeting[met_by].append(memory)
    compared: set[tuple[str, str]] = set()
    for crowd in meeting.values():
        for earlier, later in _each_two(crowd[-_CROWD:]):
            if (earlier.id, later.id) in compared or len(compared) >= MOST_COMPARED:
                continue
            compared.add((earlier.id, later.id))
            share = similarity(earlier.content[:LOOKED_AT], later.content[:LOOKED_AT])
            if share >= LIKE and _is_as_long(earlier, later):
                yield Pair(earlier, later, share)


def _each_two(crowd: Sequence[UserMemory]) -> Iterator[tuple[UserMemory, UserMemory]]:
    for index, later in enumerate(crowd):
        for earlier in crowd[:index]:
            yield earlier, later


def _is_as_long(one: UserMemory, other: UserMemory) -> bool:
    short, long = sorted((len(one.content), len(other.content)))
    return long <= 2 * short + 1
