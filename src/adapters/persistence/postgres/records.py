from collections.abc import Sequence

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    TENANTS,
    PageQuery,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import TABLES, Id, consents, guardianships
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
