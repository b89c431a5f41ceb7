"""What can be done to a node's place in the tree, of whatever kind it is."""

from collections.abc import Collection
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, require
from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Conflict, Invalid, NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.organizations.model import Department, Organization, Team
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import (
    TO_WRITE,
    Below,
    Node,
    above,
    allow_below,
    place_of,
    refuse_archived,
    refuse_too_deep,
)
from faraday_core.organizations.ports import Located, OrganizationsStorage, OrganizationsUnit

N = TypeVar("N", Organization, Department, Team)


@frozen
class Changes:
    storage: OrganizationsStorage
    nodes: Nodes
    now: Clock

    async def archive(self, actor: Actor, kind: type[N], node_id: str) -> N:
        """Out of the lists, and closed to whatever is new; raises NotFound, Forbidden."""
        return await self._set_archived(actor, kind, node_id, archived=True)

    async def restore(self, actor: Actor, kind: type[N], node_id: str) -> N:
        """Raises NotFound, Forbidden, Conflict (`archived`) where it lies in one that is."""
        return await self._set_archived(actor, kind, node_id, archived=False)

    async def remove(
        self, actor: Actor, kind: type[N], node_id: str, *, seen: Collection[str] | None
    ) -> None:
        """Raises NotFound, Forbidden, StaleVersion, Conflict (`not_empty`)."""
        tenant = await self.nodes.tenant_of(actor, node_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            node = await unit.hold(kind, node_id)
            located = await _allow_at_its_place(actor, unit, node)
            require_state(str(node.version), seen)
            if not await unit.organizations.is_empty(kind.scope_type, node_id):
                detail = "Something lies below it, or somebody belongs to it."
                raise Conflict(detail, code="not_empty")
            await unit.remove(node)
            await account(unit, "delete", node, located)

    async def allow_move(
        self, actor: Actor, unit: OrganizationsUnit, old: Node, below: Below | None
    ) -> Located:
        """Where it is to lie: elsewhere in the tenant, which takes the right to write at both
        ends. `below`: None for the top, where only a tenant is.

        Raises Forbidden, Invalid (`unknown_reference`), Conflict (`cycle`, `other_tenant`,
        `too_deep`, `archived`).
        """
        kind = old.scope_type
        located, _ = await place_of(unit, actor, old.id)
        require(actor, TO_WRITE[kind], above(located.path))
        if len(located.path) == 1 or below is None:
            raise _other_tenant()
        # One move at a time in a tenant: two could make a circle, each by itself harmless.
        await unit.hold(Organization, located.path[0])
        try:
            parent = await allow_below(actor, unit, kind, below)
        except Invalid:
            if await self._is_elsewhere(actor, below.parent_id):
                raise _other_tenant() from None
            raise
        if old.id in parent.path:
            raise Conflict("It would lie below itself.", code="cycle")
        refuse_too_deep(kind, parent, await unit.organizations.levels(kind, old.id))
        return parent

    async def _is_elsewhere(self, actor: Actor, node_id: str) -> bool:
        """In another tenant of the actor's."""
        if len(actor.tenants) < 2 and not actor.is_platform_admin:  # noqa: PLR2004 -- another one
            return False
        try:
            await self.nodes.tenant_of(actor, node_id)
        except NotFound:
            return False
        return True

    async def _set_archived(
        self, actor: Actor, kind: type[N], node_id: str, *, archived: bool
    ) -> N:
        tenant = await self.nodes.tenant_of(actor, node_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            node = await unit.hold(kind, node_id)
            located = await _allow_at_its_place(actor, unit, node)
            if (node.archived_at is not None) == archived:
                return node
            if not archived:
                await _refuse_below_archived(unit, located)
            now = self.now()
            # Of one of three classes, each with these two fields.
            changed = evolve(
                cast(Any, node), archived_at=now if archived else None, updated_at=now
            )
            saved = await unit.save(cast(N, changed))
            await account(unit, "archive" if archived else "restore", saved, located)
        return saved


async def account(
    unit: OrganizationsUnit, verb: str, node: Node, located: Located, **details: str | None
) -> None:
    """In the organisation that the node is, or lies in."""
    kind = str(node.scope_type)
    organization = located.organization_id
    await unit.account(f"{kind}.{verb}", kind, node.id, organization_id=organization, **details)


async def _allow_at_its_place(actor: Actor, unit: OrganizationsUnit, node: Node) -> Located:
    located, place = await place_of(unit, actor, node.id)
    action = TO_WRITE[node.scope_type]
    require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)
    if located.kind is not ScopeType.ORGANIZATION:
        require(actor, action, above(located.path))  # nobody does that to the top of their own
    return located


async def _refuse_below_archived(unit: OrganizationsUnit, located: Located) -> None:
    if parent := located.path[-2:-1]:
        refuse_archived((await unit.organizations.located(parent))[parent[0]])


def _other_tenant() -> Conflict:
    return Conflict("It stays in its tenant, and a tenant stays one.", code="other_tenant")
