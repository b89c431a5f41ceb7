from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.membership import MemberFilter, NewMember, OrganizationMember
from faraday_core.organizations.merge_service import IntoOrganization, MergeService, MergeView
from faraday_core.organizations.model import OrganizationFields, OrganizationFilter
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.views import OrganizationView
from faraday_core.people.member_service import MemberService

routes = Routes("organizations")

_CONFLICT = Terms(refusals=(HTTPStatus.CONFLICT,))


@routes.on("GET /organizations")
async def list_organizations(
    actor: Actor,
    organizations: OrganizationService,
    wanted: OrganizationFilter,
    page: PageRequest,
) -> Page[OrganizationView]:
    """Those at which one holds a role, and those below them.

    `q` finds by the beginning of each word of the name.
    """
    return await organizations.list(actor, page, wanted)


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


@routes.on("PUT /organizations/{organization_id}", _CONFLICT)
async def replace_organization(
    actor: Actor,
    organizations: OrganizationService,
    organization_id: str,
    body: OrganizationFields,
    if_match: IfMatch = None,
) -> OrganizationView:
    """Write all that can be written of an organisation; another parent moves it."""
    return await organizations.change(actor, organization_id, lambda _: body, seen=if_match)


@routes.on("PATCH /organizations/{organization_id}", _CONFLICT)
async def change_organization(
    actor: Actor,
    organizations: OrganizationService,
    organization_id: str,
    body: MergePatch[OrganizationFields],
    if_match: IfMatch = None,
) -> OrganizationView:
    """Rename, describe or move an organisation, with all below it."""
    return await organizations.change(actor, organization_id, body.onto, seen=if_match)


@routes.on("DELETE /organizations/{organization_id}", _CONFLICT)
async def delete_organization(
    actor: Actor,
    organizations: OrganizationService,
    organization_id: str,
    if_match: IfMatch = None,
) -> None:
    """Remove an organisation that has nothing below it, and nobody in it."""
    await organizations.delete(actor, organization_id, seen=if_match)


@routes.on("POST /organizations/{organization_id}/archive", Terms(status=HTTPStatus.OK))
async def archive_organization(
    actor: Actor, organizations: OrganizationService, organization_id: str
) -> OrganizationView:
    """Take it out of the lists, and close it to whatever is new."""
    return await organizations.archive(actor, organization_id)


@routes.on("POST /organizations/{organization_id}/restore", _CONFLICT)
async def restore_organization(
    actor: Actor, organizations: OrganizationService, organization_id: str
) -> OrganizationView:
    """Open an archived one again."""
    return await organizations.restore(actor, organization_id)


@routes.on("POST /organizations/{organization_id}/merge", _CONFLICT)
async def merge_organization(
    actor: Actor, merges: MergeService, organization_id: str, body: IntoOrganization
) -> MergeView:
    """Make one school of two: what is below the one, and who belongs to it, goes to the other."""
    return await merges.merge(actor, organization_id, body)


@routes.on("POST /organizations/{organization_id}/unmerge", _CONFLICT)
async def unmerge_organization(
    actor: Actor, merges: MergeService, organization_id: str
) -> MergeView:
    """Undo an organisation's last merge, as far as all still is where that has put it."""
    return await merges.undo(actor, organization_id)


@routes.on("GET /organizations/{organization_id}/members")
async def list_organization_members(
    actor: Actor,
    members: MemberService,
    organization_id: str,
    wanted: MemberFilter,
    page: PageRequest,
) -> Page[OrganizationMember]:
    """Who holds a role at the organisation itself."""
    return await members.list(actor, OrganizationMember, organization_id, page, wanted)


@routes.on(
    "POST /organizations/{organization_id}/members",
    Terms(
        location="/api/v1/organizations/{organization_id}/members",
        idempotent=True,
        refusals=(HTTPStatus.CONFLICT,),
    ),
)
async def add_organization_member(
    actor: Actor, members: MemberService, organization_id: str, body: NewMember
) -> OrganizationMember:
    """Give somebody of the tenant a role there."""
    return await members.add(actor, OrganizationMember, organization_id, body)


@routes.on("DELETE /organizations/{organization_id}/members/{user_id}")
async def remove_organization_member(
    actor: Actor,
    members: MemberService,
    organization_id: str,
    user_id: str,
    role: Role | None = None,
) -> None:
    """Take one role that somebody holds there, or all."""
    await members.remove(actor, OrganizationMember, organization_id, user_id, role)
