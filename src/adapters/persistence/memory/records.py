from collections.abc import Sequence

from attrs import frozen

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.membership import UserOrganization
from faraday_core.records.model import Consent, Disclosure, Guardianship, Rectification


@frozen
class MemoryRecords:
    rows: Rows

    async def rectifications(self, page: PageRequest) -> Page[Rectification]:
        own = self.rows.own(Rectification)
        return self.rows.page(Rectification, own, page, ("id",), newest_first=True)

    async def consents(self, page: PageRequest) -> Page[Consent]:
        return self.rows.page(Consent, self.rows.own(Consent), page, ("id",), newest_first=True)

    async def disclosures(self, page: PageRequest) -> Page[Disclosure]:
        own = self.rows.own(Disclosure)
        return self.rows.page(Disclosure, own, page, ("id",), newest_first=True)

    async def current_consents(self, purpose: str) -> Sequence[Consent]:
        own = self.rows.own(Consent)
        return [consent for consent in own if consent.purpose == purpose and consent.is_current]


@frozen
class MemoryGuardianships:
    rows: Rows

    async def of_child(self, child_id: str) -> Sequence[Guardianship]:
        person, tenants = self.rows.scope.user_id, self.rows.scope.tenants
        seen = (
            stored.row
            for stored in self.rows.stored(Guardianship)
            if stored.owner in tenants or person in {stored.row.guardian_id, stored.row.child_id}
        )
        return sorted((row for row in seen if row.child_id == child_id), key=lambda row: row.id)

    async def between(self, guardian_id: str, child_id: str) -> Guardianship | None:
        guardians = await self.of_child(child_id)
        return next((row for row in guardians if row.guardian_id == guardian_id), None)

    async def unconfirmed(
        self, organization_id: str, after: str | None, limit: int
    ) -> Sequence[Guardianship]:
        nodes = MemoryOrganizations(self.rows).below([organization_id])
        children = {
            role.user_id
            for tenant, role in self.rows.in_sight(UserOrganization)
            if tenant == self.rows.scope.tenant_id and role.organization_id in nodes
        }
        waiting = (
            row
            for tenant, row in self.rows.in_sight(Guardianship)
            if tenant == self.rows.scope.tenant_id and row.is_unconfirmed
        )
        found = (row for row in waiting if row.child_id in children)
        return sorted(
            (row for row in found if after is None or row.id > after), key=lambda row: row.id
        )[:limit]
