"""What the ranking has read out of memories, kept beside them: nothing is read twice."""

import json
import struct
from collections.abc import Sequence
from datetime import datetime
from sys import intern
from typing import Final

from faraday_core.memory.model import MemoryLayout, UserMemory
from faraday_core.memory.ports import MemoryUnit
from faraday_core.memory.ranking import Indexed, Vector
from faraday_core.memory.ranking.laying import Laid, Reading, key_of

_LONGEST: Final = 65_535  # terms that are told of
ASKS, SAYS_TIME, HAS_CAPTION = 1, 2, 4  # a layout's flags


async def keep_laid(unit: MemoryUnit, memories: Sequence[UserMemory], reading: Reading) -> None:
    """As they are now. Of what is in the bin, or in a summary, nothing is kept. The unit stands at
    the person."""
    gone = [one.id for one in memories if not is_found(one)]
    there = [layout_of(one, reading) for one in memories if is_found(one)]
    if gone:
        await unit.memory_keeping.drop_layouts(gone)
    if there:
        await unit.memory_keeping.put_layouts(there)


def is_found(memory: UserMemory) -> bool:
    """Whether a search may find it, now or later."""
    return memory.deleted_at is None and memory.summary_id is None


def layout_of(memory: UserMemory, reading: Reading) -> MemoryLayout:
    laid = reading.laid(indexed(memory))
    return MemoryLayout(
        memory.id,
        memory.user_id,
        reading.rules,
        memory.version,
        key_of(laid.thread),
        laid.turn,
        laid.occurred_at,
        laid.log_length,
        min(laid.length, _LONGEST),
        min(laid.plain_length, _LONGEST),
        ASKS * laid.asks | SAYS_TIME * laid.says_time | HAS_CAPTION * laid.has_caption,
        laid.terms,
        laid.times,
        json.dumps([laid.thread, *sorted(laid.names)]),
    )


def laid_of(layout: MemoryLayout) -> Laid:
    return laid_from(
        layout.place,
        tuple(map(intern, layout.terms)),
        layout.times,
        layout.length,
        layout.plain_length,
        layout.turn,
        layout.occurred_at,
        layout.log_length,
        layout.flags,
    )


def laid_from(  # noqa: PLR0917 -- the columns of a row
    place: str,
    terms: tuple[str, ...],
    times: bytes,
    length: int,
    plain_length: int,
    turn: float | None,
    occurred_at: datetime,
    log_length: float,
    flags: int,
) -> Laid:
    thread, *names = json.loads(place)
    return Laid(
        terms,
        times,
        length,
        plain_length,
        tuple(thread) if thread else None,
        turn,
        occurred_at,
        frozenset(map(tuple, names)),
        log_length,
        flags & ASKS != 0,
        flags & SAYS_TIME != 0,
        flags & HAS_CAPTION != 0,
    )


def indexed(
    memory: UserMemory, *, superseded: bool = False, vector: Vector | None = None
) -> Indexed:
    """What the ranking knows of it. A category is known by its name."""
    return Indexed(
        memory.id,
        memory.content,
        memory.created_at,
        memory.context,
        memory.category,
        memory.category,
        frozenset(memory.tags),
        memory.importance_score,
        usefulness_of(memory.helpful, memory.unhelpful),
        superseded,
        memory.expires_at,
        vector,
    )


def usefulness_of(helpful: int, unhelpful: int) -> float:
    said = helpful + unhelpful
    return (helpful - unhelpful) / (said + 1) if said else 0.0


def packed(values: Sequence[float]) -> bytes:
    """With half precision, the least significant byte first."""
    return struct.pack(f"<{len(values)}e", *values)


def unpacked(numbers: bytes) -> tuple[float, ...]:
    return struct.unpack(f"<{len(numbers) // 2}e", numbers)
