"""The connection of one import: SQL with what it is about, and nobody else's."""

from collections.abc import Sequence
from typing import Any, Final

from attrs import define
from psycopg import AsyncConnection

from faraday_core.roster.runs import ImportRun

# A new id, in the order of `n`: UUIDv7 (RFC 9562) with the row's number behind the moment, so that
# what comes in at once lies together in every index. A million of them are made at once: so the
# moment is written out but once, and what is behind it in two pieces, with their highest bits set.
NEW_ID: Final = (
    "((select lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0'))"
    " || to_hex(28672 + n / 1048576)"
    " || to_hex((1::bigint << 63) | (mod(n, 1048576) << 40)"
    " | (random() * 1099511627775)::bigint))::uuid"
)
# That a row `o` of a table came in from this source.
OF_SOURCE: Final = (
    "o.source_root_id = %(root)s and o.source_system = %(system)s and o.source_id is not null"
)


@define
class Work:
    """Every statement may name `tenant`, `root` (what is imported into), `system` and `run`."""

    connection: AsyncConnection
    tenant: str
    task: ImportRun

    async def run(self, sql: str, **given: object) -> int:
        """Answers how many rows it was about."""
        cursor = await self.connection.execute(sql, self._named(given))
        return cursor.rowcount

    async def sift(self, sql: str, **given: object) -> int:
        """As `run`, of whole tables that are held against each other, each read but once: where
        PostgreSQL has not counted since much came in, it may think that there is but one row."""
        await self.connection.execute("set local enable_nestloop = off")
        found = await self.run(sql, **given)
        await self.connection.execute("set local enable_nestloop = on")
        return found

    async def rows(self, sql: str, **given: object) -> Sequence[tuple[Any, ...]]:
        """Of whatever columns it asks for."""
        cursor = await self.connection.execute(sql, self._named(given))
        return await cursor.fetchall()

    async def one(self, sql: str, **given: object) -> Any:  # the first column's value
        return (await self.rows(sql, **given))[0][0]

    def _named(self, given: dict[str, object]) -> dict[str, object]:
        task = self.task
        return {
            "tenant": self.tenant,
            "root": task.organization_id,
            "system": task.source_system,
            "run": task.id,
            "today": task.started_at.date(),
            **given,
        }
