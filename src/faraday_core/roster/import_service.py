from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, Place, not_found, require, require_somewhere
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, FaradayError, Fault, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.ports import path_to, paths_to
from faraday_core.people.subject import meet
from faraday_core.roster.import_ports import ImportsReader, ImportsStorage
from faraday_core.roster.import_work import ImportWork, Report
from faraday_core.roster.importing import Rosters
from faraday_core.roster.requests import ImportFilter, ImportRequest, ImportView, view_of
from faraday_core.roster.runs import ImportProgress, ImportRun, RunStatus
from faraday_core.roster.thinning import require_journal


@frozen
class ImportService:
    """Takes over rosters from files: planned, then applied as planned, and taken back."""

    storage: ImportsStorage
    rosters: Rosters
    work: ImportWork
    organizations: OrganizationService
    now: Clock
    new_id: NewId

    async def plan(
        self,
        actor: Actor,
        request: ImportRequest,
        *,
        accept_large_change: bool = False,
        report: Report | None = None,
    ) -> ImportView:
        """What the files would do, which changes nothing, and whether that is a large change; one
        that is accepted here need not be when it is applied.

        Raises NotFound, Forbidden, Invalid (`unreadable_source`), Unavailable.
        """
        tenant, run = await self._start(actor, request, RunStatus.PLANNING)
        planned = await self.work.carry_out(
            actor, tenant, run, apply=False, accept_large=accept_large_change, report=report
        )
        return view_of(planned, None, self.now())

    async def run(
        self,
        actor: Actor,
        request: ImportRequest,
        *,
        accept_large_change: bool = False,
        report: Report | None = None,
    ) -> ImportView:
        """Plan and apply in one. With refused rows in a strict one nothing is done, and the answer
        says `failed`.

        Raises NotFound, Forbidden, Invalid (`unreadable_source`), Conflict (`large_change`,
        `import_running`, `plan_stale`), Unavailable.
        """
        tenant, run = await self._start(actor, request, RunStatus.APPLYING)
        done = await self.work.carry_out(
            actor, tenant, run, apply=True, accept_large=accept_large_change, report=report
        )
        return view_of(done, None, self.now())

    async def apply(
        self,
        actor: Actor,
        plan_id: str,
        *,
        accept_large_change: bool = False,
        report: Report | None = None,
    ) -> ImportView:
        """Do exactly what was planned. `plan_id`: or the run's id.

        Raises NotFound, Forbidden, Invalid (`unreadable_source`), Conflict (`plan_stale`,
        `large_change`, `rows_refused`, `import_running`), Unavailable.
        """
        tenant, run = await self._open(actor, plan_id)
        done = await self.work.carry_out(
            actor,
            tenant,
            run,
            apply=True,
            expected=run.plan_id,
            accept_large=accept_large_change,
            report=report,
        )
        return view_of(done, None, self.now())

    async def undo(self, actor: Actor, run_id: str) -> ImportView:
        """All as it was before the run, or nothing of it.

        Raises NotFound, Forbidden, Conflict (`undo_conflict`, `already_undone`, `not_applied`,
        `journal_expired`, `import_running`), Unavailable.
        """
        tenant, run, _ = await self.located(actor, run_id, Action.RUN_IMPORTS)
        if run.status is RunStatus.UNDONE:
            raise Conflict("This import has been undone already.", code="already_undone")
        if run.status is not RunStatus.APPLIED:
            raise Conflict("This import was never applied.", code="not_applied")
        require_journal(run)
        undone = evolve(run, status=RunStatus.UNDONE, undone_at=self.now())
        if obstacles := await self.rosters.undo(actor, tenant, undone):
            told = "; ".join(obstacle.said for obstacle in obstacles)
            raise Conflict(f"Others have built on it: {told}.", code="undo_conflict")
        return view_of(undone, None, self.now())

    async def get(self, actor: Actor, run_id: str) -> ImportView:
        """Raises NotFound."""
        _, run, progress = await self.located(actor, run_id, Action.READ_IMPORTS)
        return view_of(run, progress, self.now())

    async def list(
        self, actor: Actor, wanted: ImportFilter, page: PageRequest
    ) -> Page[ImportView]:
        """Those of the organisations where the actor may read imports, the newest first, without
        their refused rows. Raises Forbidden, Invalid."""
        reach = require_somewhere(actor, Action.READ_IMPORTS)
        opened = (
            self.storage.look_everywhere(actor)
            if reach.everywhere
            else self.storage.look_across(actor, reach.tenants)
        )
        whole = reach.everywhere or reach.whole_tenants
        nodes: Sequence[str] | None = None if whole else reach.nodes
        async with opened as reader:
            if wanted.organization_id:
                nodes = await self._narrowed(actor, wanted.organization_id)
            found = await reader.imports.page(nodes, wanted.status, page)
            heard = {
                run.id: await reader.imports.located(run.id)
                for run in found.items
                if run.status in {RunStatus.PLANNING, RunStatus.APPLYING}
            }
        now = self.now()
        items = (
            view_of(run, (heard.get(run.id) or (None, None, None))[2], now).in_brief
            for run in found.items
        )
        return Page(tuple(items), found.next_cursor)

    async def of_user(self, actor: Actor, user_id: str) -> Page[ImportView]:
        """The latest ones that created or changed somebody, where the actor may read imports,
        without their refused rows; ten at most. Raises NotFound, Forbidden."""
        await meet(self.storage, actor, user_id, Action.READ_USERS)
        reach = require_somewhere(actor, Action.READ_IMPORTS)
        async with self._sight(actor) as reader:
            found = await reader.imports.of_person(user_id)
            paths = await paths_to(reader, [run.organization_id for run in found])
        now, nodes = self.now(), {*reach.nodes}
        items = (
            view_of(run, None, now).in_brief
            for run in found
            if reach.everywhere or nodes & {*paths.get(run.organization_id, ())}
        )
        return Page(tuple(items))

    async def tenant_to_import_into(self, actor: Actor, organization_id: str) -> str:
        """The tenant of an organisation where the actor may import; raises Forbidden, Invalid."""
        require_somewhere(actor, Action.RUN_IMPORTS)
        try:
            tenant = await self.organizations.tenant_of(actor, organization_id)
            await self._allow(actor, tenant, organization_id, Action.RUN_IMPORTS)
        except NotFound as error:
            fault = Fault("/organization_id", "unknown_reference", "is no organisation here")
            raise Invalid([fault]) from error
        return tenant

    async def _narrowed(self, actor: Actor, organization_id: str) -> Sequence[str]:
        """Nothing, where the actor may not read imports there."""
        try:
            tenant = await self.organizations.tenant_of(actor, organization_id)
            await self._allow(actor, tenant, organization_id, Action.READ_IMPORTS)
        except FaradayError:
            return []
        return [organization_id]

    async def _start(
        self, actor: Actor, request: ImportRequest, status: RunStatus
    ) -> tuple[str, ImportRun]:
        at = request.organization_id
        tenant = await self.tenant_to_import_into(actor, at)
        run = ImportRun(
            self.new_id(),
            at,
            request.format,
            request.mode,
            request.source_system or request.format,
            request.path,
            self.now(),
            status,
            request.mapping,
            request.full,
            request.demographics,
            started_by=actor.user_id,
        )
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await unit.add(run)
            await unit.account("import.start", "import", run.id, organization_id=at)
        return tenant, run

    async def _open(self, actor: Actor, plan_id: str) -> tuple[str, ImportRun]:
        """By the plan's id or the run's; raises NotFound, Forbidden, Conflict (`plan_stale`)."""
        async with self._sight(actor) as reader:
            planned = await reader.imports.planned(plan_id)
            located = None if planned else await reader.imports.located(plan_id)
        found = planned or (located[:2] if located else None)
        if found is None:
            raise not_found()
        tenant, run = found
        await self._allow(actor, tenant, run.organization_id, Action.RUN_IMPORTS)
        if run.status is RunStatus.UNDONE:
            return tenant, await self._again(actor, tenant, run)
        if run.status is RunStatus.APPLIED:
            detail = "This plan has been applied, and so all has changed since: make a new one."
            raise Conflict(detail, code="plan_stale")
        if run.plan_id is None:
            raise Conflict("This import has no plan that could be applied.", code="not_planned")
        return tenant, run

    async def _again(self, actor: Actor, tenant: str, undone: ImportRun) -> ImportRun:
        """What was undone can be done once more, as a run of its own."""
        run = evolve(
            undone,
            id=self.new_id(),
            status=RunStatus.PLANNED,
            started_by=actor.user_id,
            started_at=self.now(),
            applied_at=None,
            undone_at=None,
            version=1,
        )
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await unit.add(run)
            at = run.organization_id
            await unit.account("import.start", "import", run.id, organization_id=at)
        return run

    async def located(
        self, actor: Actor, run_id: str, action: Action
    ) -> tuple[str, ImportRun, ImportProgress | None]:
        """By the run's id or its plan's."""
        async with self._sight(actor) as reader:
            found = await reader.imports.located(run_id)
            if found is None and (planned := await reader.imports.planned(run_id)):
                found = await reader.imports.located(planned[1].id)
        if found is None:
            raise not_found()
        await self._allow(actor, found[0], found[1].organization_id, action)
        return found

    def _sight(self, actor: Actor) -> AbstractAsyncContextManager[ImportsReader]:
        if actor.is_platform_admin:
            return self.storage.look_everywhere(actor)
        return self.storage.look_across(actor, actor.tenants)

    async def _allow(self, actor: Actor, tenant: str, at: str, action: Action) -> None:
        async with self.storage.look(actor, tenant=tenant) as reader:
            place = Place(paths=(await path_to(reader, at),))
        require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)
