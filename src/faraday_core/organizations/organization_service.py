from attrs import frozen

from faraday_core.kernel.access import (
    PLATFORM,
    Action,
    Place,
    reach_of,
    require,
)
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Fault, Invalid, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.model import (
    MOST_LEVELS,
    Organization,
    OrganizationFields,
    OrganizationView,
    view_of,
)
from faraday_core.organizations.ports import OrganizationsReader, OrganizationsStorage, path_to


@frozen
class OrganizationService:
    storage: OrganizationsStorage
    now: Clock
    new_id: NewId

    async def create(self, actor: Actor, fields: OrganizationFields) -> OrganizationView:
        """Make one below another, or, as a `platform_admin`, at the top: a tenant.

        Raises Invalid (`unknown_reference`), Forbidden, Conflict (`too_deep`).
        """
        id, now, parent = self.new_id(), self.now(), fields.parent_organization_id
        new = Organization(id, fields.name, now, now, parent)
        if parent is None:
            require(actor, Action.RUN_PLATFORM, PLATFORM)
            tenant = id
        else:
            tenant = await self._tenant_of_parent(actor, parent)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            if parent:
                await _allow_below(actor, unit, parent)
            await unit.add(new)
            await unit.account("organization.create", "organization", id, organization_id=id)
        return view_of(new)

    async def get(self, actor: Actor, organization_id: str) -> OrganizationView:
        """Raises NotFound."""
        tenant = await self.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            organization = await reader.get(Organization, organization_id)
            path = await path_to(reader, organization_id)
        action = Action.READ_ORGANIZATIONS
        require(actor, action, Place(paths=(path,)), to_see=action)
        return view_of(organization)

    async def list(self, actor: Actor, page: PageRequest) -> Page[OrganizationView]:
        """Those at and below the nodes where the actor may read them, the oldest first."""
        reach = reach_of(actor, Action.READ_ORGANIZATIONS)
        if not reach:
            return Page(())
        if reach.everywhere:
            async with self.storage.look_everywhere(actor) as reader:
                found = await reader.organizations.page(None, page)
        else:
            async with self.storage.look_across(actor, reach.tenants) as reader:
                nodes = None if reach.whole_tenants else reach.nodes
                found = await reader.organizations.page(nodes, page)
        return Page(tuple(map(view_of, found.items)), found.next_cursor)

    async def tenant_of(self, actor: Actor, organization_id: str) -> str:
        """The tenant in which an organisation lies, among those where the actor holds roles.

        Raises NotFound.
        """
        if len(actor.tenants) == 1 and not actor.is_platform_admin:
            return next(iter(actor.tenants))
        if actor.is_platform_admin:
            async with self.storage.look_everywhere(actor) as reader:
                return await reader.organizations.tenant_of(organization_id)
        async with self.storage.look_across(actor, actor.tenants) as reader:
            return await reader.organizations.tenant_of(organization_id)

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

    async def _tenant_of_parent(self, actor: Actor, parent: str) -> str:
        try:
            return await self.tenant_of(actor, parent)
        except NotFound as error:
            raise _unknown_parent() from error


async def _allow_below(actor: Actor, reader: OrganizationsReader, parent: str) -> None:
    """The caller wrote the parent: if they cannot see it, their fields are at fault."""
    try:
        path = await path_to(reader, parent)
        action = Action.WRITE_ORGANIZATIONS
        require(actor, action, Place(paths=(path,)), to_see=Action.READ_ORGANIZATIONS)
    except NotFound as error:
        raise _unknown_parent() from error
    if len(path) >= MOST_LEVELS:
        detail = f"Organisations are nested {MOST_LEVELS} levels deep at most."
        raise Conflict(detail, code="too_deep")


def _unknown_parent() -> Invalid:
    fault = Fault("/parent_organization_id", "unknown_reference", "is no organisation here")
    return Invalid([fault])
