"""Who belongs where, as what, and for how long, over both storages."""

from datetime import date
from typing import Any

import pytest

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Actor, Role, ScopeType
from faraday_core.kernel.errors import FaradayError, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import (
    DepartmentMember,
    MemberFilter,
    NewMember,
    OrganizationMember,
    TeamMember,
)
from faraday_core.organizations.merge_service import IntoOrganization
from faraday_core.organizations.model import DepartmentFields, OrganizationFields, TeamFields
from faraday_core.people.model import AccessQuestion, UserFilter
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def department(world: World, at: str = "north") -> str:
    fields = DepartmentFields("Maths", world.places[at])
    return (await world.app.departments.create(OPERATOR, fields)).id


async def team(world: World, at: str = "north") -> str:
    fields = TeamFields("Grade 7", await department(world, at))
    return (await world.app.teams.create(OPERATOR, fields)).id


async def code_of(attempt: object) -> str:
    with pytest.raises(FaradayError) as caught:
        await attempt  # type: ignore[misc]  # a coroutine of whatever answer
    return caught.value.code


async def test_a_member_is_added_listed_and_removed(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    teacher = await world.person(Role.TEACHER, "north")
    grade = await team(world)
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
    grade = await team(world)
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
    grade = await team(world)
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
    maths, members = await department(world), world.app.members

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
    maths, members = await department(world), world.app.members
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
    mine, theirs = await team(world), await team(world)
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
    elsewhere = await team(world, "south")
    assert "not_found" == await code_of(members.list(teacher, TeamMember, elsewhere, PAGE))


async def test_a_node_of_another_kind_has_no_such_members(world: World) -> None:
    grade = await team(world)

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
    maths = await department(world)

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


# Why may I?


async def test_an_explanation_names_the_roles_that_decide(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    assert admin.user_id
    grade = await team(world)
    question = AccessQuestion(Action.WRITE_DEPARTMENTS, grade)

    answer = await world.app.access.explain(admin, admin.user_id, question)

    assert answer.allowed
    assert [(Role.ORG_ADMIN, world.places["district"])] == [
        (because.role, because.scope_id) for because in answer.because
    ]
    teacher = await world.person(Role.TEACHER, "north")
    answer = await world.app.access.explain(admin, teacher.id, question)
    assert (False, ()) == (answer.allowed, answer.because)


async def test_an_explanation_is_for_oneself_and_for_who_may_read_users(world: World) -> None:
    teacher = await world.acting(Role.TEACHER, "north")
    other = await world.person(Role.STUDENT, "north")
    asked = AccessQuestion(Action.READ_ORGANIZATIONS, world.places["north"])
    explain = world.app.access.explain
    assert teacher.user_id

    assert (await explain(teacher, teacher.user_id, asked)).allowed
    assert "not_found" == await code_of(explain(teacher, other.id, asked))
    beyond = AccessQuestion(Action.READ_ORGANIZATIONS, world.places["other"])
    assert "not_found" == await code_of(explain(teacher, teacher.user_id, beyond))
    platform = AccessQuestion(Action.RUN_PLATFORM, "platform")
    assert not (await explain(teacher, teacher.user_id, platform)).allowed
    own = AccessQuestion(Action.MANAGE_OWN_ACCOUNT, teacher.user_id)
    assert (await explain(teacher, teacher.user_id, own)).allowed


# One organisation alone


async def in_two_schools(world: World) -> Actor:
    person = await world.person(Role.TEACHER, "north")
    new = NewMember(person.id, Role.DEPARTMENT_HEAD)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places["south"], new)
    return await world.actor(await world.sign_in(person))


async def test_who_is_narrowed_to_one_organisation_acts_with_its_roles_alone(
    world: World,
) -> None:
    both = await in_two_schools(world)
    narrow, places = world.app.access.narrow, world.places
    fields = {at: DepartmentFields("New", places[at]) for at in ("north", "south")}

    assert 2 == len((await world.app.organizations.list(both, PAGE)).items)
    north, south = await narrow(both, places["north"]), await narrow(both, places["south"])

    seen = (await world.app.organizations.list(north, PAGE)).items
    assert [places["north"]] == [organization.id for organization in seen]
    assert "forbidden" == await code_of(world.app.departments.create(north, fields["north"]))
    assert await world.app.departments.create(south, fields["south"])
    assert "not_found" == await code_of(world.app.organizations.get(north, places["south"]))


async def test_a_role_that_is_held_above_holds_in_the_one_organisation_too(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")

    north = await world.app.access.narrow(admin, world.places["north"])

    seen = (await world.app.organizations.list(north, PAGE)).items
    assert [world.places["north"]] == [organization.id for organization in seen]
    fields = OrganizationFields("Annexe", world.places["south"])
    assert "unknown_reference" == await code_of(world.app.organizations.create(north, fields))


async def test_a_platform_admin_is_narrowed_to_an_org_admin(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)

    other = await world.app.access.narrow(root, world.places["other"])

    seen = (await world.app.organizations.list(other, PAGE)).items
    assert ["Other District"] == [organization.name for organization in seen]
    with pytest.raises(Forbidden):
        await world.app.organizations.create(other, OrganizationFields("Tenant"))


@pytest.mark.parametrize("at", ["other", "south", "district", "nonsense"])
async def test_one_is_not_narrowed_to_where_one_is_no_member(world: World, at: str) -> None:
    teacher = await world.acting(Role.TEACHER, "north")

    with pytest.raises(Forbidden):
        await world.app.access.narrow(teacher, world.places.get(at, at))


# Two schools become one


async def test_a_merge_moves_all_there_is_and_its_undoing_moves_it_back(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    places, app = world.places, world.app
    maths, grade = await department(world), await team(world)
    teacher = await world.person(Role.TEACHER, "north")
    both = await world.person(Role.GUARDIAN, "north")
    new = NewMember(both.id, Role.GUARDIAN)
    await app.members.add(admin, OrganizationMember, places["south"], new)

    into = IntoOrganization(places["south"])
    merge = await app.merges.merge(admin, places["north"], into)

    assert {"organizations": 0, "departments": 2, "teams": 1, "members": 1} == merge.moved
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
