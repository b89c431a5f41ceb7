"""The line to a server: requests, the tokens that they go with, and its refusals as the core's."""

import asyncio
import json
from collections.abc import Mapping
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from attrs import define, field

from faraday_core.kernel.errors import (
    Conflict,
    FaradayError,
    Fault,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    StaleVersion,
    TooMany,
    Unavailable,
)

BASE: Final = "/api/v1"
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, connect=10)
_AT_ONCE: Final = 8
_LARGEST: Final = 8 * 1024 * 1024  # bytes of an answer; a page of a list has far less
_REFUSALS: Final[Mapping[int, type[FaradayError]]] = {
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: StaleVersion,
}


class WrongAddress(ValueError):
    """What was given is no server's address, or not one to send a password to."""


def checked(address: str) -> str:
    """`https://HOST[:PORT]`, or `http` for this machine; raises WrongAddress."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise WrongAddress(f"{address!r} is no address: {error}.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise WrongAddress(f"{address!r} is no address as https://school.example.org is.")
    if parts.username or parts.query or parts.fragment:
        raise WrongAddress("The address takes neither a name nor a query.")
    if parts.scheme == "http" and not _is_here(host):
        raise WrongAddress(f"A password goes to {host} by https:// alone.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@define
class Line:
    """`address`: as `checked`. `device`: what the server's list of sessions calls it."""

    address: str
    device: str = "support terminal"
    _session: aiohttp.ClientSession | None = None
    _access: str | None = field(default=None, repr=False)
    _refresh: str | None = field(default=None, repr=False)
    _refreshing: asyncio.Lock = field(factory=asyncio.Lock, repr=False)

    def take(self, tokens: Mapping[str, Any]) -> None:
        """As a sign-in answers them."""
        self._access, self._refresh = str(tokens["access_token"]), str(tokens["refresh_token"])

    async def ask(self, route: str, body: object = None, **query: str | None) -> Any:  # JSON
        """`route`: as in "GET /users". Raises whatever the server refuses it by, and Unavailable
        where there is none."""
        used = self._access
        try:
            return await self._send(route, body, query)
        except NotSignedIn as error:
            if error.code != "token_expired" or self._refresh is None:
                raise
        await self._renew(used)
        return await self._send(route, body, query)

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> "Line":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _renew(self, used: str | None) -> None:
        """Once, however many of the terminal's requests have found the token expired."""
        async with self._refreshing:
            if self._access == used:
                spent = {"refresh_token": self._refresh}
                self._access = None
                self.take(await self._send("POST /auth/refresh", spent, {}))

    async def _send(
        self, route: str, body: object, query: Mapping[str, str | None]
    ) -> Any:  # JSON
        method, path = route.split(" ")
        headers = {"Accept": "application/json"}
        if self._access:
            headers["Authorization"] = f"Bearer {self._access}"
        try:
            async with self._opened().request(
                method,
                f"{self.address}{BASE}{path}",
                json=body,
                params={name: value for name, value in query.items() if value is not None},
                headers=headers,
                allow_redirects=False,  # a password goes nowhere but where it was meant to
            ) as answer:
                content = await _content(answer)
                return _read(answer, content)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Unavailable(f"The server at {self.address} does not answer.") from error

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            agent = {"User-Agent": self.device}
            connector = aiohttp.TCPConnector(limit=_AT_ONCE)
            # Cookies are none of this API's.
            self._session = aiohttp.ClientSession(
                connector=connector,
                headers=agent,
                timeout=_TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_chunked(65536):
        content += chunk
        if len(content) > _LARGEST:
            raise Unavailable("The server answers more than a terminal has use for.")
    return bytes(content)


def _read(answer: aiohttp.ClientResponse, content: bytes) -> Any:  # JSON
    said: Any = None
    if content:
        try:
            said = json.loads(content)
        except ValueError:
            said = None
    if 200 <= answer.status < 300:  # noqa: PLR2004 -- RFC 9110, 15.3
        if content and said is None:
            raise _no_server_of_ours()
        return said
    raise _refusal(answer, said if isinstance(said, dict) else {})


def _refusal(answer: aiohttp.ClientResponse, problem: Mapping[str, Any]) -> FaradayError:
    code = problem.get("code")
    detail = problem.get("detail")
    if not isinstance(code, str) or not isinstance(detail, str):
        return _no_server_of_ours(answer.status)
    after = _seconds(answer.headers.get("Retry-After"))
    match answer.status:
        case 422:
            faults = [_fault(fault) for fault in problem.get("errors", ())]
            return Invalid(faults or [Fault("", code, detail)])
        case 429:
            return TooMany(detail, retry_after=after, code=code)
        case status if status in _REFUSALS:
            return _REFUSALS[status](detail, code=code)
    return Unavailable(detail, retry_after=after, code=code)


def _fault(fault: object) -> Fault:
    if not isinstance(fault, Mapping):
        return Fault("", "invalid", "is refused")
    return Fault(*(str(fault.get(name, "")) for name in ("pointer", "code", "detail")))


def _seconds(said: str | None) -> int:
    return int(said) if said and said.isascii() and said.isdigit() else 1


def _no_server_of_ours(status: int | None = None) -> Unavailable:
    told = f" ({status})" if status else ""
    return Unavailable(f"What answers there is no server of this product, or away{told}.")
