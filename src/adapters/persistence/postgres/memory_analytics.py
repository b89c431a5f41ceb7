"""The use of memories: stored days of a person, and what the days since are counted from."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.many_rows import as_rows, in_parts, insert_of
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    columns_of,
    statement_of,
    text_statement,
)
from adapters.persistence.tables import (
    memory_analytics,
    memory_interactions,
    memory_recommendations,
    memory_versions,
    user_memories,
)
from adapters.persistence.tables.declaring import Time
from faraday_core.memory.analytics_model import (
    ABOUT,
    LONGEST_VALUE,
    MemoryAnalytics,
    MemoryFacts,
)
from faraday_core.memory.analytics_ports import MOST_READ, Seen
from faraday_core.memory.analytics_tally import Past
from faraday_core.memory.model import InteractionType, MemoryInteraction
from faraday_core.memory.recommendations_model import MemoryRecommendation

_MEMORY = user_memories.c
_DONE = memory_interactions.c
_DAY = memory_analytics.c
_SINCE: sa.BindParameter[datetime] = sa.bindparam("since", type_=Time)
_UNTIL: sa.BindParameter[datetime] = sa.bindparam("until", type_=Time)
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)  # before which there was nothing


def _about(name: str) -> sa.ColumnElement[Any]:
    """What the context says of it, where that is a text."""
    found = sa.func.left(_MEMORY.context[name].astext, LONGEST_VALUE)
    is_text = sa.func.jsonb_typeof(_MEMORY.context[name]) == sa.literal_column("'string'")
    return sa.case((is_text, found))


_LATEST = statement_of(sa.select(sa.func.max(_DAY.begins_at)).where(_DAY.user_id == PERSON))
_DAYS = statement_of(
    sa.select(*columns_of(MemoryAnalytics))
    .where(_DAY.user_id == PERSON, _DAY.begins_at >= _SINCE, _DAY.begins_at < _UNTIL)
    .order_by(_DAY.begins_at)
)
_FACTS = statement_of(
    sa.select(
        _MEMORY.id,
        _MEMORY.category,
        *map(_about, ABOUT),
        sa.func.octet_length(_MEMORY.content),
        _MEMORY.created_at,
        _MEMORY.updated_at,
        _MEMORY.deleted_at,
        _MEMORY.expires_at,
        _MEMORY.summary_id,
        _MEMORY.access_count,
        _MEMORY.last_accessed,
        _MEMORY.helpful,
        _MEMORY.unhelpful,
    ).where(_MEMORY.user_id == PERSON)
)
_REPLACED = statement_of(
    sa.select(memory_versions.c.memory_id, memory_versions.c.replaced_at)
    .where(memory_versions.c.user_id == PERSON, memory_versions.c.replaced_at >= _SINCE)
    .order_by(memory_versions.c.replaced_at)
    .limit(sa.literal_column(str(MOST_READ)))
)
_INTERACTIONS = statement_of(
    sa.select(*columns_of(MemoryInteraction))
    .where(_DONE.user_id == PERSON, _DONE.created_at >= _SINCE)
    .order_by(_DONE.created_at)
    .limit(sa.literal_column(str(MOST_READ)))
)
_RETRIEVED: sa.ColumnElement[str] = sa.literal_column(f"'{InteractionType.RETRIEVE.value}'")
_SAID: sa.ColumnElement[str] = sa.literal_column(f"'{InteractionType.FEEDBACK.value}'")
_ASKED = _DONE.context.has_key(sa.literal_column("'query'"))
_SEEN = statement_of(
    sa.select(_DONE.memory_id, _DONE.created_at, _DONE.success)
    .where(
        _DONE.user_id == PERSON,
        sa.or_(
            sa.and_(_DONE.interaction_type == _RETRIEVED, ~_ASKED),
            _DONE.interaction_type == _SAID,
        ),
    )
    .order_by(_DONE.created_at.desc())
    .limit(sa.literal_column(str(MOST_READ)))
)
_RECOMMENDED = statement_of(
    sa.select(*columns_of(MemoryRecommendation)).where(memory_recommendations.c.user_id == PERSON)
)
_ACTIVE = statement_of(
    sa.select(_DONE.user_id).where(_DONE.created_at >= _SINCE).distinct(),
    across_all="whose use of memories is to be stored by the day",
)
_PUT_DAYS = text_statement(
    insert_of("memory_analytics", MemoryAnalytics, "")
    + " on conflict (user_id, id) do update set updated_at = excluded.updated_at,"
    " totals = excluded.totals, by_category = excluded.by_category, by_hour = excluded.by_hour,"
    " by_context = excluded.by_context, response_times = excluded.response_times,"
    " version = memory_analytics.version + 1"
)
_OFFER = text_statement(
    insert_of(
        "memory_recommendations",
        MemoryRecommendation,
        " and exists (select from user_memories there where there.user_id = made.user_id"
        " and there.id = made.memory_id)",
    )
    + " on conflict (user_id, id) do nothing"
)


@frozen
class PostgresMemoryActivity:
    rows: Rows

    async def latest(self) -> datetime | None:
        row = await self.rows.one(_LATEST)
        found: datetime | None = row[0] if row else None
        return found

    async def days(self, since: datetime, until: datetime) -> Sequence[MemoryAnalytics]:
        found = await self.rows.run(_DAYS, since=since, until=until)
        return [*map(maker_of(MemoryAnalytics), found.rows)]

    async def past(self, since: datetime | None) -> Past:
        facts = await self.rows.run(_FACTS)
        from_then_on = since or _FIRST
        replaced = await self.rows.run(_REPLACED, since=from_then_on)
        done = await self.rows.run(_INTERACTIONS, since=from_then_on)
        return Past(
            [MemoryFacts(*row) for row in facts.rows],
            [(memory_id, at) for memory_id, at in replaced.rows],
            [*map(maker_of(MemoryInteraction), done.rows)],
        )

    async def seen(self) -> Sequence[Seen]:
        return [Seen(*row) for row in (await self.rows.run(_SEEN)).rows]

    async def recommendations(self) -> Sequence[MemoryRecommendation]:
        found = await self.rows.run(_RECOMMENDED)
        return [*map(maker_of(MemoryRecommendation), found.rows)]

    async def active(self, since: datetime) -> Sequence[str]:
        return [row[0] for row in (await self.rows.run(_ACTIVE, since=since)).rows]


@frozen
class PostgresMemoryActivityKeeping:
    rows: Rows

    async def put_days(self, days: Sequence[MemoryAnalytics]) -> None:
        for part in in_parts(as_rows(days)):
            await self.rows.run(_PUT_DAYS, rows=part)

    async def offer(self, offered: Collection[MemoryRecommendation]) -> None:
        for part in in_parts(as_rows(offered)):
            await self.rows.run(_OFFER, rows=part)
