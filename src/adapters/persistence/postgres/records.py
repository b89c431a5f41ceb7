from collections.abc import Sequence

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    LIMIT,
    PERSON,
    TENANT,
    TENANTS,
    PageQuery,
    Statement,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import (
    TABLES,
    Id,
    consents,
    guardianships,
    user_organizations,
)
from faraday_core.kernel.entity import E
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.records.model import Consent, Disclosure, Guardianship, Rectification

_PURPOSE: sa.BindParameter[str] = sa.bindparam("purpose", type_=sa.Text)
_CHILD: sa.BindParameter[str] = sa.bindparam("child_id", type_=Id)
_GUARDIAN: sa.BindParameter[str] = sa.bindparam("guardian_id", type_=Id)


def _own(kind: type[E]) -> PageQuery[E]:
    table = TABLES[kind]
    query = sa.select(*columns_of(kind)).where(table.c.user_id == PERSON)
    return plain_page_of(kind, query, {"id": table.c.id}, newest_first=True)


_RECTIFICATIONS = _own(Rectification)
_CONSENTS = _own(Consent)
_DISCLOSURES = _own(Disclosure)
_CURRENT = statement_of(
    sa.select(*columns_of(Consent)).where(
        consents.c.user_id == PERSON,
        consents.c.purpose == _PURPOSE,
        consents.c.withdrawn_at.is_(None),
    )
)
_ROW = guardianships.c
_IN_SIGHT = sa.or_(
    _ROW.tenant_id == sa.any_(TENANTS), _ROW.guardian_id == PERSON, _ROW.child_id == PERSON
)
_OF_CHILD = statement_of(
    sa.select(*columns_of(Guardianship))
    .where(_ROW.child_id == _CHILD, _IN_SIGHT)
    .order_by(_ROW.id)
)
_BETWEEN = statement_of(
    sa.select(*columns_of(Guardianship))
    .where(_ROW.child_id == _CHILD, _ROW.guardian_id == _GUARDIAN, _IN_SIGHT)
    .order_by(_ROW.id)
)
_AFTER: sa.BindParameter[str] = sa.bindparam("after", type_=Id)


def _unconfirmed() -> Statement:
    nodes, held = subtree(lambda table: table.c.tenant_id == TENANT), user_organizations.c
    child_is_there = sa.exists().where(
        held.user_id == _ROW.child_id,
        held.tenant_id == TENANT,
        held.organization_id.in_(sa.select(nodes.c.id)),
    )
    query = sa.select(*columns_of(Guardianship)).where(
        _ROW.tenant_id == TENANT,
        sa.or_(_AFTER.is_(None), _ROW.id > _AFTER),
        _ROW.source_system.is_not(None),
        _ROW.confirmed_by.is_(None),
        child_is_there,
    )
    return statement_of(query.order_by(_ROW.id).limit(LIMIT))


_UNCONFIRMED = _unconfirmed()


@frozen
class PostgresRecords:
    rows: Rows

    async def rectifications(self, page: PageRequest) -> Page[Rectification]:
        return await self.rows.page(_RECTIFICATIONS, page)

    async def consents(self, page: PageRequest) -> Page[Consent]:
        return await self.rows.page(_CONSENTS, page)

    async def disclosures(self, page: PageRequest) -> Page[Disclosure]:
        return await self.rows.page(_DISCLOSURES, page)

    async def current_consents(self, purpose: str) -> Sequence[Consent]:
        found = await self.rows.run(_CURRENT, purpose=purpose)
        return [*map(maker_of(Consent), found.rows)]


@frozen
class PostgresGuardianships:
    rows: Rows

    async def of_child(self, child_id: str) -> Sequence[Guardianship]:
        found = await self.rows.run(_OF_CHILD, child_id=child_id)
        return [*map(maker_of(Guardianship), found.rows)]

    async def between(self, guardian_id: str, child_id: str) -> Guardianship | None:
        row = await self.rows.one(_BETWEEN, child_id=child_id, guardian_id=guardian_id)
        found: Guardianship | None = maker_of(Guardianship)(row) if row else None
        return found

    async def unconfirmed(
        self, organization_id: str, after: str | None, limit: int
    ) -> Sequence[Guardianship]:
        nodes = [organization_id]
        found = await self.rows.run(_UNCONFIRMED, nodes=nodes, after=after, limit=limit)
        return [*map(maker_of(Guardianship), found.rows)]
