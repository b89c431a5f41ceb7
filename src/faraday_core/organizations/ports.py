"""What organisations ask of storage."""

from collections.abc import Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from faraday_core.kernel.access import Path, not_found
from faraday_core.kernel.actor import ScopeType
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Reader, Storage, UnitOfWork
from faraday_core.organizations.membership import M, MemberFilter, UserOrganization
from faraday_core.organizations.model import Department, Organization, OrganizationMerge, Team

N = TypeVar("N", Organization, Department, Team)


@frozen
class Located:
    """`path`: from the tenant down, of which the first `organizations` are such. `archived`: it,
    or something above it."""

    kind: ScopeType
    path: Path
    organizations: int
    archived: bool

    @property
    def within(self) -> Path:
        """The organisation, and what of the path lies in it."""
        return self.path[self.organizations - 1 :]

    @property
    def organization_id(self) -> str:
        return self.within[0]


@frozen
class Sight:
    """What of a list somebody sees: what lies at or below `nodes`, and each of `own`."""

    nodes: Sequence[str]
    own: Sequence[str]


@frozen
class Wanted:
    """`parent_id`: the node that a list's things are in. `words`: what those of the name begin
    with, without regard to case and accents."""

    parent_id: str | None
    words: Sequence[str]
    include_archived: bool


@frozen
class Counted(Generic[N]):
    """A node of a list, with how many people hold a role at itself."""

    id: str
    node: N
    member_count: int


class Organizations(Protocol):
    """The tree of organisations, departments and teams."""

    async def located(self, node_ids: Collection[str]) -> Mapping[str, Located]:
        """Those that cannot be seen from here are left out."""

    async def tenant_of(self, node_id: str) -> str:
        """Among the tenants stood in; raises NotFound."""

    async def with_name(self, name: str) -> Sequence[str]:
        """The ids of the organisations called exactly so, two at most."""

    async def page(
        self, kind: type[N], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[Counted[N]]:
        """In the order of their making. `sight`: None for all that there are."""

    async def member_count(self, kind: ScopeType, node_id: str) -> int: ...

    async def levels(self, kind: ScopeType, node_id: str) -> int:
        """How many levels of its own kind a node has, itself the first."""

    async def is_empty(self, kind: ScopeType, node_id: str) -> bool:
        """Whether nothing lies below it, and nobody belongs to it."""

    async def last_merge(self, organization_id: str) -> OrganizationMerge:
        """Of this organisation into another; raises NotFound."""

    async def members(
        self, kind: type[M], node_id: str, wanted: MemberFilter, page: PageRequest
    ) -> Page[M]:
        """Those of the node itself, who came first first."""

    async def roles_at(
        self, kind: ScopeType, node_id: str, user_id: str
    ) -> Sequence[UserOrganization]:
        """Those of one person at the node itself."""


class Moves(Protocol):
    """What changes many rows by one statement."""

    async def carry(self, node_id: str, organization_id: str) -> None:
        """What lies below a department or team that was moved, and whoever belongs there, to
        another organisation."""

    async def merge(self, organization_id: str, into: str) -> Mapping[str, Sequence[str]]:
        """What an organisation has below it, whoever belongs there, and what it has set, to
        another one. What that has already stays where it is: a role that somebody holds there, an
        invitation to the same address, what it sets and asks for itself. Answers what was moved,
        by kind."""

    async def left_out(self, organization_id: str) -> Mapping[str, int]:
        """How many of each kind a merge has left where they were."""

    async def unmerge(
        self, moved: Mapping[str, Sequence[str]], organization_id: str, into: str
    ) -> None:
        """Back again, as far as it still is where the merge has put it."""


class OrganizationsReader(Reader, Protocol):
    @property
    def organizations(self) -> Organizations: ...


class OrganizationsUnit(OrganizationsReader, UnitOfWork, Protocol):
    """All that can be asked, and the verbs that change something."""

    @property
    def moves(self) -> Moves: ...


OrganizationsStorage = Storage[OrganizationsUnit, OrganizationsReader]


async def locate(reader: OrganizationsReader, node_id: str) -> Located:
    """Raises NotFound."""
    found = await reader.organizations.located([node_id])
    if node_id not in found:
        raise not_found()
    return found[node_id]


async def path_to(reader: OrganizationsReader, node_id: str) -> Path:
    """From the tenant down; raises NotFound."""
    return (await locate(reader, node_id)).path


async def paths_to(reader: OrganizationsReader, node_ids: Collection[str]) -> Mapping[str, Path]:
    """Those that cannot be seen from here are left out."""
    found = await reader.organizations.located(node_ids)
    return {node_id: one.path for node_id, one in found.items()}
