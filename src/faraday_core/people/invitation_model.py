"""Invitations: a role at an organisation that waits for whoever has an address."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

from attrs import field, frozen

from faraday_core.identity.addresses import Email
from faraday_core.kernel.actor import Role
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Token
from faraday_core.mail.model import Mail

INVITATION_LIFE: Final = timedelta(days=14)
MOST_OPEN: Final = 500  # an organisation


@frozen
class Invitation:
    """Gone once it is accepted or withdrawn. `invited_by`: None where it was the operator."""

    owner: ClassVar = Owner.TENANT

    id: str
    organization_id: str
    email: str
    email_key: str
    role: Role
    token_hash: bytes
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    version: int = 1


@frozen
class NewInvitation:
    email: Email
    role: Role

    __attrs_post_init__ = obey_rules


@frozen
class InvitationToken:
    token: Token = field(repr=False)


@frozen
class InvitationView:
    """One that is open."""

    id: str
    email: str
    role: Role
    organization_id: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


def view_of(invitation: Invitation) -> InvitationView:
    return InvitationView(
        invitation.id,
        invitation.email,
        invitation.role,
        invitation.organization_id,
        invitation.invited_by,
        invitation.created_at,
        invitation.expires_at,
    )


def mail_of(invitation: Invitation, organization: str, token: str) -> Mail:
    """The same whether or not there is an account: who invites learns nothing of that."""
    role = invitation.role.replace("_", " ")
    text = (
        "Hello,",
        "",
        f"{organization} invites you to join as: {role}.",
        "Within 14 days, make an account with this e-mail address and this code. If you have an",
        "account with this address, sign in and enter the code there:",
        "",
        f"Token: {token}",
        "",
        "If you did not expect this, do nothing.",
        "",
    )
    subject = f"You are invited to join {organization}"
    return Mail(to=invitation.email, subject=subject, text="\n".join(text))
