import re
from base64 import b32decode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from textual.events import Paste
from textual.pilot import Pilot

from adapters.tui.terminal import SupportTerminal
from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Origin, Role
from faraday_core.kernel.errors import FaradayError
from faraday_core.kernel.paging import PageRequest
from tests.waiting import until
from tests.world import OPERATOR, PASSWORD, World

PERSON_KEYS = "u Unlock  e End session  a End all  r Send reset  esc Back  ^q Quit  F1 Help"
FIND_KEYS = "↓ To the list  esc New search  ^q Quit  F1 Help"
SUPPORT = "support.district@example.org"

# How a screenshot, which is an SVG, has the pieces of its lines.
_PIECE = re.compile(r'<text [^>]*x="([\d.]+)"[^>]*-line-(\d+)\)">(.*?)</text>')
_LETTER = 12.2  # pixels


@frozen
class Terminal:
    """A terminal of 80 x 24 with somebody at its keys."""

    app: SupportTerminal
    pilot: Pilot[None]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def paste(self, text: str) -> None:
        """At once, as a terminal hands on what is pasted."""
        focused = self.app.screen.focused
        assert focused
        focused.post_message(Paste(text))
        await self.pilot.pause()

    async def shows(self, *texts: str) -> None:
        """Returns as soon as all of this stands on the screen, and fails where it never does."""
        await self._until(lambda screen: all(text in screen for text in texts))

    async def shows_no(self, text: str) -> None:
        await self._until(lambda screen: text not in screen)

    def screen(self) -> str:
        """What stands there now, a line a line."""
        rows = [[" "] * 80 for _ in range(24)]
        for x, line, text in _PIECE.findall(self.app.export_screenshot()):
            start, letters = round(float(x) / _LETTER), unescape(text).replace("\xa0", " ")
            if letters.strip():
                rows[int(line)][start : start + len(letters)] = letters
        return "\n".join("".join(row) for row in rows)

    async def sign_in(self, email: str = SUPPORT, password: str = PASSWORD) -> None:
        await self.paste(email)
        await self.press("enter")
        await self.paste(password)
        await self.press("enter")

    async def open(self, user: UserView, search: str) -> None:
        await self.shows("Name or e-mail address")
        await self.press(*search)
        await self.shows("1 person", user.full_name)
        await self.press("enter", "enter")
        await self.shows("Second factor", "Sessions: ")

    async def _until(self, holds: Callable[[str], bool]) -> None:
        async def held() -> bool:
            await self.pilot.pause()
            return holds(self.screen())

        try:
            await until(held)
        except TimeoutError:
            pytest.fail(f"That never stood there. Instead:\n{self.screen()}")


@asynccontextmanager
async def terminal_over(world: World) -> AsyncIterator[Terminal]:
    app = SupportTerminal(world.app)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        yield Terminal(app, pilot)


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


async def test_a_wrong_password_is_told(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    async with terminal_over(world) as terminal:
        await terminal.sign_in(password="wrong")
        await terminal.shows("The address, the password or the", "code is not right.")


async def test_a_code_is_asked_for_where_there_is_a_second_factor(world: World) -> None:
    support = await world.person(Role.SUPPORT, "district")
    code = await recovery_code(world, support)
    async with terminal_over(world) as terminal:
        assert "Code of your authenticator app" not in terminal.screen()
        await terminal.sign_in()
        await terminal.shows("Code of your authenticator app")
        await terminal.paste(code)
        await terminal.press("enter")
        await terminal.shows("Name or e-mail address")


async def test_a_locked_person_is_found_by_two_letters_and_unlocked(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    await lock(world, pat)
    async with terminal_over(world) as terminal:
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


async def test_the_chosen_session_is_ended_and_no_other(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    for name in ("Tablet", "Phone", "Laptop"):
        await world.sign_in(pat, device_name=name)
        world.clock.move(seconds=1)
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.shows("Sessions: 3", "Tablet", "Phone", "Laptop")
        await terminal.press("down", "e")
        await terminal.shows("Sign Zoë Patterson out on this device: Phone?")
        await terminal.press("enter")
        await terminal.shows("The session is ended.", "Sessions: 2")
        assert ["Laptop", "Tablet"] == await devices(world, pat)


async def test_all_sessions_are_ended_at_once(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    for name in ("Tablet", "Phone"):
        await world.sign_in(pat, device_name=name)
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("a")
        await terminal.shows("Sign Zoë Patterson out everywhere?")
        assert 2 == len(await devices(world, pat))
        await terminal.press("enter")
        await terminal.shows("Sessions ended: 2.", "Sessions: 0")
        assert [] == await devices(world, pat)


async def test_a_reset_is_mailed(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("r", "enter")
        await terminal.shows("The mail is on its way.")
    await world.settle()
    assert pat.email in [mail.to for mail in world.mailer.sent]


async def test_who_may_not_read_people_is_told_so(world: World) -> None:
    await world.person(Role.TEACHER)
    async with terminal_over(world) as terminal:
        await terminal.sign_in("teacher.north@example.org")
        await terminal.shows("Name or e-mail address", "This needs the permission", "users.read")


async def test_a_name_is_neither_markup_nor_obeyed_by_the_terminal(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë [red]Pat[/] \N{RIGHT-TO-LEFT OVERRIDE}x")
    await world.sign_in(pat, device_name="[b]Phone", origin=Origin(user_agent="\x1b[2J[i]Fox"))
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.press("z", "o")
        await terminal.shows("Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("enter", "enter")
        await terminal.shows("[b]Phone", "\N{REPLACEMENT CHARACTER}[2J[i]Fox")
        await terminal.shows("Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("u")
        await terminal.shows("Unlock Zoë [red]Pat[/] \N{REPLACEMENT CHARACTER}x")
        await terminal.press("enter")
        await terminal.shows("Unlocked.")


async def test_the_last_line_names_the_keys_at_80_columns(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with terminal_over(world) as terminal:
        assert "^q Quit  F1 Help" in terminal.screen().splitlines()[-1]
        await terminal.sign_in()
        await terminal.shows("2 people", FIND_KEYS)
        await terminal.press("down")
        await terminal.shows("⏎ Open  esc New search")
        await terminal.press("escape")
        await terminal.open(pat, "zo")
        assert PERSON_KEYS == terminal.screen().splitlines()[-1].strip()


async def test_help_says_in_words_what_the_keys_do(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with terminal_over(world) as terminal:
        await terminal.press("f1")
        await terminal.shows("You are signed out when you quit.")
        await terminal.press("escape")
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await terminal.press("question_mark")
        await terminal.shows("lets somebody in again who guessed wrong too often")


async def test_who_was_signed_out_elsewhere_signs_in_again(world: World) -> None:
    support = await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.open(pat, "zo")
        await world.app.support.end_sessions(OPERATOR, support.id)
        await terminal.press("u", "enter")
        await terminal.shows("Password", "Sign in.")
        assert "Zoë" not in terminal.screen()
        await terminal.sign_in()
        await terminal.shows("Name or e-mail address")


async def test_work_goes_on_when_the_access_token_would_have_expired(world: World) -> None:
    await world.person(Role.SUPPORT, "district")
    await world.person(Role.STUDENT, name="Zoë Patterson")
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.shows("2 people")
        for _ in range(3):
            world.clock.move(minutes=40)
            await terminal.press("z")
            await terminal.shows("1 person")
            await terminal.press("escape")
            await terminal.shows("2 people")


async def test_quitting_signs_out(world: World) -> None:
    support = await world.person(Role.SUPPORT, "district")
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.shows("Name or e-mail address")
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
    async with terminal_over(world) as terminal:
        await terminal.sign_in()
        await terminal.shows("This failed by a fault")
        assert PASSWORD not in terminal.screen()
    assert "The support terminal failed." in caplog.messages
