"""How the support terminal looks, screen by screen: compared with the pictures in `snapshots/`."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from textual.widgets import Input

from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.organizations.membership import NewMember, OrganizationMember, TeamMember
from faraday_core.organizations.model import DepartmentFields, TeamFields
from tests.snapshots import compare
from tests.terminal import ADMIN, PLACEHOLDER, SUPPORT, Site, Terminal
from tests.world import OPERATOR, World


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown where one sits."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
async def school(memory_world: World) -> Site:
    """Made one after the other, so that all lists are in one order each time."""
    world, app = memory_world, memory_world.app
    await world.person(Role.ORG_ADMIN, "district", name="Inês Duarte")
    await world.person(Role.SUPPORT, "district", name="Sam Whitlock")
    pat = await world.person(Role.TEACHER, "south", name="Pat Doe")
    for name in ("Kim Nguyen", "Noah Nguyen", "Linh Nguyen", "Li Wei"):
        email = f"{name.lower().replace(' ', '.')}@example.org"
        await world.person(Role.STUDENT, "north", email=email, name=name)
    sciences = DepartmentFields("Sciences", world.places["south"])
    department = await app.departments.create(OPERATOR, sciences)
    team = await app.teams.create(OPERATOR, TeamFields("Grade 7", department.id))
    teaches = NewMember(pat.id, Role.TEACHER)
    await app.members.add(OPERATOR, OrganizationMember, world.places["north"], teaches)
    await app.members.add(OPERATOR, TeamMember, team.id, teaches)
    for _ in range(5):
        with suppress(NotSignedIn):
            await world.sign_in(pat, password="wrong")
    return Site(world)


async def at_pat(terminal: Terminal, email: str = ADMIN) -> None:
    await terminal.sign_in(email)
    await terminal.shows(PLACEHOLDER)
    await terminal.press(*"pat")
    await terminal.shows("1 person")
    await terminal.press("enter", "enter")
    await terminal.shows("Roles: 3", "until 2026-09-01 07:55", "By this role", "v View as")


async def picture(terminal: Terminal, name: str) -> None:
    for typed in terminal.app.screen.query(Input):
        typed.cursor_blink = False  # or it would be there one time, and gone the next
    await terminal.pilot.pause()
    compare(name, terminal.app.export_screenshot(title="faraday tui", simplify=True))


async def test_the_sign_in(memory_world: World) -> None:
    async with Site(memory_world).terminal() as terminal:
        await terminal.shows("E-mail", "Quit")
        await picture(terminal, "sign-in")


async def test_the_search(school: Site) -> None:
    async with school.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.shows(PLACEHOLDER)
        await terminal.press(*"ng")
        await terminal.shows("3 people")
        await picture(terminal, "search")


async def test_a_person(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal)
        await picture(terminal, "person")


async def test_a_question(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal, SUPPORT)
        await terminal.press("u")
        await terminal.shows("Enter: yes")
        await picture(terminal, "question")


async def test_recent_acts(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("4")
        await terminal.shows("Audit: 6", "locked: ")
        await picture(terminal, "recent-acts")


async def test_view_as(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("v")
        await terminal.shows("organizations.read: teacher at South School", "users.read")
        await picture(terminal, "view-as")


async def test_the_tree(school: Site) -> None:
    async with school.terminal() as terminal:
        await terminal.sign_in(ADMIN)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f3")
        await terminal.shows("▶ District", "Inês Duarte")
        await terminal.press("right")
        await terminal.shows("South School")
        await terminal.press("down", "down", "right")
        await terminal.shows("Sciences", "Roles held at it: 1", "Pat Doe")
        await picture(terminal, "tree")


async def test_help(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("f1")
        await terminal.shows("Mails a link to set a new password by", "Close")
        await picture(terminal, "help")


async def test_the_palette(school: Site) -> None:
    async with school.terminal() as terminal:
        await at_pat(terminal)
        await terminal.press("ctrl+p")
        await terminal.shows("Lets in again who guessed wrong too often")
        await picture(terminal, "palette")


async def test_a_refusal(memory_world: World) -> None:
    await memory_world.person(Role.TEACHER)
    async with Site(memory_world).terminal() as terminal:
        await terminal.sign_in("teacher.north@example.org")
        await terminal.shows("This needs the permission")
        await picture(terminal, "refusal")


async def test_without_colour_nothing_is_told_by_colour_alone(
    school: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with school.terminal() as terminal:
        assert terminal.app.no_color
        await at_pat(terminal)
        await picture(terminal, "person-without-colour")
