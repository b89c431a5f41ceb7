from adapters.http.routes import Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.model import OrganizationFields, OrganizationView
from faraday_core.organizations.organization_service import OrganizationService

routes = Routes("organizations")


@routes.on("GET /organizations")
async def list_organizations(
    actor: Actor, organizations: OrganizationService, page: PageRequest
) -> Page[OrganizationView]:
    """Those at which one holds a role, and those below them."""
    return await organizations.list(actor, page)


@routes.on("POST /organizations", Terms(location="/api/v1/organizations/{id}", idempotent=True))
async def create_organization(
    actor: Actor, organizations: OrganizationService, body: OrganizationFields
) -> OrganizationView:
    """Make an organisation, below another or as a tenant of its own."""
    return await organizations.create(actor, body)


@routes.on("GET /organizations/{organization_id}")
async def get_organization(
    actor: Actor, organizations: OrganizationService, organization_id: str
) -> OrganizationView:
    """One organisation."""
    return await organizations.get(actor, organization_id)
