"""Memories as they are known elsewhere: what has changed, and all at the beginning."""

from collections.abc import Collection, Sequence
from typing import Final

import attrs
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.connections import Result
from adapters.persistence.postgres.half_vectors import from_wire
from adapters.persistence.postgres.memory_sketch import sketch_of
from adapters.persistence.postgres.rows import Row, Rows, maker_of
from adapters.persistence.postgres.statements import PERSON, columns_of, statement_of
from adapters.persistence.tables import (
    Id,
    memory_layouts,
    memory_states,
    memory_vectors,
    user_memories,
)
from adapters.persistence.tables.declaring import Bytes
from faraday_core.memory.model import MemoryLayout, MemoryVector, UserMemory
from faraday_core.memory.ports import Changes, Kept
from faraday_core.memory.ranking.sketch import Sketch, Wanted

_ROW = user_memories.c
_SINCE: sa.BindParameter[int] = sa.bindparam("since", type_=sa.BigInteger)
_MOST: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_COLUMNS = columns_of(UserMemory)
_MINE = _ROW.user_id == PERSON
_THERE = _ROW.deleted_at.is_(None)
_LISTED = sa.and_(_MINE, _THERE, _ROW.summary_id.is_(None))

_NUMBER = statement_of(sa.select(memory_states.c.changed).where(memory_states.c.user_id == PERSON))
_ALL = statement_of(
    sa.select(*_COLUMNS).where(_MINE, _THERE, _ROW.changed > sa.literal_column("0"))
)
_CHANGES = statement_of(
    sa.select(*_COLUMNS).where(_MINE, _ROW.changed > _SINCE).order_by(_ROW.changed).limit(_MOST)
)
_VECTORS = statement_of(
    sa.select(*columns_of(MemoryVector))
    .where(memory_vectors.c.user_id == PERSON, memory_vectors.c.changed > _SINCE)
    .limit(_MOST)
)
_HASHES: sa.BindParameter[Sequence[bytes]] = sa.bindparam("hashes", type_=ARRAY(Bytes))
_SAYING = statement_of(sa.select(*_COLUMNS).where(_LISTED, _ROW.text_hash == sa.any_(_HASHES)))
_AFTER: sa.BindParameter[str] = sa.bindparam("after", type_=Id)
_NO_ID: Final = "00000000-0000-0000-0000-000000000000"  # behind which all others are
_KEPT = statement_of(
    sa.select(*_COLUMNS, *columns_of(MemoryLayout), *columns_of(MemoryVector))
    .select_from(
        user_memories.outerjoin(
            memory_layouts,
            sa.and_(
                memory_layouts.c.user_id == _ROW.user_id,
                memory_layouts.c.id == _ROW.id,
                memory_layouts.c.said == _ROW.version,
            ),
        ).outerjoin(
            memory_vectors,
            sa.and_(memory_vectors.c.user_id == _ROW.user_id, memory_vectors.c.id == _ROW.id),
        )
    )
    .where(_LISTED, _ROW.id > _AFTER)
    .order_by(_ROW.id)
    .limit(_MOST)
)


@frozen
class PostgresMemoryChanges:
    rows: Rows

    async def number(self) -> int:
        row = await self.rows.one(_NUMBER)
        return row[0] if row else 0

    async def changes(self, since: int) -> Changes:
        # Asked first, so that what is said to be known is: a change meanwhile is told again.
        number = await self.number()
        if number == since:
            return Changes(number, ())
        found = await self.rows.run(_CHANGES if since else _ALL, since=since, most=None)
        vectors = await self.rows.run(_VECTORS, since=since, most=None)
        return _changes(number, found, vectors)

    async def few_changes(self, since: int, most: int) -> Changes | None:
        number = await self.number()
        if number == since:
            return Changes(number, ())
        found = await self.rows.run(_CHANGES, since=since, most=most + 1)
        if len(found.rows) > most:
            return None
        vectors = await self.rows.run(_VECTORS, since=since, most=most + 1)
        return None if len(vectors.rows) > most else _changes(number, found, vectors)

    async def kept(self, after: str | None, limit: int) -> Sequence[Kept]:
        found = await self.rows.run(_KEPT, after=after or _NO_ID, most=limit)
        return [*map(_kept, found.rows)]

    async def sketch(self, wanted: Wanted) -> Sketch:
        return await sketch_of(self.rows, wanted)

    async def saying(self, text_hashes: Collection[bytes]) -> Sequence[UserMemory]:
        found = await self.rows.run(_SAYING, hashes=[f"\\x{one.hex()}" for one in text_hashes])
        return [*map(maker_of(UserMemory), found.rows)]


_MEMORY_ENDS: Final = len(_COLUMNS)
_LAYOUT_ENDS: Final = _MEMORY_ENDS + len(attrs.fields(MemoryLayout))
_VECTOR_NUMBERS: Final = [field.name for field in attrs.fields(MemoryVector)].index("numbers")


def _changes(number: int, found: Result, vectors: Result) -> Changes:
    memories = map(maker_of(UserMemory), found.rows)
    return Changes(number, [*memories], [*map(_vector, vectors.rows)])


def _kept(row: Row) -> Kept:
    layout = row[_MEMORY_ENDS:_LAYOUT_ENDS]
    vector = row[_LAYOUT_ENDS:]
    return Kept(
        maker_of(UserMemory)(row[:_MEMORY_ENDS]),
        None if layout[0] is None else MemoryLayout(*layout),
        None if vector[0] is None else _vector(vector),
    )


def _vector(row: Row) -> MemoryVector:
    values = list(row)
    values[_VECTOR_NUMBERS] = from_wire(values[_VECTOR_NUMBERS])
    return MemoryVector(*values)
