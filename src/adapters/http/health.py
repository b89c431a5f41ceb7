"""What an operator's tools ask: does the process live, can it serve, how does it fare."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from adapters.http.clients import Clients
from adapters.http.metrics import Metrics
from adapters.settings import Settings
from faraday_core.kernel.errors import Forbidden, Unavailable

# Set when the server is to stop: from then on it is not ready.
STOPPING: Final = web.AppKey("stopping", list[bool])


def add_health(
    server: web.Application,
    settings: Settings,
    clients: Clients,
    metrics: Metrics,
    ready: Callable[[], Awaitable[bool]],
) -> None:
    server[STOPPING] = []

    async def livez(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        if server[STOPPING]:
            raise Unavailable("The server is shutting down.", code="shutting_down")
        if not await ready():
            raise Unavailable("The database does not answer.", retry_after=2)
        return web.json_response({"status": "ok"})

    async def get_metrics(request: web.Request) -> web.Response:
        client = clients.of(request)
        trusted = client.is_loopback or clients.trusts(client.address)
        if settings.in_production and not trusted and not _has_token(request, settings):
            raise Forbidden("Metrics are for loopback, trusted proxies, or by a token.")
        return metrics.response()

    server.router.add_get("/livez", livez)
    server.router.add_get("/readyz", readyz)
    server.router.add_get("/metrics", get_metrics)


def _has_token(request: web.Request, settings: Settings) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    expected = settings.metrics_token
    # As it came: bytes that are no UTF-8 are read as half surrogate pairs.
    sent = given.encode(errors="surrogateescape")
    return expected is not None and hmac.compare_digest(sent, expected.encode())
