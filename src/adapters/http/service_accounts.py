from adapters.http.routes import Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.service_account_model import (
    MadeServiceAccount,
    NewServiceAccount,
    ServiceAccountView,
)
from faraday_core.people.service_account_service import ServiceAccountService

routes = Routes("service accounts")

_WHERE = "/api/v1/users/{id}"


@routes.on("GET /organizations/{organization_id}/service-accounts")
async def list_service_accounts(
    actor: Actor, accounts: ServiceAccountService, organization_id: str, page: PageRequest
) -> Page[ServiceAccountView]:
    """The programs that act in an organisation, the newest first."""
    return await accounts.list(actor, organization_id, page)


@routes.on(
    "POST /organizations/{organization_id}/service-accounts",
    Terms(location=_WHERE, idempotent=True),
)
async def create_service_account(
    actor: Actor, accounts: ServiceAccountService, organization_id: str, body: NewServiceAccount
) -> MadeServiceAccount:
    """Let a program act here, with a role, by a token that is shown this once."""
    return await accounts.create(actor, organization_id, body)


@routes.on("DELETE /organizations/{organization_id}/service-accounts/{account_id}")
async def delete_service_account(
    actor: Actor, accounts: ServiceAccountService, organization_id: str, account_id: str
) -> None:
    """End a program's account and its token at once."""
    await accounts.delete(actor, organization_id, account_id)
