"""How often a request goes to PostgreSQL, and how often a signature is verified: a budget."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import aiohttp
import attrs
import pytest

from adapters.compose import stored
from adapters.http.listening import bound_socket, listening
from adapters.http.server import build_server
from adapters.installation import Installation
from adapters.persistence.postgres.connections import Connection
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.hashing import BcryptHasher
from adapters.settings import read_settings
from faraday_core.kernel.actor import Role
from faraday_core.organizations.model import OrganizationFields
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
    (Role.PLATFORM_ADMIN, "POST /organizations", 4),
    (Role.ORG_ADMIN, "POST /organizations", 4),
]


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
