from collections.abc import Callable, Collection

from attrs import frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.changes import Changes, account
from faraday_core.organizations.model import (
    Organization,
    OrganizationFields,
    OrganizationFilter,
)
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import (
    Below,
    allow,
    allow_below,
    refuse_archived,
    refuse_too_deep,
)
from faraday_core.organizations.ports import Located, OrganizationsStorage
from faraday_core.organizations.views import OrganizationView, organization_view


def _below(parent_id: str) -> Below:
    return Below(parent_id, ScopeType.ORGANIZATION, "/parent_organization_id")


@frozen
class OrganizationService:
    """Districts, schools, and whatever else people belong to."""

    storage: OrganizationsStorage
    nodes: Nodes
    changes: Changes
    now: Clock
    new_id: NewId

    async def create(self, actor: Actor, fields: OrganizationFields) -> OrganizationView:
        """Make one below another, or, as a `platform_admin`, at the top: a tenant.

        Raises Invalid (`unknown_reference`), Forbidden, Conflict (`too_deep`, `archived`).
        """
        id, now, parent = self.new_id(), self.now(), fields.parent_organization_id
        new = fields.onto(Organization(id, fields.name, now, now), now)
        if parent is None:
            require(actor, Action.RUN_PLATFORM, PLATFORM)
            tenant = id
        else:
            tenant = await self.nodes.tenant_below(actor, _below(parent))
        async with self.storage.begin(actor, tenant=tenant) as unit:
            if parent:
                kind = ScopeType.ORGANIZATION
                refuse_too_deep(kind, await allow_below(actor, unit, kind, _below(parent)), 1)
            await unit.add(new)
            await account(unit, "create", new, _at_the_top(id))
        return organization_view(new, 0)

    async def get(self, actor: Actor, organization_id: str) -> OrganizationView:
        """Raises NotFound."""
        found = await self.nodes.get(actor, Organization, organization_id)
        return organization_view(found.node, found.member_count)

    async def list(
        self, actor: Actor, page: PageRequest, wanted: OrganizationFilter | None = None
    ) -> Page[OrganizationView]:
        """Those at and below the nodes where the actor may read them, and those they belong to,
        the oldest first."""
        wanted = wanted or OrganizationFilter()
        found = await self.nodes.page(actor, Organization, wanted, page)
        views = (organization_view(item.node, item.member_count) for item in found.items)
        return Page(tuple(views), found.next_cursor)

    async def change(
        self,
        actor: Actor,
        organization_id: str,
        change: Callable[[Organization], OrganizationFields],
        *,
        seen: Collection[str] | None = None,
    ) -> OrganizationView:
        """Rename, describe or move one, by fields made from the latest ones.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden, Invalid,
        StaleVersion, Conflict (`cycle`, `other_tenant`, `too_deep`, `archived`).
        """
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            old = await unit.hold(Organization, organization_id)
            located = await allow(actor, unit, old)
            require_state(str(old.version), seen)
            refuse_archived(located)
            new = change(old).onto(old, self.now())
            moved = new.parent_id != old.parent_id
            if moved:
                below = _below(new.parent_id) if new.parent_id else None
                await self.changes.allow_move(actor, unit, old, below)
            saved = await unit.save(new)
            await account(unit, "move" if moved else "update", saved, located)
        return organization_view(saved)

    async def delete(
        self, actor: Actor, organization_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """Raises NotFound, Forbidden, StaleVersion, Conflict (`not_empty`)."""
        await self.changes.remove(actor, Organization, organization_id, seen=seen)

    async def archive(self, actor: Actor, organization_id: str) -> OrganizationView:
        """Out of the lists, and closed to whatever is new; raises NotFound, Forbidden."""
        return organization_view(await self.changes.archive(actor, Organization, organization_id))

    async def restore(self, actor: Actor, organization_id: str) -> OrganizationView:
        """Raises NotFound, Forbidden, Conflict (`archived`)."""
        return organization_view(await self.changes.restore(actor, Organization, organization_id))

    async def tenant_of(self, actor: Actor, organization_id: str) -> str:
        """The tenant in which an organisation lies, among those where the actor holds roles.

        Raises NotFound.
        """
        return await self.nodes.tenant_of(actor, organization_id)

    async def named(self, actor: Actor, id_or_name: str) -> str:
        """The id of the organisation with this id or exactly this name, for the command line.

        Raises NotFound, and Conflict (`ambiguous_name`) where several are called so.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        if is_id(id_or_name):
            await self.tenant_of(actor, id_or_name)
            return id_or_name
        async with self.storage.look_everywhere(actor) as reader:
            found = await reader.organizations.with_name(id_or_name)
        if not found:
            raise NotFound(f"There is no organisation with the id or name {id_or_name!r}.")
        if len(found) > 1:
            detail = f"Several organisations are called {id_or_name!r}; give the id."
            raise Conflict(detail, code="ambiguous_name")
        return found[0]


def _at_the_top(organization_id: str) -> Located:
    """Where an act on an organisation itself is accounted for."""
    return Located(ScopeType.ORGANIZATION, (organization_id,), 1, archived=False)
