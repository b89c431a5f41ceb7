"""Many old, trivial memories made into one that stands for them: in their own words, without a
language model. What it is made of stays, and can be taken out of it again."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from faraday_core.memory.doubles import similarity, text_hash_of
from faraday_core.memory.model import SUMMARY, MemoryPolicy, UserMemory
from faraday_core.memory.writing import weighed

TRIVIAL_AFTER: Final = timedelta(days=180)  # without having been written or used
TRIVIAL_BELOW: Final = 0.45  # of importance
LEAST: Final = 5  # memories of one subject, or they stay as they are
MOST: Final = 30
SENTENCES: Final = 5  # of a summary
LONGEST_SENTENCE: Final = 300  # characters
_ABOUT: Final = ("course", "topic", "class", "lesson", "conversation", "thread", "session")
_END = re.compile(r"(?<=[.!?…。])\s+|\n+")

Subject = tuple[str | None, ...]


def clusters_of(memories: Iterable[UserMemory]) -> list[list[UserMemory]]:
    """Those of one category and one subject, the oldest first; a summary is in none."""
    by_subject: defaultdict[Subject, list[UserMemory]] = defaultdict(list)
    for memory in memories:
        if memory.context.get("source") != SUMMARY:
            by_subject[_subject_of(memory)].append(memory)
    return [found[:MOST] for found in by_subject.values() if len(found) >= LEAST]


def summary_of(
    id: str, memories: Sequence[UserMemory], now: datetime, policy: MemoryPolicy
) -> UserMemory:
    first, last = memories[0], memories[-1]
    days = f"{first.created_at.date()} to {last.created_at.date()}"
    told = "\n".join(f"- {sentence}" for sentence in central_sentences(memories))
    content = f"Summary of {len(memories)} memories, {days}, in their own words:\n{told}"
    summary = UserMemory(
        id,
        first.user_id,
        content,
        now,
        now,
        first.category,
        tuple(dict.fromkeys(tag for one in memories for tag in one.tags))[:32],
        _context_of(memories),
        expires_at=policy.end_of(now),
        text_hash=text_hash_of(content),
    )
    return weighed(summary)


def central_sentences(memories: Sequence[UserMemory]) -> list[str]:
    """Those that have most in common with all others, in the order in which they were said."""
    sentences = list(dict.fromkeys(s for memory in memories for s in _sentences(memory.content)))
    sentences = sentences[: MOST * 4]
    common = {
        one: sum(similarity(one, other) for other in sentences if other != one)
        for one in sentences
    }
    chosen: list[str] = []
    for one in sorted(sentences, key=lambda sentence: -common[sentence]):
        # What has been said already need not be said again.
        if all(similarity(one, other) < 0.6 for other in chosen):  # noqa: PLR2004 -- as `LIKE`
            chosen.append(one)
        if len(chosen) == SENTENCES:
            break
    return [one for one in sentences if one in chosen]


def in_summary(memory: UserMemory, summary: UserMemory, number: int) -> UserMemory:
    return evolve(memory, summary_id=summary.id, changed=number)


def _subject_of(memory: UserMemory) -> Subject:
    for name in _ABOUT:
        value = memory.context.get(name)
        if isinstance(value, str | int) and value != "":
            return memory.category, name, str(value)
    return (memory.category,)


def _context_of(memories: Sequence[UserMemory]) -> Mapping[str, Any]:  # as in JSON
    """What they all say of themselves, that it is a summary, and of what."""
    first = memories[0].context
    shared = {
        name: first[name]
        for name in _ABOUT
        if name in first and all(one.context.get(name) == first[name] for one in memories)
    }
    return {**shared, "source": SUMMARY, "summary_of": [one.id for one in memories]}


def _sentences(content: str) -> list[str]:
    parts = (part.strip() for part in _END.split(content[:10_000]))
    return [part[:LONGEST_SENTENCE] for part in parts if part]
