"""What somebody may try who means harm: each is refused, and nothing is told by it."""

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import attrs
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.api_jws import PyJWS
from psycopg import sql

from adapters.security.access_tokens import JwtAccessTokens
from faraday_core.identity.passwords import PasswordHasher
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import NotSignedIn, TooMany
from faraday_core.kernel.ids import uuid7
from tests.serving import Answer, Client, Server, faraday_serve
from tests.waiting import until
from tests.world import ORIGIN, PASSWORD, World

INJECTIONS: Final = (
    "'; drop table users; --",
    "' or '1'='1",
    "x' union select * from credentials --",
    "\\'; select pg_sleep(9); --",
    '"; delete from users; --',
    "$$; rollback; --",
    "%(x)s :name $1 {0} %s",
    "%",
    "_",
    "\\",
    "{a,b}",
    "../../etc/passwd",
    "${jndi:ldap://localhost/a}",
    "=1+1",
    "\u202e\u200b",
)


# --- Forged tokens


async def test_a_forged_token_signs_nobody_in(server: Server) -> None:
    signed_in = await server.client.ask(
        "POST /auth/login", {"email": await server.person(Role.TEACHER), "password": PASSWORD}
    )
    token = signed_in.json["access_token"]
    jwks = await server.client.ask("GET //.well-known/jwks.json")
    assert 200 == (await bearing(server, token)).status

    forged = dict(forgeries(token, jwks.json["keys"][0]["x"], str(server.app.users.new_id())))
    forged["a refresh token"] = signed_in.json["refresh_token"]
    forged["a device token"] = signed_in.json["device_token"]

    answers = {how: await bearing(server, token) for how, token in forged.items()}
    assert dict.fromkeys(forged, (401, "invalid_token")) == {
        how: (answer.status, answer.code) for how, answer in answers.items()
    }
    assert {"Bearer"} == {answer.headers["WWW-Authenticate"] for answer in answers.values()}


async def bearing(server: Server, token: str) -> Answer:
    return await Client(server.client.session, server.url, token).ask("GET /auth/me")


def forgeries(token: str, x: str, stranger: str) -> Iterator[tuple[str, str]]:
    head, body, signature = token.split(".")
    header, payload = opened(head), opened(body)
    other, kid = Ed25519PrivateKey.generate(), header["kid"]
    public = urlsafe_b64decode(x + "==")
    pem = Ed25519PublicKey.from_public_bytes(public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    for name in ("none", "None", "nOnE", ""):
        unsigned = packed({**header, "alg": name})
        yield f"alg {name!r}, unsigned", f"{unsigned}.{body}."
        yield f"alg {name!r}, with the signature", f"{unsigned}.{body}.{signature}"
    for called, key in (("raw", public), ("x", x.encode()), ("PEM", pem)):
        yield f"HS256 with the public key, {called}", hmac_signed(header, payload, key)
    for given in (
        "../../../../dev/null",
        "' or 1=1 --",
        stranger,
        "",
        7,
        None,
        [kid],
        kid.upper(),
    ):
        yield f"kid {given!r}", signed({**header, "kid": given}, payload, other)
    yield "another key", signed(header, payload, other)
    own = urlsafe_b64encode(other.public_key().public_bytes_raw()).decode().rstrip("=")
    brought = {"kty": "OKP", "crv": "Ed25519", "x": own}
    yield "a key that it brings", signed({**header, "jwk": brought}, payload, other)
    yield "a key from elsewhere", signed({**header, "jku": "http://a.example"}, payload, other)
    for changes in ({"sub": stranger}, {"sid": stranger}, {"exp": payload["exp"] + 9}):
        yield f"changed {[*changes]}", f"{head}.{packed({**payload, **changes})}.{signature}"
    twice = json.dumps(payload)[:-1] + f', "sub": "{stranger}"}}'
    yield "a claim twice", f"{head}.{packed_text(twice)}.{signature}"
    yield "without a signature", f"{head}.{body}."
    yield "with half of one", f"{head}.{body}.{signature[:40]}"
    yield "the signature alone", f"..{signature}"
    yield "critical", signed({**header, "crit": ["exp"]}, payload, other)
    yield "too long", token + "A" * 4000


def opened(part: str) -> dict[str, Any]:  # whatever JSON holds
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=="))
    return found


def packed(value: object) -> str:
    return packed_text(json.dumps(value))


def packed_text(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def signed(header: object, payload: object, key: Ed25519PrivateKey) -> str:
    content = f"{packed(header)}.{packed(payload)}"
    return f"{content}.{urlsafe_b64encode(key.sign(content.encode())).decode().rstrip('=')}"


def hmac_signed(header: dict[str, Any], payload: object, key: bytes) -> str:
    import hmac  # noqa: PLC0415 -- here alone

    content = f"{packed({**header, 'alg': 'HS256'})}.{packed(payload)}"
    digest = hmac.digest(key, content.encode(), "sha256")
    return f"{content}.{urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": "9999999999"},
        {"exp": 9999999999.5},
        {"exp": True},
        {"iss": "elsewhere"},
        {"aud": "elsewhere"},
        *({claim: None} for claim in ("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp")),
    ],
)
async def test_even_with_the_servers_own_key_the_claims_must_be_right(
    memory_world: World, changes: dict[str, Any]
) -> None:
    signed_in = await memory_world.sign_in(await memory_world.person())
    payload = jwt.decode(signed_in.access_token, options={"verify_signature": False})
    assert await memory_world.app.keys.read(resigned(memory_world.tokens, payload))
    changed = {name: value for name, value in (payload | changes).items() if value is not None}

    with pytest.raises(NotSignedIn) as caught:
        await memory_world.app.keys.read(resigned(memory_world.tokens, changed))

    assert "invalid_token" == caught.value.code


def resigned(tokens: JwtAccessTokens, payload: dict[str, Any]) -> str:
    assert tokens._signing
    kid, key = tokens._signing
    return PyJWS().encode(json.dumps(payload).encode(), key, "EdDSA", headers={"kid": kid})


@pytest.mark.parametrize(("ahead", "accepted"), [(4, True), (10, False)])
async def test_a_token_for_later_holds_five_seconds_early_at_most(
    memory_world: World,
    ahead: int,
    accepted: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    signed_in = await memory_world.sign_in(await memory_world.person())
    payload = jwt.decode(signed_in.access_token, options={"verify_signature": False})
    early = resigned(memory_world.tokens, payload | {"nbf": payload["nbf"] + ahead})

    if accepted:
        assert payload["sub"] == (await memory_world.app.keys.read(early)).user_id
    else:
        with pytest.raises(NotSignedIn):
            await memory_world.app.keys.read(early)


async def test_nothing_but_the_header_signs_in(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    token, nobody = teacher.token, server.client

    by_cookie = await nobody.ask(
        "GET /auth/me", headers={"Cookie": f"access_token={token}; session={token}; token={token}"}
    )
    by_query = await nobody.ask(f"GET /auth/me?access_token={token}")
    by_basic = await nobody.ask("GET /auth/me", headers={"Authorization": f"Basic {token}"})
    bare = await nobody.ask("GET /auth/me", headers={"Authorization": str(token)})
    twice = await nobody.ask("GET /auth/me", headers={"Authorization": f"Bearer {token} {token}"})

    for answer in (by_cookie, by_query, by_basic, bare, twice):
        assert 401 == answer.status
        assert "Set-Cookie" not in answer.headers


async def test_a_form_of_another_site_is_no_request(server: Server) -> None:
    email = await server.person(Role.TEACHER)
    content = json.dumps({"email": email, "password": PASSWORD}).encode()

    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = await server.client.ask(
            "POST /auth/login",
            data=content,
            headers={"Content-Type": kind, "Origin": "https://evil.example"},
        )
        assert (415, "unsupported_media_type") == (answer.status, answer.code)
        assert "Access-Control-Allow-Origin" not in answer.headers


# --- Content that is meant for somebody else than it is given to


async def test_what_looks_like_sql_is_text(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    north, count = server.places["north"], 0

    for number, text in enumerate(INJECTIONS):
        made = await admin.ask("POST /organizations", {"name": text})
        assert (201, text) == (made.status, made.json["name"])
        again = await admin.ask(f"GET /organizations/{made.json['id']}")
        assert text == again.json["name"]
        user = {"full_name": text, "organization_id": north, "email": f"p{number}@example.org"}
        found = await admin.ask("POST /users", user)
        assert (201, text) == (found.status, found.json["full_name"])
        count += 1
        for answer in await asyncio.gather(*everywhere(server.client, admin, text)):
            assert answer.status < 500, text
    listed = (await admin.ask("GET /users?limit=100&include_inactive=true")).json["items"]
    assert {*INJECTIONS} <= {user["full_name"] for user in listed}
    assert count + 1 == len(listed)


def everywhere(nobody: Client, admin: Client, text: str) -> list[Any]:  # coroutines
    name, query = {"email": text, "full_name": text}, quote(text)
    sign_in = {"email": "a@example.org", "password": text, "totp_code": text, "device_token": text}
    return [
        nobody.ask("POST /auth/register", name | {"password": text}),
        nobody.ask("POST /auth/login", sign_in | {"device_name": text}),
        nobody.ask("POST /auth/login", sign_in | {"email": text}),
        nobody.ask("POST /auth/refresh", {"refresh_token": text}),
        nobody.ask("POST /auth/forgot-password", {"email": text}),
        nobody.ask("POST /auth/reset-password", {"token": text, "new_password": PASSWORD}),
        nobody.ask("POST /auth/verify-email", {"token": text}),
        admin.ask(f"GET /users?q={query}"),
        admin.ask(f"GET /users?organization_id={query}"),
        admin.ask(f"GET /users?role={query}"),
        admin.ask(f"GET /users?cursor={query}"),
        admin.ask(f"GET /users/{quote(text, safe='')}"),
        admin.ask("POST /users", name | {"organization_id": text, "role": text}),
        admin.ask("POST /organizations", {"name": "New", "parent_organization_id": text}),
    ]


async def test_a_search_takes_a_wildcard_for_a_letter(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    await server.person(Role.TEACHER)
    assert 1 == len((await admin.ask("GET /users?q=teacher")).json["items"])

    for text in ("%", "_", "t%r", "teache_", "\\", "*", ".*"):
        found = await admin.ask(f"GET /users?q={quote(text)}")
        assert (200, []) == (found.status, found.json["items"]), text


async def test_markup_comes_back_as_the_text_that_it_is(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    markup = "<script>alert(1)</script><img src=x onerror=alert(1)>"

    made = await admin.ask("POST /organizations", {"name": markup})
    refused = await admin.ask("POST /organizations", {markup: 1, "name": "New"})

    assert markup == made.json["name"]
    assert "application/json; charset=utf-8" == made.headers["Content-Type"]
    assert "application/problem+json; charset=utf-8" == refused.headers["Content-Type"]
    for answer in (made, refused):
        assert "nosniff" == answer.headers["X-Content-Type-Options"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_line_break_in_what_is_stored_makes_no_header(server: Server) -> None:
    answer = await server.client.ask("GET /auth/me?%0d%0aSet-Cookie:%20a=b")

    assert "Set-Cookie" not in answer.headers


# --- Other people's


async def test_what_is_another_tenants_is_not_there(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "other")
    root = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    pupil = await server.signed_in(Role.STUDENT, "north")
    id = (await pupil.ask("GET /auth/me")).json["id"]
    session = (await pupil.ask("GET /auth/sessions")).json["items"][0]["id"]
    root_id = (await root.ask("GET /auth/me")).json["id"]
    routes: list[tuple[str, object]] = [
        (f"GET /organizations/{server.places['north']}", None),
        (f"GET /users/{root_id}", None),
        (f"DELETE /users/{root_id}", None),
        (f"DELETE /auth/sessions/{session}", None),
        (f"PATCH /auth/sessions/{session}", {"device_name": "Mine"}),
        (f"GET /users/{id}", None),
        (f"PATCH /users/{id}", {"is_active": False}),
        (f"DELETE /users/{id}", None),
        (f"GET /users/{id}/account", None),
        (f"POST /users/{id}/unlock", None),
        (f"POST /users/{id}/send-reset", None),
        (f"GET /users/{id}/sessions", None),
        (f"DELETE /users/{id}/sessions", None),
        (f"DELETE /users/{id}/sessions/{session}", None),
    ]

    for route, body in routes:
        there = await admin.ask(route, body)
        nowhere = await admin.ask(elsewhere(route), body)
        assert (404, "not_found") == (there.status, there.code), route
        assert told(nowhere) == told(there), route
    assert 200 == (await pupil.ask("GET /auth/me")).status


def elsewhere(route: str) -> str:
    """The same with ids that nobody has."""
    parts = route.split("/")
    return "/".join(uuid7() if part.count("-") == 4 else part for part in parts)


def told(answer: Answer) -> dict[str, object]:
    return {name: value for name, value in answer.json.items() if name != "request_id"}


async def test_another_tenants_ids_are_unknown_in_bodies_and_filters(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "other")
    await server.person(Role.STUDENT, "north")
    north = server.places["north"]
    user = {"email": "new@example.org", "full_name": "New", "organization_id": north}

    made = await admin.ask("POST /users", user)
    below = await admin.ask("POST /organizations", {"name": "N", "parent_organization_id": north})
    listed = await admin.ask(f"GET /users?organization_id={north}")
    seen = (await admin.ask("GET /organizations")).json["items"]

    assert (422, {("/organization_id", "unknown_reference")}) == (made.status, made.faults)
    assert (422, {("/parent_organization_id", "unknown_reference")}) == (
        below.status,
        below.faults,
    )
    assert (200, []) == (listed.status, listed.json["items"])
    assert [server.places["other"]] == [item["id"] for item in seen]


async def test_nobody_writes_themselves_a_role(server: Server) -> None:
    teacher = await server.signed_in(Role.TEACHER)
    id = (await teacher.ask("GET /auth/me")).json["id"]
    new = {"email": "new@example.org", "password": PASSWORD, "full_name": "New"}

    registered = await server.client.ask(
        "POST /auth/register", new | {"roles": ["platform_admin"], "is_platform_admin": True}
    )
    patched = await teacher.ask(f"PATCH /users/{id}", {"is_active": True, "roles": []})

    assert (422, {("/roles", "unknown_field"), ("/is_platform_admin", "unknown_field")}) == (
        registered.status,
        registered.faults,
    )
    assert (422, {("/roles", "unknown_field")}) == (patched.status, patched.faults)


# --- What an answer's time tells


@attrs.define
class CountingHasher:
    """Counts what costs time, and does it."""

    inner: PasswordHasher
    hashes: int = 0

    def admit(self) -> AbstractContextManager[None]:
        return self.inner.admit()

    async def hash(self, password: str) -> str:
        self.hashes += 1
        return await self.inner.hash(password)

    async def matches(self, password: str, hashed: str | None) -> bool:
        self.hashes += 1
        return await self.inner.matches(password, hashed)

    def is_dated(self, hashed: str) -> bool:
        return self.inner.is_dated(hashed)


async def test_a_sign_in_that_fails_costs_the_same_whoever_is_asked_for(world: World) -> None:
    await world.person(email="pat@example.org")
    gone = await world.person(Role.STUDENT, email="gone@example.org")
    await world.app.users.deactivate(await world.acting(Role.ORG_ADMIN, "district"), gone.id)
    counting = CountingHasher(world.app.auth.hasher)
    auth = attrs.evolve(world.app.auth, hasher=counting)

    costs = {}
    for email in ("pat@example.org", "nobody@example.org", "gone@example.org"):
        before = counting.hashes
        with pytest.raises(NotSignedIn):
            await auth.login(email=email, password="wrong password", origin=ORIGIN)
        costs[email] = counting.hashes - before

    assert {"pat@example.org": 1, "nobody@example.org": 1, "gone@example.org": 1} == costs


async def test_a_locked_account_costs_the_same_whoever_is_asked_for(world: World) -> None:
    await world.person(email="pat@example.org")
    counting = CountingHasher(world.app.auth.hasher)
    auth = attrs.evolve(world.app.auth, hasher=counting)
    costs = []
    for email in ("pat@example.org", "nobody@example.org"):
        for _ in range(5):
            with pytest.raises(NotSignedIn):
                await auth.login(email=email, password="wrong password", origin=ORIGIN)
        before = counting.hashes
        with pytest.raises(TooMany):
            await auth.login(email=email, password="wrong password", origin=ORIGIN)
        costs.append(counting.hashes - before)

    assert costs[0] == costs[1]


# --- What is written down


async def test_no_secret_is_logged_or_stored_as_it_is(database_url: str, data_dir: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_LOG_LEVEL": "debug"}
    with faraday_serve(data_dir=data_dir, environ=environ) as serving:
        async with aiohttp.ClientSession() as session:
            secrets = await secrets_used(Client(session, serving.url), data_dir / "mail")
        assert 0 == serving.stop()
        log = serving.log.read_text()

    assert "route=login" in log or '"login"' in log  # that much is written at this level
    assert 9 == len(secrets)
    assert [] == [what for what, secret in secrets.items() if secret in log]
    stored = everything_stored(database_url)
    assert "pat@example.org" in stored
    assert [] == [what for what, secret in secrets.items() if secret in stored]


async def secrets_used(client: Client, mails: Path) -> dict[str, str]:
    email, second, third = "pat@example.org", "Second-Ship-1897", "Third-Ship-1897"
    new = {"email": email, "password": PASSWORD, "full_name": "Pat"}
    assert 201 == (await client.ask("POST /auth/register", new)).status
    verification = await token_in(mails, 1)
    wrong = {"email": email, "password": "Wrong-Ship-1897"}
    assert 401 == (await client.ask("POST /auth/login", wrong)).status
    first = (await client.ask("POST /auth/login", {"email": email, "password": PASSWORD})).json
    pat = Client(client.session, client.base, first["access_token"])
    change = {"current_password": PASSWORD, "new_password": second}
    assert 204 == (await pat.ask("POST /auth/change-password", change)).status
    totp = (await pat.ask("POST /auth/totp")).json["secret"]
    assert 202 == (await client.ask("POST /auth/forgot-password", {"email": email})).status
    reset = await token_in(mails, 3)  # one told of the change
    done = await client.ask("POST /auth/reset-password", {"token": reset, "new_password": third})
    assert 204 == done.status
    return {
        "the first password": PASSWORD,
        "the wrong password": "Wrong-Ship-1897",
        "the second password": second,
        "the third password": third,
        "the access token": first["access_token"],
        "the refresh token": first["refresh_token"],
        "the token of the verification": verification,
        "the token of the reset": reset,
        "the secret of the second factor": totp,
    }


async def token_in(mails: Path, count: int) -> str:
    """Of the last mail, as soon as there are so many tokens or mails."""

    async def found() -> list[str]:
        return tokens_in(mails, count)

    return (await until(found))[-1].strip()


def tokens_in(mails: Path, count: int) -> list[str]:
    """None, until there are so many mails."""
    files = sorted(mails.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    lines = [file.read_text(encoding="utf-8").splitlines() for file in files]
    tokens = [line[7:] for text in lines for line in text if line.startswith("Token: ")]
    return tokens if len(files) >= count else []


def everything_stored(url: str) -> str:
    """All tables that there are, as text."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = [
            row[0]
            for schema, table in tables
            for row in connection.execute(
                sql.SQL("select t::text from {} t").format(sql.Identifier(schema, table))
            )
        ]
    return "\n".join(rows)
