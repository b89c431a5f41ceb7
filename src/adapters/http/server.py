"""The aiohttp application: routes, what watches over it, and the API's description."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from functools import cache
from importlib.metadata import version
from typing import Final, TypeVar

from aiohttp import web

from adapters.http import (
    audit_log,
    auth,
    departments,
    guardian_confirmations,
    health,
    held_fields,
    imports,
    invitations,
    keys,
    memories,
    memory_analytics,
    memory_categories,
    memory_grants,
    notifications,
    organizations,
    preferences,
    privacy,
    profiles,
    rosters,
    service_accounts,
    sessions,
    teams,
    tenant_memory_categories,
    tokens,
    totp,
    users,
)
from adapters.http.authentication import Authenticator
from adapters.http.binder import Bound, Edge
from adapters.http.clients import Clients
from adapters.http.docs import add_docs
from adapters.http.edge import OPERATION, ORIGIN, Gate
from adapters.http.encoding import encoded
from adapters.http.idempotency import Idempotency
from adapters.http.limits import Limits
from adapters.http.metrics import Metrics
from adapters.http.openapi import document
from adapters.http.routes import BASE, Operation
from adapters.settings import Settings
from faraday_core.identity.key_service import KeyService
from faraday_core.identity.session_service import SessionService
from faraday_core.identity.token_service import TokenService
from faraday_core.kernel.parsing import Parser
from faraday_core.people.access_service import AccessService
from faraday_core.traffic.idempotency_service import IdempotencyService
from faraday_core.traffic.rate_limit_service import RateLimitService

RESOURCES: Final = [
    auth.routes,
    totp.routes,
    sessions.routes,
    tokens.routes,
    users.routes,
    preferences.routes,
    notifications.routes,
    privacy.routes,
    guardian_confirmations.routes,
    profiles.routes,
    organizations.routes,
    departments.routes,
    teams.routes,
    invitations.routes,
    service_accounts.routes,
    rosters.routes,
    imports.routes,
    held_fields.routes,
    memory_analytics.routes,
    memories.routes,
    memory_categories.routes,
    tenant_memory_categories.routes,
    memory_grants.routes,
    audit_log.routes,
    keys.routes,
]

T = TypeVar("T")
Ready = Callable[[], Awaitable[bool]]


def operations(services: Collection[type]) -> Iterator[Operation]:
    for routes in RESOURCES:
        yield from routes.operations(services)


def build_server(services: Iterable[object], settings: Settings, ready: Ready) -> web.Application:
    """`services`: which handlers ask for by their types. `ready`: whether storage answers."""
    by_type = {type(service): service for service in services}
    parser, metrics = _of(by_type, Parser), Metrics()
    clients = Clients(settings.trusted_proxies)
    edge = Edge(
        services=by_type,
        parser=parser,
        authenticator=Authenticator(
            _of(by_type, KeyService), _of(by_type, SessionService), _of(by_type, TokenService)
        ),
        limits=Limits(
            _of(by_type, RateLimitService), settings.auth_rate_per_minute, settings.rate_limit
        ),
        idempotency=Idempotency(_of(by_type, IdempotencyService)),
        access=_of(by_type, AccessService),
        max_body_bytes=settings.max_body_bytes,
    )
    origins = frozenset(settings.cors_origins)
    gate = Gate(clients, metrics, origins, https=settings.in_production)

    @web.middleware
    async def through_the_gate(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        return await gate.pass_through(request, handler)

    server = web.Application(
        middlewares=[through_the_gate], client_max_size=settings.max_body_bytes
    )
    declared = list(operations(by_type.keys()))
    for operation in declared:
        _add(server, operation, edge)
    _describe(server, lambda: document(declared, parser, version("faraday")))
    add_docs(server)
    health.add_health(server, settings, clients, metrics, ready)
    return server


def _add(server: web.Application, operation: Operation, edge: Edge) -> None:
    bound = Bound(operation, edge)

    async def handle(request: web.Request) -> web.StreamResponse:
        return await bound.respond(request, request[ORIGIN])

    setattr(handle, OPERATION, operation)
    server.router.add_route(operation.method, operation.path, handle)
    if operation.method == "GET":
        server.router.add_route("HEAD", operation.path, handle)


def _describe(server: web.Application, description: Callable[[], object]) -> None:
    """Made when it is first asked for, since most servers never are."""
    made = cache(lambda: encoded(description()))

    async def describe(_: web.Request) -> web.Response:
        headers = {"Content-Type": "application/json", "Cache-Control": "public, max-age=60"}
        return web.Response(body=await asyncio.to_thread(made), headers=headers)

    server.router.add_get(f"{BASE}/openapi.json", describe)


def _of(services: dict[type, object], kind: type[T]) -> T:
    found = services[kind]
    assert isinstance(found, kind)
    return found
