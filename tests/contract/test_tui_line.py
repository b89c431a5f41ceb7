"""The support terminal's line to a server: what it takes for one, and what becomes of faults."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from attrs import define, field

from adapters.http.listening import bound_socket
from adapters.tui.line import Line, WrongAddress, checked
from adapters.tui.remote_desk import RemoteEntrance
from faraday_core.kernel.errors import (
    Conflict,
    FaradayError,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    StaleVersion,
    TooMany,
    Unavailable,
)
from tests.serving import faraday

Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
TOKENS = {"access_token": "new", "refresh_token": "next", "token_type": "Bearer"}
PERSON = {
    "id": "01990000-0000-7000-8000-000000000001",
    "full_name": "Pat Doe",
    "email": "pat@example.org",
    "email_verified": True,
    "is_active": True,
    "roles": [{"role": "janitor", "scope_type": "building", "scope_id": None, "since": 1}],
    "organization_id": None,
    "shoe_size": 43,
}


@define
class Strange:
    """A server that answers as a test wants, and remembers what it was asked."""

    answer: Answering
    asked: list[str] = field(factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        return await self.answer(request)


@asynccontextmanager
async def line_to(answer: Answering) -> AsyncIterator[tuple[Line, Strange]]:
    strange = Strange(answer)
    runner = web.ServerRunner(web.Server(strange))
    await runner.setup()
    at = bound_socket("127.0.0.1", 0)
    await web.SockSite(runner, at).start()
    try:
        async with Line(f"http://127.0.0.1:{at.getsockname()[1]}") as line:
            yield line, strange
    finally:
        await runner.cleanup()


def always(status: int, body: bytes, **headers: str) -> Answering:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, body=body, headers=headers)

    return answer


def refusing(status: int, code: str, **more: Any) -> Answering:  # as a problem has
    headers = {"Retry-After": "7"} if status in {429, 503} else {}
    body = json.dumps({"status": status, "code": code, "detail": "In words."} | more)
    return always(status, body.encode(), **headers)


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://school.example.org", "https://school.example.org"),
        ("https://school.example.org/", "https://school.example.org"),
        ("https://school.example.org:8443/faraday/", "https://school.example.org:8443/faraday"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_taken_without_its_last_slash(address: str, taken: str) -> None:
    assert taken == checked(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "school.example.org",
        "ftp://school.example.org",
        "https://",
        "https://pat:secret@school.example.org",
        "https://school.example.org/?next=1",
        "https://school.example.org:port",
        "http://school.example.org",
        "http://192.0.2.1",
        "http://localhost.example.org",
    ],
)
def test_what_is_no_address_or_would_send_a_password_openly_is_refused(address: str) -> None:
    with pytest.raises(WrongAddress):
        checked(address)


def test_the_command_refuses_it_as_wrong_usage(data_dir: Path) -> None:
    done = faraday("tui", "--server", "http://school.example.org", data_dir=data_dir)
    assert 2 == done.returncode
    assert "https:// alone" in done.stderr

    both = faraday("tui", "--server", "https://school.example.org", "--demo", data_dir=data_dir)
    assert 2 == both.returncode
    assert "--demo" in both.stderr


async def test_where_nobody_answers_that_is_said() -> None:
    at = bound_socket("127.0.0.1", 0)
    port = at.getsockname()[1]
    at.close()
    async with Line(f"http://127.0.0.1:{port}") as line:
        with pytest.raises(Unavailable, match="does not answer"):
            await line.ask("GET /users")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "invalid_token", NotSignedIn),
        (403, "forbidden", Forbidden),
        (404, "not_found", NotFound),
        (409, "already_member", Conflict),
        (412, "stale_version", StaleVersion),
        (429, "too_many_attempts", TooMany),
        (500, "internal_error", Unavailable),
        (503, "overloaded", Unavailable),
        (418, "teapot", Unavailable),
    ],
)
async def test_a_refusal_is_the_cores_own_with_code_and_detail(
    status: int, code: str, kind: type[FaradayError]
) -> None:
    async with line_to(refusing(status, code)) as (line, _):
        with pytest.raises(kind) as refused:
            await line.ask("GET /users")
    assert (code, "In words.") == (refused.value.code, refused.value.detail)
    if isinstance(refused.value, TooMany):
        assert 7 == refused.value.retry_after


async def test_all_faults_of_what_was_sent_come_along() -> None:
    fault = {"pointer": "/full_name", "code": "too_long", "detail": "takes at most 120 characters"}
    async with line_to(refusing(422, "too_long", errors=[fault, "?"])) as (line, _):
        with pytest.raises(Invalid) as refused:
            await line.ask("PATCH /users/1", {"full_name": "x" * 200})
    assert "/full_name takes at most 120 characters" in refused.value.detail


@pytest.mark.parametrize(
    "answer",
    [
        always(200, b"<html>a login page of the hotel</html>"),
        always(502, b"<html>Bad gateway</html>"),
        always(404, b""),
        always(401, b"[]"),
        always(403, b'{"code": 7, "detail": null}'),
        always(302, b"", Location="http://192.0.2.1/"),
    ],
    ids=["a page", "a gateway", "nothing", "a list", "no problem", "a redirection"],
)
async def test_what_is_no_server_of_this_product_is_told_from_one(answer: Answering) -> None:
    async with line_to(answer) as (line, strange):
        with pytest.raises(Unavailable, match="no server of this product"):
            await line.ask("POST /auth/login", {"email": "p@example.org", "password": "x"})
    assert 1 == len(strange.asked)  # a password is sent nowhere else


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b" " * 65536)
        return response

    async with line_to(answer) as (line, _):
        with pytest.raises(Unavailable, match="more than a terminal has use for"):
            await line.ask("GET /users")


async def test_however_many_find_the_token_expired_it_is_renewed_once() -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("/auth/refresh"):
            assert {"refresh_token": "spent"} == await request.json()
            assert "Authorization" not in request.headers
            return web.json_response(TOKENS)
        if request.headers["Authorization"] == "Bearer new":
            return web.json_response({"items": []})
        problem = {"code": "token_expired", "detail": "It has expired."}
        return web.json_response(problem, status=401)

    async with line_to(answer) as (line, strange):
        line.take({"access_token": "old", "refresh_token": "spent"})
        await asyncio.gather(*(line.ask("GET /users") for _ in range(5)))
    assert 1 == strange.asked.count("POST /api/v1/auth/refresh")


async def test_where_it_cannot_be_renewed_one_signs_in_again() -> None:
    async with line_to(refusing(401, "token_expired")) as (line, strange):
        line.take({"access_token": "old", "refresh_token": "spent"})
        with pytest.raises(NotSignedIn):
            await line.ask("GET /users")
    assert ["GET /api/v1/users", "POST /api/v1/auth/refresh"] == strange.asked


async def signed_in_at(person: object) -> Answering:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response(TOKENS if request.path.endswith("/login") else person)

    return answer


async def test_what_a_newer_server_answers_besides_is_left_out() -> None:
    async with line_to(await signed_in_at(PERSON)) as (line, _):
        desk = await RemoteEntrance(line).sign_in("pat@example.org", "x", None)
    assert ("Pat Doe", ("janitor",)) == (desk.me.full_name, desk.me.role_names)
    assert not desk.me.is_administrator


@pytest.mark.parametrize("person", [{}, [], "?", PERSON | {"roles": 7}], ids=range(4))
async def test_what_cannot_be_read_is_said_and_nothing_made_of_it(person: object) -> None:
    async with line_to(await signed_in_at(person)) as (line, _):
        with pytest.raises(Unavailable, match="cannot read"):
            await RemoteEntrance(line).sign_in("pat@example.org", "x", None)


def test_no_token_is_in_what_a_line_prints_as() -> None:
    line = Line("https://school.example.org")
    line.take({"access_token": "secret-one", "refresh_token": "secret-two"})
    assert "secret" not in repr(line)
