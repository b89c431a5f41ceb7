import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from adapters.persistence.memory.import_journal import (
    ImportChange,
    ImportCreation,
    changes_of,
    creations_of,
)
from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.runs import ImportMapping, ImportProgress, ImportRun, RunStatus

_UNSHOWN: Final = frozenset({RunStatus.PLANNING, RunStatus.PLANNED})


@frozen
class MemoryImports:
    rows: Rows

    async def planned(self, plan_id: str) -> tuple[str, ImportRun] | None:
        found = [
            (tenant, run)
            for tenant, run in self.rows.in_sight(ImportRun)
            if run.plan_id == plan_id
        ]
        return max(found, key=lambda known: known[1].id, default=None)

    async def last_applied(self, organization_id: str, source_system: str) -> ImportRun | None:
        found = [
            run
            for _, run in self.rows.in_sight(ImportRun)
            if (run.organization_id, run.source_system) == (organization_id, source_system)
            and run.status in {RunStatus.APPLIED, RunStatus.UNDONE}
        ]
        last = max(found, key=lambda run: run.id, default=None)
        return last if last and last.status is RunStatus.APPLIED else None

    async def located(self, run_id: str) -> tuple[str, ImportRun, ImportProgress | None] | None:
        progress = {row.id: row for _, row in self.rows.in_sight(ImportProgress)}
        for tenant, run in self.rows.in_sight(ImportRun):
            if run.id == run_id:
                return tenant, run, progress.get(run_id)
        return None

    async def page(
        self, nodes: Sequence[str] | None, status: RunStatus | None, page: PageRequest
    ) -> Page[ImportRun]:
        below = None if nodes is None else MemoryOrganizations(self.rows).below(nodes)
        wanted = (
            run
            for _, run in self.rows.in_sight(ImportRun)
            if (below is None or run.organization_id in below)
            and (run.status is status if status else run.status not in _UNSHOWN)
        )
        return self.rows.page(ImportRun, wanted, page, ("id",), newest_first=True)

    async def of_person(self, user_id: str) -> Sequence[ImportRun]:
        made = {user.created_at for user in self.rows.all(User) if user.id == user_id}
        changed = {
            change.run_id
            for _, change in self.rows.in_sight(ImportChange)
            if change.user_id == user_id
        }
        found = [
            run
            for _, run in self.rows.in_sight(ImportRun)
            if run.applied_at in made or run.id in changed
        ]
        return sorted(found, key=lambda run: run.id, reverse=True)[:10]

    async def brought_in(self, run_id: str) -> Sequence[str]:
        made = creations_of(self.rows, run_id)
        return sorted(id for _, one in made if one.kind is User for id in one.ids)

    async def to_thin(self, before: datetime) -> Sequence[tuple[str, str]]:
        found = [
            (tenant, run)
            for tenant, run in self.rows.in_sight(ImportRun)
            if run.thinned_at is None
            and run.started_at < before
            and (run.applied_at or run.started_at) < before
        ]
        return [(tenant, run.id) for tenant, run in found]

    async def forget_journal(self, run_id: str) -> None:
        for kind, kept in ((ImportChange, changes_of), (ImportCreation, creations_of)):
            for key, _ in kept(self.rows, run_id):
                self.rows.drop(kind, key)

    async def naming(self, user_id: str, pattern: str) -> Sequence[str]:
        names_them = re.compile(pattern, re.IGNORECASE).search
        found = (run for _, run in self.rows.in_sight(ImportRun) if run.thinned_at is None)
        told = ((run.id, json.dumps(run.result, ensure_ascii=False)) for run in found)
        return [id for id, text in told if user_id in text or names_them(text)]

    async def mapping(self, organization_id: str, name: str) -> ImportMapping | None:
        return next((m for m in await self.mappings(organization_id) if m.name == name), None)

    async def mappings(self, organization_id: str) -> Sequence[ImportMapping]:
        here = (row for _, row in self.rows.in_sight(ImportMapping))
        found = [row for row in here if row.organization_id == organization_id]
        return sorted(found, key=lambda row: row.name)
