from collections.abc import Collection, Mapping, Sequence

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.kernel.access import Path, not_found
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.model import Organization


@frozen
class MemoryOrganizations:
    rows: Rows

    def _seen(self) -> dict[str, Organization]:
        return {row.id: row for _, row in self.rows.in_sight(Organization)}

    async def paths_to(self, organization_ids: Collection[str]) -> Mapping[str, Path]:
        seen = self._seen()
        return {id: _path(seen, id) for id in organization_ids if id in seen}

    async def tenant_of(self, organization_id: str) -> str:
        for tenant, organization in self.rows.in_sight(Organization):
            if organization.id == organization_id:
                return tenant
        raise not_found()

    async def with_name(self, name: str) -> Sequence[str]:
        return [row.id for row in self._seen().values() if row.name == name][:2]

    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[Organization]:
        below = None if nodes is None else self.below(nodes)
        rows = (row for row in self._seen().values() if below is None or row.id in below)
        return self.rows.page(Organization, rows, page, order=("id",))

    def below(self, nodes: Collection[str]) -> set[str]:
        """These and all below them."""
        seen = self._seen()
        return {id for id in seen if {*_path(seen, id)} & {*nodes}}


def _path(seen: Mapping[str, Organization], id: str) -> Path:
    path = [id]
    while (parent := seen[path[0]].parent_organization_id) and parent in seen:
        path.insert(0, parent)
    return tuple(path)
