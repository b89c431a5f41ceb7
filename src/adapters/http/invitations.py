from http import HTTPStatus

from adapters.http.routes import Routes, Terms
from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.invitation_model import InvitationToken, InvitationView, NewInvitation
from faraday_core.people.invitation_service import InvitationService
from faraday_core.roster.bulk_invitation_service import (
    BulkInvitationService,
    Invited,
    WhomToInvite,
)

routes = Routes("invitations")


@routes.on("GET /organizations/{organization_id}/invitations")
async def list_invitations(
    actor: Actor, invitations: InvitationService, organization_id: str, page: PageRequest
) -> Page[InvitationView]:
    """Those to an organisation that are open, the newest first."""
    return await invitations.list(actor, organization_id, page)


@routes.on("POST /imported-people/invite", Terms(status=HTTPStatus.OK))
async def invite_imported_people(
    actor: Actor, bulk_invitations: BulkInvitationService, body: WhomToInvite
) -> Invited:
    """Mail a hundred of those who were brought in, and chose no password yet, a token to do so by.

    Of a class, an organisation or an import; asked again with `cursor`, the next hundred. A token
    is good for 14 days. Who has no address is left out and counted, and who has a password.
    """
    return await bulk_invitations.invite(actor, body)


@routes.on(
    "POST /organizations/{organization_id}/invitations",
    Terms(status=HTTPStatus.ACCEPTED, refusals=(HTTPStatus.CONFLICT,)),
)
async def invite(
    actor: Actor, invitations: InvitationService, organization_id: str, body: NewInvitation
) -> None:
    """Mail somebody a token that gives a role here, once, within 14 days.

    Who has an account accepts by it, who has none registers. The answer is the same for both.
    """
    await invitations.invite(actor, organization_id, body)


@routes.on("DELETE /organizations/{organization_id}/invitations/{invitation_id}")
async def withdraw_invitation(
    actor: Actor, invitations: InvitationService, organization_id: str, invitation_id: str
) -> None:
    """From now on its token gives nothing."""
    await invitations.withdraw(actor, organization_id, invitation_id)


@routes.on(
    "POST /auth/accept-invitation",
    Terms(auth_rate=True, status=HTTPStatus.OK, refusals=(HTTPStatus.CONFLICT,)),
)
async def accept_invitation(
    actor: Actor, invitations: InvitationService, body: InvitationToken
) -> UserView:
    """Take the role that one was invited to, by the token that was mailed to one's address."""
    return await invitations.accept(actor, token=body.token)
