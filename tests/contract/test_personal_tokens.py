"""Personal access tokens: good for their scopes, within what their person may, and no longer."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest

from faraday_core.identity.model import User
from faraday_core.identity.session_model import SignIn
from faraday_core.identity.token_format import PATTERN, new_personal_token, person_of_token
from faraday_core.identity.token_model import MOST_TOKENS, SCOPES, MadeToken, NewToken
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.invitation_model import NewInvitation
from faraday_core.people.model import UserFields, UserFilter
from faraday_core.people.service_account_model import NewServiceAccount
from tests.serving import Client, Server
from tests.world import OPERATOR, ORIGIN, PASSWORD, World

PAGE = PageRequest()
EVERYTHING = NewToken("all", ["*"])


async def made(world: World, actor: Actor, *scopes: str, days: int = 30) -> MadeToken:
    new = NewToken("a script", list(scopes), world.clock() + timedelta(days=days))
    return await world.app.tokens.create(actor, new)


async def by(world: World, token: MadeToken | str) -> Actor:
    """Who acts by a token, as an edge finds it out."""
    text = token if isinstance(token, str) else token.token
    return (await world.app.tokens.identify(text)).acting(ORIGIN)


async def test_a_token_is_its_person_narrowed_to_its_scopes(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)

    reader = await by(world, await made(world, admin, "users.read"))

    assert (admin.user_id, admin.grants) == (reader.user_id, reader.grants)
    assert 1 == len((await world.app.users.list(reader, UserFilter(), PAGE)).items)
    with pytest.raises(Forbidden, match="token"):
        await world.app.users.deactivate(reader, (await world.person(Role.TEACHER)).id)
    assert not (await world.app.organizations.list(reader, PAGE)).items


async def test_a_scope_gives_nothing_that_its_person_may_not(world: World) -> None:
    teacher = await world.acting(Role.TEACHER)

    wide = await by(world, await made(world, teacher, "*", "users.read", "platform.run"))

    with pytest.raises(Forbidden):
        await world.app.users.list(wide, UserFilter(), PAGE)
    with pytest.raises(Forbidden):
        await world.app.organizations.create(wide, OrganizationFields("A tenant"))
    with pytest.raises(NotFound):
        await world.app.organizations.get(wide, world.places["south"])


async def test_a_token_holds_as_long_as_the_role_does(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    admin = await world.acting(Role.ORG_ADMIN)
    token = await made(world, admin, "*")

    await world.app.users.deactivate(root, admin.user_id or "")

    with pytest.raises(NotSignedIn):
        await by(world, token)


async def test_no_token_secures_the_account_or_makes_tokens(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await made(world, admin, *SCOPES)
    program, app, at = await by(world, token), world.app, world.places["north"]

    for refused in (
        app.tokens.create(program, EVERYTHING),
        app.tokens.delete(program, token.id),
        app.passwords.change(program, current_password=PASSWORD, new_password="Other-Ships-22"),
        app.passwords.require_password(program, PASSWORD, at="/password"),
        app.totp.start(program),
        app.totp.stop(program, password=PASSWORD),
        app.sessions.logout(program, all_sessions=True),
        app.invitations.accept(program, token="fin_x"),
        app.service_accounts.create(program, at, NewServiceAccount("p", Role.TEACHER, ["*"])),
    ):
        with pytest.raises(Forbidden, match="token"):
            await refused


async def test_every_scope_is_a_permission_that_a_token_may_have(world: World) -> None:
    assert "*" in SCOPES
    assert not {"account.secure", "service_accounts.write"} & {*SCOPES}
    for wrong in ("account.secure", "users.own", "", "**"):
        with pytest.raises(Invalid) as refused:
            NewToken("x", ["users.read", wrong])
        assert [("/scopes/1", "invalid_value")] == [
            (fault.pointer, fault.code) for fault in refused.value.faults
        ]
    for scopes in ([], ["*"] * 33):
        with pytest.raises(Invalid):
            NewToken("x", scopes)


async def test_a_token_ends_by_itself_and_lives_a_year_at_most(world: World) -> None:
    pat = await world.acting()
    token = await made(world, pat, "*", days=1)
    short = await world.app.tokens.create(pat, EVERYTHING)

    assert world.clock() + timedelta(days=90) == short.expires_at
    for days, code in ((0, "in_the_past"), (-1, "in_the_past"), (367, "invalid_value")):
        with pytest.raises(Invalid) as refused:
            await made(world, pat, "*", days=days)
        assert code == refused.value.code

    world.clock.move(days=1)

    with pytest.raises(NotSignedIn):
        await by(world, token)
    assert [short.id] == [one.id for one in (await world.app.tokens.list(pat, PAGE)).items]


@pytest.mark.parametrize("end", ["password", "address", "deactivation", "deletion"])
async def test_a_token_ends_at_once_with_what_it_hangs_on(world: World, end: str) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    teacher = await world.person(Role.TEACHER)
    actor = await world.actor(await world.sign_in(teacher))
    token = await made(world, actor, "*")
    assert actor.user_id == (await by(world, token)).user_id

    if end == "password":
        await world.app.passwords.change(
            actor, current_password=PASSWORD, new_password="Other-Ships-22"
        )
    elif end == "address":
        await world.app.users.change(root, teacher.id, _at("new@example.org"))
    elif end == "deactivation":
        await world.app.users.deactivate(root, teacher.id)
        await world.app.users.activate(root, teacher.id)
    else:
        await world.app.tokens.delete(actor, token.id)

    with pytest.raises(NotSignedIn) as refused:
        await by(world, token)
    assert "invalid_token" == refused.value.code
    assert not (await world.app.tokens.list(actor, PAGE)).items


def _at(email: str) -> Callable[[User], UserFields]:
    return lambda user: UserFields(user.full_name, email=email)


async def test_a_token_that_was_made_up_or_changed_is_refused(world: World) -> None:
    pat = await world.acting()
    token = (await made(world, pat, "*")).token
    other = await world.person(Role.TEACHER)

    swapped = token[:-7] + ("0" if token[-7] != "0" else "1") + token[-6:]
    for wrong in (
        swapped,
        token[:-1],
        token + "0",
        token.swapcase(),
        "faraday_pat_",
        "faraday_pat_" + "é" * 71,
        new_personal_token(other.id),  # well made, and never given out
        new_personal_token(uuid7()),
    ):
        with pytest.raises(NotSignedIn):
            await by(world, wrong)
    assert person_of_token(swapped) is None  # told without asking storage


async def test_a_scanner_tells_a_token_from_its_neighbours(world: World) -> None:
    pat = await world.acting()
    token = (await made(world, pat, "*")).token

    assert [token] == re.findall(PATTERN, f'export TOKEN="{token}"; x=faraday_pat_short')
    assert pat.user_id == person_of_token(token)


async def test_only_its_hash_is_kept(stored_world: World, database_url: str) -> None:
    pat = await stored_world.acting()
    token = await made(stored_world, pat, "users.read")
    secret = token.token.removeprefix("faraday_pat_")

    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = 'public'"
        ).fetchall()
        for (table,) in tables:
            rows = connection.execute(f"select t::text from {table} t".encode()).fetchall()  # noqa: S608 -- our own tables
            assert not [row for row in rows if secret in row[0]], table
        (hashed,) = connection.execute("select token_hash from personal_tokens").fetchall()
    assert 32 == len(hashed[0])


async def test_nobody_sees_or_ends_the_tokens_of_another(world: World) -> None:
    mine = await world.acting(Role.TEACHER)
    other = await world.acting(Role.TEACHER, email="other@example.org")
    root = await world.acting(Role.PLATFORM_ADMIN)
    token = await made(world, mine, "*")

    for stranger in (other, root):
        assert not (await world.app.tokens.list(stranger, PAGE)).items
        with pytest.raises(NotFound):
            await world.app.tokens.get(stranger, token.id)
        with pytest.raises(NotFound):
            await world.app.tokens.delete(stranger, token.id)
    assert token.id == (await world.app.tokens.get(mine, token.id)).id


async def test_a_person_has_so_many_tokens_at_most(world: World) -> None:
    pat = await world.acting()
    for _ in range(MOST_TOKENS):
        await made(world, pat, "*", days=1)

    with pytest.raises(Conflict) as refused:
        await made(world, pat, "*")
    assert "too_many_tokens" == refused.value.code

    world.clock.move(days=1, seconds=1)
    await made(world, pat, "*")
    assert 0 < await world.app.cleanup.run(OPERATOR)
    assert 1 == len((await world.app.tokens.list(pat, PAGE)).items)


async def test_what_a_token_did_is_accounted_for_with_the_token(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await made(world, admin, "organizations.write", "organizations.read")
    program = await by(world, token)

    parent = world.places["north"]
    await world.app.organizations.create(program, OrganizationFields("Annex", parent))

    root = await world.acting(Role.PLATFORM_ADMIN)
    entries = (await world.app.audit.list(root, PageRequest(100))).items
    (created,) = [e for e in entries if e.action == "organization.create" and e.actor_id]
    assert (admin.user_id, token.id) == (created.actor_id, created.details["by_token"])
    (told,) = [entry for entry in entries if entry.action == "token.create"]
    assert token.id == told.target_id
    assert token.token not in str(entries)


async def test_the_last_use_is_noted_now_and_then(world: World) -> None:
    pat = await world.acting()
    token = await made(world, pat, "*")

    async def use() -> None:
        await world.app.tokens.touch(await world.app.tokens.identify(token.token))

    async def noted() -> datetime | None:
        return (await world.app.tokens.get(pat, token.id)).last_used_at

    assert await noted() is None
    await use()
    first = await noted()
    assert world.clock() == first

    world.clock.move(minutes=9)
    await use()
    assert first == await noted()

    world.clock.move(minutes=1)
    await use()
    assert world.clock() == await noted()


async def test_inviting_by_a_token_takes_its_scope(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    invited = NewInvitation("new@example.org", Role.TEACHER)

    with pytest.raises(Forbidden):
        await world.app.invitations.invite(
            await by(world, await made(world, admin, "users.read", "organizations.read")),
            world.places["north"],
            invited,
        )
    await world.app.invitations.invite(
        await by(world, await made(world, admin, "users.write", "organizations.read")),
        world.places["north"],
        invited,
    )


# Over HTTP.


async def http_token(client: Client, *scopes: str) -> Client:
    answer = await client.ask("POST /users/me/tokens", {"name": "script", "scopes": [*scopes]})
    assert 201 == answer.status, answer.body
    return Client(client.session, client.base, answer.json["token"])


async def test_a_token_is_made_shown_once_and_ended_over_http(server: Server) -> None:
    client = await server.signed_in(Role.ORG_ADMIN)
    body = {"name": "script", "scopes": ["users.read"], "expires_at": "2026-01-01T00:00:00Z"}

    assert {("/expires_at", "in_the_past")} == (
        await client.ask("POST /users/me/tokens", body)
    ).faults
    answer = await client.ask(
        "POST /users/me/tokens", {"name": "script", "scopes": ["users.read"]}
    )

    assert 201 == answer.status
    where = answer.headers["Location"].removeprefix("/api/v1")
    assert f"/users/me/tokens/{answer.json['id']}" == where
    program = Client(client.session, client.base, answer.json["token"])
    assert 200 == (await program.ask("GET /users")).status
    assert 200 == (await program.ask("GET /users/me")).status
    shown = (await client.ask(f"GET {where}")).json
    assert "token" not in shown
    assert shown["last_used_at"]
    assert [shown] == (await client.ask("GET /users/me/tokens")).json["items"]

    assert 204 == (await client.ask(f"DELETE {where}")).status
    refused = await program.ask("GET /users")
    assert (401, "invalid_token") == (refused.status, refused.code)
    assert "Bearer" in refused.headers["WWW-Authenticate"]


async def test_a_remembered_token_ends_in_the_very_next_request(server: Server) -> None:
    client = await server.signed_in(Role.ORG_ADMIN)
    program = await http_token(client, "*")
    for _ in range(3):
        assert 200 == (await program.ask("GET /users")).status

    change = {"current_password": PASSWORD, "new_password": "Other-Ships-22"}
    assert 204 == (await client.ask("POST /auth/change-password", change)).status

    assert 401 == (await program.ask("GET /users")).status
    assert 200 == (await client.ask("GET /users")).status


async def test_over_http_a_token_does_nothing_beyond_its_scopes(server: Server) -> None:
    client = await server.signed_in(Role.ORG_ADMIN)
    program = await http_token(client, "users.read", "account.manage")
    user_id = (await client.ask("GET /users/me")).json["id"]
    refused: list[tuple[str, object]] = [
        ("POST /users/me/tokens", {"name": "wider", "scopes": ["*"]}),
        (
            "POST /auth/change-password",
            {"current_password": PASSWORD, "new_password": "Tall-9876"},
        ),
        ("POST /auth/totp", None),
        ("POST /auth/logout", {"all_sessions": True}),
        (f"PATCH /users/{user_id}", {"full_name": "Somebody Else"}),
    ]

    for route, body in refused:
        answer = await program.ask(route, body)
        assert (403, "forbidden") == (answer.status, answer.code), route
    assert 200 == (await program.ask("GET /auth/sessions")).status
    assert (
        401 == (await program.ask("POST /auth/refresh", {"refresh_token": program.token})).status
    )


async def test_a_wrong_body_is_told_with_all_its_faults(server: Server) -> None:
    client = await server.signed_in()

    answer = await client.ask(
        "POST /users/me/tokens", {"scopes": ["users.read", "root"], "expires_at": 5, "token": "x"}
    )

    assert 422 == answer.status
    assert {
        ("/name", "required"),
        ("/scopes/1", "invalid_value"),
        ("/expires_at", "wrong_type"),
        ("/token", "unknown_field"),
    } == answer.faults


async def test_a_request_by_a_token_takes_one_trip_once_it_is_known(world: World) -> None:
    """Its evidence goes along with the first question, as a session's does."""
    signed_in: SignIn = await world.sign_in(await world.person(Role.ORG_ADMIN))
    token = await made(world, await world.actor(signed_in), "users.read")
    identity = await world.app.tokens.identify(token.token)
    if identity.evidence is None:
        assert not world.is_stored
        return
    again = identity.remembered(identity.evidence.again(world.clock(), world.clock()))
    assert again.evidence is not None

    await world.app.users.list(again.acting(ORIGIN), UserFilter(), PAGE)

    assert again.evidence.confirmed
