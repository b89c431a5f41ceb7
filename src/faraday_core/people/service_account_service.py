from contextlib import suppress

from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.identity.token_model import NewToken
from faraday_core.identity.token_service import TokenService
from faraday_core.kernel.access import Action, Place, may_grant, not_found, require
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Fault, Forbidden, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import located_organization, refuse_archived
from faraday_core.organizations.ports import Located
from faraday_core.people.endings import ended_account
from faraday_core.people.ports import PeopleReader, PeopleStorage
from faraday_core.people.service_account_model import (
    MadeServiceAccount,
    NewServiceAccount,
    ServiceAccount,
    ServiceAccountView,
    account_of,
    made_view_of,
    view_of,
)


@frozen
class ServiceAccountService:
    """Programs that act in an organisation: each a user without an address or a password, with one
    role and one token. A token makes none: that takes an administrator in person."""

    storage: PeopleStorage
    organizations: OrganizationService
    tokens: TokenService
    now: Clock
    new_id: NewId

    async def create(
        self, actor: Actor, organization_id: str, new: NewServiceAccount
    ) -> MadeServiceAccount:
        """Raises NotFound, Forbidden, Invalid (`in_the_past`, `invalid_value`), Conflict
        (`archived`)."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        now, id = self.now(), self.new_id()
        user = User(id, None, None, new.name, now, now, is_service=True)
        role = UserOrganization(self.new_id(), user.id, organization_id, new.role, now, now)
        async with self.storage.begin(actor, tenant=tenant, person=user.id) as unit:
            refuse_archived(await self._allow_to_write(actor, unit, organization_id, new.role))
            await unit.add(user)
            await unit.add(role)
            asked = NewToken(new.name, new.scopes, new.expires_at)
            made, token = await self.tokens.issue(unit, user, asked)
            account = account_of(made, organization_id, role.id, new.role)
            await unit.add(account)
            await unit.account(
                "service_account.create",
                "user",
                user.id,
                organization_id=organization_id,
                role=new.role,
                scopes=" ".join(made.scopes),
            )
        return made_view_of(account, token)

    async def list(
        self, actor: Actor, organization_id: str, page: PageRequest
    ) -> Page[ServiceAccountView]:
        """Those of an organisation, the newest first; raises NotFound, Forbidden."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            located = await located_organization(reader, organization_id)
            place, to_see = Place(paths=(located.path,)), Action.READ_ORGANIZATIONS
            require(actor, Action.READ_USERS, place, to_see=to_see)
            found = await reader.service_accounts.page(organization_id, page)
        return Page(tuple(map(view_of, found.items)), found.next_cursor)

    async def find(self, actor: Actor, account_id: str) -> ServiceAccountView:
        """Wherever it is, for the command line; raises NotFound, Forbidden."""
        async with self.storage.look_everywhere(actor) as reader:
            require(actor, Action.RUN_PLATFORM, Place())
            tenants = await reader.directory.tenants_of(account_id)
        for tenant in tenants:
            async with self.storage.look(actor, tenant=tenant) as reader:
                return view_of(await reader.get(ServiceAccount, account_id))
        raise not_found()

    async def delete(self, actor: Actor, organization_id: str, account_id: str) -> None:
        """End it and its token at once; raises NotFound, Forbidden."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant, person=account_id) as unit:
            await self._allow_to_write(actor, unit, organization_id)
            account = await unit.hold(ServiceAccount, account_id)
            if account.organization_id != organization_id:
                raise not_found()
            await self._allow_to_write(actor, unit, organization_id, account.role)
            with suppress(NotFound):  # where somebody took its role away before
                await unit.remove(await unit.hold(UserOrganization, account.membership_id))
            await unit.remove(account)
            await ended_account(unit, await unit.hold(User, account_id), self.now(), "deleted")
            await unit.account(
                "service_account.delete", "user", account_id, organization_id=organization_id
            )

    async def _allow_to_write(
        self,
        actor: Actor,
        reader: PeopleReader,
        organization_id: str,
        role: Role | None = None,
    ) -> Located:
        """`role`: the one that the account has, or is to have."""
        located = await located_organization(reader, organization_id)
        place, to_see = Place(paths=(located.path,)), Action.READ_ORGANIZATIONS
        require(actor, Action.WRITE_SERVICE_ACCOUNTS, place, to_see=to_see)
        if role is Role.PLATFORM_ADMIN:
            detail = "is held nowhere; only the command line makes one"
            raise Invalid([Fault("/role", "invalid_value", detail)])
        if role and not may_grant(actor, role, located.path):
            raise Forbidden(f"Your own role there does not let you give a program that of {role}.")
        return located
