"""Every route, asked by every role about one's own school, a sister school and another district.

What is to be answered stands in docs/access-matrix.md, a row a route. A route that is neither in
its table nor named as one's own fails here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import attrs
from attrs import define, frozen

from adapters.app import App
from adapters.http.routes import BASE
from adapters.http.server import operations
from faraday_core.kernel.actor import Role
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.membership import (
    DepartmentMember,
    NewMember,
    OrganizationMember,
    TeamMember,
)
from faraday_core.organizations.model import DepartmentFields, TeamFields
from faraday_core.people.model import NewUser
from tests.rosters import Roster
from tests.serving import OPERATOR, Client, Server

PAGE: Final = Path(__file__).parents[2] / "docs" / "access-matrix.md"
ROLES: Final = (*Role, None)  # each at the north school; None: nobody anywhere
PLACES: Final = ("north", "south", "other")  # one's own school, its sister, another district
LISTS: Final = (
    "GET /organizations",
    "GET /departments",
    "GET /teams",
    "GET /users",
    "GET /classes",
    "GET /courses",
    "GET /academic-sessions",
    "GET /imports",
)
NOWHERE: Final = ("GET /audit-log",)  # about no place, but not about oneself
NAMES: Final = {"north": "own", "south": "sister", "other": "other"}
_LABEL: Final = re.compile(r"^\| `(\w+ /\S+)` \|(.*)\|$", re.MULTILINE)
_OWN: Final = re.compile(r"^- `(\w+ /\S+)`", re.MULTILINE)


@frozen
class Target:
    """What is asked about at one place: made anew for each request that may change it."""

    parent_id: str | None
    organization_id: str
    department_id: str
    team_id: str
    user_id: str
    guardian_id: str
    class_id: str
    course_id: str
    academic_session_id: str
    import_id: str
    elsewhere: str = attrs.field(factory=uuid7)  # an id of nothing


def form_of(organization_id: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"format": "oneroster", "organization_id": organization_id})
    form.add_field("file", b"nothing", filename="users.csv")
    return form


Body = Callable[[Target], object]
# What is sent, where something has to be.
BODIES: Final[Mapping[str, Body]] = {
    "POST /users": lambda at: {
        "email": f"{uuid7()}@example.org",
        "full_name": "New Person",
        "organization_id": at.organization_id,
    },
    "PATCH /users/{user_id}/devices/{device_id}": lambda _: {"name": "Phone"},
    "PATCH /users/{user_id}": lambda _: {"full_name": "Another Name"},
    "POST /users/{user_id}/guardians": lambda at: {"guardian_id": at.guardian_id},
    "PUT /users/{user_id}/birth-date": lambda _: {"born_on": "2016-05-04"},
    "POST /users/{user_id}/consents": lambda _: {"purpose": "profile", "text_version": "1"},
    "POST /organizations": lambda at: {
        "name": "New",
        "parent_organization_id": at.organization_id,
    },
    "PUT /organizations/{organization_id}": lambda at: {
        "name": "Renamed",
        "parent_organization_id": at.parent_id,
    },
    "PATCH /organizations/{organization_id}": lambda _: {"description": "Described."},
    "POST /organizations/{organization_id}/merge": lambda at: {
        "into_organization_id": at.elsewhere
    },
    "PUT /organizations/{organization_id}/preference-defaults": lambda _: {
        "values": {},
        "locked": [],
    },
    "PUT /organizations/{organization_id}/profile-requirements": lambda _: {},
    "POST /organizations/{organization_id}/memory-categories": lambda _: {"name": uuid7()},
    "PUT /organizations/{organization_id}/memory-categories/{category_id}": lambda _: {
        "name": "x"
    },
    "PATCH /organizations/{organization_id}/memory-categories/{category_id}": lambda _: {
        "name": "x"
    },
    "POST /organizations/{organization_id}/memory-categories/{category_id}/merge": lambda at: {
        "into_category_id": at.elsewhere
    },
    "POST /organizations/{organization_id}/invitations": lambda _: {
        "email": f"{uuid7()}@example.org",
        "role": "student",
    },
    "POST /organizations/{organization_id}/service-accounts": lambda _: {
        "name": "Timetable",
        "role": "student",
        "scopes": ["*"],
    },
    **{
        f"PUT /{path}/held-fields": lambda _: {"fields": []}
        for path in (
            "users/{user_id}",
            "organizations/{organization_id}",
            "departments/{department_id}",
            "classes/{class_id}",
            "courses/{course_id}",
            "academic-sessions/{academic_session_id}",
        )
    },
    "POST /users/{user_id}/memory-grants": lambda at: {
        "grantee_id": at.guardian_id,
        "purpose": "to help",
        "expires_at": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    },
    "POST /imports": lambda at: form_of(at.organization_id),
    "POST /imported-people/invite": lambda at: {"organization_id": at.organization_id},
    "PUT /import-mappings": lambda at: {
        "name": "Office",
        "columns": [{"field": "email", "heading": "Mail"}],
        "organization_id": at.organization_id,
    },
    "PUT /users/{user_id}/memory-hold": lambda _: {"reason": "a court asked for it"},
    "POST /departments": lambda at: {"name": "New", "organization_id": at.organization_id},
    "PUT /departments/{department_id}": lambda at: {
        "name": "Renamed",
        "organization_id": at.organization_id,
    },
    "PATCH /departments/{department_id}": lambda _: {"description": "Described."},
    "POST /teams": lambda at: {"name": "New", "department_id": at.department_id},
    "PUT /teams/{team_id}": lambda at: {"name": "Renamed", "department_id": at.department_id},
    "PATCH /teams/{team_id}": lambda _: {"description": "Described."},
    "POST /organizations/{organization_id}/members": lambda at: {
        "user_id": at.user_id,
        "role": "guardian",
    },
    "POST /departments/{department_id}/members": lambda at: {
        "user_id": at.user_id,
        "role": "student",
    },
    "POST /teams/{team_id}/members": lambda at: {"user_id": at.user_id, "role": "guardian"},
}


@define
class Asking:
    """Who asks, and what about."""

    server: Server
    clients: Mapping[Role | None, Client]
    targets: dict[str, Target]

    async def made(self, at: str) -> Target:
        """A department, a team and two people at a place, the one of them in all of it."""
        app, place = self.server.app, self.server.places[at]
        organization = await app.organizations.get(OPERATOR, place)
        department = await app.departments.create(OPERATOR, DepartmentFields("Maths", place))
        team = await app.teams.create(OPERATOR, TeamFields("Grade 7", department.id))
        child, guardian = [
            await app.users.create(
                OPERATOR, NewUser(f"{uuid7()}@example.org", "Somebody", place, role)
            )
            for role in (Role.STUDENT, Role.GUARDIAN)
        ]
        new = NewMember(child.id, Role.TEACHER)
        await app.members.add(OPERATOR, OrganizationMember, place, new)
        await app.members.add(OPERATOR, DepartmentMember, department.id, new)
        await app.members.add(OPERATOR, TeamMember, team.id, new)
        await app.guardians.confirm(OPERATOR, child.id, guardian.id)
        storage: Any = app.classes.storage  # the server's own
        roster = Roster(storage, organization.parent_organization_id or place)
        class_, course = await roster.class_(place), await roster.course(place)
        return Target(
            organization.parent_organization_id,
            place,
            department.id,
            team.id,
            child.id,
            guardian.id,
            class_.id,
            course.id,
            (await roster.session(place)).id,
            (await roster.import_run(place)).id,
        )

    async def status(self, role: Role | None, route: str, at: str) -> int:
        target = self.targets[at]
        body = BODIES[route](target) if route in BODIES else None
        method, path = route.split(" ")
        asked = (path + QUERIES.get(route, "")).format_map(
            attrs.asdict(target) | dict.fromkeys(_OTHERS, target.elsewhere)
        )
        client = self.clients[role]
        if isinstance(body, aiohttp.FormData):
            answer = await client.ask(f"{method} {asked}", data=body)
        else:
            answer = await client.ask(f"{method} {asked}", body)
        assert answer.status < 500, (role, route, at, answer.body)
        if answer.status < 300 and method != "GET":
            await self._mend(route, at)
        return answer.status

    async def listed(self, role: Role | None, route: str) -> str:
        """Whose things somebody sees in a list."""
        answer = await self.clients[role].ask(f"{route}?limit=100")
        if answer.status != 200:
            return str(answer.status)
        seen = {item["id"] for item in answer.json["items"]}
        names = [NAMES[at] for at in PLACES if seen & {*attrs.astuple(self.targets[at])}]
        return " ".join(names) or "none"

    async def _mend(self, route: str, at: str) -> None:
        """What a request was allowed to do may be in the way of the next."""
        if route.endswith("{organization_id}/archive"):
            await self.server.app.organizations.restore(OPERATOR, self.targets[at].organization_id)
        if "/organizations/" not in route or "members" in route:
            self.targets[at] = await self.made(at)


_OTHERS: Final = (
    "session_id",
    "consent_id",
    "export_id",
    "device_id",
    "token_id",
    "member_id",
    "invitation_id",
    "account_id",
    "grant_id",
    "mapping_id",
    "category_id",
)
QUERIES: Final = {
    "GET /users/{user_id}/access": "?action=users.read&resource=platform",
    "GET /users/{user_id}/memories/search": "?q=fractions",
    "GET /import-mappings": "?organization_id={organization_id}",
    "DELETE /import-mappings/{mapping_id}": "?organization_id={organization_id}",
}


def routes() -> list[str]:
    """Of all that are signed in to."""
    services = [field.type for field in attrs.fields(attrs.resolve_types(App))]
    return [
        f"{operation.method} {operation.path.removeprefix(BASE)}"
        for operation in operations(services)  # type: ignore[arg-type]  # fields have types here
        if operation.signed_in
    ]


def expected() -> dict[str, list[str]]:
    found = _LABEL.findall(PAGE.read_text(encoding="utf-8"))
    return {route: [cell.strip() for cell in cells.split("|")] for route, cells in found}


def own() -> set[str]:
    return {*_OWN.findall(PAGE.read_text(encoding="utf-8"))}


async def asking(server: Server) -> Asking:
    clients = {role: await server.signed_in(role, "north") for role in ROLES}
    found = Asking(server, clients, {})
    for at in PLACES:
        found.targets[at] = await found.made(at)
    return found


async def row_of(asked: Asking, route: str) -> list[str]:
    row = []
    for role in ROLES:
        if route in LISTS:
            row.append(await asked.listed(role, route))
        elif route in NOWHERE:
            row.append(str(await asked.status(role, route, "north")))
        else:
            row.append(" ".join([str(await asked.status(role, route, at)) for at in PLACES]))
    return row


def test_every_route_has_its_row_or_is_about_oneself() -> None:
    assert sorted(routes()) == sorted([*expected(), *own()])
    assert not {*expected()} & own()


async def test_each_role_is_answered_as_the_table_says(server: Server) -> None:
    asked = await asking(server)

    found = {route: await row_of(asked, route) for route in expected()}

    assert expected() == found
