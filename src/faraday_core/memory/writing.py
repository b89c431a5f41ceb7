"""From what a caller writes to a memory, and from one state of it to the next."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.memory.doubles import text_hash_of
from faraday_core.memory.fields import ContentText, MemoryFields
from faraday_core.memory.importance import importance_of
from faraday_core.memory.model import MemoryPolicy, MemoryVersion, UserMemory

LONGEST_LIFE: Final = timedelta(days=36_525)


def new_memory(
    id: str, user_id: str, fields: MemoryFields, now: datetime, policy: MemoryPolicy
) -> UserMemory:
    """Its category is still as it was given. Raises Invalid."""
    blank = UserMemory(id, user_id, fields.content, now, now)
    return rewritten(blank, fields, now, policy, is_new=True)


def rewritten(
    old: UserMemory,
    fields: MemoryFields,
    now: datetime,
    policy: MemoryPolicy,
    *,
    is_new: bool = False,
) -> UserMemory:
    """What is estimated stays so where the score that was shown is sent back. Raises Invalid."""
    if faults := [*_faults(old, fields, now, policy, is_new=is_new)]:
        raise Invalid(faults)
    score = fields.importance_score
    kept = not is_new and score == old.importance_score
    ends = fields.expires_at
    new = evolve(
        old,
        content=fields.content,
        updated_at=now,
        category=fields.category,
        tags=fields.tags,
        context=fields.context,
        importance_score=old.importance_score if score is None else score,
        importance_given=old.importance_given if kept else score is not None,
        expires_at=policy.end_of(now) if ends is None else ends.astimezone(UTC),
        pinned=fields.pinned,
        supersedes=fields.supersedes,
        text_hash=text_hash_of(fields.content),
    )
    return weighed(new)


def weighed(memory: UserMemory) -> UserMemory:
    """With the importance that follows from all that is known."""
    return evolve(memory, importance_score=importance_of(memory).score)


def said_again(memory: UserMemory, again: UserMemory, now: datetime) -> UserMemory:
    """The same thing said once more strengthens a memory, and makes it last."""
    ends = [one.expires_at for one in (memory, again)]
    stronger = evolve(
        memory,
        updated_at=now,
        category=memory.category or again.category,
        tags=tuple(dict.fromkeys((*memory.tags, *again.tags)))[:32],
        context={**again.context, **memory.context},
        expires_at=None if None in ends else max(end for end in ends if end),
        pinned=memory.pinned or again.pinned,
        repetitions=memory.repetitions + 1,
    )
    return weighed(stronger)


def version_of(memory: UserMemory, id: str, now: datetime) -> MemoryVersion:
    """What it was until now."""
    return MemoryVersion(
        id,
        memory.user_id,
        memory.id,
        memory.version,
        memory.content,
        memory.category,
        memory.tags,
        memory.context,
        memory.importance_score,
        memory.expires_at,
        memory.pinned,
        memory.supersedes,
        memory.updated_at,
        now,
    )


def _faults(
    old: UserMemory, fields: MemoryFields, now: datetime, policy: MemoryPolicy, *, is_new: bool
) -> Iterator[Fault]:
    if broken := ContentText(policy.max_size).broken_by(fields.content):
        yield Fault("/content", *broken)
    ends = fields.expires_at
    if ends is not None and (is_new or ends != old.expires_at):
        if ends <= now:
            yield Fault("/expires_at", "in_the_past", "is over already")
        elif ends > now + LONGEST_LIFE:
            yield Fault("/expires_at", "invalid_value", "is more than a hundred years away")
    if fields.supersedes == old.id:
        yield Fault("/supersedes", "invalid_value", "is this memory itself")
