"""How much somebody keeps, by one statement."""

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import PERSON, statement_of
from adapters.persistence.tables import user_memories
from faraday_core.memory.usage import MemoryUsage

_ROW = user_memories.c
_THERE = _ROW.deleted_at.is_(None)
_COUNT = sa.func.count()
_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_TOTAL = statement_of(
    sa.select(
        _COUNT.filter(_THERE, _ROW.summary_id.is_(None)),
        _COUNT.filter(~_THERE),
        _COUNT.filter(_THERE, _ROW.summary_id.is_not(None)),
        sa.func.coalesce(sa.func.sum(sa.func.octet_length(_ROW.content)), _NONE),
        sa.func.coalesce(sa.func.sum(_ROW.access_count), _NONE),
        sa.func.max(_ROW.updated_at),
        sa.func.max(_ROW.last_accessed),
    ).where(_ROW.user_id == PERSON)
)


@frozen
class PostgresMemoryTotals:
    rows: Rows

    async def total(self) -> MemoryUsage:
        row = await self.rows.one(_TOTAL)
        assert row  # an aggregate always has one
        return MemoryUsage(*row)
