"""The one middleware: what every request goes through, and every answer bears."""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

import structlog
from aiohttp import web
from attrs import frozen

from adapters.http.clients import Clients, user_agent_of
from adapters.http.encoding import encoded
from adapters.http.json_body import BodyTooLarge, MalformedJson
from adapters.http.limits import ALLOWANCE, headers_of
from adapters.http.metrics import Metrics
from adapters.http.problems import (
    HttpsRequired,
    MethodNotAllowed,
    Problem,
    internal_error,
    problem_of,
    status_of,
)
from adapters.http.routes import Operation
from faraday_core.kernel.actor import Origin
from faraday_core.kernel.errors import FaradayError, NotFound, NotSignedIn, TooMany, Unavailable
from faraday_core.kernel.ids import uuid7

ORIGIN: Final = web.RequestKey("origin", Origin)
OPERATION: Final = "operation"  # on the route's handler
PROBLEM: Final = "application/problem+json; charset=utf-8"
OPEN_WITHOUT_HTTPS: Final = frozenset({"/livez", "/readyz", "/metrics"})
HSTS: Final = "max-age=31536000; includeSubDomains"
CSP: Final = "default-src 'none'; frame-ancestors 'none'"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_CORS_METHODS = "GET, POST, PUT, PATCH, DELETE"
_CORS_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match,"
    " X-Organization-Id, X-Request-Id"
)
_CORS_EXPOSED = (
    "ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After"
)
ALWAYS: Final = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "Server": "faraday",
    "X-Content-Type-Options": "nosniff",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger("faraday.http")
# Asked first: to be told by structlog that nobody listens takes longer than the metrics do.
_level = logging.getLogger("faraday.http")


@frozen
class Gate:
    """`cors_origins`: who may call from a browser. `https`: whether requests must come by it."""

    clients: Clients
    metrics: Metrics
    cors_origins: frozenset[str]
    https: bool

    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        began = perf_counter()
        request_id = _request_id(request)
        client = self.clients.of(request)
        request[ORIGIN] = Origin(client.address, user_agent_of(request), request_id)
        self.metrics.in_flight.inc()
        try:
            if self.https and not client.secure and request.path not in OPEN_WITHOUT_HTTPS:
                raise HttpsRequired("This is to be asked over HTTPS.")
            if _is_preflight(request):
                response: web.StreamResponse = web.Response(status=HTTPStatus.NO_CONTENT)
            else:
                response = await handler(request)
        except FaradayError as error:
            response = _refusal(request, error, request_id)
        except web.HTTPException as error:
            response = _refusal(request, _translated(error), request_id)
            if "Allow" in error.headers:
                response.headers["Allow"] = error.headers["Allow"]
        except Exception:
            log.exception("request failed", request_id=request_id, route=_route(request))
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            response = _response(internal_error(request_id), status)
        finally:
            self.metrics.in_flight.dec()
        self._add_headers(request, response, request_id)
        seconds = perf_counter() - began
        self.metrics.observe(_operation(request), response.status, seconds)
        if _level.isEnabledFor(logging.DEBUG):
            log.debug("request", status=response.status, route=_route(request), seconds=seconds)
        return response

    def _add_headers(
        self, request: web.Request, response: web.StreamResponse, request_id: str
    ) -> None:
        headers = response.headers
        own_policy = headers.get("Content-Security-Policy")
        headers.update(ALWAYS)
        if own_policy:
            headers["Content-Security-Policy"] = own_policy
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        headers["X-Request-Id"] = request_id
        if self.https:
            headers["Strict-Transport-Security"] = HSTS
        if allowance := request.get(ALLOWANCE):
            headers.update(headers_of(allowance))
        if self.cors_origins:
            self._add_cors(request, headers)

    def _add_cors(self, request: web.Request, headers: Any) -> None:  # multidict's own type
        headers.add("Vary", "Origin")
        origin = request.headers.get("Origin")
        if origin is None or not ({origin, "*"} & self.cors_origins):
            return
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Expose-Headers"] = _CORS_EXPOSED
        if _is_preflight(request):
            headers["Access-Control-Allow-Methods"] = _CORS_METHODS
            headers["Access-Control-Allow-Headers"] = _CORS_HEADERS
            headers["Access-Control-Max-Age"] = "600"


def _request_id(request: web.Request) -> str:
    given = request.headers.get("X-Request-Id")
    return given if given and _REQUEST_ID.fullmatch(given) else uuid7()


def _is_preflight(request: web.Request) -> bool:
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def _operation(request: web.Request) -> Operation | None:
    found: Operation | None = getattr(request.match_info.handler, OPERATION, None)
    return found


def _route(request: web.Request) -> str:
    operation = _operation(request)
    return operation.name if operation else "other"


def _translated(error: web.HTTPException) -> FaradayError:
    """aiohttp's own refusals, which are few."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        return MethodNotAllowed(f"This address takes {allowed}.")
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        return BodyTooLarge("The body is too large.")
    if isinstance(error, web.HTTPNotFound):
        return NotFound("There is nothing at this address.")
    return MalformedJson(error.reason or "The request cannot be read.", code="bad_request")


def _refusal(request: web.Request, error: FaradayError, request_id: str) -> web.Response:
    conditional = "If-Match" in request.headers
    status = status_of(error, conditional=conditional)
    response = _response(problem_of(error, status, request_id), status)
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _response(problem: Problem, status: HTTPStatus) -> web.Response:
    headers: Mapping[str, str] = {"Content-Type": PROBLEM}
    return web.Response(status=status, headers=headers, body=encoded(problem))
