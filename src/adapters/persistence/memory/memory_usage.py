from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.memory.model import UserMemory
from faraday_core.memory.usage import MemoryUsage


@frozen
class MemoryMemoryTotals:
    rows: Rows

    async def total(self) -> MemoryUsage:
        own = self.rows.own(UserMemory)
        there = [row for row in own if row.deleted_at is None]
        return MemoryUsage(
            sum(row.summary_id is None for row in there),
            len(own) - len(there),
            sum(row.summary_id is not None for row in there),
            sum(len(row.content.encode()) for row in own),
            sum(row.access_count for row in own),
            max((row.updated_at for row in own), default=None),
            max((row.last_accessed for row in own if row.last_accessed), default=None),
        )
