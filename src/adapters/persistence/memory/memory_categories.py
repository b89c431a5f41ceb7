from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.memory.model import MemoryCategory, TenantMemoryCategory, UserMemory
from faraday_core.organizations.membership import UserOrganization


@frozen
class MemoryMemoryCategories:
    rows: Rows

    async def all(self) -> Sequence[MemoryCategory]:
        return sorted(self.rows.own(MemoryCategory), key=lambda row: row.name_key)

    async def of_tenants(self) -> Sequence[TenantMemoryCategory]:
        return self._of({tenant for tenant, _ in self.rows.roles(self.rows.scope.user_id or "")})

    async def of_tenant(self) -> Sequence[TenantMemoryCategory]:
        return self._of([self.rows.scope.tenant_id or ""])

    async def having(
        self, name: str, category_id: str, after: str | None, limit: int
    ) -> Sequence[str]:
        tenant, memories = self.rows.scope.tenant_id, self.rows.all(UserMemory)
        people = {
            role.user_id for at, role in self.rows.in_sight(UserOrganization) if at == tenant
        }
        having = {one.user_id for one in memories if one.category == name}
        having |= {
            one.user_id
            for one in self.rows.all(MemoryCategory)
            if one.parent_category_id == category_id
        }
        return sorted(id for id in people & having if after is None or id > after)[:limit]

    async def counts(self) -> Mapping[str, int]:
        own = (
            row
            for row in self.rows.own(UserMemory)
            if row.deleted_at is None and row.summary_id is None
        )
        return Counter(row.category for row in own if row.category is not None)

    def _of(self, tenants: Iterable[str]) -> Sequence[TenantMemoryCategory]:
        seen = {*tenants}
        found = self.rows.stored(TenantMemoryCategory)
        rows = [stored.row for stored in found if stored.owner in seen]
        return sorted(rows, key=lambda row: (row.name_key, row.id))
