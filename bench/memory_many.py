"""A database full of memories, by COPY: our English set over and over, with other words."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from attrs import evolve, frozen

from adapters.persistence.postgres.connections import encoded
from adapters.stemming.snowball import SnowballStemmer
from bench.memory_sets import MemorySet, own_sets
from faraday_core.memory.doubles import text_hash_of
from faraday_core.memory.layouts import layout_of
from faraday_core.memory.model import UserMemory
from faraday_core.memory.ranking import Indexed
from faraday_core.memory.ranking.laying import Reading

_CHANGED: Final = 4  # words of each, so that no two are alike
_SEED: Final = 1
_MEMORIES: Final = (
    "user_id, id, version, content, created_at, updated_at, tags, context, importance_score,"
    " importance_given, access_count, pinned, repetitions, helpful, unhelpful, text_hash, changed"
)
_LAYOUTS: Final = (
    "user_id, id, version, rules, said, thread, turn, occurred_at, log_length, length,"
    " plain_length, flags, terms, times, place"
)


def english() -> MemorySet:
    (ours,) = (one for one in own_sets() if one.language == "en")
    return ours


def many(ours: MemorySet, count: int) -> list[Indexed]:
    """In other sessions, on earlier days and with other words."""
    rng = random.Random(_SEED)  # noqa: S311 -- the same memories in each run
    words = [word for memory in ours.memories for word in memory.content.split()]
    made: list[Indexed] = []
    while len(made) < count:
        copy = len(made) // len(ours.memories)
        memory = ours.memories[len(made) % len(ours.memories)]
        said = memory.content.split()
        for _ in range(_CHANGED):
            said[rng.randrange(len(said))] = rng.choice(words)
        session = f"{memory.context['session']}-{copy}"
        made.append(
            evolve(
                memory,
                id=f"{memory.id}-{copy}",
                content=" ".join(said),
                context={**memory.context, "session": session},
                created_at=memory.created_at - timedelta(days=copy),
            )
        )
    return made


@frozen
class Copied:
    """A memory's row and its layout's, but for whose they are and their ids."""

    memory: str
    layout: str


def copied(memories: Sequence[Indexed]) -> list[Copied]:
    reading = Reading(SnowballStemmer(), "en")
    return [_copied(memory, reading) for memory in memories]


def fill(connection: psycopg.Connection, people: Sequence[str], rows: Sequence[Copied]) -> int:
    """All of the rows for each of the people, who are there; answers how many that makes."""
    for table, columns, kind in (
        ("user_memories", _MEMORIES, "memory"),
        ("memory_layouts", _LAYOUTS, "layout"),
    ):
        ends = [getattr(row, kind) for row in rows]
        with connection.cursor().copy(f"copy {table} ({columns}) from stdin") as copy:
            for person in people:
                copy.write("".join(_lines(person, ends)))
    connection.execute(
        "insert into memory_states (user_id, id, version, changed)"
        " select id, id, 1, 1 from unnest(%s::uuid[]) id",
        (list(people),),
    )
    return len(people) * len(rows)


def _lines(person: str, ends: Sequence[str]) -> Iterator[str]:
    for number, end in enumerate(ends):
        yield f"{person}\t{person[:8]}-0000-7000-8000-{number:012x}\t1\t{end}\n"


def _copied(memory: Indexed, reading: Reading) -> Copied:
    moment, now = memory.created_at, datetime.now(UTC)
    kept = UserMemory(memory.id, "", memory.content, moment, now, context=memory.context)
    layout = layout_of(kept, reading)
    text_hash = text_hash_of(memory.content)
    said = [memory.content, moment, now, [], json.dumps(memory.context), 0.5, False, 0, False]
    measures = [layout.log_length, layout.length, layout.plain_length, layout.flags]
    where = [layout.rules, layout.said, layout.thread, layout.turn, layout.occurred_at]
    return Copied(
        _row([*said, 0, 0, 0, text_hash, 1]),
        _row([*where, *measures, layout.terms, layout.times, layout.place]),
    )


def _row(values: Sequence[object]) -> str:
    return "\t".join(map(_field, values))


def _field(value: object) -> str:
    """As COPY's text format has it."""
    told = encoded(value)  # type: ignore[arg-type]  # of the kinds that storage has
    if told is None:
        return "\\N"
    return told.decode().replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
