"""What changes many memories of a person by one statement."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.half_vectors import as_text
from adapters.persistence.postgres.many_rows import as_rows, in_parts, insert_of
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    THIS,
    columns_of,
    statement_of,
    text_statement,
)
from adapters.persistence.tables import memory_vectors, user_memories
from adapters.persistence.tables.declaring import Name, Time
from faraday_core.memory.model import (
    MemoryInteraction,
    MemoryLayout,
    MemoryVector,
    UserMemory,
)
from faraday_core.memory.ports import Uses

_ROW = user_memories.c
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_BEFORE: sa.BindParameter[datetime] = sa.bindparam("before", type_=Time)
_BELOW: sa.BindParameter[float] = sa.bindparam("below", type_=sa.Double)
_MOST: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_OLD: sa.BindParameter[str] = sa.bindparam("old", type_=Name)
_NEW: sa.BindParameter[str] = sa.bindparam("new", type_=Name)
_NUMBER: sa.BindParameter[int] = sa.bindparam("number", type_=sa.BigInteger)

_MINE = _ROW.user_id == PERSON
_THERE = _ROW.deleted_at.is_(None)
# The row is locked from here to the transaction's end, and so changes are counted in the order in
# which they come to be seen.
_ADVANCE = text_statement(
    "insert into memory_states (user_id, id, version, changed)"
    " values (%(user_id)s::uuid, %(user_id)s::uuid, 1, 1)"
    " on conflict (user_id, id) do update set changed = memory_states.changed + 1"
    " returning changed"
)


_ADD_ALL = text_statement(insert_of("user_memories", UserMemory, ""))
_ADD_INTERACTIONS = text_statement(
    insert_of(
        "memory_interactions",
        MemoryInteraction,
        " and exists (select from user_memories there where there.user_id = made.user_id"
        " and there.id = made.memory_id)",
    )
)
_PUT_VECTORS = text_statement(
    insert_of(
        "memory_vectors",
        MemoryVector,
        " and exists (select from user_memories there where there.user_id = made.user_id"
        " and there.id = made.id)",
    )
    + " on conflict (user_id, id) do update set model = excluded.model,"
    " numbers = excluded.numbers, changed = excluded.changed"
)
# Two may read the same memory: what the later version says stays.
_PUT_LAYOUTS = text_statement(
    insert_of(
        "memory_layouts",
        MemoryLayout,
        " and exists (select from user_memories there where there.user_id = made.user_id"
        " and there.id = made.id)",
    )
    + " on conflict (user_id, id) do update set "
    + ", ".join(
        f"{field.name} = excluded.{field.name}"
        for field in attrs.fields(MemoryLayout)
        if field.name not in {"id", "user_id", "version"}
    )
    + " where memory_layouts.said <= excluded.said"
)
_DROP_LAYOUTS = text_statement(
    "delete from memory_layouts where user_id = %(user_id)s::uuid and id = any(%(ids)s::uuid[])"
)
_DROP_LAYOUTS_IN = text_statement(
    "delete from memory_layouts using user_memories there"
    " where memory_layouts.user_id = %(user_id)s::uuid and there.user_id = %(user_id)s::uuid"
    " and there.id = memory_layouts.id and there.category = %(old)s::text"
)
_DROP_VECTOR = statement_of(
    memory_vectors.delete().where(memory_vectors.c.user_id == PERSON, memory_vectors.c.id == THIS)
)
_NOTE_USES = text_statement(
    "update user_memories set access_count = access_count + used.count,"
    " last_accessed = greatest(last_accessed, used.last), importance_score = used.importance"
    " from unnest(%(ids)s::uuid[], %(counts)s::integer[], %(moments)s::timestamptz[],"
    " %(scores)s::float8[]) as used (id, count, last, importance)"
    " where user_memories.user_id = %(user_id)s::uuid and user_memories.id = used.id"
)
_NOTE_FEEDBACK = statement_of(
    user_memories.update()
    .where(_MINE, _ROW.id == THIS)
    .values(
        {
            column: sa.bindparam(f"new_{column.name}", type_=column.type)
            for column in (_ROW.helpful, _ROW.unhelpful, _ROW.importance_score, _ROW.changed)
        }
    )
)
_RENAME = statement_of(
    user_memories.update()
    .where(_MINE, _ROW.category == _OLD)
    .values(category=_NEW, changed=_NUMBER, version=_ROW.version + sa.literal_column("1"))
)
_EXPIRED = statement_of(
    sa.select(*columns_of(UserMemory))
    .where(_MINE, _THERE, _ROW.expires_at <= _NOW, ~_ROW.pinned)
    .order_by(_ROW.id)
    .limit(_MOST)
)
_TRIVIAL = statement_of(
    sa.select(*columns_of(UserMemory))
    .where(
        _MINE,
        _THERE,
        _ROW.summary_id.is_(None),
        ~_ROW.pinned,
        _ROW.importance_score < _BELOW,
        sa.func.greatest(_ROW.updated_at, _ROW.last_accessed) < _BEFORE,
    )
    .order_by(_ROW.id)
    .limit(_MOST)
)


def _empty_bin() -> sa.Delete:
    citing = user_memories.alias("citing")
    cited = sa.exists().where(
        citing.c.user_id == PERSON,
        citing.c.deleted_at.is_(None),
        citing.c.supersedes == _ROW.id,
    )
    stands_for = user_memories.alias("stands_for")
    in_summary = sa.exists().where(
        stands_for.c.user_id == PERSON,
        stands_for.c.id == _ROW.summary_id,
        stands_for.c.deleted_at.is_(None),
    )
    gone = (
        sa.select(_ROW.id)
        .where(_MINE, _ROW.deleted_at <= _BEFORE, ~cited, ~in_summary)
        .limit(_MOST)
        .scalar_subquery()
    )
    return user_memories.delete().where(_MINE, _ROW.id.in_(gone))


_EMPTY_BIN = statement_of(_empty_bin())


@frozen
class PostgresMemoryKeeping:
    rows: Rows

    async def advance(self) -> int:
        row = await self.rows.one(_ADVANCE)
        assert row  # it was made where it was missing
        number: int = row[0]
        return number

    async def add_all(self, memories: Sequence[UserMemory]) -> None:
        for part in in_parts(as_rows(memories)):
            await self.rows.run(_ADD_ALL, rows=part)

    async def rename_category(self, old: str, new: str | None, number: int) -> int:
        self.rows.defer(_DROP_LAYOUTS_IN, old=old)
        return (await self.rows.run(_RENAME, old=old, new=new, number=number)).count

    async def put_vectors(self, vectors: Sequence[MemoryVector]) -> None:
        for part in in_parts(map(_vector_row, vectors)):
            self.rows.defer(_PUT_VECTORS, rows=part)

    async def put_layouts(self, layouts: Sequence[MemoryLayout]) -> None:
        for part in in_parts(as_rows(layouts)):
            self.rows.defer(_PUT_LAYOUTS, rows=part)

    async def drop_layouts(self, memory_ids: Collection[str]) -> None:
        self.rows.defer(_DROP_LAYOUTS, ids=[*memory_ids])

    async def drop_vector(self, memory_id: str) -> None:
        self.rows.defer(_DROP_VECTOR, id=memory_id)

    async def note_uses(self, uses: Sequence[Uses]) -> None:
        self.rows.defer(
            _NOTE_USES,
            ids=[one.memory_id for one in uses],
            counts=[str(one.count) for one in uses],
            moments=[one.last.isoformat() for one in uses],
            scores=[repr(one.importance) for one in uses],
        )

    async def note_feedback(self, memory: UserMemory) -> None:
        self.rows.defer(
            _NOTE_FEEDBACK,
            id=memory.id,
            new_helpful=memory.helpful,
            new_unhelpful=memory.unhelpful,
            new_importance_score=memory.importance_score,
            new_changed=memory.changed,
        )

    async def add_interactions(self, done: Sequence[MemoryInteraction]) -> None:
        for part in in_parts(as_rows(done)):
            await self.rows.run(_ADD_INTERACTIONS, rows=part)

    async def expired(self, now: datetime, limit: int) -> Sequence[UserMemory]:
        found = await self.rows.run(_EXPIRED, now=now, most=limit)
        return [*map(maker_of(UserMemory), found.rows)]

    async def trivial(self, before: datetime, below: float, limit: int) -> Sequence[UserMemory]:
        found = await self.rows.run(_TRIVIAL, before=before, below=below, most=limit)
        return [*map(maker_of(UserMemory), found.rows)]

    async def empty_bin(self, before: datetime, limit: int) -> int:
        return (await self.rows.run(_EMPTY_BIN, before=before, most=limit)).count


def _vector_row(vector: MemoryVector) -> str:
    """As JSON has it: a halfvec is read from a text."""
    values = attrs.asdict(vector, recurse=False)
    return json.dumps({**values, "numbers": as_text(vector.numbers)})
