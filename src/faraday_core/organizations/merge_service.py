from collections.abc import Mapping

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, Place, require
from faraday_core.kernel.actor import Actor, ScopeType
from faraday_core.kernel.errors import Conflict
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.changes import Changes, account
from faraday_core.organizations.model import Id, Organization, OrganizationMerge
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import Below, above, allow
from faraday_core.organizations.ports import OrganizationsStorage, OrganizationsUnit


@frozen
class IntoOrganization:
    into_organization_id: Id


@frozen
class MergeView:
    """What was moved, by its kind, and how many of each. `left_out`: how many were not, since the
    other organisation has the like, which stays in force."""

    id: str
    organization_id: str
    into_organization_id: str
    moved: Mapping[str, int]
    left_out: Mapping[str, int]
    undone: bool


@frozen
class MergeService:
    """Two schools become one: departments, teams, members, classes, open invitations and what the
    one has set go over to the other, whose own prevails. What is left of it is archived below
    that, so that its history is read where its people are."""

    storage: OrganizationsStorage
    nodes: Nodes
    changes: Changes
    now: Clock
    new_id: NewId

    async def merge(self, actor: Actor, organization_id: str, into: IntoOrganization) -> MergeView:
        """Raises NotFound, Forbidden, Invalid (`unknown_reference`), Conflict (`other_tenant`,
        `cycle`, `archived`)."""
        below = Below(into.into_organization_id, ScopeType.ORGANIZATION, "/into_organization_id")
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            old = await unit.hold(Organization, organization_id)
            located = await allow(actor, unit, old)
            if old.archived_at:
                raise Conflict("It is archived: restore it first.", code="archived")
            await self.changes.allow_move(actor, unit, old, below)
            moved = await unit.moves.merge(organization_id, below.parent_id)
            left_out = await unit.moves.left_out(organization_id)
            now = self.now()
            merged = evolve(
                await unit.get(Organization, organization_id),
                parent_organization_id=below.parent_id,
                merged_into_organization_id=below.parent_id,
                archived_at=now,
                updated_at=now,
            )
            await unit.save(merged)
            merge = OrganizationMerge(
                self.new_id(),
                organization_id,
                below.parent_id,
                old.parent_organization_id or tenant,
                moved,
                now,
            )
            await unit.add(merge)
            await account(
                unit,
                "merge",
                old,
                located,
                into_organization_id=below.parent_id,
                left_out=", ".join(f"{kind} {count}" for kind, count in left_out.items()) or None,
            )
        return _view_of(merge, left_out)

    async def undo(self, actor: Actor, organization_id: str) -> MergeView:
        """All that is still where the organisation's last merge has put it goes back.

        Raises NotFound, Forbidden, Conflict (`already_undone`).
        """
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            old = await unit.hold(Organization, organization_id)
            merge = await unit.organizations.last_merge(organization_id)
            await self._allow_undo(actor, unit, merge)
            if merge.undone_at:
                raise Conflict("This merge was undone before.", code="already_undone")
            now, into = self.now(), merge.into_organization_id
            restored = evolve(
                old,
                parent_organization_id=merge.former_parent_id,
                merged_into_organization_id=None,
                archived_at=None,
                updated_at=now,
            )
            located = await allow(actor, unit, old)
            await unit.save(restored)
            await unit.moves.unmerge(merge.moved, old.id, into)
            undone = await unit.save(evolve(merge, undone_at=now))
            await account(unit, "unmerge", old, located, into_organization_id=into)
        return _view_of(undone, {})

    async def _allow_undo(
        self, actor: Actor, unit: OrganizationsUnit, merge: OrganizationMerge
    ) -> None:
        """As the merge itself: at both ends, and where the one was before."""
        nodes = (merge.organization_id, merge.into_organization_id, merge.former_parent_id)
        found = await unit.organizations.located(nodes)
        for node in nodes:
            place = Place((found[node].path,)) if node in found else above(())
            action = Action.WRITE_ORGANIZATIONS
            require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)


def _view_of(merge: OrganizationMerge, left_out: Mapping[str, int]) -> MergeView:
    return MergeView(
        merge.id,
        merge.organization_id,
        merge.into_organization_id,
        {kind: len(ids) for kind, ids in merge.moved.items()},
        left_out,
        merge.undone_at is not None,
    )
