from collections.abc import Callable, Collection

from attrs import frozen

from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.changes import Changes, account
from faraday_core.organizations.model import Department, DepartmentFields, DepartmentFilter
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import (
    Below,
    allow,
    allow_below,
    refuse_archived,
    refuse_too_deep,
    require_seen,
)
from faraday_core.organizations.ports import Located, OrganizationsStorage, OrganizationsUnit
from faraday_core.organizations.views import DepartmentView, department_view

_KIND = ScopeType.DEPARTMENT


@frozen
class DepartmentService:
    """The parts of an organisation: subjects, year groups, offices."""

    storage: OrganizationsStorage
    nodes: Nodes
    changes: Changes
    now: Clock
    new_id: NewId

    async def create(self, actor: Actor, fields: DepartmentFields) -> DepartmentView:
        """Raises Invalid (`unknown_reference`), Forbidden, Conflict (`too_deep`, `archived`)."""
        id, now = self.new_id(), self.now()
        new = fields.onto(Department(id, fields.name, now, now, fields.organization_id), now)
        tenant = await self.nodes.tenant_below(actor, _in_organization(new))
        async with self.storage.begin(actor, tenant=tenant) as unit:
            parent = await allow_below(actor, unit, _KIND, _below(new))
            await _require_same_organization(actor, unit, parent, new)
            refuse_too_deep(_KIND, parent, 1)
            await unit.add(new)
            await account(unit, "create", new, parent)
        return department_view(new, 0)

    async def get(self, actor: Actor, department_id: str) -> DepartmentView:
        """Raises NotFound."""
        found = await self.nodes.get(actor, Department, department_id)
        return department_view(found.node, found.member_count)

    async def list(
        self, actor: Actor, page: PageRequest, wanted: DepartmentFilter | None = None
    ) -> Page[DepartmentView]:
        """Those at and below the nodes where the actor may read them, and those they belong to,
        the oldest first."""
        wanted = wanted or DepartmentFilter()
        found = await self.nodes.page(actor, Department, wanted, page)
        views = (department_view(item.node, item.member_count) for item in found.items)
        return Page(tuple(views), found.next_cursor)

    async def change(
        self,
        actor: Actor,
        department_id: str,
        change: Callable[[Department], DepartmentFields],
        *,
        seen: Collection[str] | None = None,
    ) -> DepartmentView:
        """Rename, describe or move one, with all in it, by fields made from the latest ones.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden, Invalid,
        StaleVersion, Conflict (`cycle`, `other_tenant`, `too_deep`, `archived`).
        """
        tenant = await self.nodes.tenant_of(actor, department_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            old = await unit.hold(Department, department_id)
            located = await allow(actor, unit, old)
            require_state(str(old.version), seen)
            refuse_archived(located)
            new = change(old).onto(old, self.now())
            elsewhere = new.organization_id != old.organization_id
            moved = elsewhere or new.parent_id != old.parent_id
            if moved:
                parent = await self.changes.allow_move(actor, unit, old, _below(new))
                await _require_same_organization(actor, unit, parent, new)
            saved = await unit.save(new)
            if elsewhere:
                await unit.moves.carry(department_id, new.organization_id)
            await account(unit, "move" if moved else "update", saved, located)
        return department_view(saved)

    async def delete(
        self, actor: Actor, department_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """Raises NotFound, Forbidden, StaleVersion, Conflict (`not_empty`)."""
        await self.changes.remove(actor, Department, department_id, seen=seen)

    async def archive(self, actor: Actor, department_id: str) -> DepartmentView:
        """Out of the lists, and closed to whatever is new; raises NotFound, Forbidden."""
        return department_view(await self.changes.archive(actor, Department, department_id))

    async def restore(self, actor: Actor, department_id: str) -> DepartmentView:
        """Raises NotFound, Forbidden, Conflict (`archived`)."""
        return department_view(await self.changes.restore(actor, Department, department_id))


def _below(new: Department) -> Below:
    if new.parent_department_id:
        return Below(new.parent_department_id, ScopeType.DEPARTMENT, "/parent_department_id")
    return _in_organization(new)


def _in_organization(new: Department) -> Below:
    return Below(new.organization_id, ScopeType.ORGANIZATION, "/organization_id")


async def _require_same_organization(
    actor: Actor, unit: OrganizationsUnit, parent: Located, new: Department
) -> None:
    if parent.organization_id == new.organization_id:
        return
    await require_seen(actor, unit, _in_organization(new))
    detail = "is a department of another organisation"
    raise Invalid([Fault("/parent_department_id", "invalid_value", detail)])
