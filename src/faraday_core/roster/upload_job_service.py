"""What a worker does with what was asked of an import."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from attrs import evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor, Origin
from faraday_core.kernel.errors import FaradayError, Forbidden, NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.roster.import_ports import ImportsStorage, ImportsUnit
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.import_work import TELL_EVERY, ImportWork
from faraday_core.roster.requests import is_lost, lost
from faraday_core.roster.runs import ImportProgress, ImportRun, RunStatus, Stage
from faraday_core.roster.upload_model import ImportAsked, Task
from faraday_core.roster.uploads import Uploads

_ENDED = frozenset({RunStatus.APPLIED, RunStatus.FAILED, RunStatus.UNDONE})


@frozen
class ImportJobService:
    """Carries out what was asked of an import, once, as whoever asked."""

    storage: ImportsStorage
    imports: ImportService
    work: ImportWork
    uploads: Uploads
    now: Clock

    async def carry_out(self, actor: Actor, asked: ImportAsked) -> None:
        """Told twice, it does it once; its refusals are kept with the run. Raises Unavailable
        where storage cannot be asked."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        run = await self._taken(asked)
        if run is None:
            return
        with suppress(FaradayError):  # kept with the run already, for whoever asked
            async with self._kept_refusal(asked):
                await self._carry_out(await self._asker(asked), run, asked)
        await self._end(asked)

    async def _carry_out(self, asker: Actor, run: ImportRun, asked: ImportAsked) -> None:
        match asked.task:
            case Task.PLAN:
                await self.imports.tenant_to_import_into(asker, run.organization_id)
                await self.work.carry_out(asker, asked.tenant_id, run, apply=False)
            case Task.APPLY:
                large = asked.accept_large_change
                await self.imports.apply(asker, run.id, accept_large_change=large)
            case Task.UNDO:
                async with self._heard(asked):
                    await self.imports.undo(asker, run.id)

    async def _taken(self, asked: ImportAsked) -> ImportRun | None:
        """None where somebody has taken it already."""
        async with self.storage.begin(WORKER, tenant=asked.tenant_id) as unit:
            try:
                run = await unit.hold(ImportRun, asked.run_id)
                progress = await unit.hold(ImportProgress, asked.run_id)
            except NotFound:
                return None
            if progress.stage is not Stage.WAITING:
                if is_lost(run, progress, self.now()):
                    await unit.save(lost(run))
                return None
            stage = Stage.UNDOING if asked.task is Task.UNDO else Stage.READING
            await unit.save(evolve(progress, stage=stage, heard_at=self.now()))
            return run

    async def _asker(self, asked: ImportAsked) -> Actor:
        """Who asked, with what they may now. Raises Forbidden."""
        origin = Origin(request_id=asked.request_id)
        if asked.user_id is None:
            return WORKER.acting_from(origin)
        try:
            async with self.storage.look_everywhere(WORKER) as reader:
                person = await reader.people.person(asked.user_id)
        except NotFound:
            raise Forbidden("Whoever asked for it is not here any longer.") from None
        if not person.user.is_active:
            raise Forbidden("Whoever asked for it may not sign in any longer.")
        return person.acting(origin)

    @asynccontextmanager
    async def _kept_refusal(self, asked: ImportAsked) -> AsyncIterator[None]:
        try:
            yield
        except FaradayError as error:
            problem = {"code": error.code, "detail": error.detail}
            async with self.storage.begin(WORKER, tenant=asked.tenant_id) as unit:
                run = await unit.hold(ImportRun, asked.run_id)
                status = run.status
                if await _is_asked_again(unit, run.id):
                    raise
                if status is RunStatus.PLANNING:
                    status = RunStatus.FAILED
                elif status is RunStatus.APPLYING:
                    status = RunStatus.PLANNED
                await unit.save(evolve(run, status=status, problem=problem))
            raise

    @asynccontextmanager
    async def _heard(self, asked: ImportAsked) -> AsyncIterator[None]:
        """With a sign of life each second, as long as the block lasts."""

        async def tell() -> None:
            while True:
                await asyncio.sleep(TELL_EVERY)
                await self._tell(asked)

        telling = asyncio.create_task(tell())
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell(self, asked: ImportAsked) -> None:
        async with self.storage.begin(WORKER, tenant=asked.tenant_id) as unit:
            progress = await unit.hold(ImportProgress, asked.run_id)
            await unit.save(evolve(progress, heard_at=self.now()))

    async def _end(self, asked: ImportAsked) -> None:
        async with self.storage.begin(WORKER, tenant=asked.tenant_id) as unit:
            run = await unit.hold(ImportRun, asked.run_id)
            if await _is_asked_again(unit, run.id):
                return
            progress = await unit.hold(ImportProgress, run.id)
            await unit.save(evolve(progress, stage=Stage.ENDED, heard_at=self.now()))
        if run.status in _ENDED:
            await self.uploads.remove(run)


async def _is_asked_again(unit: ImportsUnit, run_id: str) -> bool:
    """Whoever looks on may ask for the next thing at the very moment at which this one ends."""
    progress = await unit.get(ImportProgress, run_id)
    return progress.stage is Stage.WAITING
