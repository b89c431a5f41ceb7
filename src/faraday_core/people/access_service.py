from attrs import evolve, frozen

from faraday_core.kernel.access import (
    OWN,
    PLATFORM,
    Action,
    Path,
    Place,
    deciding_grants,
    require,
    require_own,
)
from faraday_core.kernel.actor import Actor, Grant, Role, ScopeType
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.organizations.places import place_of
from faraday_core.organizations.ports import paths_to
from faraday_core.people.model import AccessQuestion, AccessView, Because
from faraday_core.people.ports import PeopleReader, PeopleStorage
from faraday_core.people.subject import look_at_people, meet


@frozen
class AccessService:
    """Why somebody may do something, or may not; and how one acts for one organisation alone."""

    storage: PeopleStorage

    async def explain(self, actor: Actor, user_id: str, asked: AccessQuestion) -> AccessView:
        """The roles by which a person may do something to a node or a person; none: they may not.

        Raises NotFound where the actor may see neither the person nor what it is about.
        """
        if user_id == actor.user_id:
            require_own(actor)
        else:
            await meet(self.storage, actor, user_id, Action.READ_USERS)
        async with look_at_people(self.storage, actor) as reader:
            whose = (await reader.people.person(user_id)).acting(actor.origin)
            place = await _place(reader, whose, asked.resource)
            _require_sight(actor, await _place(reader, actor, asked.resource))
        if asked.action in OWN:
            return AccessView(user_id == place.owner_id, ())
        deciding = deciding_grants(whose, asked.action, place)
        because = (Because(g.role, g.scope_type, g.scope_id) for g in deciding)
        return AccessView(bool(deciding), tuple(because))

    async def narrow(self, actor: Actor, organization_id: str) -> Actor:
        """The same person, with what of their roles holds at one organisation and below it.

        Raises Forbidden where they are no member there.
        """
        if not is_id(organization_id):
            raise _no_member()
        async with look_at_people(self.storage, actor) as reader:
            nodes = {grant.scope_id for grant in actor.grants if grant.scope_id}
            paths = await paths_to(reader, [organization_id, *sorted(nodes)])
            tenant = paths.get(organization_id, (None,))[0]
        path = paths.get(organization_id, ())
        if not any(_is_member(grant, organization_id, path) for grant in actor.grants):
            raise _no_member()
        held: list[Grant] = []
        for grant in actor.grants:
            if grant.scope_id in path or (grant.role is Role.PLATFORM_ADMIN and path):
                held.append(_at(grant, organization_id, tenant))
            elif organization_id in paths.get(grant.scope_id or "", ()):
                held.append(grant)
        return evolve(
            actor,
            grants=tuple(held),
            home=tenant,
            organization_id=organization_id,
            narrowed_to=organization_id,
        )


def _is_member(grant: Grant, organization_id: str, path: Path) -> bool:
    """By a role there or above, or in one of its departments and teams."""
    if grant.role is Role.PLATFORM_ADMIN:
        return bool(path)
    return grant.scope_id in path or grant.organization_id == organization_id


def _at(grant: Grant, organization_id: str, tenant: str | None) -> Grant:
    """A role that is held above, as it holds there; a platform_admin acts as its org_admin."""
    if grant.scope_id == organization_id:
        return grant
    role = Role.ORG_ADMIN if grant.role is Role.PLATFORM_ADMIN else grant.role
    return evolve(
        grant,
        role=role,
        scope_type=ScopeType.ORGANIZATION,
        scope_id=organization_id,
        tenant_id=tenant,
        organization_id=organization_id,
    )


def _require_sight(actor: Actor, place: Place) -> None:
    """What an actor may not see is not there for them: no answer tells that it is."""
    to_see = Action.READ_USERS if place.owner_id else Action.READ_ORGANIZATIONS
    its_own = place.owner_id is not None and place.owner_id == actor.user_id
    if place != PLATFORM and not its_own:
        require(actor, to_see, place, to_see=to_see)


async def _place(reader: PeopleReader, whose: Actor, resource: str) -> Place:
    """Of a node, or of a person; raises NotFound."""
    if resource == "platform":
        return PLATFORM
    try:
        return (await place_of(reader, whose, resource))[1]
    except NotFound:
        person = await reader.people.person(resource)
    nodes = [grant.scope_id for grant in person.grants if grant.scope_id]
    paths = await paths_to(reader, nodes)
    return Place(tuple(paths.values()), owner_id=person.user.id)


def _no_member() -> Forbidden:
    return Forbidden("You are no member of the organisation that X-Organization-Id names.")
