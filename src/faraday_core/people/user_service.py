from collections.abc import Callable, Collection, Sequence

from attrs import asdict, evolve, frozen

from faraday_core.identity.addresses import email_key
from faraday_core.identity.model import (
    Credential,
    Person,
    Registration,
    ResetPurpose,
    User,
    UserRegistered,
    UserRenamed,
    UserView,
    view_of,
)
from faraday_core.identity.password_service import PasswordService
from faraday_core.identity.passwords import PasswordHasher, faults_beside_address
from faraday_core.kernel.access import (
    PLATFORM,
    Action,
    Place,
    may_grant,
    require,
    require_somewhere,
)
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Fault, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import nodes_within
from faraday_core.organizations.ports import path_to
from faraday_core.people.address_change import AddressChange, refuse_program
from faraday_core.people.endings import ended_account
from faraday_core.people.model import NewUser, UserFields, UserFilter, terms_of
from faraday_core.people.ports import PeopleReader, PeopleStorage, PeopleUnit
from faraday_core.people.subject import Subject, meet, require_whole
from faraday_core.records.rectifications import RectificationLog


@frozen
class UserService:
    """Accounts that are made, looked up and ended by others than their persons."""

    storage: PeopleStorage
    parser: Parser
    hasher: PasswordHasher
    passwords: PasswordService
    organizations: OrganizationService
    addresses: AddressChange
    rectifications: RectificationLog
    now: Clock
    new_id: NewId

    async def create(self, actor: Actor, new: NewUser) -> UserView:
        """Make an account with a role at an organisation. Without a password its person is
        invited by mail to choose one.

        Raises Invalid (`unknown_reference`, the password's faults), Forbidden, Conflict
        (`email_taken`), Unavailable.
        """
        self.parser.parse(NewUser, asdict(new))
        require_somewhere(actor, Action.WRITE_USERS)
        self._check_password(new.password, new.email)
        if new.role is Role.PLATFORM_ADMIN:
            detail = "is held nowhere; only the command line makes one"
            raise Invalid([Fault("/role", "invalid_value", detail)])
        try:
            tenant = await self.organizations.tenant_of(actor, new.organization_id)
            async with self.storage.look(actor, tenant=tenant) as reader:
                await self._allow(actor, reader, new)
        except NotFound as error:
            fault = Fault("/organization_id", "unknown_reference", "is no organisation here")
            raise Invalid([fault]) from error
        await self.addresses.free(actor, new.email)
        hashed = await self.hasher.hash(new.password) if new.password else None
        user, now = self._user(new.email, new.full_name), self.now()
        organization = new.organization_id
        role = UserOrganization(self.new_id(), user.id, organization, new.role, now, now)
        async with self.storage.begin(actor, tenant=tenant, person=user.id) as unit:
            await self._allow(actor, unit, new)
            await self._add(unit, user, hashed)
            await unit.add(role)
            await unit.directory_entries.describe(user.id, terms_of(user))
            await unit.account(
                "user.create", "user", user.id, organization_id=organization, role=new.role
            )
        return view_of(Person(user, (role.grant(tenant),)))

    async def create_platform_admin(
        self, actor: Actor, *, email: str, full_name: str, password: str
    ) -> UserView:
        """Make somebody who may do everything everywhere. No edge but the command line offers it.

        Raises Invalid, Forbidden, Conflict (`email_taken`), Unavailable.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        asked = {"email": email, "password": password, "full_name": full_name}
        self.parser.parse(Registration, asked)
        self._check_password(password, email)
        await self.addresses.free(actor, email)
        hashed = await self.hasher.hash(password)
        user = evolve(self._user(email, full_name), is_platform_admin=True)
        async with self.storage.begin(actor, person=user.id) as unit:
            await self._add(unit, user, hashed)
            await unit.record(UserRegistered(user.id))
            await unit.account("user.create", "user", user.id, role=Role.PLATFORM_ADMIN)
        return view_of(Person(user, ()))

    async def list(self, actor: Actor, wanted: UserFilter, page: PageRequest) -> Page[UserView]:
        """People with a role at or below the nodes where the actor may read users; and by the id
        that their source gives them, where these are whole tenants, who has no role (yet).

        Raises Forbidden, Invalid.
        """
        reach = require_somewhere(actor, Action.READ_USERS)
        opened = (
            self.storage.look_everywhere(actor)
            if reach.everywhere
            else self.storage.look_across(actor, reach.tenants)
        )
        async with opened as reader:
            nodes = await nodes_within(reader, reach, wanted.organization_id)
            found = await reader.directory.page(nodes, wanted, page)
        return Page(tuple(listing.view for listing in found.items), found.next_cursor)

    async def get(self, actor: Actor, user_id: str) -> UserView:
        """Somebody whom the actor may read, or oneself; raises NotFound."""
        if user_id == actor.user_id:
            async with self.storage.look(actor, person=user_id) as reader:
                return view_of(await reader.people.person(user_id))
        return view_of((await meet(self.storage, actor, user_id, Action.READ_USERS)).person)

    async def find(self, actor: Actor, id_or_email: str) -> UserView:
        """As `get`, by the address as well, for the command line; raises NotFound."""
        require_somewhere(actor, Action.READ_USERS)
        if is_id(id_or_email):
            return await self.get(actor, id_or_email)
        found = await self.storage.person_with_email(email_key(id_or_email))
        if found is None:
            raise NotFound(f"There is nobody with the id or address {id_or_email!r}.")
        return await self.get(actor, found)

    async def deactivate(
        self, actor: Actor, user_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """End all of a person's sessions and devices, and refuse their sign-in from now on.

        `seen`: tags of the states that this is meant for. Raises NotFound, Forbidden, Conflict
        (`last_platform_admin`), StaleVersion.
        """
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            await self._allow_to_end(actor, unit, subject)
            _require_state(subject, user, seen)
            await self._set_active(unit, subject, user, active=False)

    async def activate(
        self, actor: Actor, user_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """Let a person sign in again; raises NotFound, Forbidden, StaleVersion."""
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            await self._allow_to_end(actor, unit, subject)
            _require_state(subject, user, seen)
            await self._set_active(unit, subject, user, active=True)

    async def change(
        self,
        actor: Actor,
        user_id: str,
        change: Callable[[User], UserFields],
        *,
        seen: Collection[str] | None = None,
    ) -> UserView:
        """Correct a name, give another address, or let somebody sign in or not, by fields made
        from the latest ones.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden, Invalid,
        StaleVersion, Conflict (`email_taken`, `last_platform_admin`).
        """
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        organization = subject.organization_id
        await self._prepare_address(actor, subject, change(subject.person.user).email, seen)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            fields = change(user)
            email = fields.email or user.email
            if (fields.is_active, email) != (user.is_active, user.email):
                await self._allow_to_end(actor, unit, subject)
            _require_state(subject, user, seen)
            if fields.is_active != user.is_active:
                user = await self._set_active(unit, subject, user, active=fields.is_active)
            if email and email != user.email:
                addresses = {"email": user.email}, {"email": email}
                await self.rectifications.note(unit, actor, user_id, *addresses)
                user = await self.addresses.give(unit, user, email, organization)
            if fields.full_name != user.full_name:
                renamed = evolve(user, full_name=fields.full_name, updated_at=self.now())
                names = {"full_name": user.full_name}, {"full_name": renamed.full_name}
                await self.rectifications.note(unit, actor, user_id, *names)
                user = await unit.save(renamed)
                await unit.record(UserRenamed(user_id))
                await unit.account("user.rename", "user", user_id, organization_id=organization)
        return view_of(evolve(subject.person, user=user))

    async def enter_in_directory(self, actor: Actor, user_id: str) -> None:
        """What a worker does when somebody has a new name: they are found by it, in each tenant of
        theirs."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(actor) as reader:
            tenants: Sequence[str | None] = await reader.directory.tenants_of(user_id)
        for tenant in tenants or [None]:
            try:
                async with self.storage.begin(actor, tenant=tenant, person=user_id) as unit:
                    user = await unit.get(User, user_id)
                    await unit.directory_entries.describe(user.id, terms_of(user))
            except NotFound:
                return  # gone again by now

    async def _allow(self, actor: Actor, reader: PeopleReader, new: NewUser) -> None:
        path = await path_to(reader, new.organization_id)
        place = Place(paths=(path,))
        require(actor, Action.WRITE_USERS, place, to_see=Action.READ_ORGANIZATIONS)
        if not may_grant(actor, new.role, path):
            raise Forbidden(f"Your own role there does not let you make a {new.role}.")

    def _check_password(self, password: str | None, address: str) -> None:
        if faults := faults_beside_address(password or "", address, "/password"):
            raise Invalid(faults)

    def _user(self, email: str, full_name: str) -> User:
        now = self.now()
        return User(self.new_id(), email, email_key(email), full_name, now, now)

    async def _add(self, unit: PeopleUnit, user: User, hashed: str | None) -> None:
        await unit.add(user)
        if hashed:
            await unit.add(Credential(user.id, user.id, hashed, changed_at=self.now()))
        else:
            await self.passwords.mail_token(unit, user, ResetPurpose.INVITATION)

    async def _allow_to_end(self, actor: Actor, reader: PeopleReader, subject: Subject) -> None:
        if subject.id == actor.user_id:
            raise Forbidden("Nobody deactivates themselves, or gives themselves another address.")
        await require_whole(actor, reader, subject)

    async def _prepare_address(
        self, actor: Actor, subject: Subject, email: str | None, seen: Collection[str] | None
    ) -> None:
        """Have a new address free before it is given, if the actor may give it at all."""
        user = subject.person.user
        if email is None or email == user.email:
            return
        async with self.storage.look(actor, tenant=subject.tenant, person=user.id) as reader:
            await self._allow_to_end(actor, reader, subject)
        _require_state(subject, user, seen)
        refuse_program(user)
        if email_key(email) != user.email_key:
            await self.addresses.free(actor, email)

    async def _set_active(
        self, unit: PeopleUnit, subject: Subject, user: User, *, active: bool
    ) -> User:
        if active:
            user = await unit.save(evolve(user, is_active=True, updated_at=self.now()))
        else:
            user = await ended_account(unit, user, self.now(), "deactivated")
        action = "user.activate" if active else "user.deactivate"
        await unit.account(action, "user", user.id, organization_id=subject.organization_id)
        return user


def _require_state(subject: Subject, user: User, seen: Collection[str] | None) -> None:
    require_state(view_of(evolve(subject.person, user=user)).tag, seen)
