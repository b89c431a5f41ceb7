"""How the support terminal looks, screen by screen: compared with the pictures in `snapshots/`."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from adapters.serving.demo import load_into
from adapters.serving.demo_school import PASSWORD as DEMO_PASSWORD
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import NotSignedIn
from tests.snapshots import compare
from tests.terminal import PLACEHOLDER, Site, Terminal
from tests.world import World

ADMIN = "admin@demo.example.org"
SUPPORT = "support@demo.example.org"


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown where one sits."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def demo(memory_world: World) -> Site:
    await load_into(memory_world.app)
    for _ in range(5):
        with suppress(NotSignedIn):
            await memory_world.app.auth.login(email="teacher@demo.example.org", password="wrong")
    return Site(memory_world)


async def at_pat(terminal: Terminal, email: str = ADMIN) -> None:
    await terminal.sign_in(email, DEMO_PASSWORD)
    await terminal.shows(PLACEHOLDER)
    await terminal.press(*"pat")
    await terminal.shows("1 person")
    await terminal.press("enter", "enter")
    await terminal.shows("Roles: 3", "until 2026", "By this role", "v View as")


async def picture(terminal: Terminal, name: str) -> None:
    await terminal.pilot.pause()
    compare(name, terminal.app.export_screenshot(title="faraday tui", simplify=True))


async def test_the_sign_in(memory_world: World) -> None:
    async with Site(memory_world).terminal() as terminal:
        await terminal.shows("E-mail", "Quit")
        await picture(terminal, "sign-in")


async def test_the_search(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await terminal.sign_in(SUPPORT, DEMO_PASSWORD)
        await terminal.shows(PLACEHOLDER)
        await terminal.press(*"ng")
        await terminal.shows("4 people")
        await picture(terminal, "search")


async def test_a_person(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal)
        await picture(terminal, "person")


async def test_a_question(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal, SUPPORT)
        await terminal.press("u")
        await terminal.shows("Enter: yes")
        await picture(terminal, "question")


async def test_recent_acts(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("4")
        await terminal.shows("Audit: 7", "auth.fail_login: ")
        await picture(terminal, "recent-acts")


async def test_view_as(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("v")
        await terminal.shows("teacher at Riverside Secondary School", "service_accounts.write")
        await picture(terminal, "view-as")


async def test_the_tree(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await terminal.sign_in(ADMIN, DEMO_PASSWORD)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f3")
        await terminal.shows("▶ Riverside", "Inês Duarte")
        await terminal.press("right")
        await terminal.shows("Riverside Secondary")
        await terminal.press("down", "right")
        await terminal.shows("Lower School", "Amina Yusuf")
        await picture(terminal, "tree")


async def test_help(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("f1")
        await terminal.shows("Mails a link to set a new password by", "Close")
        await picture(terminal, "help")


async def test_the_palette(demo: Site) -> None:
    async with demo.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("ctrl+p")
        await terminal.shows("Lets in again who guessed wrong too often")
        await picture(terminal, "palette")


@pytest.mark.parametrize("role", [Role.TEACHER])
async def test_a_refusal(memory_world: World, role: Role) -> None:
    await memory_world.person(role)
    async with Site(memory_world).terminal() as terminal:
        await terminal.sign_in("teacher.north@example.org")
        await terminal.shows("This needs the permission")
        await picture(terminal, "refusal")


async def test_without_colour_nothing_is_told_by_colour_alone(
    demo: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with demo.terminal() as terminal:
        assert terminal.app.no_color
        await at_pat(terminal)
        await picture(terminal, "person-without-colour")
