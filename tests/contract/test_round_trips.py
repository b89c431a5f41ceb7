"""How often a request goes to PostgreSQL, and how often a signature is verified: a budget."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import aiohttp
import attrs
import pytest

from adapters.app import App
from adapters.compose import stored
from adapters.http.listening import bound_socket, listening
from adapters.http.routes import BASE
from adapters.http.server import build_server, operations
from adapters.installation import Installation
from adapters.persistence.postgres.connections import Connection
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.hashing import BcryptHasher
from adapters.settings import read_settings
from faraday_core.kernel.actor import WORKER, Role
from faraday_core.organizations.membership import DepartmentMember, NewMember, TeamMember
from faraday_core.organizations.model import DepartmentFields, OrganizationFields, TeamFields
from faraday_core.people.model import NewUser
from tests.rosters import Roster
from tests.serving import OPERATOR, Client, Server
from tests.world import SECRETS

# Once the session is known and the connection has prepared its statements.
BUDGET: Final = [
    (Role.PLATFORM_ADMIN, "GET /auth/me", 1),
    (Role.ORG_ADMIN, "GET /auth/me", 1),
    (Role.STUDENT, "GET /auth/me", 1),
    (Role.PLATFORM_ADMIN, "GET /users?limit=20", 1),
    (Role.ORG_ADMIN, "GET /users?limit=20", 1),
    (Role.PLATFORM_ADMIN, "GET /organizations", 1),
    (Role.ORG_ADMIN, "GET /organizations", 1),
    (Role.STUDENT, "GET /memories/analytics", 10),
    (Role.STUDENT, "GET /memories/recommendations", 5),
    (Role.PLATFORM_ADMIN, "POST /organizations", 4),
    (Role.ORG_ADMIN, "POST /organizations", 4),
]


MOST_OF_A_LIST: Final = 4


@pytest.fixture
async def quiet_server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """One that nothing runs beside, which would be counted too."""
    settings = read_settings(
        {"FARADAY_DATABASE_URL": database_url, "FARADAY_AUTH_RATE_PER_MINUTE": "0"}
    )
    installation = Installation(settings, tmp_path, SECRETS, database_url)
    at = bound_socket("127.0.0.1", 0)
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(stored(installation, BcryptHasher(SECRETS, cost=4)))
        server = build_server(attrs.astuple(app, recurse=False), settings, app.storage_answers)
        await stack.enter_async_context(listening(server, at, None))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        north = await app.organizations.create(OPERATOR, OrganizationFields("North"))
        places = {"north": north.id}
        yield Server(app, Client(session, url), url, installation.mail_folder, places)


async def trips_of(client: Client, route: str, body: object) -> int:
    before = Connection.trips
    answer = await client.ask(route, body)
    assert answer.status in {200, 201}, answer.body
    return Connection.trips - before


async def test_no_route_takes_more_round_trips_than_its_budget(quiet_server: Server) -> None:
    server = quiet_server
    roles = {role for role, _, _ in BUDGET}
    clients = {role: await server.signed_in(role) for role in sorted(roles)}

    found = {}
    for role, route, _ in BUDGET:
        body = None
        if route.startswith("POST"):
            body = {"name": "School", "parent_organization_id": server.places["north"]}
        warm = await trips_of(clients[role], route, body)
        assert warm
        found[role, route] = await trips_of(clients[role], route, body)

    over = {
        (role, route): found[role, route]
        for role, route, most in BUDGET
        if not 1 <= found[role, route] <= most
    }
    assert {} == over


LISTS: Final = [
    operation.path.removeprefix(BASE)
    for operation in operations([f.type for f in attrs.fields(attrs.resolve_types(App)) if f.type])
    if operation.method == "GET" and "paging.Page" in str(operation.result)
]


async def _calm(app: App) -> None:
    """What goes on behind the answers would be counted too."""
    await app.memory_use.flush(WORKER)
    await app.memory_search.finding.warming.settled()


async def test_a_list_takes_as_many_round_trips_however_much_it_shows(
    quiet_server: Server,
) -> None:
    """Nothing is asked for each of its rows: counts, roles and names come along with them."""
    app, north = quiet_server.app, quiet_server.places["north"]
    admin = await quiet_server.signed_in(Role.ORG_ADMIN)
    department = await app.departments.create(OPERATOR, DepartmentFields("Maths", north))
    team = await app.teams.create(OPERATOR, TeamFields("Grade 7", department.id))
    child = await app.users.create(OPERATOR, NewUser("child@example.org", "Kim", north))
    storage: Any = app.classes.storage  # the server's own
    roster = Roster(storage, north)
    session, course = await roster.session(north), await roster.course(north)
    sessions = (session.id,)
    class_ = await roster.class_(north, course_id=course.id, academic_session_ids=sessions)
    ids = {"organization_id": north, "department_id": department.id, "team_id": team.id}
    ids |= {"class_id": class_.id}
    memory = await admin.ask("POST /memories", {"content": "one of many"})
    mine = (await admin.ask("GET /users/me")).json["id"]
    ids |= {"memory_id": memory.json["id"]}
    paths = [
        path.format_map(ids | {"user_id": mine if "/memor" in path else child.id})
        for path in LISTS
    ]
    await _calm(app)

    await trips_of(admin, "GET /users", None)  # by which the sender is known
    few = {path: await trips_of(admin, f"GET {path}", None) for path in paths}
    for number in range(15):
        await app.organizations.create(OPERATOR, OrganizationFields(f"School {number}", north))
        await app.departments.create(OPERATOR, DepartmentFields(f"Dept. {number}", north))
        await app.teams.create(OPERATOR, TeamFields(f"Team {number}", department.id))
        new = NewUser(f"p{number}@example.org", "Pat Doe", north)
        person = await app.users.create(OPERATOR, new)
        as_student = NewMember(person.id, Role.STUDENT)
        await app.members.add(OPERATOR, TeamMember, team.id, as_student)
        await app.members.add(OPERATOR, DepartmentMember, department.id, as_student)
        await roster.session(north)
        await roster.course(north)
        further = await roster.class_(north, course_id=course.id, academic_session_ids=sessions)
        await roster.enroll(class_, person.id)
        await roster.enroll(further, child.id)
    for number in range(15):
        await admin.ask("POST /memories", {"content": f"one of many: {number}"})
    await _calm(app)
    many = {path: await trips_of(admin, f"GET {path}", None) for path in paths}

    assert len(paths) > 10
    assert few == many
    assert {} == {path: trips for path, trips in many.items() if trips > MOST_OF_A_LIST}


async def test_a_refusal_that_needs_no_storage_does_not_ask_it(quiet_server: Server) -> None:
    before = Connection.trips

    for route in ("GET /auth/me", "GET /nothing", "DELETE /users"):
        assert (await quiet_server.client.ask(route)).status in {401, 404, 405}
    assert 422 == (await quiet_server.client.ask("POST /auth/login", {})).status

    assert 0 == Connection.trips - before


async def test_no_signature_is_verified_twice(quiet_server: Server) -> None:
    client = await quiet_server.signed_in(Role.ORG_ADMIN)
    tokens = quiet_server.app.keys.tokens
    assert isinstance(tokens, JwtAccessTokens)
    before = tokens.verified

    for route in ("GET /auth/me", "GET /users", "GET /organizations", "GET /auth/me"):
        assert 200 == (await client.ask(route)).status

    assert 1 == tokens.verified - before
