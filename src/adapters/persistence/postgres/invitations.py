from datetime import datetime

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    TENANT,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import Id, invitations
from adapters.persistence.tables.declaring import Bytes, Name, Time
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.invitation_model import Invitation

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_HASH: sa.BindParameter[bytes] = sa.bindparam("token_hash", type_=Bytes)
_KEY: sa.BindParameter[str] = sa.bindparam("email_key", type_=Name)
_AT: sa.BindParameter[str] = sa.bindparam("organization_id", type_=Id)

_ROW = invitations.c
_EVERY = sa.select(*columns_of(Invitation)).where(_ROW.tenant_id == TENANT)
_OPEN_AT = sa.and_(_ROW.tenant_id == TENANT, _ROW.organization_id == _AT, _ROW.expires_at > _NOW)
_WITH_TOKEN = statement_of(_EVERY.where(_ROW.token_hash == _HASH, _ROW.expires_at > _NOW))
_TO_ADDRESS = statement_of(_EVERY.where(_ROW.organization_id == _AT, _ROW.email_key == _KEY))
_COUNT = statement_of(sa.select(sa.func.count()).select_from(invitations).where(_OPEN_AT))
_PAGE = plain_page_of(
    Invitation,
    sa.select(*columns_of(Invitation)).where(_OPEN_AT),
    {"id": _ROW.id},
    newest_first=True,
)


@frozen
class PostgresInvitations:
    rows: Rows

    async def with_token(self, token_hash: bytes, now: datetime) -> Invitation | None:
        row = await self.rows.one(_WITH_TOKEN, token_hash=token_hash, now=now)
        found: Invitation | None = maker_of(Invitation)(row) if row else None
        return found

    async def to_address(self, organization_id: str, email_key: str) -> Invitation | None:
        row = await self.rows.one(
            _TO_ADDRESS, organization_id=organization_id, email_key=email_key
        )
        found: Invitation | None = maker_of(Invitation)(row) if row else None
        return found

    async def count(self, organization_id: str, now: datetime) -> int:
        row = await self.rows.one(_COUNT, organization_id=organization_id, now=now)
        count: int = row[0] if row else 0
        return count

    async def page(
        self, organization_id: str, page: PageRequest, now: datetime
    ) -> Page[Invitation]:
        return await self.rows.page(_PAGE, page, organization_id=organization_id, now=now)
