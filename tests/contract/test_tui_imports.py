"""The support terminal: imports as they run, what they did to a person, and what they may not."""

from typing import Any

import pytest
from attrs import evolve

from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.roster.reading import Format
from faraday_core.roster.runs import ImportProgress, ImportRun, Mode, RunStatus, Stage
from tests.rosters import Roster
from tests.terminal import ADMIN, PLACEHOLDER, SUPPORT, Site, Terminal
from tests.world import OPERATOR, World

COUNTS = {"users": {"create": 120, "update": 3, "unchanged": 7, "remove": 2, "refuse": 1}}
REFUSED = {
    "file": "users.csv",
    "line": 17,
    "column": "email",
    "code": "invalid_email",
    "detail": "'pat@' is no e-mail address",
}


async def imported(world: World, at: str = "district", **more: Any) -> ImportRun:
    """A run as storage would hold it."""
    run = ImportRun(
        uuid7(),
        world.places[at],
        Format.ONEROSTER,
        Mode.TOLERANT,
        "oneroster",
        "folder",
        world.clock(),
    )
    run = evolve(run, **more)
    async with world.storage.begin(WORKER, tenant=tenant_of(world, at)) as unit:
        await unit.add(run)
    return run


def tenant_of(world: World, at: str) -> str:
    return world.places["other" if at == "other" else "district"]


async def change(world: World, run: ImportRun, **more: Any) -> None:
    async with world.storage.begin(WORKER, tenant=world.places["district"]) as unit:
        await unit.save(evolve(await unit.hold(ImportRun, run.id), **more))


async def progressed(world: World, run: ImportRun, done: int) -> None:
    made = ImportProgress(run.id, Stage.READING, world.clock(), done, 1000)
    async with world.storage.begin(WORKER, tenant=world.places["district"]) as unit:
        await unit.add(made)


async def at_the_imports(terminal: Terminal, email: str = SUPPORT) -> None:
    await terminal.sign_in(email)
    await terminal.shows(PLACEHOLDER)
    await terminal.press("f5")


async def test_an_import_is_watched_until_it_is_done(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    run = await imported(world, status=RunStatus.APPLYING)
    await progressed(world, run, 450)
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("oneroster", "District", "applying", "reading 45 %")
        await terminal.shows("Refused rows: 0.")
        result = {"counts": COUNTS, "refused": [REFUSED]}
        await change(world, run, status=RunStatus.APPLIED, applied_at=world.clock(), result=result)
        await terminal.shows("applied", "+120 ~3 -2 !1")
        await terminal.shows(
            "Refused rows: 1.", "users.csv", "17", "email", "invalid_email: 'pat@'"
        )
        await terminal.shows("invalid_email: 'pat@' is no e-mail address")


async def test_what_is_being_planned_is_there_as_well(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    await imported(world, status=RunStatus.PLANNING)
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("planning")


async def test_a_new_import_comes_to_the_top_and_the_cursor_stays(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    result = {"counts": COUNTS, "refused": [REFUSED]}
    await imported(world, status=RunStatus.APPLIED, result=result)
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("Refused rows: 1.")
        await imported(world, "north", status=RunStatus.APPLYING)
        await terminal.shows("North School", "applying")
        await terminal.shows("Refused rows: 1.")
        await terminal.press("up")
        await terminal.shows("Refused rows: 0.")


async def test_a_plan_that_waits_to_be_accepted_is_there_and_says_why(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    crossed = {
        "kind": "users",
        "what": "remove",
        "count": 30,
        "known": 60,
        "share": 0.5,
        "limit": 0.1,
    }
    large = {"counts": COUNTS, "thresholds": [crossed]}
    await imported(world, status=RunStatus.PLANNED, result=large)
    await imported(world, "north", status=RunStatus.PLANNED, result={"counts": COUNTS})
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("planned", "A large change: 30 of 60", "users would be removed.")
        assert "North School" not in terminal.screen()


async def test_why_an_import_failed_is_said(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    problem = {"code": "rows_refused", "detail": "Nothing was done, since one row is refused."}
    await imported(world, status=RunStatus.FAILED, problem=problem)
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("failed", "Refused rows: 0. Nothing was done, since")


async def test_another_districts_imports_are_nobodys_business(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    await imported(world, "other", status=RunStatus.APPLYING)
    async with site.terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("Nothing was imported yet where you may read it.")


async def test_who_may_not_read_imports_is_told_so_once(site: Site) -> None:
    world = site.world
    await world.person(Role.TEACHER)
    async with site.terminal() as terminal:
        await at_the_imports(terminal, "teacher.north@example.org")
        await terminal.shows("This needs the permission imports.read")


async def test_a_terminal_that_is_left_alone_asks_no_more(memory_world: World) -> None:
    await memory_world.person(Role.SUPPORT, "district")
    async with Site(memory_world).terminal() as terminal:
        await at_the_imports(terminal)
        await terminal.shows("Nothing was imported yet")
        screen: Any = terminal.app.screen  # the one of imports
        screen._idle = 1e6
        await imported(memory_world, status=RunStatus.APPLYING)
        await terminal.pilot.pause(1.5)
        assert "applying" not in terminal.screen()
        await terminal.press("down")
        await terminal.shows("applying")


async def test_a_persons_classes_are_shown_with_what_they_are_in_them(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    roster = Roster(world.storage, world.places["district"])
    physics = await roster.class_(world.places["north"])
    chess = await roster.class_(world.places["south"], "Chess Club")
    await roster.enroll(physics, pat.id)
    await roster.enroll(chess, pat.id, is_active=False)
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.press("5")
        await terminal.shows("Classes: 2", "Physics 7a", "student", "active", "North School")
        await terminal.shows("Chess Club", "inactive", "South School")


@pytest.mark.parametrize("at", ["district", "north"])
async def test_the_import_that_made_a_person_is_named(site: Site, at: str) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    run = await imported(world, at, status=RunStatus.APPLIED, applied_at=world.clock())
    await imported(world, "south", status=RunStatus.APPLIED)
    pat = await Roster(world.storage, world.places["district"]).person(
        "Zoë Patterson", world.places["north"], source_id="p1"
    )
    assert run.applied_at == pat.created_at
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.shows(PLACEHOLDER)
        await terminal.press(*"p1")
        await terminal.shows("1 person", "Zoë Patterson")
        await terminal.press("enter", "enter")
        await terminal.shows("Roles: 1")
        await terminal.press("7")
        await terminal.shows("Imports: 1", "Held against imports: nothing.", "applied")


async def test_a_field_is_held_against_imports_and_let_go_again(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in(ADMIN)
        await terminal.open(pat, "zo")
        await terminal.press("7")
        await terminal.shows("Held against imports: nothing.", "h Hold")
        await terminal.press("h")
        await terminal.shows("What of Zoë Patterson is no import to change?", "[ ] full_name")
        await terminal.press("space")
        await terminal.shows("[x] full_name")
        await terminal.press("enter")
        await terminal.shows("leave these of Zoë Patterson as they are:", "full_name")
        await terminal.press("enter")
        await terminal.shows("Held against imports: full_name.")
        held = await world.app.held_fields.of_user(OPERATOR, pat.id)
        assert ("full_name",) == tuple(held.fields)
        await terminal.press("h")
        await terminal.shows("[x] full_name")
        await terminal.press("space", "enter")
        await terminal.shows("whatever they say of")
        await terminal.press("enter")
        await terminal.shows("Held against imports: nothing.")
    page = await world.app.audit.list(OPERATOR, PageRequest(limit=100))
    assert 2 == [entry.action for entry in page.items].count("user.hold_fields")


async def test_support_sees_what_is_held_and_has_no_key_for_it(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.press("7")
        await terminal.shows("Held against imports: nothing.")
        assert "h Hold" not in terminal.screen()
