"""Imports over the rows of a process: found and done in one go, in which nobody comes between."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from attrs import Factory, define, evolve, frozen

from adapters.persistence.memory.import_journal import Journal
from adapters.persistence.memory.rosters.applying import Applying
from adapters.persistence.memory.rosters.belonging import compare_belonging
from adapters.persistence.memory.rosters.comparing import compare
from adapters.persistence.memory.rosters.enrolling import compare_enrollments
from adapters.persistence.memory.rosters.people import compare_users
from adapters.persistence.memory.rosters.result import comparison_of, state_of
from adapters.persistence.memory.rosters.targets import PLAIN
from adapters.persistence.memory.rosters.undoing import Undoing
from adapters.persistence.memory.rosters.work import Work
from adapters.persistence.memory.rows import MemoryDatabase, Rows, Scope
from adapters.persistence.memory.unit import MemoryUnit
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict
from faraday_core.roster.importing import LOCK_SECONDS, Comparison, Obstacle
from faraday_core.roster.reading import FileRead
from faraday_core.roster.rows import KIND_OF, Row
from faraday_core.roster.runs import ImportRun
from faraday_core.roster.thinning import require_journal


@define
class MemoryIntake:
    _rows: Rows
    _actor: Actor
    _run: ImportRun
    _to_apply: bool
    _staged: dict[type[Row], list[Row]] = Factory(lambda: {kind: [] for kind in KIND_OF})
    _work: Work | None = None
    _state: str = ""

    async def stage(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._staged[type(row)].append(_with_nothing_for_empty(row))
        await asyncio.sleep(0)  # whoever waits to do something else, may

    async def compare_first(self, files: Sequence[FileRead]) -> None:
        """All is found in one go."""

    async def compare(self, files: Sequence[FileRead]) -> Comparison:
        if self._to_apply:
            await self._rows.wait()
        staged = {kind: [*rows] for kind, rows in self._staged.items()}
        self._work = work = Work(self._rows, self._run, files, staged)
        for target in PLAIN:
            compare(work, target)
        compare_users(work)
        compare_belonging(work)
        compare_enrollments(work)
        found = comparison_of(work)
        self._state = found.state
        return found

    async def state(self) -> str:
        return state_of(self._rows)

    async def note(self, run: ImportRun, now: datetime) -> None:
        await self._rows.wait()
        await _commit(self._rows, self._actor, "import.apply", run, now)

    async def apply(self, run: ImportRun, now: datetime) -> ImportRun:
        work = self._work
        assert work is not None  # as it is compared first
        await self._rows.wait()
        if state_of(self._rows) != self._state:
            detail = "Something here has changed since the plan was made: make a new one."
            raise Conflict(detail, code="plan_stale")
        await Applying(work, Journal(self._rows, run.id), self._actor.user_id, now).all()
        run = evolve(run, result={**run.result, "after": state_of(self._rows)})
        await _commit(self._rows, self._actor, "import.apply", run, now)
        return run


@frozen
class MemoryRosters:
    database: MemoryDatabase
    _running: defaultdict[str, asyncio.Lock] = Factory(lambda: defaultdict(asyncio.Lock))

    @asynccontextmanager
    async def intake(
        self, actor: Actor, tenant: str, run: ImportRun, *, to_apply: bool
    ) -> AsyncIterator[MemoryIntake]:
        async with self._opened(tenant, run, alone=to_apply) as rows:
            yield MemoryIntake(rows, actor, run, to_apply)

    async def undo(self, actor: Actor, tenant: str, run: ImportRun) -> Sequence[Obstacle]:
        async with self._opened(tenant, run, alone=True) as rows:
            await rows.wait()
            if (kept := rows.find(ImportRun, run.id)) is not None:
                require_journal(kept)
            undoing = Undoing.of(rows, run.id)
            if obstacles := undoing.obstacles():
                return obstacles
            await undoing.take_back()
            await _commit(rows, actor, "import.undo", run, run.undone_at or run.started_at)
        return ()

    @asynccontextmanager
    async def _opened(self, tenant: str, run: ImportRun, *, alone: bool) -> AsyncIterator[Rows]:
        """`alone`: one a tenant at a time."""
        scope = Scope(tenant, frozenset({tenant}), today=run.started_at.date())
        rows, lock = Rows(self.database, scope), self._running[tenant]
        if alone:
            await _acquire(lock)
        try:
            yield rows
        finally:
            rows.release()
            if alone:
                lock.release()


async def _acquire(lock: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(LOCK_SECONDS):
            await lock.acquire()
    except TimeoutError as error:
        detail = f"Another import of this district is running; waited {LOCK_SECONDS} seconds."
        raise Conflict(detail, code="import_running") from error


def _with_nothing_for_empty(row: Row) -> Row:
    """An empty cell is no value."""
    if "" not in row:
        return row
    cells: Any = row  # a tuple
    return type(row)._make(None if cell == "" else cell for cell in cells)


async def _commit(rows: Rows, actor: Actor, action: str, run: ImportRun, now: datetime) -> None:
    """All of it, with the run that says so, and into the audit log as any request does it."""
    unit = MemoryUnit(rows, actor, lambda: now)
    kept = rows.find(ImportRun, run.id)
    assert kept is not None  # as its beginning was written down
    rows.write(run, evolve(run, problem=None, version=kept.version + 1))
    details = {
        f"{kind}_{what}": n
        for kind, counts in run.result.get("counts", {}).items()
        for what, n in counts.items()
        if n and what != "unchanged"
    }
    at = run.organization_id
    await unit.account(action, "import", run.id, organization_id=at, **details)
    with _told():
        unit.commit()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        detail = "Somebody changed the same things meanwhile: nothing was done. Try again."
        raise Conflict(detail, code="plan_stale") from error
