"""What a new memory is like, and where it may belong: by the person's own earlier ones."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from attrs import frozen

from faraday_core.memory.doubles import LIKE, SAME, similarity, text_hash_of, words_in
from faraday_core.memory.known import Known
from faraday_core.memory.model import UserMemory
from faraday_core.memory.ranking import Found, MemoryIndex, Question, search
from faraday_core.memory.views import Similar, SuggestedCategory

MOST_SIMILAR: Final = 5
NEAREST: Final = 10
_ASKED: Final = 5  # words by which the nearest are looked for
_LOOKED_AT: Final = 1000  # characters of a content
_LEAST_CONFIDENCE: Final = 0.2


class OnDuplicate(StrEnum):
    KEEP = "keep"
    MERGE = "merge"
    REFUSE = "refuse"


@frozen
class Neighbours:
    similar: tuple[Similar, ...] = ()
    suggested: SuggestedCategory | None = None

    @property
    def same(self) -> Similar | None:
        """The one that says the same, if one does."""
        return next((one for one in self.similar if one.similarity >= SAME), None)


def neighbours_of(known: Known, content: str, now: datetime) -> Neighbours:
    found = nearest_in(known.index, content, now)
    return neighbours_among(
        found, known.memories, known.with_hash(text_hash_of(content)), content, now
    )


def nearest_in(index: MemoryIndex, content: str, now: datetime) -> Sequence[Found]:
    return search(index, Question(asked_of(content)), now, limit=NEAREST)


def neighbours_among(
    found: Sequence[Found],
    memories: Mapping[str, UserMemory],
    same: Iterable[UserMemory],
    content: str,
    now: datetime,
) -> Neighbours:
    """`same`: those that have its words."""
    near = (memories[one.id] for one in found if one.id in memories)
    return Neighbours(similar_to(content, [*same, *near], now), _suggestion(memories, found))


def asked_of(content: str) -> str:
    """Its longest words, which as a rule are its rarest: each more would take its time."""
    words = sorted(dict.fromkeys(words_in(content[:_LOOKED_AT])), key=len, reverse=True)
    return " ".join(words[:_ASKED])


def similar_to(content: str, memories: Iterable[UserMemory], now: datetime) -> tuple[Similar, ...]:
    """The most similar first."""
    found = sorted({*_similar(content, memories, now)}, key=lambda one: (-one.similarity, one.id))
    return tuple(found[:MOST_SIMILAR])


def _similar(content: str, memories: Iterable[UserMemory], now: datetime) -> Iterator[Similar]:
    text_hash = text_hash_of(content)
    for memory in memories:
        if not memory.is_live(now):
            continue
        if memory.text_hash == text_hash:
            yield Similar(memory.id, 1.0)
        # What is twice as long does not say the same.
        elif (
            len(memory.content) <= 2 * len(content) + 1
            and len(content) <= 2 * len(memory.content) + 1
        ):
            share = similarity(content, memory.content)
            if share >= LIKE:
                yield Similar(memory.id, share)


def _suggestion(
    memories: Mapping[str, UserMemory], found: Iterable[Found]
) -> SuggestedCategory | None:
    """The category of most of the nearest, each by how near it is."""
    votes: defaultdict[str, float] = defaultdict(float)
    best: defaultdict[str, float] = defaultdict(float)
    total = 0.0
    for one in found:
        memory = memories.get(one.id)
        if memory is None or memory.category is None:
            continue
        total += one.relevance_score
        votes[memory.category] += one.relevance_score
        best[memory.category] = max(best[memory.category], one.relevance_score)
    if not total:
        return None
    name = max(sorted(votes), key=votes.__getitem__)
    confidence = round(votes[name] / total * best[name], 2)
    return SuggestedCategory(name, confidence) if confidence >= _LEAST_CONFIDENCE else None
