"""Sockets, and connections that take their time: bounded, so that nobody slow delays another."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from time import monotonic
from typing import Any, Final

from aiohttp import web
from aiohttp.http import HttpProcessingError
from aiohttp.http_parser import RawRequestMessage
from aiohttp.web_protocol import RequestHandler

from adapters.http.edge import ALWAYS, PROBLEM
from adapters.http.encoding import encoded
from adapters.http.health import STOPPING
from adapters.http.json_body import MalformedJson
from adapters.http.problems import problem_of, status_of
from adapters.settings import Settings
from faraday_core.kernel.ids import uuid7

HEADER_TIMEOUT: Final = 30.0  # seconds from a request's first byte to its last header
KEEP_ALIVE: Final = 300.0  # seconds that a connection may rest between two requests
SHUTDOWN_TIMEOUT: Final = 10.0  # seconds that requests under way have to end
BACKLOG: Final = 4096
# Of the request's first line: a question of 10,000 characters takes twelve bytes for each.
LONGEST_LINE: Final = 128 << 10
_LOOK_EVERY: Final = 2.0
_SETTLE: Final = 0.05
_LAST_WAIT: Final = 0.5  # seconds, for handlers that have been told to end


class Parcel:
    """A request's headers on their way to who answers it. aiohttp's connection keeps what it was
    given until the next request comes: the parcel, and no more what was in it."""

    __slots__ = ("_message",)

    def __init__(self, message: RawRequestMessage) -> None:
        self._message: RawRequestMessage | None = message

    def unpacked(self) -> RawRequestMessage:
        message, self._message = self._message, None
        assert message is not None  # since nobody asks twice
        return message


class PatientHandler(RequestHandler):
    """aiohttp's connection, which knows since when a request's headers are under way, and holds
    little while none is."""

    __slots__ = ("waiting_since",)

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way, from its last header to the end of its answer."""
        return bool(self._messages or self._current_request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.waiting_since: float | None = monotonic()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        messages: Any = self._messages  # of which aiohttp looks into none but its own errors
        for at, (message, payload) in enumerate(messages):
            if isinstance(message, RawRequestMessage):
                messages[at] = Parcel(message), payload
        if self._messages or self._current_request or self._payload_parser:
            self.waiting_since = None
        elif self.waiting_since is None:
            self.waiting_since = monotonic()

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        answer = await super().finish_response(request, resp, start_time)
        # Both are kept until the next request comes, which may be minutes.
        asked: Any = request
        asked._message = asked._headers = asked._rel_url = asked._match_info = None
        asked._state = asked._cache = None
        answered: Any = answer[0]
        answered._headers = answered._state = answered._body = None
        return answer

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What cannot be read as HTTP at all, and so never came as far as the gate."""
        if not isinstance(exc, HttpProcessingError) and status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return super().handle_error(request, status, exc, message)
        error = MalformedJson("This is no HTTP request that can be read.", code="bad_request")
        found = status_of(error, conditional=False)
        request_id = uuid7()
        response = web.Response(
            status=found,
            body=encoded(problem_of(error, found, request_id)),
            headers={
                **ALWAYS,
                "Content-Type": PROBLEM,
                "X-Request-Id": request_id,
                "Cache-Control": "no-store",
            },
        )
        response.force_close()
        return response


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return PatientHandler(self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    async def _make_server(self) -> web.Server:
        await super()._make_server()  # starts the application; its server is replaced by ours
        return _Server(
            self._app._handle,  # type: ignore[arg-type]  # a request of the factory below
            request_factory=self._make_request,
            **self._kwargs,
        )

    def _make_request(self, message: Any, *rest: Any) -> web.Request:  # as aiohttp hands them over
        if isinstance(message, Parcel):
            message = message.unpacked()
        return self._app._make_request(message, *rest)


def bound_socket(host: str, port: int) -> socket.socket:
    """Raises OSError with what is wrong."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    listening.setblocking(False)  # noqa: FBT003 -- the standard library's
    return listening


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Raises OSError, ssl.SSLError."""
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context


@asynccontextmanager
async def listening(
    server: web.Application,
    at: socket.socket,
    tls: ssl.SSLContext | None,
    *,
    header_timeout: float = HEADER_TIMEOUT,
) -> AsyncIterator[None]:
    """Serves while the block runs; then requests under way end with their own answer."""
    runner = _Runner(
        server,
        access_log=None,
        handle_signals=False,
        keepalive_timeout=KEEP_ALIVE,
        shutdown_timeout=_LAST_WAIT,
        max_line_size=LONGEST_LINE,
    )
    await runner.setup()
    site = web.SockSite(runner, at, ssl_context=tls, backlog=BACKLOG)
    await site.start()
    watch = asyncio.create_task(_end_slow(runner, header_timeout))
    try:
        yield
    finally:
        server[STOPPING].append(True)
        watch.cancel()
        await site.stop()
        await _end_requests(runner)
        await runner.cleanup()


async def _end_requests(runner: web.AppRunner) -> None:
    """Idle connections at once, requests under way when they are answered. aiohttp's own clean-up
    waits for them too, but reads no more of a body, so that a slow sender would get no answer."""
    server: Any = runner.server  # whose connections are handlers of ours
    with suppress(TimeoutError):
        async with asyncio.timeout(SHUTDOWN_TIMEOUT):
            under_way = True
            while under_way:
                await asyncio.sleep(_SETTLE)  # also for what has only just been accepted
                under_way = False
                for handler in list(server.connections):
                    if handler.is_busy:
                        under_way = True
                    else:
                        handler.close()
            return
    for handler in list(server.connections):
        handler.force_close()


async def _end_slow(runner: web.AppRunner, header_timeout: float) -> None:
    while True:
        await asyncio.sleep(min(_LOOK_EVERY, header_timeout))
        patience = monotonic() - header_timeout
        server: Any = runner.server  # whose connections are handlers of ours
        for handler in server.connections if server else ():
            since = handler.waiting_since
            if since is not None and since < patience and not handler._current_request:
                handler.force_close()
