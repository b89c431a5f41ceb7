from attrs import frozen

from faraday_core.identity.entrances import Entry
from faraday_core.identity.model import User
from faraday_core.kernel.access import Path, may_grant
from faraday_core.kernel.actor import NOBODY, WORKER, Actor, Grant
from faraday_core.kernel.errors import Fault, Invalid, NotFound
from faraday_core.kernel.ports import Clock, NewId, UnitOfWork
from faraday_core.kernel.tokens import TokenKind, hash_of, person_of
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.ports import locate
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.ports import PeopleStorage


@frozen
class Entrance:
    """Where people come in who were invited: by registering, or with the account they have."""

    storage: PeopleStorage
    now: Clock
    new_id: NewId

    async def find(self, token: str, email_key: str, *, at: str) -> Entry:
        """What the token gives to who has this address; raises Invalid (`invalid_invitation`)."""
        tenant = person_of(TokenKind.INVITATION, token)
        if tenant is None:
            raise _invalid(at)
        async with self.storage.look(NOBODY, tenant=tenant) as reader:
            found = await reader.invitations.with_token(hash_of(token), self.now())
            if found is None or found.email_key != email_key:
                raise _invalid(at)
            located = await locate(reader, found.organization_id)
        # Archived: it takes nobody in, or has become a part of another.
        if located.archived or not await self._may_still_be_granted(found, located.path):
            raise _invalid(at)
        return Entry(tenant, found.id, found.organization_id, found.role, found.invited_by)

    async def take(self, unit: UnitOfWork, entry: Entry, user: User) -> Grant:
        """Spend it; raises Invalid (`invalid_invitation`) where somebody was faster, Conflict
        (`already_member`)."""
        try:
            await unit.remove(await unit.hold(Invitation, entry.invitation_id))
        except NotFound as error:
            raise _invalid("/token") from error
        now, at = self.now(), entry.organization_id
        role = UserOrganization(self.new_id(), user.id, at, entry.role, now, now)
        await unit.add(role)
        await unit.account(
            "invitation.accept", "user", user.id, organization_id=at, role=entry.role
        )
        return role.grant(entry.tenant_id)

    async def _may_still_be_granted(self, invitation: Invitation, path: Path) -> bool:
        """Whoever invited may have lost, since then, what it took."""
        if invitation.invited_by is None:
            return True
        # What they hold elsewhere than in this tenant, as a platform_admin does, decides as well.
        async with self.storage.look_everywhere(WORKER) as reader:
            try:
                host = await reader.people.person(invitation.invited_by)
            except NotFound:
                return False
        acting: Actor = host.acting(NOBODY.origin)
        return host.user.is_active and may_grant(acting, invitation.role, path)


def _invalid(at: str) -> Invalid:
    detail = "is no token that was sent to this address, or one that is used, withdrawn or too old"
    return Invalid([Fault(at, "invalid_invitation", detail)])
