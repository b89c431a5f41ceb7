from attrs import evolve, frozen

from faraday_core.identity.addresses import email_key
from faraday_core.identity.model import User, UserRenamed, UserView
from faraday_core.identity.model import view_of as user_view_of
from faraday_core.kernel.access import (
    Action,
    Place,
    may_grant,
    not_found,
    require,
    require_in_person,
)
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, Fault, Forbidden, Invalid
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.tokens import TokenKind, hash_of, new_token
from faraday_core.mail.mail_service import Outgoing
from faraday_core.mail.model import MailKind
from faraday_core.organizations.model import Organization
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import located_organization, refuse_archived
from faraday_core.organizations.ports import Located
from faraday_core.people.entrance import Entrance
from faraday_core.people.invitation_model import (
    INVITATION_LIFE,
    MOST_OPEN,
    Invitation,
    InvitationToken,
    InvitationView,
    NewInvitation,
    mail_of,
    view_of,
)
from faraday_core.people.ports import PeopleReader, PeopleStorage


@frozen
class InvitationService:
    """Has people come in by a mail: who has an account accepts, who has none registers."""

    storage: PeopleStorage
    organizations: OrganizationService
    entrance: Entrance
    outgoing: Outgoing
    now: Clock
    new_id: NewId
    most_open: int = MOST_OPEN  # to one organisation

    async def invite(self, actor: Actor, organization_id: str, new: NewInvitation) -> None:
        """Mail somebody a token that gives a role here, once, within 14 days. It replaces one that
        was sent to this address before. Nothing tells whether there is an account.

        Raises NotFound, Forbidden, Invalid, Conflict (`too_many_invitations`, `archived`).
        """
        tenant = await self.organizations.tenant_of(actor, organization_id)
        token, now, key = new_token(TokenKind.INVITATION, tenant), self.now(), email_key(new.email)
        invitation = Invitation(
            self.new_id(),
            organization_id,
            new.email,
            key,
            new.role,
            token_hash=hash_of(token),
            invited_by=actor.user_id,
            created_at=now,
            expires_at=now + INVITATION_LIFE,
        )
        async with self.storage.begin(actor, tenant=tenant) as unit:
            refuse_archived(
                await self._allow(actor, unit, organization_id, Action.WRITE_USERS, new.role)
            )
            # Held, so that no two are the last one that there may be.
            organization = await unit.hold(Organization, organization_id)
            if before := await unit.invitations.to_address(organization_id, key):
                await unit.remove(before)
            elif await unit.invitations.count(organization_id, now) >= self.most_open:
                detail = f"{self.most_open} invitations to this organisation are open already."
                raise Conflict(detail, code="too_many_invitations")
            await unit.add(invitation)
            mail = mail_of(invitation, organization.name, token)
            await self.outgoing.queue(unit, mail, kind=MailKind.INVITATION)
            await unit.account(
                "invitation.create",
                "invitation",
                invitation.id,
                organization_id=organization_id,
                role=new.role,
            )

    async def list(
        self, actor: Actor, organization_id: str, page: PageRequest
    ) -> Page[InvitationView]:
        """Those to an organisation that are open, the newest first; raises NotFound, Forbidden."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await self._allow(actor, reader, organization_id, Action.READ_USERS)
            found = await reader.invitations.page(organization_id, page, self.now())
        return Page(tuple(map(view_of, found.items)), found.next_cursor)

    async def withdraw(self, actor: Actor, organization_id: str, invitation_id: str) -> None:
        """From now on its token gives nothing; raises NotFound, Forbidden."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await self._allow(actor, unit, organization_id, Action.WRITE_USERS)
            invitation = await unit.hold(Invitation, invitation_id)
            if invitation.organization_id != organization_id:
                raise not_found()
            await unit.remove(invitation)
            await unit.account(
                "invitation.withdraw",
                "invitation",
                invitation_id,
                organization_id=organization_id,
            )

    async def accept(self, actor: Actor, *, token: str) -> UserView:
        """Take what was sent to one's own address, which is verified by that.

        Raises Invalid (`invalid_invitation`), Conflict (`already_member`), Forbidden.
        """
        user_id = require_in_person(actor)
        token = parse(InvitationToken, {"token": token}).token
        async with self.storage.look(actor, person=user_id) as reader:
            user = await reader.get(User, user_id)
        entry = await self.entrance.find(token, user.email_key or "", at="/token")
        if entry.invited_by == user_id:
            raise Forbidden("Nobody changes their own roles.")
        async with self.storage.begin(actor, tenant=entry.tenant_id, person=user_id) as unit:
            held = await unit.hold(User, user_id)
            if held.email_key != user.email_key:
                raise not_found()
            await self.entrance.take(unit, entry, held)
            if not held.email_verified:
                await unit.save(evolve(held, email_verified=True, updated_at=self.now()))
            await unit.record(UserRenamed(user_id))  # found from now on in this tenant, too
        async with self.storage.look(actor, person=user_id) as reader:
            return user_view_of(await reader.people.person(user_id))

    async def _allow(
        self,
        actor: Actor,
        reader: PeopleReader,
        organization_id: str,
        action: Action,
        role: Role | None = None,
    ) -> Located:
        """`role`: one that is to be given there."""
        located = await located_organization(reader, organization_id)
        place = Place(paths=(located.path,))
        require(actor, action, place, to_see=Action.READ_ORGANIZATIONS)
        if role is Role.PLATFORM_ADMIN:
            detail = "is held nowhere; only the command line makes one"
            raise Invalid([Fault("/role", "invalid_value", detail)])
        if role and not may_grant(actor, role, located.path):
            raise Forbidden(f"Your own role there does not let you invite a {role}.")
        return located
