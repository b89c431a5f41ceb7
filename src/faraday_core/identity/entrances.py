"""What identity asks of whoever invites people: a role that waits for one who registers."""

from typing import Protocol

from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.kernel.actor import Grant, Role
from faraday_core.kernel.ports import UnitOfWork


@frozen
class Entry:
    """What an invitation that is open gives, once, to whoever has its address."""

    tenant_id: str
    invitation_id: str
    organization_id: str
    role: Role
    invited_by: str | None


class Entrances(Protocol):
    async def find(self, token: str, email_key: str, *, at: str) -> Entry:
        """What the token gives to who has this address.

        Raises Invalid (`invalid_invitation`) at this pointer: a token that was not sent, not
        there, is used or too old, or by now is from somebody who may not give as much.
        """

    async def take(self, unit: UnitOfWork, entry: Entry, user: User) -> Grant:
        """Spend it, in a unit that stands in its tenant and at the person. Raises Invalid
        (`invalid_invitation`) where somebody was faster, Conflict (`already_member`)."""
