"""What holds of every request and every answer, whatever it is about."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.settings import WrongSetting, read_settings
from faraday_core.kernel.actor import Role
from faraday_core.kernel.ids import is_id, uuid7
from tests.serving import Answer, Client, Server, serving
from tests.world import PASSWORD

JSON: Final = {"Content-Type": "application/json"}
LOGIN: Final = "POST /auth/login"
MIB: Final = 1 << 20
PRODUCTION: Final = {
    "FARADAY_ENV": "production",
    "FARADAY_SECRET_KEY": "of the tests' own, and long enough for it",
    "FARADAY_TRUSTED_PROXIES": "127.0.0.1",
}


@asynccontextmanager
async def server_with(
    database_url: str, folder: Path, **environ: str
) -> AsyncIterator[tuple[Server, Client]]:
    async with serving(database_url, folder, environ) as server:
        yield server, server.client


async def over_a_socket(server: Server, request: bytes, *, seconds: float = 10) -> bytes:
    """Sends just these bytes, and answers all that comes back."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(seconds):
            writer.write(request)
            return await reader.read()
    finally:
        writer.close()


async def posted(client: Client, content: bytes, route: str = LOGIN) -> Answer:
    return await client.ask(route, data=BytesIO(content), headers=JSON)


# --- What every answer bears


async def test_every_answer_bears_the_headers_that_protect_it(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    answers = {
        200: await teacher.ask("GET /auth/me"),
        204: await teacher.ask("POST /auth/verify-email/resend"),
        400: await posted(server.client, b"{"),
        401: await server.client.ask("GET /auth/me"),
        403: await teacher.ask("GET /users"),
        404: await server.client.ask("GET /nothing"),
        405: await server.client.ask("PUT /auth/login"),
        422: await posted(server.client, b"{}"),
    }
    answers[204] = await teacher.ask("POST /auth/logout")

    for status, answer in answers.items():
        headers = answer.headers
        assert status == answer.status
        assert is_id(headers["X-Request-Id"])
        assert "no-store" == headers["Cache-Control"]
        assert "nosniff" == headers["X-Content-Type-Options"]
        assert "no-referrer" == headers["Referrer-Policy"]
        assert "default-src 'none'; frame-ancestors 'none'" == headers["Content-Security-Policy"]
        assert "faraday" == headers["Server"]
        assert "Strict-Transport-Security" not in headers


async def test_a_problem_says_the_same_in_its_body_as_in_its_headers(server: Server) -> None:
    answer = await server.client.ask("GET /nothing", headers={"X-Request-Id": "mine-1.a_B"})

    assert "application/problem+json; charset=utf-8" == answer.headers["Content-Type"]
    assert "mine-1.a_B" == answer.headers["X-Request-Id"]
    assert {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not_found",
        "request_id": "mine-1.a_B",
    } == {name: value for name, value in answer.json.items() if name != "errors"}


async def test_a_request_id_that_will_not_do_is_replaced(server: Server) -> None:
    for given in ("", "x" * 129, "with blank", "sl/ash", "schön", "a;b"):
        answer = await server.client.ask("GET /nothing", headers={"X-Request-Id": given})

        assert is_id(answer.headers["X-Request-Id"]), given
        assert answer.headers["X-Request-Id"] == answer.json["request_id"]


async def test_the_longest_request_id_is_taken_over(server: Server) -> None:
    answer = await server.client.ask("GET /nothing", headers={"X-Request-Id": "x" * 128})

    assert "x" * 128 == answer.headers["X-Request-Id"]


async def test_what_is_answered_is_snake_case_with_times_in_utc(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)

    me = (await teacher.ask("GET /auth/me")).json

    assert me["created_at"].endswith("Z")
    assert datetime.fromisoformat(me["created_at"]).tzinfo is not None
    assert {name.lower() for name in me} == {*me}
    assert is_id(me["id"])


async def test_head_answers_as_get_without_its_body(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    got = await teacher.ask("GET /auth/me")

    headed = await teacher.ask("HEAD /auth/me")

    assert (200, b"") == (headed.status, headed.body)
    for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
        assert got.headers[name] == headed.headers[name]


# --- The order of refusals


async def test_refusals_come_in_the_order_of_the_contract(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    large, user, stranger = b"[" * (MIB + 1), "GET /users", uuid7()
    text = {"Content-Type": "text/plain"}
    new = {
        "email": "new@example.org",
        "full_name": "New",
        "organization_id": server.places["north"],
    }

    nobody = server.client
    assert (404, "not_found") == await seen(nobody, "DELETE /nothing", data=large)
    assert (405, "method_not_allowed") == await seen(nobody, "DELETE /users", data=large)
    assert (401, "not_signed_in") == await seen(nobody, "POST /users", data=large, headers=text)
    assert (401, "not_signed_in") == await seen(nobody, user + "/nonsense?wrong=1")
    assert (413, "body_too_large") == await seen(teacher, "POST /users", data=large, headers=text)
    assert (415, "unsupported_media_type") == await seen(
        teacher, "POST /users?wrong=1", data=b"{", headers=text
    )
    assert (400, "malformed_json") == await seen(
        teacher, "PATCH /users/nonsense?wrong=1", data=b"{", headers=JSON
    )
    assert (422, "unknown_field") == await seen(
        teacher, "PATCH /users/nonsense", body={"wrong": 1}
    )
    assert (404, "not_found") == await seen(
        teacher, f"PATCH /users/{stranger}", body={"is_active": True}
    )
    assert (422, "unknown_field") == await seen(teacher, "POST /users", body=new | {"wrong": 1})
    assert (403, "forbidden") == await seen(teacher, "POST /users", body=new)


async def seen(client: Client, route: str, **more: Any) -> tuple[int, str]:
    if "data" in more:
        more["data"] = BytesIO(more["data"])
    answer = await client.ask(route, **more)
    return answer.status, answer.code


async def test_a_path_with_another_method_says_which_it_takes(server: Server) -> None:
    answer = await server.client.ask("DELETE /users")

    assert 405 == answer.status
    assert {"GET", "HEAD", "POST"} == {*answer.headers["Allow"].split(",")}


async def test_what_is_no_id_is_not_there(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    upper = server.places["north"].upper()

    for id in ("nonsense", "1", "0" * 36, "%00", "..%2f..", "%FF", "A" * 5000, upper):
        for route in ("GET /users", "GET /organizations", "DELETE /auth/sessions"):
            assert (404, "not_found") == await seen(admin, f"{route}/{id}"), id


# --- Bodies


async def test_a_body_beyond_the_limit_is_refused_with_a_length_and_without(
    server: Server,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b" " * (MIB // 16)

    for content in (BytesIO(b" " * (MIB + 1)), chunks()):
        answer = await server.client.ask(LOGIN, data=content, headers=JSON)
        assert (413, "body_too_large") == (answer.status, answer.code)
    exact = b'{"email":"pat@example.org"' + b" " * (MIB - 27) + b"}"
    assert MIB == len(exact)
    assert 422 == (await posted(server.client, exact)).status


async def test_a_gigabyte_is_refused_before_it_is_sent(server: Server) -> None:
    head = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: 1073741824\r\n\r\n{"
    )

    status, _, rest = await first_answer(server, head)

    assert 413 == status
    assert "body_too_large" == json.loads(rest)["code"]


async def first_answer(server: Server, request: bytes) -> tuple[int, Mapping[str, str], bytes]:
    """Of a connection that stays open."""
    host, port = server.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(5):
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *fields = head.strip().split("\r\n")
            headers = {k.lower(): v for k, v in (field.split(": ", 1) for field in fields)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            return int(line.split(" ")[1]), headers, body
    finally:
        writer.close()


async def test_a_setting_says_how_large_a_body_may_be(database_url: str, tmp_path: Path) -> None:
    async with server_with(database_url, tmp_path, FARADAY_MAX_BODY_BYTES="1024") as (_, client):
        assert 413 == (await posted(client, b" " * 1025)).status
        assert 400 == (await posted(client, b" " * 1024)).status


async def test_a_body_that_is_no_json_object_of_the_right_kind_is_refused(
    server: Server,
) -> None:
    deep = b'{"email":' + b"[" * 64 + b"]" * 64 + b"}"
    expected = {
        b"": (400, "malformed_json"),
        b"{": (400, "malformed_json"),
        b'{"email": "a", "email": "b"}': (400, "malformed_json"),
        b'{"email": {"a": 1, "a": 2}}': (400, "malformed_json"),
        b'{"email": NaN}': (400, "malformed_json"),
        b'{"email": -Infinity}': (400, "malformed_json"),
        b'{"email": "\xff"}': (400, "malformed_json"),
        b"{'email': 1}": (400, "malformed_json"),
        b'{"email": 1} {}': (400, "malformed_json"),
        b'{"email": ' + b"9" * 5000 + b"}": (400, "malformed_json"),
        b"\xef\xbb\xbf{}": (400, "malformed_json"),
        deep: (400, "malformed_json"),
        b"[" * 100_000: (400, "malformed_json"),
        deep[:9] + deep[10:-2] + b"}": (422, "invalid"),
        b"[]": (422, "wrong_type"),
        b'"text"': (422, "wrong_type"),
        b"null": (422, "wrong_type"),
        b"1e999": (422, "wrong_type"),
    }

    answers = {content: await posted(server.client, content) for content in expected}

    assert expected == {content: (a.status, a.code) for content, a in answers.items()}


async def test_each_wrong_field_is_told_with_its_code(server: Server) -> None:
    expected = {
        rb'{"email": "a\u0000@b.de", "password": "x"}': ("/email", "invalid_character"),
        rb'{"email": "pat@example.org", "password": "\ud800"}': (
            "/password",
            "invalid_character",
        ),
        b'{"email": "pat@example.org", "password": 12345678}': ("/password", "wrong_type"),
        b'{"email": "pat@example.org", "password": null}': ("/password", "wrong_type"),
        b'{"email": "pat@example.org"}': ("/password", "required"),
        b'{"email": "pat@example.org", "password": "x", "a/b~c": 1}': (
            "/a~1b~0c",
            "unknown_field",
        ),
        rb'{"email": "pat@example.org", "password": "x", "\ud800": 1}': (
            "/\\ud800",
            "unknown_field",
        ),
    }

    answers = {content: await posted(server.client, content) for content in expected}

    assert {422} == {answer.status for answer in answers.values()}
    assert {content: {fault} for content, fault in expected.items()} == {
        content: answer.faults for content, answer in answers.items()
    }


async def test_what_is_not_sent_as_json_is_refused(server: Server) -> None:
    kinds = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/merge-patch+json",
        "application/json; charset=utf-16",
        "application/jsonx",
        "nonsense",
        ";",
    )
    for kind in kinds:
        headers = {"Content-Type": kind}
        assert (415, "unsupported_media_type") == await seen(
            server.client, LOGIN, data=b"{}", headers=headers
        ), kind


async def test_json_may_say_that_it_is_utf_8(server: Server) -> None:
    kind = {"Content-Type": "Application/JSON; charset=UTF-8"}

    assert 422 == (await server.client.ask(LOGIN, data=b"{}", headers=kind)).status


async def test_a_route_without_a_body_needs_no_content_type(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)

    assert 202 == (await teacher.ask("POST /auth/verify-email/resend")).status
    assert 204 == (await teacher.ask("POST /auth/logout")).status


# --- Lists


async def test_a_list_refuses_what_it_does_not_know(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    expected = {
        "?limit=0": ("?limit", "invalid_value"),
        "?limit=101": ("?limit", "invalid_value"),
        "?limit=ten": ("?limit", "wrong_type"),
        "?limit=": ("?limit", "wrong_type"),
        "?cursor=made-up": ("?cursor", "invalid_value"),
        "?cursor=W10=": ("?cursor", "invalid_value"),
        "?cursor=%00": ("?cursor", "invalid_character"),
        "?wrong=1": ("?wrong", "unknown_parameter"),
    }

    for path in ("/users", "/organizations", "/audit-log", "/auth/sessions"):
        answers = {query: await admin.ask(f"GET {path}{query}") for query in expected}
        assert {422} == {answer.status for answer in answers.values()}, path
        assert {query: {fault} for query, fault in expected.items()} == {
            query: answer.faults for query, answer in answers.items()
        }, path


async def test_a_patch_is_read_before_what_it_is_for(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    route = f"PATCH /users/{uuid7()}"
    for changes, fault in (
        ({"wrong": 1}, ("/wrong", "unknown_field")),
        ({"wrong": None}, ("/wrong", "unknown_field")),
        ({"is_active": "yes"}, ("/is_active", "wrong_type")),
        ({"full_name": "\0"}, ("/full_name", "invalid_character")),
    ):
        answer = await admin.ask(route, changes)
        assert (422, {fault}) == (answer.status, answer.faults)
    assert 404 == (await admin.ask(route, {"is_active": True})).status


async def test_a_route_that_is_no_list_refuses_a_parameter_too(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)

    answer = await teacher.ask("GET /auth/me?wrong=1")

    assert (422, {("?wrong", "unknown_parameter")}) == (answer.status, answer.faults)


async def test_pages_show_each_thing_once_and_end(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    for number in range(5):
        await admin.ask("POST /organizations", {"name": f"District {number}"})

    names: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await admin.ask(f"GET /organizations?limit=2{cursor}")).json
        names += [item["id"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}" if page["next_cursor"] else None

    assert 9 == len(names) == len({*names})


# --- Browsers of elsewhere


async def test_a_listed_origin_may_call_and_no_other(database_url: str, tmp_path: Path) -> None:
    origins = "https://app.example.org,https://other.example.org"
    async with server_with(database_url, tmp_path, FARADAY_CORS_ORIGINS=origins) as (_, client):
        listed = await client.ask("GET /auth/me", headers={"Origin": "https://app.example.org"})
        unlisted = await client.ask("GET /auth/me", headers={"Origin": "https://evil.example"})
        nowhere = await client.ask("GET /auth/me", headers={"Origin": "null"})

    assert "https://app.example.org" == listed.headers["Access-Control-Allow-Origin"]
    assert "Retry-After" in listed.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in listed.headers
    for answer in (listed, unlisted, nowhere):
        assert (401, "Origin") == (answer.status, answer.headers["Vary"])
    assert not any("Access-Control" in name for name in (*unlisted.headers, *nowhere.headers))


async def test_a_preflight_needs_no_sign_in(database_url: str, tmp_path: Path) -> None:
    origin = "https://app.example.org"
    asked = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    async with server_with(database_url, tmp_path, FARADAY_CORS_ORIGINS=origin) as (_, client):
        listed = await client.ask("OPTIONS /users", headers=asked)
        unlisted = await client.ask(
            "OPTIONS /users", headers=asked | {"Origin": "https://evil.example"}
        )

    assert (204, b"") == (listed.status, listed.body)
    assert origin == listed.headers["Access-Control-Allow-Origin"]
    assert "PATCH" in listed.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in listed.headers["Access-Control-Allow-Headers"]
    assert 204 == unlisted.status
    assert not any("Access-Control" in name for name in unlisted.headers)


async def test_without_a_setting_no_origin_may_call(server: Server) -> None:
    answer = await server.client.ask("GET /auth/me", headers={"Origin": server.url})

    assert not any("Access-Control" in name for name in answer.headers)


# --- Rates


async def test_sign_in_routes_are_limited_an_address(database_url: str, tmp_path: Path) -> None:
    async with server_with(database_url, tmp_path, FARADAY_AUTH_RATE_PER_MINUTE="3") as (
        _,
        client,
    ):
        answers = [await posted(client, b"{}") for _ in range(4)]
        other_route = await client.ask("POST /auth/refresh", {})
        unlimited = await client.ask("GET /auth/me")

    assert [422, 422, 422, 429] == [answer.status for answer in answers]
    assert ["2", "1", "0", "0"] == [a.headers["RateLimit-Remaining"] for a in answers]
    assert {"3"} == {answer.headers["RateLimit-Limit"] for answer in answers}
    assert all(1 <= int(answer.headers["RateLimit-Reset"]) <= 60 for answer in answers)
    assert "rate_limited" == answers[-1].code
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert (422, "2") == (other_route.status, other_route.headers["RateLimit-Remaining"])
    assert "RateLimit-Limit" not in unlimited.headers


async def test_each_route_by_which_one_signs_in_is_limited(
    database_url: str, tmp_path: Path
) -> None:
    routes = ("register", "login", "refresh", "forgot-password", "reset-password")
    async with server_with(database_url, tmp_path, FARADAY_AUTH_RATE_PER_MINUTE="1") as (
        _,
        client,
    ):
        for route in routes:
            answers = [await client.ask(f"POST /auth/{route}", {}) for _ in range(2)]
            assert [422, 429] == [answer.status for answer in answers], route


async def test_of_many_at_once_no_more_than_the_limit_pass(
    database_url: str, tmp_path: Path
) -> None:
    async with server_with(database_url, tmp_path, FARADAY_AUTH_RATE_PER_MINUTE="3") as (
        _,
        client,
    ):
        answers = await asyncio.gather(*(posted(client, b"{}") for _ in range(12)))

    assert 3 == sum(answer.status == 422 for answer in answers)
    assert 9 == sum(answer.status == 429 for answer in answers)


async def test_all_requests_can_be_limited_a_person(database_url: str, tmp_path: Path) -> None:
    async with server_with(database_url, tmp_path, FARADAY_RATE_LIMIT="3") as (server, _):
        pat = await server.signed_in(Role.TEACHER)
        kim = await server.signed_in(Role.STUDENT)
        answers = [await pat.ask("GET /auth/me") for _ in range(4)]
        others = await kim.ask("GET /auth/me")

    assert [200, 200, 200, 429] == [answer.status for answer in answers]
    assert "rate_limited" == answers[-1].code
    assert "Retry-After" in answers[-1].headers
    assert (200, "2") == (others.status, others.headers["RateLimit-Remaining"])


# --- Production


async def test_in_production_what_did_not_come_over_https_is_refused(
    database_url: str, tmp_path: Path
) -> None:
    over_tls = {"X-Forwarded-Proto": "https"}
    async with server_with(database_url, tmp_path, **PRODUCTION) as (_, client):
        refused = await posted(client, b"{}")
        spoofed = await client.ask("GET /auth/me", headers={"X-Forwarded-Proto": "https, http"})
        passed = await client.ask(LOGIN, {}, headers=over_tls)
        closed = await client.ask(
            "POST /auth/register",
            {"email": "pat@example.org", "password": PASSWORD, "full_name": "Pat"},
            headers=over_tls,
        )
        open_to_all = [
            (await client.ask(f"GET //{path}")).status for path in ("livez", "readyz", "metrics")
        ]

    assert (403, "https_required") == (refused.status, refused.code)
    assert (403, "https_required") == (spoofed.status, spoofed.code)
    assert 422 == passed.status
    assert (403, "registration_closed") == (closed.status, closed.code)
    assert [200, 200, 200] == open_to_all
    for answer in (refused, passed):
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_a_proxy_that_is_not_trusted_says_nothing(database_url: str, tmp_path: Path) -> None:
    environ = PRODUCTION | {"FARADAY_TRUSTED_PROXIES": "10.0.0.0/8"}
    async with server_with(database_url, tmp_path, **environ) as (_, client):
        answer = await client.ask("GET /auth/me", headers={"X-Forwarded-Proto": "https"})

    assert (403, "https_required") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        ("", {"203.0.113.9": "127.0.0.1"}),
        ("10.0.0.0/8", {"203.0.113.9": "127.0.0.1"}),
        (
            "127.0.0.0/8,10.0.0.0/8",
            {
                "203.0.113.9": "203.0.113.9",
                "198.51.100.1, 203.0.113.9": "203.0.113.9",
                "198.51.100.1, 203.0.113.9,10.1.2.3": "203.0.113.9",
                "2001:db8::7": "2001:db8::7",
                "203.0.113.9, nonsense": "127.0.0.1",
                "10.1.2.3": "127.0.0.1",
                "": "127.0.0.1",
            },
        ),
    ],
)
async def test_the_client_is_who_the_trusted_proxies_say(
    database_url: str, tmp_path: Path, trusted: str, expected: dict[str, str]
) -> None:
    given = {"FARADAY_TRUSTED_PROXIES": trusted}
    async with server_with(database_url, tmp_path, **given) as (server, client):
        body = {"email": await server.person(Role.TEACHER), "password": PASSWORD}
        found = {}
        for forwarded in expected:
            signed_in = await client.ask(LOGIN, body, headers={"X-Forwarded-For": forwarded})
            teacher = Client(client.session, client.base, signed_in.json["access_token"])
            sessions = (await teacher.ask("GET /auth/sessions")).json["items"]
            (found[forwarded],) = (s["ip_address"] for s in sessions if s["current"])

    assert expected == found


async def test_in_production_metrics_are_not_for_everybody(
    database_url: str, tmp_path: Path
) -> None:
    environ = PRODUCTION | {"FARADAY_METRICS_TOKEN": "of the operator"}
    async with server_with(database_url, tmp_path, **environ) as (_, client):

        async def asked(authorization: str) -> int:
            outside = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
            headers = outside | {"Authorization": authorization}
            return (await client.ask("GET //metrics", headers=headers)).status

        loopback = await client.ask("GET //metrics")
        statuses = {
            "Bearer of the operator": await asked("Bearer of the operator"),
            "Bearer of somebody": await asked("Bearer of somebody"),
            "Bearer schön": await asked("Bearer schön"),
            "": await asked(""),
        }
        not_utf_8 = await over_a_socket(
            _,
            b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9\r\n"
            b"Authorization: Bearer \xff\r\nConnection: close\r\n\r\n",
        )

    assert 200 == loopback.status
    assert b"faraday_http_requests_total" in loopback.body
    assert {
        "Bearer of the operator": 200,
        "Bearer of somebody": 403,
        "Bearer schön": 403,
        "": 403,
    } == statuses
    assert b"HTTP/1.1 403" == not_utf_8[:12]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARADAY_SECRET_KEY", ""),
        ("FARADAY_SECRET_KEY", "too short"),
        ("FARADAY_SECRET_KEY", "x" * 64),
        ("FARADAY_CORS_ORIGINS", "*"),
        ("FARADAY_TRUSTED_PROXIES", ""),
    ],
)
def test_production_does_not_start_unsafely(name: str, value: str) -> None:
    with pytest.raises(WrongSetting):
        read_settings(PRODUCTION | {name: value})


# --- States


async def test_an_organization_is_answered_short_while_it_has_not_changed(
    server: Server,
) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    route = f"GET /organizations/{server.places['north']}"
    tag = (await admin.ask(route)).headers["ETag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = await admin.ask(route, headers={"If-None-Match": known})
        assert (304, b"", tag) == (again.status, again.body, again.headers["ETag"])
    assert 200 == (await admin.ask(route, headers={"If-None-Match": '"other"'})).status
    assert tag.startswith('"')


async def test_any_state_that_is_known_is_answered_short(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)

    answer = await teacher.ask("GET /auth/me", headers={"If-None-Match": "*"})

    assert 304 == answer.status  # RFC 9110, 13.1.2


async def test_a_change_that_is_meant_for_another_state_is_refused(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    await server.person(Role.STUDENT)
    (pupil,) = (await admin.ask("GET /users?role=student")).json["items"]
    route, change = f"/users/{pupil['id']}", {"is_active": False}
    tag = (await admin.ask(f"GET {route}")).headers["ETag"]

    for stale in ('"other"', f"W/{tag}", '""'):
        headers = {"If-Match": stale}
        for method, body in (("PATCH", change), ("DELETE", None)):
            answer = await admin.ask(f"{method} {route}", body, headers=headers)
            assert (412, "stale_version") == (answer.status, answer.code), stale
    changed = await admin.ask(f"PATCH {route}", change, headers={"If-Match": f'"other", {tag}'})
    again = await admin.ask(f"PATCH {route}", change, headers={"If-Match": tag})
    anyway = await admin.ask(f"PATCH {route}", {"is_active": True}, headers={"If-Match": "*"})

    assert (200, False) == (changed.status, changed.json["is_active"])
    assert 412 == again.status
    assert (200, True) == (anyway.status, anyway.json["is_active"])


# --- Sent again


async def test_an_idempotency_key_is_a_persons_own_and_the_routes(server: Server) -> None:
    key = {"Idempotency-Key": "one"}
    first = await server.signed_in(Role.PLATFORM_ADMIN, "a", email="ada@example.org")
    second = await server.signed_in(Role.PLATFORM_ADMIN, "b", email="bo@example.org")

    answers = [
        await admin.ask("POST /organizations", {"name": name}, headers=key)
        for admin, name in ((first, "Of Ada"), (second, "Of Bo"))
    ]
    user = {
        "email": "new@example.org",
        "full_name": "New",
        "organization_id": server.places["north"],
    }
    other_route = await first.ask("POST /users", user, headers=key)

    assert [201, 201, 201] == [answer.status for answer in (*answers, other_route)]
    assert ["Of Ada", "Of Bo"] == [answer.json["name"] for answer in answers]


async def test_a_refusal_leaves_the_key_free(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    key = {"Idempotency-Key": "one"}
    body = {"name": "School", "parent_organization_id": uuid7()}
    assert 422 == (await admin.ask("POST /organizations", body, headers=key)).status

    again = await admin.ask("POST /organizations", {"name": "School"}, headers=key)

    assert 201 == again.status


async def test_registration_that_is_sent_again_is_done_once(server: Server) -> None:
    body = {"email": "pat@example.org", "password": PASSWORD, "full_name": "Pat"}
    key = {"Idempotency-Key": "one"}

    answers = [await server.client.ask("POST /auth/register", body, headers=key) for _ in "12"]

    assert [201, 201] == [answer.status for answer in answers]
    assert answers[0].body == answers[1].body


async def test_a_sign_in_is_never_answered_from_before(server: Server) -> None:
    email = await server.person(Role.TEACHER)
    body, key = {"email": email, "password": PASSWORD}, {"Idempotency-Key": "one"}

    answers = [await server.client.ask(LOGIN, body, headers=key) for _ in range(2)]

    assert [200, 200] == [answer.status for answer in answers]
    assert answers[0].json["refresh_token"] != answers[1].json["refresh_token"]


@pytest.mark.parametrize("key", ["", "x" * 256, "schön\x85"])
async def test_a_key_that_will_not_do_is_refused(server: Server, key: str) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")

    answer = await admin.ask(
        "POST /organizations", {"name": "New"}, headers={"Idempotency-Key": key}
    )

    assert 422 == answer.status


# --- Roles


async def test_each_role_may_what_the_contract_gives_it(server: Server) -> None:
    pupil = await server.person(Role.STUDENT, "north")
    expected = {  # GET /users, POST /users, POST unlock, GET /audit-log, POST /organizations
        Role.PLATFORM_ADMIN: (200, 201, 202, 200, 201),
        Role.ORG_ADMIN: (200, 201, 202, 200, 201),
        Role.SUPPORT: (200, 403, 202, 403, 403),
        Role.DEPARTMENT_HEAD: (403, 403, 404, 403, 403),
        Role.TEACHER: (403, 403, 404, 403, 403),
        Role.GUARDIAN: (403, 403, 404, 403, 403),
        Role.STUDENT: (403, 403, 404, 403, 403),
        None: (403, 403, 404, 403, 422),  # what it may not see is no parent
    }
    root = await server.signed_in(Role.PLATFORM_ADMIN, "root", email="root@example.org")
    listed = (await root.ask(f"GET /users?q={pupil}")).json["items"]
    (pupil_id,) = [user["id"] for user in listed]

    found = {}
    for role in expected:
        client = await server.signed_in(role, "district", email=f"{role}@example.org")
        found[role] = await outcomes(server, client, pupil_id, str(role))

    assert expected == {role: found[role] for role in expected}


async def outcomes(server: Server, client: Client, pupil: str, name: str) -> tuple[int, ...]:
    north = server.places["north"]
    user = {"email": f"of.{name}@example.org", "full_name": "Of", "organization_id": north}
    school = {"name": "School", "parent_organization_id": server.places["district"]}
    answers = [
        await client.ask("GET /users"),
        await client.ask("POST /users", user),
        await client.ask(f"POST /users/{pupil}/unlock"),
        await client.ask("GET /audit-log"),
        await client.ask("POST /organizations", school),
    ]
    return tuple(answer.status for answer in answers)


# --- What is hardly a request


async def test_ten_thousand_headers_are_refused_and_do_no_harm(server: Server) -> None:
    fields = b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(10_000))

    raw = await over_a_socket(
        server, b"GET /api/v1/auth/me HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n"
    )

    assert b"4" == raw[9:10]
    assert 200 == (await server.client.ask("GET //livez")).status


async def test_what_is_no_http_is_refused_without_a_trace(server: Server) -> None:
    me, login = b"GET /api/v1/auth/me HTTP/1.1\r\n", b"POST /api/v1/auth/login HTTP/1.1\r\n"
    requests = (
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        me + b"Host: a\r\nX-A: \x00\r\n\r\n",
        me + b"Host: a\r\nno colon\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        login + b"Content-Length: -1\r\n\r\n",
        login + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        login + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    )
    for request in requests:
        raw = await over_a_socket(server, request)
        head, _, body = raw.partition(b"\r\n\r\n")
        assert b"4" == head[9:10], head
        assert b"application/problem+json" in head
        assert b"Content-Security-Policy: default-src 'none'" in head
        assert b"aiohttp" not in raw
        assert b"Python" not in raw
        assert {"type", "title", "status", "detail", "code", "request_id"} <= {*json.loads(body)}


async def test_a_chunk_that_cannot_be_read_is_the_clients_fault(server: Server) -> None:
    raw = await over_a_socket(
        server,
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    )

    assert b"4" == raw[9:10]


async def test_headers_that_are_not_utf_8_are_no_fault_of_the_servers(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    fields = b"".join(
        name + b": \xff\xfe\r\n"
        for name in (b"User-Agent", b"Origin", b"X-Request-Id", b"If-None-Match", b"Cookie")
    )
    head = b"GET /api/v1/auth/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields
    token = f"Authorization: Bearer {teacher.token}\r\n".encode()

    assert b"HTTP/1.1 200" == (await over_a_socket(server, head + token + b"\r\n"))[:12]
    for query in (b"?\xff=1", b"?%ED%A0%80=1", b"?%FF=1"):
        asked = head.replace(b"/me", b"/me" + query) + token + b"\r\n"
        assert b"4" == (await over_a_socket(server, asked))[9:10], query
    wrong = b"Authorization: Bearer \xff\xfe\r\n\r\n"
    assert b"HTTP/1.1 401" == (await over_a_socket(server, head + wrong))[:12]


async def test_a_client_that_takes_its_time_delays_nobody(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    slow = [await asyncio.open_connection(host, int(port)) for _ in range(50)]
    for _, writer in slow:
        writer.write(b"POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n")
    try:
        async with asyncio.timeout(2):
            assert 200 == (await server.client.ask("GET //readyz")).status
    finally:
        for _, writer in slow:
            writer.close()
