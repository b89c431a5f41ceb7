"""Who belongs where, as what, and for how long, over both storages."""

from datetime import date
from typing import Any

import pytest

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Role, ScopeType
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import (
    DepartmentMember,
    MemberFilter,
    NewMember,
    OrganizationMember,
    TeamMember,
)
from faraday_core.people.model import UserFilter
from tests.tree import a_department, a_team, code_of
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def test_a_member_is_added_listed_and_removed(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    teacher = await world.person(Role.TEACHER, "north")
    grade = (await a_team(world)).id
    members = world.app.members

    added = await members.add(admin, TeamMember, grade, NewMember(teacher.id, Role.TEACHER))

    assert (ScopeType.TEAM, grade, teacher.id) == (added.scope_type, added.scope_id, added.user_id)
    assert (teacher.full_name, teacher.email) == (added.full_name, added.email)
    assert (added,) == (await members.list(admin, TeamMember, grade, PAGE)).items
    held = (await world.app.users.get(admin, teacher.id)).roles
    assert [ScopeType.ORGANIZATION, ScopeType.TEAM] == [role.scope_type for role in held]
    again = members.add(admin, TeamMember, grade, NewMember(teacher.id, Role.TEACHER))
    assert "already_member" == await code_of(again)
    await members.remove(admin, TeamMember, grade, teacher.id)
    assert () == (await members.list(admin, TeamMember, grade, PAGE)).items
    gone = members.remove(admin, TeamMember, grade, teacher.id)
    assert "not_found" == await code_of(gone)


async def test_one_of_several_roles_is_taken_away(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    person = await world.person(Role.TEACHER, "north")
    north, members = world.places["north"], world.app.members
    await members.add(admin, OrganizationMember, north, NewMember(person.id, Role.GUARDIAN))

    await members.remove(admin, OrganizationMember, north, person.id, Role.TEACHER)

    held = (await world.app.users.get(admin, person.id)).roles
    assert [Role.GUARDIAN] == [role.role for role in held]
    page = await members.list(admin, OrganizationMember, north, PAGE, MemberFilter(Role.GUARDIAN))
    assert [person.id] == [member.user_id for member in page.items]


async def test_lists_say_how_many_belong_to_a_node_itself(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    person = await world.person(Role.TEACHER, "north")
    grade = (await a_team(world)).id
    await world.app.members.add(admin, TeamMember, grade, NewMember(person.id, Role.TEACHER))
    await world.app.members.add(admin, TeamMember, grade, NewMember(person.id, Role.GUARDIAN))

    assert [1] == [t.member_count for t in (await world.app.teams.list(admin, PAGE)).items]
    assert 1 == (await world.app.teams.get(admin, grade)).member_count
    (north,) = (await world.app.organizations.list(admin, PAGE)).items
    assert 2 == north.member_count
    assert [0] == [d.member_count for d in (await world.app.departments.list(admin, PAGE)).items]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.ORG_ADMIN, {OrganizationMember}),
        (Role.SUPPORT, {OrganizationMember}),
        (Role.DEPARTMENT_HEAD, {OrganizationMember, DepartmentMember}),
        (Role.TEACHER, {OrganizationMember, DepartmentMember, TeamMember}),
        (Role.PLATFORM_ADMIN, set()),
    ],
)
async def test_a_role_is_held_at_its_own_kinds_of_nodes(
    memory_world: World, role: Role, kinds: set[type]
) -> None:
    world = memory_world
    grade = (await a_team(world)).id
    place = (await world.app.teams.get(OPERATOR, grade)).department_id
    nodes: dict[Any, str] = {  # by the class of their members
        OrganizationMember: world.places["north"],
        DepartmentMember: place,
        TeamMember: grade,
    }
    person = await world.person(Role.STUDENT, "north")

    for kind, node in nodes.items():
        add = world.app.members.add(OPERATOR, kind, node, NewMember(person.id, role))
        if kind in kinds:
            await add
        else:
            assert "invalid_value" == await code_of(add)


# Who may


async def test_nobody_gives_a_role_at_or_above_their_own(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    head = await world.acting(Role.DEPARTMENT_HEAD, "north")
    person = await world.person(Role.STUDENT, "north")
    maths, members = (await a_department(world)).id, world.app.members

    for actor, role in ((admin, Role.ORG_ADMIN), (admin, Role.SUPPORT)):
        new = NewMember(person.id, role)
        await members.add(actor, OrganizationMember, world.places["north"], new)
    await members.add(head, DepartmentMember, maths, NewMember(person.id, Role.TEACHER))
    beside = members.add(head, DepartmentMember, maths, NewMember(person.id, Role.DEPARTMENT_HEAD))
    assert "forbidden" == await code_of(beside)
    # Theirs are the departments of the school, not the school.
    new, north = NewMember(person.id, Role.TEACHER), world.places["north"]
    assert "forbidden" == await code_of(members.add(head, OrganizationMember, north, new))


async def test_nobody_takes_a_role_at_or_above_their_own(world: World) -> None:
    head = await world.acting(Role.DEPARTMENT_HEAD, "north")
    other = await world.person(Role.TEACHER, "north")
    maths, members = (await a_department(world)).id, world.app.members
    new = NewMember(other.id, Role.DEPARTMENT_HEAD)
    await members.add(OPERATOR, DepartmentMember, maths, new)

    with pytest.raises(Forbidden):
        await members.remove(head, DepartmentMember, maths, other.id)
    assert 1 == len((await members.list(head, DepartmentMember, maths, PAGE)).items)


async def test_nobody_changes_their_own_roles(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    assert admin.user_id
    members, north = world.app.members, world.places["north"]

    with pytest.raises(Forbidden):
        await members.add(admin, OrganizationMember, north, NewMember(admin.user_id, Role.TEACHER))
    with pytest.raises(Forbidden):
        await members.remove(admin, OrganizationMember, north, admin.user_id)


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.TEACHER, Role.GUARDIAN, Role.STUDENT])
async def test_others_add_nobody(world: World, role: Role) -> None:
    actor = await world.acting(role, "north")
    person = await world.person(Role.STUDENT, "north", email="other@example.org")

    new = NewMember(person.id, Role.STUDENT)
    with pytest.raises(Forbidden):
        await world.app.members.add(actor, OrganizationMember, world.places["north"], new)


async def test_a_person_of_another_tenant_is_an_unknown_reference(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    strangers = [
        (await world.person(Role.TEACHER, "other")).id,
        (await world.person()).id,
        (await world.person(Role.PLATFORM_ADMIN)).id,
        uuid7(),
        "nonsense",
    ]

    for stranger in strangers:
        new = NewMember(stranger, Role.TEACHER)
        with pytest.raises(Invalid) as caught:
            await world.app.members.add(admin, OrganizationMember, world.places["north"], new)
        assert ["/user_id"] == [fault.pointer for fault in caught.value.faults]
        assert "unknown_reference" == caught.value.code


async def test_who_belongs_to_two_tenants_brings_nobody_from_the_one_into_the_other(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    stranger = await world.person(Role.STUDENT, "other")
    assert admin.user_id
    new = NewMember(admin.user_id, Role.ORG_ADMIN)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places["other"], new)
    both = await world.actor(await world.sign_in("org_admin.north@example.org"))
    assert 2 == len(both.tenants)

    north, pull = world.places["north"], NewMember(stranger.id, Role.STUDENT)
    with pytest.raises(Invalid) as caught:
        await world.app.members.add(both, OrganizationMember, north, pull)
    assert "unknown_reference" == caught.value.code


async def test_a_platform_admin_lets_a_person_into_a_second_tenant(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    person = await world.person(Role.TEACHER, "north", name="Ines Duarte")
    other = world.places["other"]

    new = NewMember(person.id, Role.TEACHER)
    await world.app.members.add(root, OrganizationMember, other, new)

    admin = await world.acting(Role.ORG_ADMIN, "other")
    found = await world.app.users.list(admin, UserFilter(q="ines"), PAGE)
    assert [person.id] == [user.id for user in found.items]
    await world.app.members.remove(root, OrganizationMember, other, person.id)
    assert () == (await world.app.users.list(admin, UserFilter(q="ines"), PAGE)).items


async def test_a_teacher_sees_the_members_of_their_own_teams_alone(world: World) -> None:
    mine, theirs = (await a_team(world)).id, (await a_team(world)).id
    actor = await world.acting(Role.TEACHER, "north")
    assert actor.user_id
    new = NewMember(actor.user_id, Role.TEACHER)
    await world.app.members.add(OPERATOR, TeamMember, mine, new)
    teacher = await world.actor(await world.sign_in("teacher.north@example.org"))
    members = world.app.members

    assert 1 == len((await members.list(teacher, TeamMember, mine, PAGE)).items)
    assert "forbidden" == await code_of(members.list(teacher, TeamMember, theirs, PAGE))
    north = world.places["north"]
    assert "forbidden" == await code_of(members.list(teacher, OrganizationMember, north, PAGE))
    elsewhere = (await a_team(world, at="south")).id
    assert "not_found" == await code_of(members.list(teacher, TeamMember, elsewhere, PAGE))


async def test_a_node_of_another_kind_has_no_such_members(world: World) -> None:
    grade = (await a_team(world)).id

    with pytest.raises(NotFound):
        await world.app.members.list(OPERATOR, DepartmentMember, grade, PAGE)


# Dates


async def test_a_substitutes_rights_begin_and_end_by_themselves(world: World) -> None:
    """The clock stands at 2026-09-01."""
    admin = await world.acting(Role.ORG_ADMIN, "north")
    person = await world.person(Role.STUDENT, "south")
    north, signed_in = world.places["north"], await world.sign_in(person)
    district = await world.acting(Role.ORG_ADMIN, "district")
    substitute = NewMember(
        person.id, Role.TEACHER, starts_on=date(2026, 9, 2), ends_on=date(2026, 9, 3)
    )

    await world.app.members.add(district, OrganizationMember, north, substitute)

    async def sees() -> bool:
        actor = await world.actor(signed_in)
        seen = (await world.app.organizations.list(actor, PAGE)).items
        return north in [organization.id for organization in seen]

    assert not await sees()
    world.clock.move(hours=18)  # the second at half past one
    signed_in = await world.sign_in(person)
    assert await sees()
    world.clock.move(days=1)  # the last day
    signed_in = await world.sign_in(person)
    assert await sees()
    world.clock.move(days=1)
    signed_in = await world.sign_in(person)
    assert not await sees()
    listed = await world.app.members.list(
        await world.actor(await world.sign_in("org_admin.north@example.org")),
        OrganizationMember,
        north,
        PAGE,
        MemberFilter(Role.TEACHER),
    )
    assert [date(2026, 9, 3)] == [member.ends_on for member in listed.items]
    assert admin


async def test_a_last_day_before_the_first_is_refused(memory_world: World) -> None:
    person = await memory_world.person(Role.STUDENT, "north")
    new = NewMember(person.id, Role.TEACHER, starts_on=date(2026, 9, 2), ends_on=date(2026, 9, 1))

    north = memory_world.places["north"]
    with pytest.raises(Invalid) as caught:
        await memory_world.app.members.add(OPERATOR, OrganizationMember, north, new)
    assert ["/ends_on"] == [fault.pointer for fault in caught.value.faults]


# Single permissions


async def test_a_single_permission_is_added_and_another_taken_away(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    person = await world.person(Role.STUDENT, "north", email="secretary@example.org")
    north, members = world.places["north"], world.app.members
    given = {Action.READ_USERS: True, Action.READ_ORGANIZATIONS: False}

    new = NewMember(person.id, Role.TEACHER, given)
    await members.add(admin, OrganizationMember, north, new)
    await members.remove(admin, OrganizationMember, north, person.id, Role.STUDENT)

    secretary = await world.actor(await world.sign_in(person))
    assert 2 == len((await world.app.users.list(secretary, UserFilter(), PAGE)).items)
    assert "not_found" == await code_of(world.app.organizations.get(secretary, north))


async def test_nobody_gives_a_permission_that_they_have_not(world: World) -> None:
    head = await world.acting(Role.DEPARTMENT_HEAD, "north")
    person = await world.person(Role.STUDENT, "north")
    maths = (await a_department(world)).id

    new = NewMember(person.id, Role.TEACHER, {Action.READ_USERS: True})
    with pytest.raises(Invalid) as caught:
        await world.app.members.add(head, DepartmentMember, maths, new)
    assert ["/permissions/users.read"] == [fault.pointer for fault in caught.value.faults]

    reduced = await world.acting(Role.TEACHER, "north")
    assert reduced.user_id
    limited = NewMember(reduced.user_id, Role.DEPARTMENT_HEAD, {Action.READ_MEMBERS: False})
    await world.app.members.add(OPERATOR, DepartmentMember, maths, limited)
    actor = await world.actor(await world.sign_in("teacher.north@example.org"))
    new = NewMember(person.id, Role.TEACHER, {Action.READ_MEMBERS: True})
    with pytest.raises(Forbidden):
        await world.app.members.add(actor, DepartmentMember, maths, new)
