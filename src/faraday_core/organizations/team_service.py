from collections.abc import Callable, Collection

from attrs import evolve, frozen

from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.changes import Changes, account
from faraday_core.organizations.model import Team, TeamFields, TeamFilter
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import Below, allow, allow_below, refuse_archived
from faraday_core.organizations.ports import OrganizationsStorage
from faraday_core.organizations.views import TeamView, team_view

_KIND = ScopeType.TEAM


@frozen
class TeamService:
    """People of a department who do something together."""

    storage: OrganizationsStorage
    nodes: Nodes
    changes: Changes
    now: Clock
    new_id: NewId

    async def create(self, actor: Actor, fields: TeamFields) -> TeamView:
        """Raises Invalid (`unknown_reference`), Forbidden, Conflict (`archived`)."""
        id, now, department = self.new_id(), self.now(), fields.department_id
        tenant = await self.nodes.tenant_below(actor, _below(department))
        async with self.storage.begin(actor, tenant=tenant) as unit:
            parent = await allow_below(actor, unit, _KIND, _below(department))
            organization = parent.organization_id
            bare = Team(id, fields.name, now, now, department, organization)
            new = fields.onto(bare, now, organization)
            await unit.add(new)
            await account(unit, "create", new, parent)
        return team_view(new, 0)

    async def get(self, actor: Actor, team_id: str) -> TeamView:
        """Raises NotFound."""
        found = await self.nodes.get(actor, Team, team_id)
        return team_view(found.node, found.member_count)

    async def list(
        self, actor: Actor, page: PageRequest, wanted: TeamFilter | None = None
    ) -> Page[TeamView]:
        """Those at and below the nodes where the actor may read them, and those they belong to,
        the oldest first."""
        found = await self.nodes.page(actor, Team, wanted or TeamFilter(), page)
        views = (team_view(item.node, item.member_count) for item in found.items)
        return Page(tuple(views), found.next_cursor)

    async def change(
        self,
        actor: Actor,
        team_id: str,
        change: Callable[[Team], TeamFields],
        *,
        seen: Collection[str] | None = None,
    ) -> TeamView:
        """Rename, describe or move one, by fields made from the latest ones.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden, Invalid,
        StaleVersion, Conflict (`other_tenant`, `archived`).
        """
        tenant = await self.nodes.tenant_of(actor, team_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            old = await unit.hold(Team, team_id)
            located = await allow(actor, unit, old)
            require_state(str(old.version), seen)
            refuse_archived(located)
            new = change(old).onto(old, self.now(), old.organization_id)
            moved = new.parent_id != old.parent_id
            if moved:
                below = _below(new.department_id)
                parent = await self.changes.allow_move(actor, unit, old, below)
                new = evolve(new, organization_id=parent.organization_id)
            saved = await unit.save(new)
            if new.organization_id != old.organization_id:
                await unit.moves.carry(team_id, new.organization_id)
            await account(unit, "move" if moved else "update", saved, located)
        return team_view(saved)

    async def delete(
        self, actor: Actor, team_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """Raises NotFound, Forbidden, StaleVersion, Conflict (`not_empty`)."""
        await self.changes.remove(actor, Team, team_id, seen=seen)

    async def archive(self, actor: Actor, team_id: str) -> TeamView:
        """Out of the lists, and closed to whatever is new; raises NotFound, Forbidden."""
        return team_view(await self.changes.archive(actor, Team, team_id))

    async def restore(self, actor: Actor, team_id: str) -> TeamView:
        """Raises NotFound, Forbidden, Conflict (`archived`)."""
        return team_view(await self.changes.restore(actor, Team, team_id))


def _below(department_id: str) -> Below:
    return Below(department_id, ScopeType.DEPARTMENT, "/department_id")
