"""Organisations, departments and teams as they are read: all are nodes of one tree."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from attrs import frozen

from faraday_core.kernel.access import TO_WHO_BELONGS, Action, Reach, in_scope, reach_of, require
from faraday_core.kernel.actor import Actor, Grant, ScopeType
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.words import words_of
from faraday_core.organizations.model import (
    Department,
    DepartmentFilter,
    Organization,
    OrganizationFilter,
    Team,
    TeamFilter,
)
from faraday_core.organizations.places import Below, place_of, unknown_reference
from faraday_core.organizations.ports import (
    Counted,
    OrganizationsReader,
    OrganizationsStorage,
    Sight,
    Wanted,
)

N = TypeVar("N", Organization, Department, Team)


@frozen
class Nodes:
    storage: OrganizationsStorage

    async def get(self, actor: Actor, kind: type[N], node_id: str) -> Counted[N]:
        """Raises NotFound."""
        tenant = await self.tenant_of(actor, node_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            node = await reader.get(kind, node_id)
            _, place = await place_of(reader, actor, node_id)
            require(actor, Action.READ_ORGANIZATIONS, place, to_see=Action.READ_ORGANIZATIONS)
            count = await reader.organizations.member_count(kind.scope_type, node_id)
        return Counted(node_id, node, count)

    async def page(
        self,
        actor: Actor,
        kind: type[N],
        asked: OrganizationFilter | DepartmentFilter | TeamFilter,
        page: PageRequest,
    ) -> Page[Counted[N]]:
        """Those at and below the nodes where the actor may read them, and those they belong to."""
        reach: Reach = reach_of(actor, Action.READ_ORGANIZATIONS)
        able = in_scope(actor, TO_WHO_BELONGS)
        belonging: list[Grant] = [g for g in actor.grants if able and _belongs(g)]
        wanted = Wanted(asked.parent_id, words_of(asked.q or ""), asked.include_archived)
        if not (reach or belonging) or (asked.q and not wanted.words):
            return Page(())
        if reach.everywhere:
            async with self.storage.look_everywhere(actor) as reader:
                return await reader.organizations.page(kind, None, wanted, page)
        tenants = {*reach.tenants, *(grant.tenant_id or "" for grant in belonging)}
        async with self.storage.look_across(actor, tenants) as reader:
            sight = None
            if not reach.whole_tenants or tenants > {*reach.tenants}:
                sight = Sight(reach.nodes, await _own(reader, kind.scope_type, belonging))
            return await reader.organizations.page(kind, sight, wanted, page)

    async def tenant_of(self, actor: Actor, node_id: str) -> str:
        """The tenant in which a node lies, among those where the actor holds roles.

        Raises NotFound.
        """
        if len(actor.tenants) == 1 and not actor.is_platform_admin:
            return next(iter(actor.tenants))
        if actor.is_platform_admin:
            async with self.storage.look_everywhere(actor) as reader:
                return await reader.organizations.tenant_of(node_id)
        async with self.storage.look_across(actor, actor.tenants) as reader:
            return await reader.organizations.tenant_of(node_id)

    async def tenant_below(self, actor: Actor, below: Below) -> str:
        """As `tenant_of`, for what the caller wrote; raises Invalid (`unknown_reference`)."""
        try:
            return await self.tenant_of(actor, below.parent_id)
        except NotFound as error:
            raise unknown_reference(below.pointer) from error


def _belongs(grant: Grant) -> bool:
    return grant.tenant_id is not None and TO_WHO_BELONGS not in grant.removed


async def _own(
    reader: OrganizationsReader, kind: ScopeType, belonging: Collection[Grant]
) -> Sequence[str]:
    """The nodes of a kind to which somebody belongs, by roles at these or at nodes in them."""
    if kind is ScopeType.ORGANIZATION:
        return sorted({grant.organization_id for grant in belonging if grant.organization_id})
    teams = {g.scope_id for g in belonging if g.scope_type is ScopeType.TEAM and g.scope_id}
    if kind is ScopeType.TEAM:
        return sorted(teams)
    departments = {g.scope_id for g in belonging if g.scope_type is ScopeType.DEPARTMENT}
    found = await reader.organizations.located([*teams, *filter(None, departments)])
    return sorted({node for one in found.values() for node in one.within[1:]} - teams)
