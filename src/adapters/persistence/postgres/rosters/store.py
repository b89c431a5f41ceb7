"""An import's own connection: it stands in one tenant, works in one transaction, and dies with
whoever began it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import psycopg
from attrs import frozen
from psycopg import AsyncConnection
from psycopg.types.string import TextLoader

from adapters.persistence.postgres.rosters.intake import PostgresIntake
from adapters.persistence.postgres.rosters.running import Timed, account, begin, save, told
from adapters.persistence.postgres.rosters.staging import Staging
from adapters.persistence.postgres.rosters.undoing import obstacles_of, take_back
from adapters.persistence.postgres.rosters.work import Work
from adapters.persistence.tables import IMPORT_ROLE
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Unavailable
from faraday_core.roster.importing import LOCK_SECONDS, Obstacle
from faraday_core.roster.runs import ImportRun

# Whole tables are read here, and that is meant; and whoever died is noticed.
_OPTIONS: Final = (
    "-c TimeZone=UTC -c jit=off -c work_mem=128MB -c temp_buffers=64MB"
    " -c statement_timeout=30min -c idle_in_transaction_session_timeout=10min"
    " -c client_connection_check_interval=2s"
)
_ROUGHLY: Final = 20  # default_statistics_target, of what is here for this import alone


@frozen
class PostgresRosters:
    """`lock_seconds`: that an import waits for another one of its tenant."""

    url: str
    lock_seconds: int = LOCK_SECONDS

    @asynccontextmanager
    async def intake(
        self, actor: Actor, tenant: str, run: ImportRun, *, to_apply: bool
    ) -> AsyncIterator[PostgresIntake]:
        async with self._opened(tenant, run, alone=to_apply) as work:
            staging = Staging(work.connection)
            with told():
                await staging.open()
            intake = PostgresIntake(work, staging, actor, to_apply)
            try:
                yield intake
            finally:
                await intake.abandon()

    async def undo(self, actor: Actor, tenant: str, run: ImportRun) -> Sequence[Obstacle]:
        with told():
            async with self._opened(tenant, run, alone=True) as work:
                await begin(work)
                now = run.undone_at or run.started_at
                timed = Timed(work.connection, tenant, run, now, actor.user_id)
                await _require_journal(timed)
                if obstacles := await obstacles_of(timed):
                    return obstacles
                await take_back(timed)
                await save(timed, run)
                await account(timed, actor, "import.undo", run, now)
                await work.connection.commit()
        return ()

    @asynccontextmanager
    async def _opened(self, tenant: str, run: ImportRun, *, alone: bool) -> AsyncIterator[Work]:
        try:
            connection = await AsyncConnection.connect(
                self.url,
                autocommit=True,
                connect_timeout=5,
                application_name="faraday import",
                options=_OPTIONS,
                keepalives_idle=30,
            )
        except psycopg.OperationalError as error:
            raise Unavailable("The database has gone away.", retry_after=2) from error
        connection.adapters.register_loader("uuid", TextLoader)
        try:
            work = Work(connection, tenant, run)
            with told():
                if alone:
                    await _lock(work, self.lock_seconds)
                await connection.execute(f"set default_statistics_target = {_ROUGHLY}")
                await connection.execute(f"set role {IMPORT_ROLE}")
                await work.run("select set_config('faraday.tenant_id', %(tenant)s, false)")
            yield work
        finally:
            # Whatever becomes of it: what waits for the lock is not to wait for this.
            with suppress(psycopg.Error):
                await asyncio.shield(connection.close())


async def _lock(work: Work, seconds: int) -> None:
    """One apply a tenant at a time, until the connection ends."""
    await work.run(f"set lock_timeout = '{seconds}s'")
    try:
        await work.run("select pg_advisory_lock(hashtextextended('import ' || %(tenant)s, 0))")
    except psycopg.errors.LockNotAvailable as error:
        detail = f"Another import of this district is running; waited {seconds} seconds."
        raise Conflict(detail, code="import_running") from error
    await work.run("set lock_timeout = 0")


async def _require_journal(work: Work) -> None:
    """Made thin in the last moment, it would be as if nothing had been done."""
    query = "select from import_runs where tenant_id = %(tenant)s and id = %(run)s"
    if await work.rows(f"{query} and thinned_at is not null"):
        raise Conflict("What it takes to undo it is not kept any longer.", code="journal_expired")
