from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.memory.analytics_model import (
    LONGEST_VALUE,
    MemoryAnalytics,
    MemoryFacts,
)
from faraday_core.memory.analytics_ports import MOST_READ, Seen
from faraday_core.memory.analytics_tally import Past
from faraday_core.memory.model import (
    InteractionType,
    MemoryInteraction,
    MemoryVersion,
    UserMemory,
)
from faraday_core.memory.recommendations_model import MemoryRecommendation


@frozen
class MemoryMemoryActivity:
    rows: Rows

    async def latest(self) -> datetime | None:
        return max((row.begins_at for row in self.rows.own(MemoryAnalytics)), default=None)

    async def days(self, since: datetime, until: datetime) -> Sequence[MemoryAnalytics]:
        own = (row for row in self.rows.own(MemoryAnalytics) if since <= row.begins_at < until)
        return sorted(own, key=lambda row: row.begins_at)

    async def past(self, since: datetime | None) -> Past:
        replaced = [
            (row.memory_id, row.replaced_at)
            for row in self.rows.own(MemoryVersion)
            if since is None or row.replaced_at >= since
        ]
        done = [
            row
            for row in self.rows.own(MemoryInteraction)
            if since is None or row.created_at >= since
        ]
        return Past(
            [*map(_facts_of, self.rows.own(UserMemory))],
            sorted(replaced, key=lambda one: one[1])[:MOST_READ],
            sorted(done, key=lambda row: row.created_at)[:MOST_READ],
        )

    async def seen(self) -> Sequence[Seen]:
        own = (row for row in self.rows.own(MemoryInteraction) if _is_seen(row))
        latest = sorted(own, key=lambda row: row.created_at, reverse=True)[:MOST_READ]
        return [Seen(row.memory_id, row.created_at, row.success) for row in latest]

    async def recommendations(self) -> Sequence[MemoryRecommendation]:
        return self.rows.own(MemoryRecommendation)

    async def active(self, since: datetime) -> Sequence[str]:
        done = self.rows.all(MemoryInteraction)
        return sorted({row.user_id for row in done if row.created_at >= since})


@frozen
class MemoryMemoryActivityKeeping:
    rows: Rows

    async def put_days(self, days: Sequence[MemoryAnalytics]) -> None:
        for day in days:
            self.rows.write(day, day)

    async def offer(self, offered: Collection[MemoryRecommendation]) -> None:
        for one in offered:
            is_there = self.rows.find(MemoryRecommendation, one.id)
            if not is_there and self.rows.find(UserMemory, one.memory_id):
                self.rows.write(one, one)


def _is_seen(row: MemoryInteraction) -> bool:
    if row.interaction_type is InteractionType.RETRIEVE:
        return "query" not in row.context
    return row.interaction_type is InteractionType.FEEDBACK


def _facts_of(row: UserMemory) -> MemoryFacts:
    return MemoryFacts(
        row.id,
        row.category,
        _about(row, "course"),
        _about(row, "topic"),
        _about(row, "class"),
        len(row.content.encode()),
        row.created_at,
        row.updated_at,
        row.deleted_at,
        row.expires_at,
        row.summary_id,
        row.access_count,
        row.last_accessed,
        row.helpful,
        row.unhelpful,
    )


def _about(row: UserMemory, name: str) -> str | None:
    value = row.context.get(name)
    return value[:LONGEST_VALUE] if isinstance(value, str) else None
