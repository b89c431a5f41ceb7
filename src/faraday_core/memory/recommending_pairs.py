"""Which memories say nearly the same, found without comparing each with each."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from faraday_core.memory.doubles import LIKE, similarity, words_in
from faraday_core.memory.model import UserMemory

MOST_LOOKED_AT: Final = 2000  # memories, the newest
MOST_COMPARED: Final = 3000  # pairs
_LOOKED_AT: Final = 1000  # characters of a content
_RAREST: Final = 3  # words by which two meet
_CROWD: Final = 30  # that meet by one word: it is too common to tell anything


@frozen
class Pair:
    earlier: UserMemory
    later: UserMemory
    similarity: float


def similar_pairs(memories: Sequence[UserMemory]) -> Iterator[Pair]:
    """Of the newest ones. `memories`: the oldest first. Two that have most of their words in
    common have one of the rarest in common as well, as a rule."""
    looked_at = memories[-MOST_LOOKED_AT:]
    words = {one.id: frozenset(words_in(one.content[:_LOOKED_AT])) for one in looked_at}
    often = Counter(word for found in words.values() for word in found)
    meeting: defaultdict[str, list[UserMemory]] = defaultdict(list)
    for memory in looked_at:
        rarest = sorted(words[memory.id], key=lambda word: (often[word], word))
        for word in _telling(rarest, often):
            meeting[word].append(memory)
    compared: set[tuple[str, str]] = set()
    for crowd in meeting.values():
        for earlier, later in _each_two(crowd[-_CROWD:]):
            if (earlier.id, later.id) in compared or len(compared) >= MOST_COMPARED:
                continue
            compared.add((earlier.id, later.id))
            share = similarity(earlier.content[:_LOOKED_AT], later.content[:_LOOKED_AT])
            if share >= LIKE and _is_as_long(earlier, later):
                yield Pair(earlier, later, share)


def _telling(rarest: Sequence[str], often: Counter[str]) -> Sequence[str]:
    """The rarest words that another one has, too."""
    return [word for word in rarest if often[word] > 1][:_RAREST]


def _each_two(crowd: Sequence[UserMemory]) -> Iterator[tuple[UserMemory, UserMemory]]:
    for index, later in enumerate(crowd):
        for earlier in crowd[:index]:
            yield earlier, later


def _is_as_long(one: UserMemory, other: UserMemory) -> bool:
    short, long = sorted((len(one.content), len(other.content)))
    return long <= 2 * short + 1
