"""Imports as they are kept; what they do is in `rosters/`."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Row, Rows, maker_of
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    TENANT,
    THIS,
    Condition,
    InSight,
    PageQuery,
    Query,
    Statement,
    columns_of,
    merged,
    page_of,
    plain_page_of,
    sighted,
    statement_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import (
    Id,
    import_changes,
    import_creations,
    import_mappings,
    import_progress,
    import_runs,
    users,
)
from adapters.persistence.tables.declaring import Time
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.roster.runs import ImportMapping, ImportProgress, ImportRun, RunStatus

_RUN = columns_of(ImportRun)
_PROGRESS = columns_of(ImportProgress)
_PLAN: sa.BindParameter[str] = sa.bindparam("plan_id", type_=sa.Text)
_STATUS: sa.BindParameter[str] = sa.bindparam("status", type_=sa.Text)
_NAME: sa.BindParameter[str] = sa.bindparam("name", type_=sa.Text)
_AT: sa.BindParameter[str] = sa.bindparam("at", type_=Id)
_OF: sa.BindParameter[str] = sa.bindparam("of", type_=Id)
_ORDER = {"id": import_runs.c.id}
_AT_ONCE: Final = 50_000  # rows of a journal, so that no statement takes too long
_SHOWN = import_runs.c.status.not_in(
    sa.literal_column(f"'{status}'") for status in (RunStatus.PLANNING, RunStatus.PLANNED)
)


def _planned(in_sight: InSight, why: str | None) -> Statement:
    query = sa.select(import_runs.c.tenant_id, *_RUN).where(
        in_sight(import_runs), import_runs.c.plan_id == _PLAN
    )
    newest = query.order_by(import_runs.c.id.desc()).limit(sa.literal_column("1"))
    return statement_of(newest, across_all=why)


def _located(in_sight: InSight, why: str | None) -> Statement:
    of_run = sa.and_(
        import_progress.c.tenant_id == import_runs.c.tenant_id,
        import_progress.c.id == import_runs.c.id,
    )
    query = sa.select(import_runs.c.tenant_id, *_RUN, *_PROGRESS).select_from(
        import_runs.outerjoin(import_progress, of_run)
    )
    return statement_of(
        query.where(in_sight(import_runs), import_runs.c.id == THIS), across_all=why
    )


def _of_person(in_sight: InSight, why: str | None) -> Statement:
    """What created somebody, too: a run gives all that it creates its own moment."""
    changed = sa.select(import_changes.c.run_id).where(
        in_sight(import_changes), import_changes.c.user_id == _OF
    )
    made = sa.select(users.c.created_at).where(users.c.id == _OF).scalar_subquery()
    query = sa.select(*_RUN).where(
        in_sight(import_runs),
        sa.or_(import_runs.c.id.in_(changed), import_runs.c.applied_at == made),
    )
    newest = query.order_by(import_runs.c.id.desc()).limit(sa.literal_column("10"))
    return statement_of(newest, across_all=why)


def _last_applied() -> Statement:
    query = sa.select(*_RUN).where(
        import_runs.c.tenant_id == TENANT,
        import_runs.c.organization_id == _AT,
        import_runs.c.source_system == _NAME,
        import_runs.c.status.in_(
            sa.literal_column(f"'{status}'") for status in (RunStatus.APPLIED, RunStatus.UNDONE)
        ),
    )
    return statement_of(query.order_by(import_runs.c.id.desc()).limit(sa.literal_column("1")))


_LAST_APPLIED = _last_applied()
_PLANNED = sighted(_planned)
_LOCATED = sighted(_located)
_OF_PERSON = sighted(_of_person)


@cache
def _page(*, everywhere: bool, nodes: bool, status: bool) -> PageQuery[ImportRun]:
    which = import_runs.c.status == _STATUS if status else _SHOWN
    every = sa.select(*_RUN).where(which)
    if everywhere and not nodes:
        return plain_page_of(ImportRun, every, _ORDER, newest_first=True, across_all=EVERYWHERE)
    places = tenants_near()
    of_place: Condition = sa.true()
    if nodes:
        sight: InSight = (
            (lambda _: sa.true())
            if everywhere
            else (lambda table: table.c.tenant_id.in_(sa.select(tenants_near().c.tenant_id)))
        )
        places = subtree(sight)
        of_place = import_runs.c.organization_id == places.c.id
    here = every.where(import_runs.c.tenant_id == places.c.tenant_id, of_place)

    def newest(behind: Condition) -> Query:
        return merged(places, here.where(behind), _ORDER, newest_first=True)

    why = EVERYWHERE if everywhere else None
    return page_of(ImportRun, newest, _ORDER, newest_first=True, across_all=why)


def _mappings(*conditions: Condition) -> Statement:
    query = sa.select(*columns_of(ImportMapping)).where(
        import_mappings.c.tenant_id == TENANT,
        import_mappings.c.organization_id == _AT,
        *conditions,
    )
    return statement_of(query.order_by(import_mappings.c.name).limit(sa.literal_column("1000")))


_BROUGHT_IN = statement_of(
    sa.select(import_creations.c.ids).where(
        import_creations.c.tenant_id == TENANT,
        import_creations.c.run_id == THIS,
        import_creations.c.table_name == sa.literal_column("'users'"),
    )
)
_BEFORE: sa.BindParameter[datetime] = sa.bindparam("before", type_=Time)
_NAMED: sa.BindParameter[str] = sa.bindparam("named", type_=sa.Text)
_TO_THIN = statement_of(
    sa.select(import_runs.c.tenant_id, import_runs.c.id)
    .where(
        import_runs.c.thinned_at.is_(None),
        import_runs.c.started_at < _BEFORE,
        sa.func.coalesce(import_runs.c.applied_at, import_runs.c.started_at) < _BEFORE,
    )
    .order_by(import_runs.c.started_at)
    .limit(sa.literal_column("1000")),
    across_all="what has been kept long enough, whoever's it was",
)
_CHANGE = (import_changes.c.table_name, import_changes.c.row_id)
_OF_RUN = (import_changes.c.tenant_id == TENANT, import_changes.c.run_id == THIS)
_FORGET_CHANGES = statement_of(
    import_changes.delete().where(
        *_OF_RUN,
        sa.tuple_(*_CHANGE).in_(
            sa.select(*_CHANGE).where(*_OF_RUN).limit(sa.literal_column(str(_AT_ONCE)))
        ),
    )
)
_FORGET_CREATIONS = statement_of(
    import_creations.delete().where(
        import_creations.c.tenant_id == TENANT, import_creations.c.run_id == THIS
    )
)
_RESULT = sa.cast(import_runs.c.result, sa.Text)
_NAMING = statement_of(
    sa.select(import_runs.c.id)
    .where(
        import_runs.c.tenant_id == TENANT,
        import_runs.c.thinned_at.is_(None),
        sa.or_(_RESULT.contains(sa.cast(_OF, sa.Text)), _RESULT.regexp_match(_NAMED, "i")),
    )
    .order_by(import_runs.c.id)
)
_MAPPINGS = _mappings()
_MAPPING = _mappings(import_mappings.c.name == _NAME)


@frozen
class PostgresImports:
    rows: Rows

    async def planned(self, plan_id: str) -> tuple[str, ImportRun] | None:
        row = await self.rows.one(self.rows.of(_PLANNED), plan_id=plan_id)
        return (row[0], maker_of(ImportRun)(row[1:])) if row else None

    async def last_applied(self, organization_id: str, source_system: str) -> ImportRun | None:
        row = await self.rows.one(_LAST_APPLIED, at=organization_id, name=source_system)
        found: ImportRun | None = maker_of(ImportRun)(row) if row else None
        return found if found and found.status is RunStatus.APPLIED else None

    async def located(self, run_id: str) -> tuple[str, ImportRun, ImportProgress | None] | None:
        row = await self.rows.one(self.rows.of(_LOCATED), id=run_id) if is_id(run_id) else None
        if row is None:
            return None
        run, progress = row[1 : len(_RUN) + 1], row[len(_RUN) + 1 :]
        return row[0], maker_of(ImportRun)(run), _progress(progress)

    async def page(
        self, nodes: Sequence[str] | None, status: RunStatus | None, page: PageRequest
    ) -> Page[ImportRun]:
        query = _page(
            everywhere=self.rows.scope.everywhere,
            nodes=nodes is not None,
            status=status is not None,
        )
        return await self.rows.page(query, page, nodes=nodes or (), status=status)

    async def of_person(self, user_id: str) -> Sequence[ImportRun]:
        found = await self.rows.run(self.rows.of(_OF_PERSON), of=user_id)
        return [*map(maker_of(ImportRun), found.rows)]

    async def brought_in(self, run_id: str) -> Sequence[str]:
        found = await self.rows.run(_BROUGHT_IN, id=run_id)
        return sorted(id for (ids,) in found.rows for id in ids)

    async def to_thin(self, before: datetime) -> Sequence[tuple[str, str]]:
        found = await self.rows.run(_TO_THIN, before=before)
        return [(tenant, id) for tenant, id in found.rows]

    async def forget_journal(self, run_id: str) -> None:
        while (await self.rows.run(_FORGET_CHANGES, id=run_id)).count == _AT_ONCE:
            pass
        self.rows.defer(_FORGET_CREATIONS, id=run_id)

    async def naming(self, user_id: str, pattern: str) -> Sequence[str]:
        found = await self.rows.run(_NAMING, of=user_id, named=pattern)
        return [id for (id,) in found.rows]

    async def mapping(self, organization_id: str, name: str) -> ImportMapping | None:
        row = await self.rows.one(_MAPPING, at=organization_id, name=name)
        found: ImportMapping | None = maker_of(ImportMapping)(row) if row else None
        return found

    async def mappings(self, organization_id: str) -> Sequence[ImportMapping]:
        found = await self.rows.run(_MAPPINGS, at=organization_id)
        return [*map(maker_of(ImportMapping), found.rows)]


def _progress(row: Row) -> ImportProgress | None:
    if row[0] is None:
        return None
    progress: ImportProgress = maker_of(ImportProgress)(row)
    return progress
