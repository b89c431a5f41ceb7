from collections.abc import Collection

from attrs import frozen

from faraday_core.kernel.access import Action, require
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.organizations.model import Organization
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import place_of
from faraday_core.profiles.model import (
    ProfileField,
    ProfileRequirements,
    RequirementFields,
    RequirementsView,
)
from faraday_core.profiles.ports import ProfilesReader, ProfilesStorage


@frozen
class ProfileRequirementService:
    """What organisations ask of the profiles of their people."""

    storage: ProfilesStorage
    nodes: Nodes
    now: Clock

    async def get(self, actor: Actor, organization_id: str) -> RequirementsView:
        """Raises NotFound."""
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await reader.get(Organization, organization_id)
            _, place = await place_of(reader, actor, organization_id)
            action = Action.READ_ORGANIZATIONS
            require(actor, action, place, to_see=action)
            return _view(await _requirements(reader, organization_id), organization_id)

    async def replace(
        self,
        actor: Actor,
        organization_id: str,
        fields: RequirementFields,
        *,
        seen: Collection[str] | None = None,
    ) -> RequirementsView:
        """`seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden,
        StaleVersion."""
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await unit.hold(Organization, organization_id)  # or two first writes would meet
            _, place = await place_of(unit, actor, organization_id)
            action = Action.WRITE_ORGANIZATIONS
            require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)
            old = await _requirements(unit, organization_id)
            require_state(_tag(old), seen)
            wanted = tuple(name.value for name in ProfileField if name in fields.required_fields)
            version = old.version if old else 1
            new = ProfileRequirements(organization_id, wanted, fields.badges, self.now(), version)
            if old:
                new = await unit.save(new)
            else:
                await unit.add(new)
            await unit.account(
                "profile_requirements.update",
                "organization",
                organization_id,
                organization_id=organization_id,
                required_fields=" ".join(wanted),
            )
        return _view(new, organization_id)


async def _requirements(
    reader: ProfilesReader, organization_id: str
) -> ProfileRequirements | None:
    try:
        return await reader.get(ProfileRequirements, organization_id)
    except NotFound:
        return None


def _tag(requirements: ProfileRequirements | None) -> str:
    return str(requirements.version if requirements else 0)


def _view(requirements: ProfileRequirements | None, organization_id: str) -> RequirementsView:
    tag = _tag(requirements)
    if requirements is None:
        return RequirementsView(organization_id, (), None, None, tag=tag)
    wanted = tuple(map(ProfileField, requirements.required_fields))
    return RequirementsView(
        organization_id, wanted, requirements.badges, requirements.updated_at, tag=tag
    )
