"""Memories: read by their person, by what has changed, by who was granted a look."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.memory_changes import PostgresMemoryChanges
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    PageQuery,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import (
    Id,
    memory_grants,
    memory_interactions,
    memory_states,
    memory_vectors,
    memory_versions,
    user_memories,
)
from adapters.persistence.tables.declaring import Name, Time
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.model import (
    MemoryGrant,
    MemoryInteraction,
    MemoryVersion,
    UserMemory,
)
from faraday_core.memory.ports import Upkeep, Wanted

_ROW = user_memories.c
_CATEGORIES: sa.BindParameter[Sequence[str]] = sa.bindparam("categories", type_=ARRAY(Name))
_TAG: sa.BindParameter[str] = sa.bindparam("tag", type_=sa.Text)
_LEAST: sa.BindParameter[float] = sa.bindparam("least", type_=sa.Double)
_PATTERNS: sa.BindParameter[Sequence[str]] = sa.bindparam("patterns", type_=ARRAY(sa.Text))
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_IDS: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", type_=ARRAY(Id))
_MEMORY: sa.BindParameter[str] = sa.bindparam("memory_id", type_=Id)
_GRANTEE: sa.BindParameter[str] = sa.bindparam("grantee_id", type_=Id)
_BIN_BEFORE: sa.BindParameter[datetime] = sa.bindparam("bin_before", type_=Time)
_TRIVIAL_BEFORE: sa.BindParameter[datetime] = sa.bindparam("trivial_before", type_=Time)
_MODEL: sa.BindParameter[str] = sa.bindparam("model", type_=sa.Text)
_MOST: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_BELOW: sa.BindParameter[float] = sa.bindparam("below", type_=sa.Double)

_COLUMNS = columns_of(UserMemory)
_MINE = _ROW.user_id == PERSON
_THERE = _ROW.deleted_at.is_(None)
_LISTED = sa.and_(_MINE, _THERE, _ROW.summary_id.is_(None))


@cache
def _page(
    *, categories: bool, tag: bool, least: bool, words: bool, now: bool
) -> PageQuery[UserMemory]:
    wanted = (
        (categories, _ROW.category == sa.any_(_CATEGORIES)),
        (tag, sa.any_(_ROW.tags) == _TAG),
        (least, _ROW.importance_score >= _LEAST),
        (words, _ROW.content.ilike(sa.all_(_PATTERNS))),
        (now, sa.or_(_ROW.expires_at.is_(None), _ROW.expires_at > _NOW)),
    )
    conditions = [condition for is_wanted, condition in wanted if is_wanted]
    query = sa.select(*_COLUMNS).where(_LISTED, *conditions)
    return plain_page_of(UserMemory, query, {"id": _ROW.id}, newest_first=True)


_BIN = plain_page_of(
    UserMemory,
    sa.select(*_COLUMNS).where(_MINE, _ROW.deleted_at.is_not(None)),
    {"id": _ROW.id},
    newest_first=True,
)
_HAS_VECTOR = sa.exists().where(
    memory_vectors.c.user_id == _ROW.user_id,
    memory_vectors.c.id == _ROW.id,
    memory_vectors.c.model == _MODEL,
)
_WITHOUT_VECTOR = statement_of(
    sa.select(*_COLUMNS).where(_LISTED, ~_HAS_VECTOR).order_by(_ROW.id).limit(_MOST)
)
# Person by person, and of each no more than the first that lacks one.
_PEOPLE_WITHOUT_VECTORS = statement_of(
    sa.select(memory_states.c.user_id)
    .where(sa.exists().where(_ROW.user_id == memory_states.c.user_id, _THERE, ~_HAS_VECTOR))
    .order_by(memory_states.c.user_id)
    .limit(_MOST),
    across_all="whose memories a model has still to read",
)
_COUNT = statement_of(sa.select(sa.func.count()).select_from(user_memories).where(_MINE))
_SOME = statement_of(sa.select(*_COLUMNS).where(_MINE, _ROW.id == sa.any_(_IDS)))
_CITED = statement_of(
    sa.union(
        sa.select(_ROW.supersedes).where(_MINE, _THERE, _ROW.supersedes == sa.any_(_IDS)),
        sa.select(_ROW.summary_id).where(_MINE, _THERE, _ROW.summary_id == sa.any_(_IDS)),
    )
)
_VERSIONS = plain_page_of(
    MemoryVersion,
    sa.select(*columns_of(MemoryVersion)).where(
        memory_versions.c.user_id == PERSON, memory_versions.c.memory_id == _MEMORY
    ),
    {"id": memory_versions.c.id},
    newest_first=True,
)
_INTERACTIONS = plain_page_of(
    MemoryInteraction,
    sa.select(*columns_of(MemoryInteraction)).where(
        memory_interactions.c.user_id == PERSON, memory_interactions.c.memory_id == _MEMORY
    ),
    {"id": memory_interactions.c.id},
    newest_first=True,
)
_GRANTS = plain_page_of(
    MemoryGrant,
    sa.select(*columns_of(MemoryGrant)).where(memory_grants.c.user_id == PERSON),
    {"id": memory_grants.c.id},
    newest_first=True,
)
_GRANTS_TO = statement_of(
    sa.select(*columns_of(MemoryGrant))
    .where(
        memory_grants.c.user_id == PERSON,
        memory_grants.c.grantee_id == _GRANTEE,
        memory_grants.c.expires_at > _NOW,
    )
    .order_by(memory_grants.c.id.desc())
)


def _due() -> sa.CompoundSelect[tuple[str, int, int, int]]:
    """A row a person and kind of work; added up by who asks."""
    zero: sa.ColumnElement[int] = sa.literal_column("0")
    held = sa.exists().where(
        memory_states.c.user_id == _ROW.user_id, memory_states.c.held_since.is_not(None)
    )
    count = sa.func.count()
    expired = sa.select(_ROW.user_id, count, zero, zero).where(
        _THERE, _ROW.expires_at <= _NOW, ~_ROW.pinned, ~held
    )
    binned = sa.select(_ROW.user_id, zero, count, zero).where(
        _ROW.deleted_at <= _BIN_BEFORE, ~held
    )
    trivial = sa.select(_ROW.user_id, zero, zero, count).where(
        _THERE,
        _ROW.summary_id.is_(None),
        ~_ROW.pinned,
        _ROW.importance_score < _BELOW,
        _ROW.updated_at < _TRIVIAL_BEFORE,  # by the index; and the use, too
        sa.func.greatest(_ROW.updated_at, _ROW.last_accessed) < _TRIVIAL_BEFORE,
        ~held,
    )
    return sa.union_all(*(one.group_by(_ROW.user_id) for one in (expired, binned, trivial)))


_DUE = statement_of(_due(), across_all="for whom memories are to be tidied up")


@frozen
class PostgresMemories(PostgresMemoryChanges):
    async def page(self, wanted: Wanted, page: PageRequest) -> Page[UserMemory]:
        query = _page(
            categories=wanted.categories is not None,
            tag=wanted.tag is not None,
            least=wanted.min_importance is not None,
            words=bool(wanted.words),
            now=wanted.now is not None,
        )
        return await self.rows.page(
            query,
            page,
            categories=wanted.categories,
            tag=wanted.tag,
            least=wanted.min_importance,
            patterns=[f"%{_literally(word)}%" for word in wanted.words],
            now=wanted.now,
        )

    async def bin(self, page: PageRequest) -> Page[UserMemory]:
        return await self.rows.page(_BIN, page)

    async def some(self, memory_ids: Collection[str]) -> Sequence[UserMemory]:
        found = await self.rows.run(_SOME, ids=[*filter(is_id, memory_ids)])
        return [*map(maker_of(UserMemory), found.rows)]

    async def without_vector(self, model: str, limit: int) -> Sequence[UserMemory]:
        found = await self.rows.run(_WITHOUT_VECTOR, model=model, most=limit)
        return [*map(maker_of(UserMemory), found.rows)]

    async def count(self) -> int:
        row = await self.rows.one(_COUNT)
        count: int = row[0] if row else 0
        return count

    async def citing(self, memory_ids: Collection[str]) -> frozenset[str]:
        found = await self.rows.run(_CITED, ids=[*filter(is_id, memory_ids)])
        return frozenset(row[0] for row in found.rows)

    async def versions(self, memory_id: str, page: PageRequest) -> Page[MemoryVersion]:
        return await self.rows.page(_VERSIONS, page, memory_id=memory_id)

    async def interactions(self, memory_id: str, page: PageRequest) -> Page[MemoryInteraction]:
        return await self.rows.page(_INTERACTIONS, page, memory_id=memory_id)


@frozen
class PostgresMemoryGrants:
    rows: Rows

    async def page(self, page: PageRequest) -> Page[MemoryGrant]:
        return await self.rows.page(_GRANTS, page)

    async def to(self, grantee_id: str, now: datetime) -> Sequence[MemoryGrant]:
        found = await self.rows.run(_GRANTS_TO, grantee_id=grantee_id, now=now)
        return [*map(maker_of(MemoryGrant), found.rows)]


@frozen
class PostgresMemoryUpkeep:
    rows: Rows

    async def due(
        self, now: datetime, bin_before: datetime, trivial_before: datetime, below: float
    ) -> Sequence[Upkeep]:
        found = await self.rows.run(
            _DUE, now=now, bin_before=bin_before, trivial_before=trivial_before, below=below
        )
        people: dict[str, tuple[int, int, int]] = {}
        for user_id, *counts in found.rows:
            known = people.get(user_id, (0, 0, 0))
            expired, binned, trivial = (a + b for a, b in zip(known, counts, strict=True))
            people[user_id] = (expired, binned, trivial)
        return [Upkeep(user_id, *counts) for user_id, counts in sorted(people.items())]

    async def without_vectors(self, model: str, limit: int) -> Sequence[str]:
        found = await self.rows.run(_PEOPLE_WITHOUT_VECTORS, model=model, most=limit)
        return [row[0] for row in found.rows]


def _literally(word: str) -> str:
    """For LIKE."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
