"""An import's own connection: it stands in one tenant, works in one transaction, and dies with
whoever began it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import Final

import psycopg
from attrs import define, evolve, frozen
from psycopg import AsyncConnection
from psycopg.types.string import TextLoader

from adapters.persistence.postgres.rosters import belonging, comparing, enrolling, people
from adapters.persistence.postgres.rosters.applying import apply_all
from adapters.persistence.postgres.rosters.result import comparison_of, state_of
from adapters.persistence.postgres.rosters.staging import Staging
from adapters.persistence.postgres.rosters.targets import PLAIN
from adapters.persistence.postgres.rosters.undoing import obstacles_of, take_back
from adapters.persistence.postgres.rosters.work import Work
from adapters.persistence.tables import APP_ROLE, IMPORT_ROLE
from faraday_core.audit.model import entry_of
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.roster.importing import LOCK_SECONDS, Comparison, Obstacle
from faraday_core.roster.reading import FileRead
from faraday_core.roster.rows import Row
from faraday_core.roster.runs import ImportRun

# Whole tables are read here, and that is meant; and whoever died is noticed.
_OPTIONS: Final = (
    "-c TimeZone=UTC -c jit=off -c work_mem=128MB -c temp_buffers=64MB"
    " -c default_statistics_target=20"
    " -c statement_timeout=30min -c idle_in_transaction_session_timeout=10min"
    " -c client_connection_check_interval=2s"
)
_TRIES: Final = 3  # where somebody changed meanwhile what is written here


@define
class PostgresIntake:
    """`to_apply`: what is found is done in the transaction in which it is found."""

    _work: Work
    _staging: Staging
    _actor: Actor
    _to_apply: bool
    _files: Sequence[FileRead] = ()
    _state: str = ""

    async def stage(self, rows: Sequence[Row]) -> None:
        with _told():
            await self._staging.take(rows)

    async def compare(self, files: Sequence[FileRead]) -> Comparison:
        self._files = files
        with _told():
            await self._staging.complete(self._work, files)
            await _begin(self._work)
            found = await self._compare()
            if not self._to_apply:
                await _end(self._work)
        self._state = found.state
        return found

    async def state(self) -> str:
        with _told():
            return await state_of(self._work)

    async def note(self, run: ImportRun, now: datetime) -> None:
        with _told():
            await _begin(self._work)
            await self._commit(run, now)

    async def apply(self, run: ImportRun, now: datetime) -> ImportRun:
        with _told():
            for tries in range(_TRIES, 0, -1):
                try:
                    return await self._apply(run, now)
                except psycopg.errors.SerializationFailure:
                    await _end(self._work)
                    if tries == 1:
                        raise
                    await self._find_again()
        raise AssertionError  # the last one has raised

    async def _apply(self, run: ImportRun, now: datetime) -> ImportRun:
        work = _Timed(self._work.connection, self._work.tenant, run, now, self._actor.user_id)
        await apply_all(work)
        run = evolve(run, result={**run.result, "after": await state_of(work)})
        await self._commit(run, now)
        return run

    async def _commit(self, run: ImportRun, now: datetime) -> None:
        work = _Timed(self._work.connection, self._work.tenant, run, now, self._actor.user_id)
        await _save(work, run)
        await _account(work, self._actor, "import.apply", run, now)
        await work.connection.commit()

    async def _find_again(self) -> None:
        """Where somebody changed meanwhile what is written here: all is found as it was, or the
        plan is another one."""
        await _begin(self._work)
        found = await self._compare()
        if found.state != self._state:
            await _end(self._work)
            detail = "Something here has changed since the plan was made: make a new one."
            raise Conflict(detail, code="plan_stale")

    async def _compare(self) -> Comparison:
        for target in PLAIN:
            await comparing.compare(self._work, target)
        await people.compare_users(self._work)
        await belonging.compare_belonging(self._work)
        await enrolling.compare_enrollments(self._work)
        return await comparison_of(self._work, self._files)


@define
class _Timed(Work):
    now: datetime
    actor_id: str | None

    def _named(self, given: dict[str, object]) -> dict[str, object]:
        return {**super()._named(given), "now": self.now, "actor": self.actor_id}


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
            await staging.open()
            yield PostgresIntake(work, staging, actor, to_apply)

    async def undo(self, actor: Actor, tenant: str, run: ImportRun) -> Sequence[Obstacle]:
        with _told():
            async with self._opened(tenant, run, alone=True) as work:
                await _begin(work)
                now = run.undone_at or run.started_at
                timed = _Timed(work.connection, tenant, run, now, actor.user_id)
                if obstacles := await obstacles_of(timed):
                    return obstacles
                await take_back(timed)
                await _save(timed, run)
                await _account(timed, actor, "import.undo", run, now)
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
            if alone:
                await _lock(work, self.lock_seconds)
            await connection.execute(f"set role {IMPORT_ROLE}")
            await work.run("select set_config('faraday.tenant_id', %(tenant)s, false)")
            yield work
        finally:
            # Whatever becomes of it: what waits for the lock is not to wait for this.
            with suppress(psycopg.Error):
                await asyncio.shield(connection.close())


async def _begin(work: Work) -> None:
    """All that is asked from here on is answered by one state of the database."""
    await work.connection.set_autocommit(False)
    await work.connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)


async def _end(work: Work) -> None:
    """With nothing done."""
    await work.connection.rollback()
    await work.connection.set_autocommit(True)


async def _lock(work: Work, seconds: int) -> None:
    """One apply a tenant at a time, until the connection ends."""
    await work.run(f"set lock_timeout = '{seconds}s'")
    try:
        await work.run("select pg_advisory_lock(hashtextextended('import ' || %(tenant)s, 0))")
    except psycopg.errors.LockNotAvailable as error:
        detail = f"Another import of this district is running; waited {seconds} seconds."
        raise Conflict(detail, code="import_running") from error
    await work.run("set lock_timeout = 0")


async def _save(work: Work, run: ImportRun) -> None:
    await work.run(
        "update import_runs set status = %(status)s, plan_id = %(plan)s, result = %(result)s,"
        " problem = null, applied_at = %(applied)s, undone_at = %(undone)s,"
        " version = version + 1"
        " where tenant_id = %(tenant)s and id = %(run)s",
        status=run.status,
        plan=run.plan_id,
        result=json.dumps(run.result),
        applied=run.applied_at,
        undone=run.undone_at,
    )


async def _account(work: Work, actor: Actor, action: str, run: ImportRun, now: datetime) -> None:
    """Into the audit log, as any request does it."""
    details = {
        f"{kind}_{what}": n
        for kind, counts in run.result.get("counts", {}).items()
        for what, n in counts.items()
        if n and what != "unchanged"
    }
    target = ("import", run.id)
    entry = entry_of(actor, uuid7(), now, action, target, run.organization_id, details)
    await work.run(f"set local role {APP_ROLE}")
    await work.run(
        "insert into audit_log (tenant_id, id, at, actor_id, action, target_type, target_id,"
        " organization_id, request_id, ip_address, details) values (%(tenant)s, %(id)s, %(at)s,"
        " %(actor_id)s, %(action)s, %(target_type)s, %(target_id)s, %(organization_id)s,"
        " %(request_id)s, %(ip_address)s, %(details)s)",
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        action=entry.action,
        target_type=entry.target_type,
        target_id=entry.target_id,
        organization_id=entry.organization_id,
        request_id=entry.request_id,
        ip_address=entry.ip_address,
        details=json.dumps(dict(entry.details)),
    )


@contextmanager
def _told() -> Iterator[None]:
    """What PostgreSQL refuses, as the core understands it."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise Unavailable("The database's disk is full.", retry_after=30) from error
    except (psycopg.errors.SerializationFailure, psycopg.IntegrityError) as error:
        detail = "Somebody changed the same things meanwhile: nothing was done. Try again."
        raise Conflict(detail, code="plan_stale") from error
    except psycopg.OperationalError as error:
        raise Unavailable("The database has gone away.", retry_after=2) from error
