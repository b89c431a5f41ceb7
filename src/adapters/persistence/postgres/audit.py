import json
from collections.abc import Sequence

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from adapters.persistence.postgres.audit_search import searched
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    LIMIT,
    TENANT,
    Condition,
    InSight,
    PageQuery,
    Query,
    Sighted,
    merged,
    page_of,
    plain_page_of,
    sighted,
    statement_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import Id, audit_heads, audit_log
from faraday_core.audit.model import AuditEntry
from faraday_core.audit.ports import AuditSearch
from faraday_core.kernel.errors import StaleVersion
from faraday_core.kernel.paging import Page, PageRequest

_ENTRY = [
    audit_log.c[name]
    for name in (
        "id",
        "at",
        "actor_id",
        "action",
        "target_type",
        "target_id",
        "organization_id",
        "request_id",
        "ip_address",
        "details",
        "sequence",
        "seal",
        "seal_key",
        "sealed_origin",
        "sealed_details",
    )
]
_AFTER: sa.BindParameter[int] = sa.bindparam("after", type_=sa.BigInteger)
_NAMED: sa.BindParameter[Sequence[str]] = sa.bindparam("named", type_=ARRAY(Id))
_SEALED_NOW: sa.BindParameter[str] = sa.bindparam("sealed_now", type_=JSONB)
_SEAL_KEY: sa.BindParameter[str] = sa.bindparam("seal_key", type_=sa.Text)

_HERE = audit_log.c.tenant_id == TENANT
_UNSEALED = audit_log.c.sequence.is_(None)
_WHAT_NAMES_SOMEBODY = "what a person did or had done to them, in whatever chain"
_CHAINS_OF_ALL = "which chains there are, for who seals and verifies them"

WRITE = statement_of(audit_log.insert(), [*(column.name for column in _ENTRY[:10]), "tenant_id"])
_CHAINS = statement_of(
    sa.union(sa.select(audit_log.c.tenant_id), sa.select(audit_heads.c.tenant_id)),
    across_all=_CHAINS_OF_ALL,
)
_UNSEALED_CHAINS = statement_of(
    sa.select(audit_log.c.tenant_id).where(_UNSEALED).distinct(), across_all=_CHAINS_OF_ALL
)
_NEXT_UNSEALED = statement_of(
    sa.select(*_ENTRY).where(_HERE, _UNSEALED).order_by(audit_log.c.id).limit(LIMIT)
)
_COUNT_UNSEALED = statement_of(sa.select(sa.func.count()).where(_HERE, _UNSEALED))
_SEALED = statement_of(
    sa.select(*_ENTRY)
    .where(_HERE, audit_log.c.sequence > _AFTER)
    .order_by(audit_log.c.sequence)
    .limit(LIMIT)
)
# What an entry is given with its place, and what it loses.
_KEPT = {"at", "action", "target_type", "organization_id", "seal_key"}
_SET_COLUMNS = [column for column in _ENTRY if column.name not in _KEPT]
_NEW = (
    sa.func.jsonb_to_recordset(_SEALED_NOW)
    .table_valued(*(sa.column(c.name, c.type) for c in _SET_COLUMNS), name="sealed")
    .render_derived(with_types=True)
)
_SET = statement_of(
    audit_log.update()
    .where(_HERE, audit_log.c.id == _NEW.c.id, _UNSEALED)
    .values(seal_key=_SEAL_KEY, **{c.name: _NEW.c[c.name] for c in _SET_COLUMNS[1:]})
)

_ORDER = {"id": audit_log.c.id}


def _all() -> Sighted[PageQuery[AuditEntry]]:
    near, every = tenants_near(), sa.select(*_ENTRY)
    of_tenant = every.where(audit_log.c.tenant_id == near.c.tenant_id)

    def newest(behind: Condition) -> Query:
        return merged(near, of_tenant.where(behind), _ORDER, newest_first=True)

    return Sighted(
        near=page_of(AuditEntry, newest, _ORDER, newest_first=True),
        far=plain_page_of(AuditEntry, every, _ORDER, newest_first=True, across_all=EVERYWHERE),
    )


def _at_nodes(in_sight: InSight, why: str | None) -> PageQuery[AuditEntry]:
    below = subtree(in_sight)
    of_node = sa.select(*_ENTRY).where(
        audit_log.c.tenant_id == below.c.tenant_id, audit_log.c.organization_id == below.c.id
    )

    def newest(behind: Condition) -> Query:
        return merged(below, of_node.where(behind), _ORDER, newest_first=True)

    return page_of(AuditEntry, newest, _ORDER, newest_first=True, across_all=why)


def _naming() -> PageQuery[AuditEntry]:
    """Each way of naming somebody by its own index: what they did, and what they had done."""
    ways = (audit_log.c.actor_id, audit_log.c.target_id)

    def oldest(behind: Condition) -> Query:
        found = [
            sa.select(*_ENTRY)
            .where(way == sa.any_(_NAMED), behind)
            .order_by(way, audit_log.c.id)
            .limit(LIMIT)
            for way in ways
        ]
        either = sa.union(*(sa.select(*way.subquery().c) for way in found)).subquery("either")
        return sa.select(either).order_by(either.c.id).limit(LIMIT)

    return page_of(AuditEntry, oldest, _ORDER, across_all=_WHAT_NAMES_SOMEBODY)


_NAMING = _naming()
_ALL = _all()
_AT_NODES = sighted(_at_nodes)


@frozen
class PostgresAuditLog:
    rows: Rows

    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[AuditEntry]:
        if nodes is None:
            return await self.rows.page(self.rows.of(_ALL), page)
        return await self.rows.page(self.rows.of(_AT_NODES), page, nodes=nodes)

    async def search(
        self, nodes: Sequence[str] | None, wanted: AuditSearch, page: PageRequest
    ) -> Page[AuditEntry]:
        return await searched(self.rows, nodes, wanted, page)

    async def chains(self) -> Sequence[str]:
        return [row[0] for row in (await self.rows.run(_CHAINS)).rows]

    async def unsealed_chains(self) -> Sequence[str]:
        return [row[0] for row in (await self.rows.run(_UNSEALED_CHAINS)).rows]

    async def unsealed(self, limit: int) -> Sequence[AuditEntry]:
        found = await self.rows.run(_NEXT_UNSEALED, limit=limit)
        return [*map(maker_of(AuditEntry), found.rows)]

    async def naming(self, ids: Sequence[str], page: PageRequest) -> Page[AuditEntry]:
        return await self.rows.page(_NAMING, page, named=ids)

    async def count_unsealed(self) -> int:
        row = await self.rows.one(_COUNT_UNSEALED)
        count: int = row[0] if row else 0
        return count

    async def sealed(self, after: int, limit: int) -> Sequence[AuditEntry]:
        found = await self.rows.run(_SEALED, after=after, limit=limit)
        return [*map(maker_of(AuditEntry), found.rows)]


@frozen
class PostgresSeals:
    rows: Rows

    async def set(self, entries: Sequence[AuditEntry]) -> None:
        sealed = [{c.name: _json(getattr(e, c.name)) for c in _SET_COLUMNS} for e in entries]
        set_now = await self.rows.run(
            _SET, sealed_now=json.dumps(sealed), seal_key=entries[0].seal_key
        )
        if set_now.count != len(entries):
            raise StaleVersion("One of them is sealed already.")


def _json(value: object) -> object:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else value


def write(rows: Rows, entry: AuditEntry, chain: str) -> None:
    rows.defer(
        WRITE,
        tenant_id=chain,
        id=entry.id,
        at=entry.at,
        actor_id=entry.actor_id,
        action=entry.action,
        target_type=entry.target_type,
        target_id=entry.target_id,
        organization_id=entry.organization_id,
        request_id=entry.request_id,
        ip_address=entry.ip_address,
        details=json.dumps(entry.details),
    )
