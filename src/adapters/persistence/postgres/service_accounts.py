import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import TENANT, columns_of, plain_page_of
from adapters.persistence.tables import Id, service_accounts, users
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.service_account_model import ServiceAccount

_AT: sa.BindParameter[str] = sa.bindparam("organization_id", type_=Id)

_ROW = service_accounts.c
_ACTIVE = sa.exists().where(users.c.id == _ROW.id, users.c.is_active)
_PAGE = plain_page_of(
    ServiceAccount,
    sa.select(*columns_of(ServiceAccount)).where(
        _ROW.tenant_id == TENANT, _ROW.organization_id == _AT, _ACTIVE
    ),
    {"id": _ROW.id},
    newest_first=True,
)


@frozen
class PostgresServiceAccounts:
    rows: Rows

    async def page(self, organization_id: str, page: PageRequest) -> Page[ServiceAccount]:
        return await self.rows.page(_PAGE, page, organization_id=organization_id)
