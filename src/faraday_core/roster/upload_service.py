import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.roster.import_mapping_service import ImportMappingService, home_of
from faraday_core.roster.import_ports import ImportsStorage
from faraday_core.roster.import_service import ImportService
from faraday_core.roster.requests import ImportView, is_lost, view_of
from faraday_core.roster.runs import ImportProgress, ImportRun, Mode, RunStatus, Stage
from faraday_core.roster.thinning import require_journal
from faraday_core.roster.upload_model import (
    MOST_UPLOADS,
    ApplyFields,
    ImportAsked,
    Task,
    UploadFields,
)
from faraday_core.roster.uploads import KEPT, Uploads

LOOK_EVERY: Final = 1.0  # seconds, for who follows an import
FOLLOWED: Final = 900  # looks, after which they have to ask again


@frozen
class ImportUploadService:
    """Imports whose files are sent, and which a worker carries out: asked for, and followed."""

    storage: ImportsStorage
    imports: ImportService
    mappings: ImportMappingService
    uploads: Uploads
    now: Clock
    new_id: NewId

    async def upload(
        self, actor: Actor, fields: UploadFields, file: Path, file_name: str
    ) -> ImportView:
        """Keep the file, and have a worker plan what it would do.

        Raises Forbidden, Invalid, Conflict (`too_many_uploads`), Unavailable.
        """
        at = home_of(actor, fields.organization_id)
        tenant = await self.imports.tenant_to_import_into(actor, at)
        mapping = fields.headings
        if mapping is None:
            mapping = await self.mappings.named(actor, at, fields.mapping or "")
        if await self.uploads.count(tenant) >= MOST_UPLOADS:
            detail = f"{MOST_UPLOADS} uploads wait here to be applied: apply these, or wait a day."
            raise Conflict(detail, code="too_many_uploads")
        id, now = self.new_id(), self.now()
        run = ImportRun(
            id,
            at,
            fields.format,
            fields.mode,
            fields.source_system or fields.format,
            await self.uploads.keep(tenant, id, file),
            now,
            RunStatus.PLANNING,
            mapping,
            fields.full,
            fields.demographics,
            uploaded=True,
            started_by=actor.user_id,
            file_name=file_name,
        )
        progress = ImportProgress(id, Stage.WAITING, now)
        try:
            async with self.storage.begin(actor, tenant=tenant) as unit:
                await unit.add(run)
                await unit.add(progress)
                await unit.record(self._asked(actor, tenant, id, Task.PLAN))
                await unit.account("import.start", "import", id, organization_id=at)
        except BaseException:
            await self.uploads.remove(run)
            raise
        return view_of(run, progress, now)

    async def ask_apply(
        self, actor: Actor, run_id: str, fields: ApplyFields | None = None
    ) -> ImportView:
        """Have a worker do exactly what was planned. Asked twice, it is done once.

        Raises NotFound, Forbidden, Conflict (`not_planned`, `plan_stale`, `rows_refused`).
        """
        tenant, _, _ = await self.imports.located(actor, run_id, Action.RUN_IMPORTS)
        large = bool(fields and fields.accept_large_change)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            run = await unit.hold(ImportRun, run_id)
            progress = await unit.hold(ImportProgress, run_id)
            if run.status is RunStatus.APPLYING and not is_lost(run, progress, self.now()):
                return view_of(run, progress, self.now())
            _require_appliable(run)
            run = await unit.save(evolve(run, status=RunStatus.APPLYING, problem=None))
            progress = await unit.save(self._waiting(progress))
            await unit.record(self._asked(actor, tenant, run_id, Task.APPLY, large=large))
        return view_of(run, progress, self.now())

    async def ask_undo(self, actor: Actor, run_id: str) -> ImportView:
        """Have a worker take back what a run did. Asked twice, it is done once.

        Raises NotFound, Forbidden, Conflict (`already_undone`, `not_applied`,
        `journal_expired`).
        """
        tenant, _, _ = await self.imports.located(actor, run_id, Action.RUN_IMPORTS)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            run = await unit.hold(ImportRun, run_id)
            progress = await unit.hold(ImportProgress, run_id)
            if run.status is RunStatus.UNDONE:
                raise Conflict("This import has been undone already.", code="already_undone")
            if run.status is not RunStatus.APPLIED:
                raise Conflict("This import was never applied.", code="not_applied")
            require_journal(run)
            if progress.is_undoing and not is_lost(run, progress, self.now()):
                return view_of(run, progress, self.now())
            run = await unit.save(evolve(run, problem=None))
            progress = await unit.save(self._waiting(progress))
            await unit.record(self._asked(actor, tenant, run_id, Task.UNDO))
        return view_of(run, progress, self.now())

    async def follow(self, actor: Actor, run_id: str) -> AsyncIterator[ImportView]:
        """How far it has come, each second, in brief; and as a whole when nothing is under way.

        Raises NotFound at once, and later where the actor may not see it any longer.
        """
        view = await self.imports.get(actor, run_id)
        return self._following(actor, view)

    async def tidy(self, actor: Actor) -> int:
        """Remove what was uploaded more than a day ago; answers how many there were."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        return await self.uploads.remove_older(self.now() - KEPT)

    async def _following(self, actor: Actor, view: ImportView) -> AsyncIterator[ImportView]:
        for _ in range(FOLLOWED):
            yield view.in_brief
            if not view.is_under_way:
                return
            await asyncio.sleep(LOOK_EVERY)
            view = await self.imports.get(actor, view.id)

    def _waiting(self, progress: ImportProgress) -> ImportProgress:
        return evolve(progress, stage=Stage.WAITING, heard_at=self.now(), done=0, total=None)

    def _asked(
        self, actor: Actor, tenant: str, run_id: str, task: Task, *, large: bool = False
    ) -> ImportAsked:
        return ImportAsked(
            tenant, run_id, task, actor.user_id, self.now(), large, actor.origin.request_id
        )


def _require_appliable(run: ImportRun) -> None:
    if run.status in {RunStatus.APPLIED, RunStatus.UNDONE}:
        detail = "This plan has been applied, and so all has changed since: upload it again."
        raise Conflict(detail, code="plan_stale")
    if run.plan_id is None or run.status is RunStatus.PLANNING:
        raise Conflict("This import has no plan that could be applied.", code="not_planned")
    counts = run.result.get("counts", {}).values()
    if run.mode is Mode.STRICT and (refused := sum(kind["refuse"] for kind in counts)):
        detail = f"Nothing is done, since {refused} rows are refused; a tolerant import takes the"
        raise Conflict(f"{detail} others.", code="rows_refused")
