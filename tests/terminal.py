"""A terminal of 80 x 24 with somebody at its keys, over each way to the product."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from html import unescape
from typing import Final

import attrs
import pytest
from attrs import frozen
from textual.events import Paste
from textual.pilot import Pilot

from adapters.http.listening import bound_socket, listening
from adapters.http.server import build_server
from adapters.settings import read_settings
from adapters.tui.desk import Entrance
from adapters.tui.line import Line
from adapters.tui.local_desk import LocalEntrance
from adapters.tui.remote_desk import RemoteEntrance
from adapters.tui.terminal import SupportTerminal
from faraday_core.identity.model import UserView
from tests.waiting import until
from tests.world import PASSWORD, World

SUPPORT: Final = "support.district@example.org"
ADMIN: Final = "org_admin.district@example.org"
PLACEHOLDER: Final = "Name, e-mail address or source id"

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
        await self.shows(PLACEHOLDER)
        await self.paste(search)
        await self.shows("1 person", user.full_name)
        await self.press("enter", "enter")
        await self.shows("Second factor", "Roles: ")

    async def _until(self, holds: Callable[[str], bool]) -> None:
        async def held() -> bool:
            await self.pilot.pause()
            return holds(self.screen())

        try:
            await until(held)
        except TimeoutError:
            pytest.fail(f"That never stood there. Instead:\n{self.screen()}")


async def storage_answers() -> bool:
    return True


@asynccontextmanager
async def entrance_to(world: World, *, over_http: bool = False) -> AsyncIterator[Entrance]:
    """Directly, or through a real server."""
    if not over_http:
        yield LocalEntrance(world.app)
        return
    settings = read_settings({"FARADAY_AUTH_RATE_PER_MINUTE": "0"})
    server = build_server(attrs.astuple(world.app, recurse=False), settings, storage_answers)
    at = bound_socket("127.0.0.1", 0)
    async with listening(server, at, None):
        yield RemoteEntrance(Line(f"http://127.0.0.1:{at.getsockname()[1]}"))


@frozen
class Site:
    """A product, and the way by which a terminal reaches it."""

    world: World
    over_http: bool = False

    @asynccontextmanager
    async def terminal(self) -> AsyncIterator[Terminal]:
        async with entrance_to(self.world, over_http=self.over_http) as entrance:
            app = SupportTerminal(entrance)
            async with app.run_test(size=(80, 24), notifications=True) as pilot:
                yield Terminal(app, pilot)
