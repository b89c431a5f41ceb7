"""One set of rows on its way in: staged as it is read, compared and done in one transaction.

Enrolments are most of it and come last: while they are read, PostgreSQL compares all else.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import psycopg
from attrs import define, evolve

from adapters.persistence.postgres.rosters import belonging, comparing, enrolling, people
from adapters.persistence.postgres.rosters.applying import apply_all
from adapters.persistence.postgres.rosters.result import comparison_of, state_of
from adapters.persistence.postgres.rosters.running import (
    Timed,
    account,
    begin,
    end,
    save,
    told,
)
from adapters.persistence.postgres.rosters.staging import Staging
from adapters.persistence.postgres.rosters.targets import PLAIN
from adapters.persistence.postgres.rosters.work import Work
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict
from faraday_core.roster.importing import Comparison
from faraday_core.roster.reading import FileRead
from faraday_core.roster.rows import EnrollmentRow, Row
from faraday_core.roster.runs import ImportRun

_MUCH: Final = 5_000  # things written, after which PostgreSQL is to count anew
_COUNTED: Final = "users, user_organizations, user_terms, guardianships, classes, enrollments"
_TURNS: Final = 3  # of the event loop
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
    _first: "asyncio.Task[None] | None" = None  # all but enrolments, while these are read

    async def stage(self, rows: Sequence[Row]) -> None:
        with told():
            if self._first is None:
                await self._staging.take(rows)
                return
            enrollments = [row for row in rows if isinstance(row, EnrollmentRow)]
            assert len(enrollments) == len(rows)  # as was said when all else was to be compared
            self._staging.set_aside(enrollments)
            # It is told of an answer in one turn, hears of it in the next, and asks in a third.
            for _ in range(_TURNS):
                await asyncio.sleep(0)
            if self._first.done():
                self._first.result()

    async def compare_first(self, files: Sequence[FileRead]) -> None:
        with told():
            await self._open(files)
        self._first = asyncio.create_task(self._compare_all_else())

    async def compare(self, files: Sequence[FileRead]) -> Comparison:
        with told():
            if self._first is None:
                await self._open(files)
                await self._compare_all_else()
            else:
                await self._first
            found = await self._compare_enrollments()
            if not self._to_apply:
                await end(self._work)
        self._state = found.state
        return found

    async def state(self) -> str:
        with told():
            return await state_of(self._work)

    async def note(self, run: ImportRun, now: datetime) -> None:
        with told():
            await begin(self._work)
            await self._commit(run, now)

    async def apply(self, run: ImportRun, now: datetime) -> ImportRun:
        with told():
            for tries in range(_TRIES, 0, -1):
                try:
                    applied = await self._apply(run, now)
                except psycopg.errors.SerializationFailure:
                    await end(self._work)
                    if tries == 1:
                        raise
                    await self._find_again()
                else:
                    await _count_anew(self._work, applied)
                    return applied
        raise AssertionError  # the last one has raised

    async def _apply(self, run: ImportRun, now: datetime) -> ImportRun:
        work = Timed(self._work.connection, self._work.tenant, run, now, self._actor.user_id)
        await apply_all(work)
        run = evolve(run, result={**run.result, "after": await state_of(work)})
        await self._commit(run, now)
        return run

    async def _commit(self, run: ImportRun, now: datetime) -> None:
        work = Timed(self._work.connection, self._work.tenant, run, now, self._actor.user_id)
        await save(work, run)
        await account(work, self._actor, "import.apply", run, now)
        await work.connection.commit()

    async def _find_again(self) -> None:
        """Where somebody changed meanwhile what is written here: all is found as it was, or the
        plan is another one."""
        await begin(self._work)
        await self._compare_all_else()
        found = await self._compare_enrollments()
        if found.state != self._state:
            await end(self._work)
            detail = "Something here has changed since the plan was made: make a new one."
            raise Conflict(detail, code="plan_stale")

    async def abandon(self) -> None:
        if self._first is not None:
            self._first.cancel()
            await asyncio.gather(self._first, return_exceptions=True)
        await self._staging.abandon()

    async def _open(self, files: Sequence[FileRead]) -> None:
        self._files = files
        await self._staging.complete(self._work, files)
        await begin(self._work)

    async def _compare_all_else(self) -> None:
        for target in PLAIN:
            await comparing.compare(self._work, target)
        await people.compare_users(self._work)
        await belonging.compare_belonging(self._work)

    async def _compare_enrollments(self) -> Comparison:
        await self._staging.fetch_aside()
        await enrolling.compare_enrollments(self._work)
        return await comparison_of(self._work, self._files)


async def _count_anew(work: Work, run: ImportRun) -> None:
    """Else, until PostgreSQL does it by itself, the next one to ask would be answered as if what
    has come in were not there. What is counted is the owner's to say, and can wait."""
    counts = run.result["counts"].values()
    if sum(of["create"] + of["update"] + of["remove"] for of in counts) < _MUCH:
        return
    with suppress(psycopg.Error):
        await work.connection.set_autocommit(True)
        await work.connection.execute("reset role")
        await work.connection.execute("reset default_statistics_target")
        await work.connection.execute(f"analyze (skip_locked) {_COUNTED}")
