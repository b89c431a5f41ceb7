from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.membership import MemberFilter, NewMember, TeamMember
from faraday_core.organizations.model import TeamFields, TeamFilter
from faraday_core.organizations.team_service import TeamService
from faraday_core.organizations.views import TeamView
from faraday_core.people.member_service import MemberService

routes = Routes("teams")

_CONFLICT = Terms(refusals=(HTTPStatus.CONFLICT,))


@routes.on("GET /teams")
async def list_teams(
    actor: Actor,
    teams: TeamService,
    wanted: TeamFilter,
    page: PageRequest,
) -> Page[TeamView]:
    """Those at or above which one holds a role.

    `q` finds by the beginning of each word of the name.
    """
    return await teams.list(actor, page, wanted)


@routes.on("POST /teams", Terms(location="/api/v1/teams/{id}", idempotent=True))
async def create_team(actor: Actor, teams: TeamService, body: TeamFields) -> TeamView:
    """Make a team of a department."""
    return await teams.create(actor, body)


@routes.on("GET /teams/{team_id}")
async def get_team(actor: Actor, teams: TeamService, team_id: str) -> TeamView:
    """One team."""
    return await teams.get(actor, team_id)


@routes.on("PUT /teams/{team_id}", _CONFLICT)
async def replace_team(
    actor: Actor,
    teams: TeamService,
    team_id: str,
    body: TeamFields,
    if_match: IfMatch = None,
) -> TeamView:
    """Write all that can be written of a team; another department moves it."""
    return await teams.change(actor, team_id, lambda _: body, seen=if_match)


@routes.on("PATCH /teams/{team_id}", _CONFLICT)
async def change_team(
    actor: Actor,
    teams: TeamService,
    team_id: str,
    body: MergePatch[TeamFields],
    if_match: IfMatch = None,
) -> TeamView:
    """Rename, describe or move a team, with who belongs to it."""
    return await teams.change(actor, team_id, body.onto, seen=if_match)


@routes.on("DELETE /teams/{team_id}", _CONFLICT)
async def delete_team(
    actor: Actor,
    teams: TeamService,
    team_id: str,
    if_match: IfMatch = None,
) -> None:
    """Remove a team that nobody belongs to."""
    await teams.delete(actor, team_id, seen=if_match)


@routes.on("POST /teams/{team_id}/archive", Terms(status=HTTPStatus.OK))
async def archive_team(actor: Actor, teams: TeamService, team_id: str) -> TeamView:
    """Take it out of the lists, and close it to whatever is new."""
    return await teams.archive(actor, team_id)


@routes.on("POST /teams/{team_id}/restore", _CONFLICT)
async def restore_team(actor: Actor, teams: TeamService, team_id: str) -> TeamView:
    """Open an archived one again."""
    return await teams.restore(actor, team_id)


@routes.on("GET /teams/{team_id}/members")
async def list_team_members(
    actor: Actor,
    members: MemberService,
    team_id: str,
    wanted: MemberFilter,
    page: PageRequest,
) -> Page[TeamMember]:
    """Who holds a role at the team itself."""
    return await members.list(actor, TeamMember, team_id, page, wanted)


@routes.on(
    "POST /teams/{team_id}/members",
    Terms(
        location="/api/v1/teams/{team_id}/members",
        idempotent=True,
        refusals=(HTTPStatus.CONFLICT,),
    ),
)
async def add_team_member(
    actor: Actor, members: MemberService, team_id: str, body: NewMember
) -> TeamMember:
    """Give somebody of the tenant a role there."""
    return await members.add(actor, TeamMember, team_id, body)


@routes.on("DELETE /teams/{team_id}/members/{user_id}")
async def remove_team_member(
    actor: Actor,
    members: MemberService,
    team_id: str,
    user_id: str,
    role: Role | None = None,
) -> None:
    """Take one role that somebody holds there, or all."""
    await members.remove(actor, TeamMember, team_id, user_id, role)
