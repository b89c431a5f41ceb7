"""The API's description: complete, true of what the server answers, and shown offline."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final, get_type_hints

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from adapters.http.server import RESOURCES
from faraday_core.kernel.actor import Role
from tests.serving import Client, Server, serving

METHODS: Final = {"get", "put", "post", "patch", "delete"}
EXAMPLES: Final = 5  # an operation
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

Json = dict[str, Any]  # whatever the document holds


@pytest.fixture
async def document(server: Server) -> Json:
    answer = await server.client.ask("GET /openapi.json")
    assert (200, "application/json") == (answer.status, answer.headers["Content-Type"])
    found: Json = answer.json
    return found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield f"{method.upper()} {path}", operation


def resolved(document: Json, schema: Json) -> Iterator[Json]:
    """A schema, and all within it."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        yield from resolved(document, document["components"]["schemas"][name])
        return
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    for part in inner + [schema[name] for name in ("items",) if name in schema]:
        yield from resolved(document, part)


async def test_every_route_is_described(document: Json) -> None:
    declared = {
        f"{method} {path}" for routes in RESOURCES for method, path, _, _ in routes._declared
    }

    assert declared == {route for route, _ in operations(document)}
    assert document["openapi"].startswith("3.1.")


async def test_every_operation_says_what_it_is(document: Json) -> None:
    ids = [operation["operationId"] for _, operation in operations(document)]

    assert len(ids) == len({*ids})
    for route, operation in operations(document):
        assert operation["summary"].strip().endswith("."), route
        assert [tag for tag in operation["tags"] if tag], route
        assert operation["security"] in ([], [{"token": []}]), route
    assert "bearer" == document["components"]["securitySchemes"]["token"]["scheme"]


async def test_who_is_to_sign_in_is_described_as_the_code_has_it(document: Json) -> None:
    handlers = {
        f"{method} {path}": handler
        for routes in RESOURCES
        for method, path, _, handler in routes._declared
    }
    asking = {
        route
        for route, handler in handlers.items()
        if {"Actor", "Identity"} & {kind.__name__ for kind in classes_of(handler)}
    }

    assert asking == {route for route, op in operations(document) if op["security"]}


def classes_of(handler: Any) -> list[type]:  # a plain function
    return [kind for kind in get_type_hints(handler).values() if isinstance(kind, type)]


async def test_every_error_is_a_problem_with_a_schema(document: Json) -> None:
    for route, operation in operations(document):
        errors = {s: r for s, r in operation["responses"].items() if int(s) >= 400}
        expected = {"422", "429", "503"}
        expected |= {"401", "403"} if operation["security"] else set()
        expected |= {"404"} if "{" in route else set()
        expected |= {"400", "413", "415", "422"} if "requestBody" in operation else set()
        assert expected <= {*errors}, route
        for status, response in errors.items():
            assert {"application/problem+json"} == {*response["content"]}, (route, status)
            schema = response["content"]["application/problem+json"]["schema"]
            (problem, *_) = resolved(document, schema)
            assert {
                "type",
                "title",
                "status",
                "detail",
                "code",
                "request_id",
            } <= {*problem["properties"]}


async def test_every_object_in_a_request_is_closed_and_its_text_bounded(document: Json) -> None:
    found = 0
    for route, operation in operations(document):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            for schema in resolved(document, media["schema"]):
                if schema.get("type") == "object":
                    assert schema["additionalProperties"] is False, route
                    found += 1
    assert found


async def test_every_parameter_is_described_with_its_bounds(document: Json) -> None:
    described = dict(operations(document))
    users = {p["name"]: p["schema"] for p in described["GET /api/v1/users"]["parameters"]}

    assert {"organization_id", "role", "q", "is_active", "limit", "cursor"} <= {*users}
    assert (1, 100) == (users["limit"]["minimum"], users["limit"]["maximum"])
    for route, operation in described.items():
        named = {*re.findall(r"{(\w+)}", route)}
        of_path = [p for p in operation["parameters"] if p["in"] == "path"]
        assert named == {p["name"] for p in of_path}
        assert all(p["required"] and p["schema"]["format"] == "uuid" for p in of_path)


async def test_what_creates_says_where_it_is(document: Json) -> None:
    created = {
        r: o["responses"]["201"] for r, o in operations(document) if "201" in o["responses"]
    }

    assert "POST /api/v1/users" in created
    assert all("Location" in response["headers"] for response in created.values())


# --- What the server answers is what is described


@pytest.fixture
async def patient_server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """One that does not lock whoever guesses."""
    async with serving(database_url, tmp_path, {"MAX_LOGIN_ATTEMPTS": "10000"}) as server:
        yield server


@schemathesis.serializer("application/x-ndjson")
def lines(_: Any, value: Any) -> bytes:  # whatever was drawn
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")


# The server draws at random as well, in this very process, which Hypothesis takes amiss.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize(
    ("role", "mode"),
    [
        (Role.PLATFORM_ADMIN, GenerationMode.POSITIVE),
        (Role.PLATFORM_ADMIN, GenerationMode.NEGATIVE),
        (Role.TEACHER, GenerationMode.POSITIVE),
    ],
)
async def test_whatever_is_asked_is_answered_as_described(
    patient_server: Server, role: Role, mode: GenerationMode
) -> None:
    server = patient_server
    email = await server.person(role)
    url = f"{server.url}/api/v1/openapi.json"
    schema = await asyncio.to_thread(schemathesis.openapi.from_url, url)
    asked = 0
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # an error has none, and fails
        client = await server.client.sign_in(email)  # one that ends sessions is among them
        asked += await asyncio.to_thread(ask_at_random, operation, client, mode)
    every = len([*operations((await server.client.ask("GET /openapi.json")).json)])
    assert asked == every if mode is GenerationMode.POSITIVE else asked >= every / 2


def ask_at_random(operation: Any, client: Client, mode: GenerationMode) -> bool:
    """False where there is nothing of it that could be wrong."""
    # `operation`: schemathesis' own, whose types are its inner ones
    headers = {"Authorization": f"Bearer {client.token}"}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=[*HealthCheck],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def answers_as_described(case: Any) -> None:  # as above
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    try:
        answers_as_described()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        return False
    return True


# --- The page


async def test_the_page_and_all_that_it_loads_come_from_here(server: Server) -> None:
    page = await server.client.ask("GET //docs")
    text = page.body.decode()
    loaded = re.findall(r'(?:src|href)="([^"]*)"', text)

    assert (200, "text/html; charset=utf-8") == (page.status, page.headers["Content-Type"])
    assert not re.search(r"https?://|//[a-z]", text)
    assert {"/docs/swagger-ui-bundle.js", "/docs/start.js", "/docs/swagger-ui.css"} <= {*loaded}
    for path in loaded:
        asset = await server.client.ask(f"GET /{path}")
        assert 200 == asset.status, path
        assert asset.body
    start = (await server.client.ask("GET //docs/start.js")).body.decode()
    assert "/api/v1/openapi.json" in start
    assert not re.search(r"https?://", start)


async def test_the_page_may_load_nothing_from_elsewhere(server: Server) -> None:
    policy = (await server.client.ask("GET //docs")).headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    assert "'none'" == rules["default-src"]
    assert "'self'" == rules["script-src"] == rules["connect-src"]
    assert "'none'" == rules["frame-ancestors"]
    assert "http" not in policy
