"""The support terminal: the tree of organisations, the audit log, the palette."""

from datetime import UTC, datetime

import pytest

from adapters.app import App
from faraday_core.audit.model import AuditFilter
from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import NewMember, TeamMember
from faraday_core.organizations.model import DepartmentFields, TeamFields
from faraday_core.people.model import NewUser
from tests.terminal import ADMIN, PLACEHOLDER, SUPPORT, Site
from tests.world import OPERATOR, World


async def with_a_team(world: World, user_id: str) -> None:
    fields = DepartmentFields("Sciences", world.places["north"])
    sciences = await world.app.departments.create(OPERATOR, fields)
    physics = DepartmentFields("Physics", world.places["north"], sciences.id)
    department = await world.app.departments.create(OPERATOR, physics)
    team = await world.app.teams.create(OPERATOR, TeamFields("Grade 7", department.id))
    new = NewMember(user_id, Role.TEACHER)
    await world.app.members.add(OPERATOR, TeamMember, team.id, new)


async def test_the_tree_opens_place_by_place_down_to_who_is_in_a_team(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.TEACHER, name="Zoë Patterson")
    await with_a_team(world, pat.id)
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f3")
        await terminal.shows("▶ District", "Support District", "Roles held at it: 1")
        assert "Other District" not in terminal.screen()
        await terminal.press("right")
        await terminal.shows("▶ North School", "▶ South School")
        await terminal.press("down", "right")
        await terminal.shows("▶ Sciences", "Zoë Patterson")
        assert "Physics" not in terminal.screen()
        await terminal.press("down", "right")
        await terminal.shows("▶ Physics")
        await terminal.press("down", "right")
        await terminal.shows("Grade 7")
        await terminal.press("down")
        await terminal.shows("Roles held at it: 1", "Zoë Patterson")
        await terminal.press("enter", "enter")
        await terminal.shows("Name      Zoë Patterson", "Roles: 2")
        await terminal.press("escape")
        await terminal.shows("Roles held at it: 1")
        await terminal.press("escape")
        await terminal.shows(PLACEHOLDER)


async def test_who_administers_a_school_begins_there(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "north")
    async with site.terminal() as terminal:
        await terminal.sign_in("org_admin.north@example.org")
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f3")
        await terminal.shows("North School", "Org Admin North")
        assert "▶ District" not in terminal.screen()


async def test_a_place_that_is_empty_does_not_open(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "south")
    async with site.terminal() as terminal:
        await terminal.sign_in("org_admin.south@example.org")
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f3")
        await terminal.shows("▶ South School")
        await terminal.press("right")
        await terminal.shows_no("▶")
        await terminal.press("f2")
        await terminal.shows(PLACEHOLDER)


async def test_the_audit_log_is_narrowed_by_action_person_and_day(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district", name="Ada Okafor")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    await world.sign_in(pat, device_name="Tablet")
    await world.app.audit.seal(WORKER)
    async with site.terminal() as terminal:
        await terminal.sign_in(ADMIN)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f4")
        await terminal.shows("auth.login", "Ada Okafor", "Zoë Patterson", "user.create")
        await terminal.press("slash")
        await terminal.paste("auth.login")
        await terminal.press("enter")
        await terminal.shows("Entries: 2")
        await terminal.press("slash", "tab")
        await terminal.paste("zoë")
        await terminal.press("enter")
        await terminal.shows("Entries: 1", "auth.login: user Zoë Patterson; device: Tablet")
        await terminal.press("slash", "tab", "tab")
        await terminal.paste("yesterday")
        await terminal.press("enter")
        await terminal.shows("'yesterday' is no day as 2026-09-01 is.")


async def test_who_is_not_the_only_one_called_so_is_not_guessed(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district", name="Ada Okafor")
    await world.person(Role.STUDENT, name="Ada Lund")
    async with site.terminal() as terminal:
        await terminal.sign_in(ADMIN)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f4", "slash", "tab")
        await terminal.paste("ada")
        await terminal.press("enter")
        await terminal.shows("Several people are found by 'ada'.")


async def test_older_entries_come_when_they_are_asked_for(site: Site) -> None:
    world = site.world
    await world.person(Role.ORG_ADMIN, "district")
    for number in range(60):
        new = NewUser(f"p{number}@example.org", "Pat Doe", world.places["north"], Role.STUDENT)
        await world.app.users.create(OPERATOR, new)
    async with site.terminal() as terminal:
        await terminal.sign_in(ADMIN)
        await terminal.shows(PLACEHOLDER)
        await terminal.press("f4")
        await terminal.shows("Entries: 50, and older ones")
        await terminal.press("m")
        await terminal.shows_no("and older ones")
        await terminal.press("m")
        await terminal.shows("There are no older ones.")


async def test_the_palette_finds_by_name_what_a_key_does(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    async with site.terminal() as terminal:
        await terminal.press("ctrl+p")
        assert "Places" not in terminal.screen()
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.press("ctrl+p")
        await terminal.shows("Lets in again who guessed wrong too often")
        await terminal.press(*"reset")
        await terminal.shows("Mails a link to set a new password by")
        await terminal.press("down", "enter")
        await terminal.shows("Mail Zoë Patterson a link to set a new password by?")


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [(0, None, True), (None, 0, True), (0, 0, True), (1, None, False), (None, -1, False)],
)
async def test_the_audit_log_is_searched_by_whole_days(
    app: App, since: int | None, until: int | None, *, found: bool
) -> None:
    """By the clock that ids are made by, since a search by days goes by the ids as well."""
    new = NewUser("p@example.org", "Pat", await _school(app), Role.STUDENT, "Tall-Ships-1897")
    await app.users.create(OPERATOR, new)
    today = datetime.now(UTC).date()

    def day(away: int | None) -> object:
        return None if away is None else today.fromordinal(today.toordinal() + away)

    wanted = app.parser.parse(
        AuditFilter,
        {
            "action": "user.create",
            "since": str(day(since)) if since is not None else None,
            "until": str(day(until)) if until is not None else None,
        },
    )
    page = await app.audit.list(OPERATOR, PageRequest(), wanted)
    assert found == bool(page.items)


async def _school(app: App) -> str:
    from faraday_core.organizations.model import OrganizationFields  # noqa: PLC0415 -- below

    return (await app.organizations.create(OPERATOR, OrganizationFields("School"))).id


async def test_a_search_finds_what_somebody_did_and_had_done_to_them_sealed_or_not(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    pat = await world.person(Role.TEACHER)
    await world.app.support.unlock(admin, pat.id)
    await world.app.audit.seal(WORKER)
    await world.app.support.unlock(admin, pat.id)

    for person_id in (admin.user_id, pat.id):
        wanted = AuditFilter("user.unlock", person_id)
        assert 2 == len((await world.app.audit.list(admin, PageRequest(), wanted)).items)
        first = await world.app.audit.list(OPERATOR, PageRequest(1), wanted)
        behind = PageRequest(1, first.next_cursor)
        second = await world.app.audit.list(OPERATOR, behind, wanted)
        assert second.items
        assert first.items[0].id > second.items[0].id
        assert second.next_cursor is None


async def test_a_search_shows_nobody_what_lies_outside_of_their_nodes(world: World) -> None:
    north = await world.acting(Role.ORG_ADMIN, "north")
    other = await world.acting(Role.ORG_ADMIN, "other")
    south = await world.person(Role.TEACHER, "south")
    district = await world.acting(Role.ORG_ADMIN, "district")
    wanted = AuditFilter(person_id=south.id)

    assert 1 == len((await world.app.audit.list(district, PageRequest(), wanted)).items)
    assert () == (await world.app.audit.list(north, PageRequest(), wanted)).items
    assert () == (await world.app.audit.list(other, PageRequest(), wanted)).items
    for action in ("user.create", "nothing.at_all"):
        asked = AuditFilter(action)
        mine = (await world.app.audit.list(north, PageRequest(), asked)).items
        assert {world.places["north"]} >= {entry.organization_id for entry in mine}


@pytest.mark.parametrize("person_id", ["nobody", "0", "'"])
async def test_what_is_no_id_is_nobodys(world: World, person_id: str) -> None:
    wanted = AuditFilter(person_id=person_id)

    assert () == (await world.app.audit.list(OPERATOR, PageRequest(), wanted)).items
