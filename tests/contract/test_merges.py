"""Two schools become one, and two again, over both storages."""

from faraday_core.kernel.actor import Role
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import (
    NewMember,
    OrganizationMember,
)
from faraday_core.organizations.merge_service import IntoOrganization
from faraday_core.people.service_account_model import NewServiceAccount
from tests.tree import a_department, a_team, code_of
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def test_a_merge_moves_all_there_is_and_its_undoing_moves_it_back(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    places, app = world.places, world.app
    maths, grade = (await a_department(world)).id, (await a_team(world)).id
    teacher = await world.person(Role.TEACHER, "north")
    both = await world.person(Role.GUARDIAN, "north")
    new = NewMember(both.id, Role.GUARDIAN)
    await app.members.add(admin, OrganizationMember, places["south"], new)
    robot = NewServiceAccount("Timetable", Role.TEACHER, ["organizations.read"])
    program = await app.service_accounts.create(admin, places["north"], robot)

    into = IntoOrganization(places["south"])
    merge = await app.merges.merge(admin, places["north"], into)

    assert {"departments": 2, "teams": 1, "members": 2, "service_accounts": 1} == {
        kind: count for kind, count in merge.moved.items() if count
    }
    assert [program.id] == [
        one.id for one in (await app.service_accounts.list(admin, places["south"], PAGE)).items
    ]
    south = await world.acting(Role.ORG_ADMIN, "south")
    assert places["south"] == (await app.departments.get(south, maths)).organization_id
    assert places["south"] == (await app.teams.get(south, grade)).organization_id
    assert places["south"] == (await app.users.get(south, teacher.id)).organization_id
    left = await app.organizations.get(south, places["north"])
    assert places["south"] == left.merged_into_organization_id
    assert left.archived_at is not None
    log = (await app.audit.list(south, PAGE)).items
    assert {places["north"]} == {e.target_id for e in log if e.action == "organization.merge"}
    again = app.merges.merge(admin, places["north"], into)
    assert "archived" == await code_of(again)

    undone = await app.merges.undo(admin, places["north"])

    assert undone.undone
    assert places["north"] == (await app.departments.get(admin, maths)).organization_id
    north = await app.organizations.get(admin, places["north"])
    assert (places["district"], None) == (north.parent_organization_id, north.archived_at)
    assert places["north"] == (await app.users.get(admin, teacher.id)).organization_id
    assert "not_found" == await code_of(app.users.get(south, teacher.id))
    assert "already_undone" == await code_of(app.merges.undo(admin, places["north"]))


async def test_a_merge_takes_the_right_to_write_at_both_ends(world: World) -> None:
    north = await world.acting(Role.ORG_ADMIN, "north")
    merges, places = world.app.merges, world.places

    merge = merges.merge(north, places["north"], IntoOrganization(places["south"]))
    assert "forbidden" == await code_of(merge)
    merge = merges.merge(OPERATOR, places["north"], IntoOrganization(places["other"]))
    assert "other_tenant" == await code_of(merge)
    merge = merges.merge(OPERATOR, places["north"], IntoOrganization(places["north"]))
    assert "cycle" == await code_of(merge)
    assert "not_found" == await code_of(merges.undo(OPERATOR, places["north"]))
