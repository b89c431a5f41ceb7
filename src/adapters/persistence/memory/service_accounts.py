from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.service_account_model import ServiceAccount


@frozen
class MemoryServiceAccounts:
    rows: Rows

    async def page(self, organization_id: str, page: PageRequest) -> Page[ServiceAccount]:
        active = {user.id for user in self.rows.all(User) if user.is_active}
        found = (
            account
            for _, account in self.rows.in_sight(ServiceAccount)
            if account.organization_id == organization_id and account.id in active
        )
        return self.rows.page(ServiceAccount, found, page, ("id",), newest_first=True)
