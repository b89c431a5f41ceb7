"""What could be done with somebody's memories: each kind found by a rule of its own."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from faraday_core.memory.analytics_views import Call
from faraday_core.memory.consolidation import TRIVIAL_BELOW
from faraday_core.memory.doubles import LIKE, SAME, denies, similarity
from faraday_core.memory.known import Known
from faraday_core.memory.model import SUMMARY, UserMemory
from faraday_core.memory.ranking import Question, search
from faraday_core.memory.recommendations_model import Candidate, RecommendationKind
from faraday_core.memory.recommending_pairs import (
    LOOKED_AT,
    Pair,
    Vocabulary,
    similar_pairs,
    vocabulary_of,
)
from faraday_core.memory.spacing import Review, Spacing, reviews_of

MOST_REVISITED: Final = 300  # memories whose chance of recall is reckoned
MOST_RELATED: Final = 20  # the newest, for which others are looked for
NEAR: Final = 0.5  # of relevance: more likely of use than not
FORGET_AFTER: Final = timedelta(days=90)  # that nobody wrote or used it
OVER_AFTER: Final = timedelta(days=60)  # that something was due, about
CLEARLY_LATER: Final = timedelta(days=1)  # what is at odds with what was said the day before
_DUE_SOON: Final = timedelta(days=1)  # not sooner is anything to be seen again
_DEADLINES: Final = "Exams and deadlines"
_ASKED: Final = 8  # words by which others are looked for
_NEAREST: Final = 6  # of what is found by them
_THREADS: Final = ("thread", "conversation", "session", "lesson")
MOST_NOTED: Final = 50  # others that one is noted to belong with
_DAY: Final = timedelta(days=1)


_NO_WORDS: Final = Vocabulary((), {}, {})


@frozen
class Shelf:
    """Somebody's memories as they are now, the oldest first, those alone that may be answered."""

    known: Known
    now: datetime
    memories: Sequence[UserMemory]
    vocabulary: Vocabulary = _NO_WORDS
    pairs: Sequence[Pair] = ()


def shelf_of(known: Known, now: datetime) -> Shelf:
    """Without having read the memories themselves."""
    living = (memory for memory in known.memories.values() if memory.is_live(now))
    return Shelf(known, now, sorted(living, key=lambda memory: (memory.created_at, memory.id)))


def read(shelf: Shelf) -> Shelf:
    """Takes its time, and stands on nothing that changes meanwhile."""
    stop_words = shelf.known.index.language.stop_words
    vocabulary = vocabulary_of(shelf.memories, stop_words)
    return evolve(shelf, vocabulary=vocabulary, pairs=[*similar_pairs(vocabulary)])


def duplicates(shelf: Shelf) -> Iterator[Candidate]:
    """The one that is less pinned, less important, newer goes."""
    gone: set[str] = set()
    for pair in sorted(shelf.pairs, key=lambda one: -one.similarity):
        if pair.similarity < SAME or {pair.earlier.id, pair.later.id} & gone:
            continue
        kept, doubled = sorted((pair.earlier, pair.later), key=_keeps_worse)
        if doubled.pinned or _is_cited(shelf, doubled):
            continue
        gone.add(doubled.id)
        reason = f"It says the same as another one ({pair.similarity:.0%} of their words)."
        yield _candidate(RecommendationKind.DUPLICATE, doubled, [kept], pair.similarity, reason)


def outdated(shelf: Shelf) -> Iterator[Candidate]:
    """What is superseded, what a later one is at odds with, and what was due long ago."""
    kind = RecommendationKind.OUTDATED
    by_id = {memory.id: memory for memory in shelf.memories}
    for old in shelf.memories:
        later = [by_id[id] for id in shelf.known.superseding.get(old.id, ()) if id in by_id]
        if later and not old.pinned:
            days = (shelf.now - old.updated_at) // _DAY
            score = 0.5 + min(0.4, days / 365)
            yield _candidate(kind, old, later, score, "A later memory supersedes it.")
        elif _is_over(old, shelf.now):
            days = (shelf.now - old.updated_at) // _DAY
            reason = f"What was due {days} days ago, or earlier, is over."
            yield _candidate(kind, old, [], min(0.8, days / 365 + 0.3), reason)
    for pair in shelf.pairs:
        if _is_at_odds(pair):
            link = Call("PATCH", _path(pair.later), {"supersedes": pair.earlier.id})
            reason = "A later memory says nearly the same, but for a number or a “not”."
            yield Candidate(kind, pair.earlier, [pair.later], pair.similarity, reason, link)


def forgettable(shelf: Shelf) -> Iterator[Candidate]:
    """Of little importance, old, and used by nobody."""
    for memory in shelf.memories:
        unused = shelf.now - _last_touched(memory)
        if unused < FORGET_AFTER or not _is_trivial(memory) or _is_cited(shelf, memory):
            continue
        days = unused // _DAY
        score = (1 - memory.importance_score) * days / (days + FORGET_AFTER.days)
        reason = (
            f"Its importance is {memory.importance_score:.2f}, and nobody used it for {days} days."
        )
        yield _candidate(RecommendationKind.FORGET, memory, [], score, reason)


def revisits(
    shelf: Shelf, spacing: Spacing, told: Mapping[str, Sequence[Review]]
) -> Iterator[Candidate]:
    """What would be forgotten by now, more likely than one in ten, the most important first."""
    waiting = [memory for memory in shelf.memories if _may_be_due(memory, shelf.now)]
    waiting.sort(key=lambda memory: (-memory.importance_score, memory.id))
    for memory in waiting[:MOST_REVISITED]:
        reviews = reviews_of(memory, told.get(memory.id, ()))
        recall = spacing.recall(reviews, shelf.now)
        if recall.due > shelf.now:
            continue
        days = (shelf.now - reviews[-1].at) // _DAY
        reason = f"Seen {days} days ago, it is recalled in {recall.chance:.0%} of cases."
        score = (1 - recall.chance) * (0.5 + memory.importance_score / 2)
        look = Call("GET", _path(memory))
        yield Candidate(RecommendationKind.REVISIT, memory, [], score, reason, look)


def related(shelf: Shelf) -> Iterator[Candidate | None]:
    """What belongs together by its words and is not put together yet: of the newest ones, each
    with the one that is nearest. None: another one was looked through."""
    told: set[frozenset[str]] = set()
    for memory in [*reversed(shelf.memories)][:MOST_RELATED]:
        yield None
        for other, relevance in _near(shelf, memory):
            pair = frozenset({memory.id, other.id})
            words = _shared(shelf.vocabulary, memory, other)
            is_double = similarity(memory.content, other.content) >= LIKE
            if not words or pair in told or is_double or _are_together(memory, other):
                continue
            told.add(pair)
            body, how = _put_together(memory, other)
            call = Call("PATCH", _path(memory), body)
            reason = f"Both speak of {', '.join(words[:3])}; {how}."
            score = round(relevance, 4)
            yield Candidate(RecommendationKind.RELATED, memory, [other], score, reason, call)
            break


def _near(shelf: Shelf, memory: UserMemory) -> Iterator[tuple[UserMemory, float]]:
    """Those that are likelier of use to who reads it than not, with their relevance."""
    asked = shelf.vocabulary.rarest(memory, _ASKED)
    if not asked:
        return
    found = search(shelf.known.index, Question(" ".join(asked)), shelf.now, limit=_NEAREST)
    for one in found:
        other = shelf.known.memories.get(one.id)
        if other is None or one.id == memory.id or one.relevance_score < NEAR:
            continue
        if other.is_live(shelf.now):
            yield other, one.relevance_score


def _put_together(memory: UserMemory, other: UserMemory) -> tuple[Mapping[str, Any], str]:
    """As the other one is: in its thread, its category, under its tags; with a note of it, by
    which the two are together from then on."""
    noted = memory.context.get("related")
    known = [*noted] if isinstance(noted, list) else []
    note = {"related": [*known[1 - MOST_NOTED :], other.id]}
    for name in _THREADS:
        value = other.context.get(name)
        if isinstance(value, str | int) and not any(memory.context.get(one) for one in _THREADS):
            return {"context": {name: value}}, f"put it into the same {name}"
    if other.category is not None and memory.category is None:
        return {
            "category": other.category,
            "context": note,
        }, f"put it into “{other.category}”, too"
    missing = [tag for tag in other.tags if tag not in memory.tags]
    if missing and len(memory.tags) < 32:  # noqa: PLR2004 -- as many as there may be
        tags = [*memory.tags, missing[0]]
        return {"tags": tags, "context": note}, f"give it the tag “{missing[0]}”, too"
    return {"context": note}, "note that they belong together"


def _are_together(memory: UserMemory, other: UserMemory) -> bool:
    noted = [memory.context.get("related"), other.context.get("related")]
    if any(isinstance(ids, list) and {memory.id, other.id} & {*map(str, ids)} for ids in noted):
        return True
    shared = (name for name in _THREADS if memory.context.get(name) is not None)
    return any(memory.context[name] == other.context.get(name) for name in shared)


def _shared(vocabulary: Vocabulary, memory: UserMemory, other: UserMemory) -> list[str]:
    """The rarest words that both have."""
    theirs = vocabulary.words.get(other.id, frozenset())
    return [word for word in vocabulary.rarest(memory, _ASKED) if word in theirs]


def _candidate(
    kind: RecommendationKind,
    memory: UserMemory,
    others: Sequence[UserMemory],
    score: float,
    reason: str,
) -> Candidate:
    """To be put into the bin, from where it can be had back."""
    return Candidate(kind, memory, others, score, reason, Call("DELETE", _path(memory)))


def _path(memory: UserMemory) -> str:
    return f"/api/v1/memories/{memory.id}"


def _keeps_worse(memory: UserMemory) -> tuple[bool, float, datetime]:
    return not memory.pinned, -memory.importance_score, memory.created_at


def _is_over(memory: UserMemory, now: datetime) -> bool:
    return (
        memory.category == _DEADLINES
        and not memory.pinned
        and now - memory.updated_at >= OVER_AFTER
    )


def _is_at_odds(pair: Pair) -> bool:
    """And nobody has said yet that the one supersedes the other."""
    return (
        pair.later.supersedes is None
        and pair.earlier.supersedes != pair.later.id
        and pair.later.created_at - pair.earlier.created_at >= CLEARLY_LATER
        and denies(pair.earlier.content[:LOOKED_AT], pair.later.content[:LOOKED_AT])
    )


def _is_trivial(memory: UserMemory) -> bool:
    return memory.importance_score < TRIVIAL_BELOW and not (memory.pinned or _is_summary(memory))


def _is_summary(memory: UserMemory) -> bool:
    return memory.context.get("source") == SUMMARY


def _is_cited(shelf: Shelf, memory: UserMemory) -> bool:
    return bool(shelf.known.superseding.get(memory.id))


def _last_touched(memory: UserMemory) -> datetime:
    return max(memory.updated_at, memory.last_accessed or memory.updated_at)


def _may_be_due(memory: UserMemory, now: datetime) -> bool:
    unused = now - _last_touched(memory)
    is_forgettable = unused >= FORGET_AFTER and _is_trivial(memory)
    return unused >= _DUE_SOON and not is_forgettable and not _is_summary(memory)
