"""The support terminal, by its keys: over storage in memory, PostgreSQL and a real server."""

from base64 import b32decode
from typing import Any

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Origin, Role
from faraday_core.kernel.errors import FaradayError
from faraday_core.kernel.paging import PageRequest
from tests.terminal import PLACEHOLDER, Site
from tests.world import OPERATOR, PASSWORD, World

PERSON_KEYS = "u Unlock r Reset v View as esc Back F1 Help"
FIND_KEYS = "↓ List esc New F3 Places F5 Imports F1 Help ^q Quit"


async def lock(world: World, user: UserView) -> None:
    for _ in range(5):
        with pytest.raises(FaradayError):
            await world.sign_in(user, password="wrong")


async def recovery_code(world: World, user: UserView) -> str:
    """Switches the second factor on."""
    actor, totp = await world.actor(await world.sign_in(user)), world.app.totp
    secret = b32decode((await totp.start(actor)).secret)
    code = TOTP(secret, 6, SHA1(), 30).generate(int(world.clock().timestamp()))  # noqa: S303 -- the apps'
    confirmed = await totp.confirm(actor, code=code.decode())
    return confirmed.recovery_codes[0]


async def is_locked(world: World, user: UserView) -> bool:
    return (await world.app.support.account(OPERATOR, user.id)).locked_until is not None


async def devices(world: World, user: UserView) -> list[str | None]:
    page = await world.app.support.sessions(OPERATOR, user.id, PageRequest())
    return [session.device_name for session in page.items]


async def test_a_wrong_password_is_told(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    async with site.terminal() as terminal:
        await terminal.sign_in(password="wrong")
        await terminal.shows("The address, the password or the", "code is not right.")


async def test_a_code_is_asked_for_where_there_is_a_second_factor(site: Site) -> None:
    world = site.world
    support = await world.person(Role.SUPPORT, "district")
    code = await recovery_code(world, support)
    async with site.terminal() as terminal:
        assert "Code of your authenticator app" not in terminal.screen()
        await terminal.sign_in()
        await terminal.shows("Code of your authenticator app")
        await terminal.paste(code)
        await terminal.press("enter")
        await terminal.shows(PLACEHOLDER)


async def test_a_locked_person_is_found_by_two_letters_and_unlocked(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    await lock(world, pat)
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.shows("Locked", "until 2026-09-01")
        await terminal.press("u")
        await terminal.shows("Unlock Zoë Patterson", "Enter: yes    Escape: no")
        await terminal.press("escape")
        await terminal.shows_no("Enter: yes")
        assert await is_locked(world, pat)
        await terminal.press("u", "enter")
        await terminal.shows("Unlocked. They can sign in again.")
        await terminal.shows_no("until 2026-09-01")
        assert not await is_locked(world, pat)


async def test_the_chosen_session_is_ended_and_no_other(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    for name in ("Tablet", "Phone", "Laptop"):
        await world.sign_in(pat, device_name=name)
        world.clock.move(seconds=1)
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("2")
        await terminal.shows("Sessions: 3", "Tablet", "Phone", "Laptop")
        await terminal.press("down", "e")
        await terminal.shows("Sign Zoë Patterson out on this device: Phone?")
        await terminal.press("enter")
        await terminal.shows("The session is ended.", "Sessions: 2")
        assert ["Laptop", "Tablet"] == await devices(world, pat)


async def test_all_sessions_are_ended_at_once(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    for name in ("Tablet", "Phone"):
        await world.sign_in(pat, device_name=name)
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("2")
        await terminal.shows("Sessions: 2")
        await terminal.press("a")
        await terminal.shows("Sign Zoë Patterson out everywhere?")
        assert 2 == len(await devices(world, pat))
        await terminal.press("enter")
        await terminal.shows("They are signed out everywhere.", "Signed in nowhere.")
        assert [] == await devices(world, pat)


async def test_a_reset_is_mailed(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("r", "enter")
        await terminal.shows("The mail is on its way.")
    await world.settle()
    assert pat.email in [mail.to for mail in world.mailer.sent]


async def test_who_may_not_read_people_is_told_so(site: Site) -> None:
    world = site.world
    await world.person(Role.TEACHER)
    async with site.terminal() as terminal:
        await terminal.sign_in("teacher.north@example.org")
        await terminal.shows(PLACEHOLDER, "This needs the permission", "users.read")


async def test_a_name_is_neither_markup_nor_obeyed_by_the_terminal(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë [red]Pat[/] \N{RIGHT-TO-LEFT OVERRIDE}x")
    await world.sign_in(pat, device_name="[b]Phone", origin=Origin(user_agent="\x1b[2J[i]Fox"))
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.press("z", "o")
        await terminal.shows("Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("enter", "enter")
        await terminal.shows("Roles: 1")
        await terminal.press("2")
        await terminal.shows("[b]Phone", "\N{REPLACEMENT CHARACTER}[2J[i]Fox")
        await terminal.shows("Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("u")
        await terminal.shows("Unlock Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("enter")
        await terminal.shows("Unlocked.")


async def test_the_last_line_names_the_keys_at_80_columns(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        assert "^q Quit F1 Help" in terminal.screen().splitlines()[-1]
        await terminal.sign_in()
        await terminal.shows("2 people", FIND_KEYS)
        await terminal.press("down")
        await terminal.shows("⏎ Open esc New")
        await terminal.press("escape")
        await terminal.open(pat, "zo")
        await terminal.shows("Roles: 1")
        assert terminal.screen().splitlines()[-1].startswith(PERSON_KEYS)


async def test_help_says_in_words_what_the_keys_do(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.press("f1")
        await terminal.shows("You are signed out when you quit.")
        await terminal.press("escape")
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("question_mark")
        await terminal.shows("Lets in again who guessed wrong too often")


async def test_who_was_signed_out_elsewhere_signs_in_again(site: Site) -> None:
    world = site.world
    support = await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await world.app.support.end_sessions(OPERATOR, support.id)
        await terminal.press("u", "enter")
        await terminal.shows("Password", "Sign in.")
        assert "Zoë" not in terminal.screen()
        await terminal.sign_in()
        await terminal.shows(PLACEHOLDER)


async def test_work_goes_on_when_the_access_token_would_have_expired(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.shows("2 people")
        for _ in range(3):
            world.clock.move(minutes=40)
            await terminal.press("z")
            await terminal.shows("1 person")
            await terminal.press("escape")
            await terminal.shows("2 people")


async def test_quitting_signs_out(site: Site) -> None:
    world = site.world
    support = await world.person(Role.SUPPORT, "district")
    async with site.terminal() as terminal:
        await terminal.sign_in()
        await terminal.shows(PLACEHOLDER)
        assert ["support terminal"] == await devices(world, support)
        await terminal.press("ctrl+q")
    assert [] == await devices(world, support)


@frozen
class Broken:
    async def login(self, **given: object) -> None:
        raise RuntimeError(given)


async def test_a_fault_of_the_program_is_told_without_what_was_typed(
    memory_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    broken: Any = Broken()  # in the place of a service, which is no Protocol
    world = evolve(memory_world, app=evolve(memory_world.app, auth=broken))
    async with Site(world).terminal() as terminal:
        await terminal.sign_in()
        await terminal.shows("This failed by a fault")
        assert PASSWORD not in terminal.screen()
    assert "The support terminal failed." in caplog.messages
