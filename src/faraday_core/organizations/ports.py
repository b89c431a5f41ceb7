"""What organisations ask of storage."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from faraday_core.kernel.access import Path, not_found
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Reader, Storage, UnitOfWork
from faraday_core.organizations.model import Organization


class Organizations(Protocol):
    async def paths_to(self, organization_ids: Collection[str]) -> Mapping[str, Path]:
        """From the tenant down to each; those that cannot be seen from here are left out."""

    async def tenant_of(self, organization_id: str) -> str:
        """Among the tenants stood in; raises NotFound."""

    async def with_name(self, name: str) -> Sequence[str]:
        """The ids of those called exactly so, two at most."""

    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[Organization]:
        """In the order of their making. `nodes`: these and what is below them only."""


class OrganizationsReader(Reader, Protocol):
    @property
    def organizations(self) -> Organizations: ...


class OrganizationsUnit(OrganizationsReader, UnitOfWork, Protocol):
    """All that can be asked, and the verbs that change something."""


OrganizationsStorage = Storage[OrganizationsUnit, OrganizationsReader]


async def path_to(reader: OrganizationsReader, organization_id: str) -> Path:
    """From the tenant down; raises NotFound."""
    paths = await reader.organizations.paths_to([organization_id])
    if organization_id not in paths:
        raise not_found()
    return paths[organization_id]
