"""Devices: seen before or not, named and ended by their person, who hears of a new one."""

import pytest

from faraday_core.identity.session_model import DeviceView, SignIn
from faraday_core.identity.whereabouts import described
from faraday_core.kernel.actor import Actor, Origin, Role
from faraday_core.kernel.errors import Invalid, NotFound, NotSignedIn
from faraday_core.kernel.paging import PageRequest
from faraday_core.mail.model import Mail
from tests.serving import Server
from tests.world import ORIGIN, World

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:139.0) Gecko/20100101 Firefox/139.0"
SUBJECT = "A new device signed in to your account"


async def devices(world: World, actor: Actor) -> tuple[DeviceView, ...]:
    return (await world.app.devices.list(actor)).items


async def told(world: World, to: str) -> list[Mail]:
    """The mails about new devices that somebody was sent."""
    await world.settle()
    return [mail for mail in world.mailer.sent if mail.to == to and mail.subject == SUBJECT]


async def test_the_first_sign_in_of_an_account_is_no_news(world: World) -> None:
    pat = await world.person()

    await world.sign_in(pat)

    assert not await told(world, "nobody.north@example.org")


async def test_a_device_that_was_never_seen_is_told_of_by_mail(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    await world.sign_in(pat)

    await world.sign_in(pat, origin=Origin("198.51.100.23", FIREFOX), device_name="CALL 555-0100")

    (mail,) = await told(world, pat.email or "")
    assert "Firefox on Windows, from the network of 198.51.100.*" in mail.text
    assert "01 September 2026 at 07:40 UTC" in mail.text
    assert "list of your devices" in mail.text
    assert "555-0100" not in mail.text  # nothing that whoever signs in says of themselves
    assert "198.51.100.23" not in mail.text
    assert "Token: " not in mail.text


async def test_a_known_device_is_no_news_and_a_wrong_password_neither(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    first = await world.sign_in(pat)

    await world.sign_in(pat, device_token=first.device_token)
    with pytest.raises(NotSignedIn):
        await world.sign_in(pat, password="Wrong-Ships-1897")

    assert not await told(world, pat.email or "")


async def test_the_device_of_another_is_new_for_me(world: World) -> None:
    pat, eve = await world.person(Role.TEACHER), await world.person(Role.STUDENT)
    await world.sign_in(pat)
    of_eve: SignIn = await world.sign_in(eve)

    await world.sign_in(pat, device_token=of_eve.device_token)

    assert 1 == len(await told(world, pat.email or ""))
    assert not await told(world, eve.email or "")


async def test_a_sign_in_after_all_devices_were_forgotten_is_news(world: World) -> None:
    """As after a reset: the account was signed in to before, though no device is left."""
    pat = await world.person(Role.TEACHER)
    actor = await world.actor(await world.sign_in(pat))
    (device,) = await devices(world, actor)
    await world.app.devices.end(actor, device.id)

    await world.sign_in(pat)

    assert 1 == len(await told(world, pat.email or ""))


async def test_a_device_bears_the_name_that_its_person_gives_it(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    signed_in = await world.sign_in(pat, device_name="phone")
    actor = await world.actor(signed_in)
    (device,) = await devices(world, actor)

    named = await world.app.devices.name(actor, device.id, name="Library 2")

    assert ("phone", "Library 2") == (device.name, named.name)
    assert [named] == [*await devices(world, actor)]
    (session,) = (await world.app.sessions.list(actor, PageRequest())).items
    assert "Library 2" == session.device_name
    for wrong in ("", " ", "x" * 121, "two\nlines"):
        with pytest.raises(Invalid):
            await world.app.devices.name(actor, device.id, name=wrong)


async def test_ending_a_device_signs_it_out_and_lets_others_be(world: World) -> None:
    pat = await world.person(Role.TEACHER)
    lost, kept = await world.sign_in(pat, device_name="lost"), await world.sign_in(pat)
    actor = await world.actor(kept)
    (device,) = [one for one in await devices(world, actor) if one.name == "lost"]

    await world.app.devices.end(actor, device.id)

    with pytest.raises(NotSignedIn):
        await world.actor(lost)
    with pytest.raises(NotSignedIn):
        await world.app.auth.refresh(refresh_token=lost.refresh_token)
    assert actor.user_id == (await world.actor(kept)).user_id
    with pytest.raises(NotFound):
        await world.app.devices.end(actor, device.id)


async def test_nobody_names_or_ends_the_device_of_another(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    (device,) = await devices(world, pat)

    for stranger in (await world.acting(Role.STUDENT), await world.acting(Role.PLATFORM_ADMIN)):
        assert device not in await devices(world, stranger)
        with pytest.raises(NotFound):
            await world.app.devices.name(stranger, device.id, name="mine")
        with pytest.raises(NotFound):
            await world.app.devices.end(stranger, device.id)


@pytest.mark.parametrize(
    ("origin", "words"),
    [
        (ORIGIN, "an unknown program, from the network of 192.0.2.*"),
        (Origin(None, None), "an unknown program"),
        (Origin("::1", "curl/8.9"), "curl, from the network of 0000:0000:0000:*"),
        (Origin("made up", "\x1b[31m Chrome/1 Edg/1 Android"), "Edge on Android"),
    ],
)
def test_where_a_sign_in_came_from_is_told_in_coarse_words(origin: Origin, words: str) -> None:
    assert words == described(origin)


async def test_devices_are_listed_named_and_ended_over_http(server: Server) -> None:
    email = await server.person(Role.TEACHER)
    client = await server.client.sign_in(email, device_name="phone")
    other = await server.client.sign_in(email, device_name="tablet")

    listed = (await client.ask("GET /users/me/devices")).json["items"]
    assert {"phone", "tablet"} == {device["name"] for device in listed}
    (tablet,) = [device["id"] for device in listed if device["name"] == "tablet"]
    route = f"/users/me/devices/{tablet}"

    named = await client.ask(f"PATCH {route}", {"name": "Library 2"})
    assert (200, "Library 2") == (named.status, named.json["name"])
    assert {("/name", "required")} == (await client.ask(f"PATCH {route}", {})).faults
    wrong = {"device_name": "x", "name": "y"}
    assert ("/device_name", "unknown_field") in (await client.ask(f"PATCH {route}", wrong)).faults
    assert 204 == (await client.ask(f"DELETE {route}")).status
    assert 401 == (await other.ask("GET /auth/me")).status
    assert 404 == (await client.ask(f"DELETE {route}")).status
    assert 401 == (await server.client.ask("GET /users/me/devices")).status
