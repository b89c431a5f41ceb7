"""Support staff see and end what somebody is signed in by: devices and tokens."""

import pytest

from faraday_core.identity.token_model import NewToken
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound, NotSignedIn
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from tests.serving import Server
from tests.world import World

PAGE = PageRequest()


async def test_support_names_a_device_and_its_sessions(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    actor = await world.actor(await world.sign_in(pat, device_name="A phone"))
    support = await world.acting(Role.SUPPORT)
    (device,) = (await world.app.support.devices(support, pat.id)).items

    named = await world.app.support.name_device(support, pat.id, device.id, name="Lost one")

    assert "Lost one" == named.name
    assert ["Lost one"] == [one.name for one in (await world.app.devices.list(actor)).items]
    (session,) = (await world.app.sessions.list(actor, PAGE)).items
    assert "Lost one" == session.device_name
    with pytest.raises(Invalid):
        await world.app.support.name_device(support, pat.id, device.id, name="")


async def test_support_ends_a_device_with_its_sessions(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    signed_in = await world.sign_in(pat)
    support = await world.acting(Role.SUPPORT)
    (device,) = (await world.app.support.devices(support, pat.id)).items

    await world.app.support.end_device(support, pat.id, device.id)

    assert () == (await world.app.support.devices(support, pat.id)).items
    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    with pytest.raises(NotFound):
        await world.app.support.end_device(support, pat.id, device.id)
    admin = await world.acting(Role.ORG_ADMIN)
    log = (await world.app.audit.list(admin, PAGE)).items
    assert [(support.user_id, pat.id)] == [
        (e.actor_id, e.target_id) for e in log if e.action == "device.end"
    ]


async def test_support_sees_and_ends_tokens(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    actor = await world.actor(await world.sign_in(pat))
    made = await world.app.tokens.create(actor, NewToken("Timetable", ["*"]))
    support = await world.acting(Role.SUPPORT)

    (listed,) = (await world.app.support.tokens(support, pat.id, PAGE)).items
    assert (made.id, "Timetable") == (listed.id, listed.name)
    await world.app.support.end_token(support, pat.id, made.id)

    assert () == (await world.app.support.tokens(support, pat.id, PAGE)).items
    with pytest.raises(NotSignedIn):
        await world.app.tokens.identify(made.token)
    with pytest.raises(NotFound):
        await world.app.support.end_token(support, pat.id, made.id)


async def test_nobody_else_does(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    await world.sign_in(pat)
    support = world.app.support
    for role, at in ((Role.DEPARTMENT_HEAD, "north"), (Role.SUPPORT, "south")):
        stranger = await world.acting(role, at)
        for asking in (
            support.tokens(stranger, pat.id, PAGE),
            support.end_token(stranger, pat.id, uuid7()),
            support.name_device(stranger, pat.id, uuid7(), name="x"),
            support.end_device(stranger, pat.id, uuid7()),
        ):
            with pytest.raises((Forbidden, NotFound)):
                await asking


async def test_anothers_token_is_not_ended_by_naming_somebody_else(world: World) -> None:
    pat, sam = await world.person(Role.TEACHER), await world.person(Role.STUDENT)
    actor = await world.actor(await world.sign_in(pat))
    made = await world.app.tokens.create(actor, NewToken("Timetable", ["*"]))
    support = await world.acting(Role.SUPPORT)

    with pytest.raises(NotFound):
        await world.app.support.end_token(support, sam.id, made.id)

    assert await world.app.tokens.identify(made.token)


async def test_over_http_devices_and_tokens_are_named_and_ended(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
    id = (await pat.ask("GET /users/me")).json["id"]
    made = await pat.ask("POST /users/me/tokens", {"name": "Timetable", "scopes": ["*"]})
    support = await server.signed_in(Role.SUPPORT)
    (device,) = (await support.ask(f"GET /users/{id}/devices")).json["items"]
    at = f"/users/{id}/devices/{device['id']}"

    named = await support.ask(f"PATCH {at}", {"name": "Lost one"})
    assert (200, "Lost one") == (named.status, named.json["name"])
    wrong = await support.ask(f"PATCH {at}", {"name": "", "owner": "me"})
    assert {("/name", "too_short"), ("/owner", "unknown_field")} == wrong.faults
    (token,) = (await support.ask(f"GET /users/{id}/tokens")).json["items"]
    assert made.json["id"] == token["id"]
    assert "token" not in token
    assert 204 == (await support.ask(f"DELETE /users/{id}/tokens/{token['id']}")).status
    assert [] == (await support.ask(f"GET /users/{id}/tokens")).json["items"]
    assert 204 == (await support.ask(f"DELETE {at}")).status
    assert 401 == (await pat.ask("GET /users/me")).status
    assert 404 == (await support.ask(f"DELETE {at}")).status
