from typing import Final

from attrs import frozen

from faraday_core.identity.model import Person
from faraday_core.kernel.access import (
    Action,
    Path,
    Place,
    deciding_grants,
    may_grant,
    not_found,
    require,
)
from faraday_core.kernel.actor import Actor, Role, ScopeType
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.changes import account
from faraday_core.organizations.membership import (
    M,
    MemberFilter,
    NewMember,
    UserOrganization,
)
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import (
    TO_WRITE,
    Node,
    place_of,
    refuse_archived,
    unknown_reference,
)
from faraday_core.organizations.ports import Located
from faraday_core.people.model import terms_of
from faraday_core.people.ports import PeopleStorage, PeopleUnit

_USER: Final = "/user_id"


@frozen
class MemberService:
    """Who belongs to an organisation, a department or a team, and as what."""

    storage: PeopleStorage
    nodes: Nodes
    now: Clock
    new_id: NewId

    async def list(
        self,
        actor: Actor,
        kind: type[M],
        node_id: str,
        page: PageRequest,
        wanted: MemberFilter | None = None,
    ) -> Page[M]:
        """Those of the node itself, who came first first; raises NotFound, Forbidden."""
        tenant = await self.nodes.tenant_of(actor, node_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            located, place = await place_of(reader, actor, node_id)
            if located.kind is not kind.node.scope_type:
                raise not_found()
            require(actor, Action.READ_MEMBERS, place, to_see=Action.READ_ORGANIZATIONS)
            wanted = wanted or MemberFilter()
            return await reader.organizations.members(kind, node_id, wanted, page)

    async def add(self, actor: Actor, kind: type[M], node_id: str, new: NewMember) -> M:
        """Give somebody of the tenant a role at a node.

        Raises NotFound, Forbidden, Invalid (`unknown_reference`, `invalid_value`), Conflict
        (`already_member`, `archived`).
        """
        tenant = await self.nodes.tenant_of(actor, node_id)
        person = await self._known(actor, tenant, new.user_id)
        async with self.storage.begin(actor, tenant=tenant, person=new.user_id) as unit:
            node = await unit.get(kind.node, node_id)
            located = await self._allow(actor, unit, node, new.user_id)
            if person is None:
                raise unknown_reference(_USER)
            new.require_held_at(kind.node.scope_type)
            self._allow_to_give(actor, node, located.path, new)
            refuse_archived(located)
            role = self._role(node, located, new)
            await unit.add(role)
            await unit.directory_entries.describe(person.user.id, terms_of(person.user))
            await account(
                unit, "add_member", node, located, user_id=new.user_id, role=str(new.role)
            )
        return _shown(kind, role, person)

    async def remove(
        self,
        actor: Actor,
        kind: type[M],
        node_id: str,
        user_id: str,
        role: Role | None = None,
    ) -> None:
        """Take one role of somebody's there, or all; raises NotFound, Forbidden."""
        tenant = await self.nodes.tenant_of(actor, node_id)
        async with self.storage.begin(actor, tenant=tenant, person=user_id) as unit:
            node = await unit.get(kind.node, node_id)
            located = await self._allow(actor, unit, node, user_id)
            held = await unit.organizations.roles_at(kind.node.scope_type, node_id, user_id)
            going = [one for one in held if role in {None, one.role}]
            if not going:
                raise NotFound("This person does not hold such a role there.")
            for one in going:
                if not may_grant(actor, one.role, located.path, by=TO_WRITE[kind.node.scope_type]):
                    raise _above()
                await unit.remove(one)
                await account(
                    unit, "remove_member", node, located, user_id=user_id, role=str(one.role)
                )
            if tenant not in await unit.directory.tenants_of(user_id):
                await unit.directory_entries.describe(user_id, ())

    async def _known(self, actor: Actor, tenant: str, user_id: str) -> Person | None:
        """Whoever the tenant knows: who administers it brings nobody in from another of theirs, a
        platform_admin does."""
        opened = (
            self.storage.look_everywhere(actor)
            if actor.is_platform_admin
            else self.storage.look_across(actor, [tenant])
        )
        try:
            async with opened as reader:
                person = await reader.people.person(user_id)
        except NotFound:
            return None
        hidden = person.user.is_platform_admin and not actor.is_platform_admin
        return None if hidden else person

    async def _allow(self, actor: Actor, unit: PeopleUnit, node: Node, user_id: str) -> Located:
        located, place = await place_of(unit, actor, node.id)
        action = TO_WRITE[node.scope_type]
        require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)
        if user_id == actor.user_id:
            raise Forbidden("Nobody changes their own roles.")
        return located

    def _allow_to_give(self, actor: Actor, node: Node, path: Path, new: NewMember) -> None:
        if not may_grant(actor, new.role, path, by=TO_WRITE[node.scope_type]):
            raise _above()
        at = Place((path,))
        for action in new.permissions:
            if not deciding_grants(actor, action, at):
                raise Forbidden(f"You give or take nothing that you have not yourself: {action}.")

    def _role(self, node: Node, located: Located, new: NewMember) -> UserOrganization:
        now, kind = self.now(), node.scope_type
        return UserOrganization(
            self.new_id(),
            new.user_id,
            located.organization_id,
            new.role,
            now,
            now,
            {str(action): given for action, given in new.permissions.items()},
            department_id=node.id if kind is ScopeType.DEPARTMENT else None,
            team_id=node.id if kind is ScopeType.TEAM else None,
            starts_on=new.starts_on,
            ends_on=new.ends_on,
        )


def _above() -> Forbidden:
    return Forbidden("That role ranks above your own there, or beside it.")


def _shown(kind: type[M], role: UserOrganization, person: Person) -> M:
    return kind(
        role.id,
        role.user_id,
        person.user.full_name,
        person.user.email,
        role.role,
        role.scope_type,
        role.scope_id,
        role.permissions,
        role.starts_on,
        role.ends_on,
        role.created_at,
    )
