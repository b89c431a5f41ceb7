from http import HTTPStatus

from adapters.http.routes import Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.privacy.guardian_confirmation_service import (
    ConfirmedGuardians,
    GuardianConfirmationService,
)
from faraday_core.records.model import GuardianView

routes = Routes("privacy")


@routes.on("GET /organizations/{organization_id}/unconfirmed-guardians")
async def list_unconfirmed_guardians(
    actor: Actor,
    guardian_confirmations: GuardianConfirmationService,
    organization_id: str,
    page: PageRequest,
) -> Page[GuardianView]:
    """What rosters say of the guardians of an organisation's children, and nobody has confirmed.

    Of the children at the organisation and below it.
    """
    return await guardian_confirmations.waiting(actor, organization_id, page)


@routes.on(
    "POST /organizations/{organization_id}/unconfirmed-guardians/confirm",
    Terms(status=HTTPStatus.OK),
)
async def confirm_guardians_of_organization(
    actor: Actor, guardian_confirmations: GuardianConfirmationService, organization_id: str
) -> ConfirmedGuardians:
    """Confirm all of them: they may do for their children what guardians may from then on."""
    return await guardian_confirmations.confirm_all(actor, organization_id)
