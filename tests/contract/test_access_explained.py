"""Why somebody may do something, and acting for one organisation alone, over both storages."""

import pytest

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import (
    NewMember,
    OrganizationMember,
)
from faraday_core.organizations.model import DepartmentFields, OrganizationFields
from faraday_core.people.model import AccessQuestion
from tests.tree import a_team, code_of
from tests.world import OPERATOR, World

PAGE = PageRequest()


# Why may I?


async def test_an_explanation_names_the_roles_that_decide(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    assert admin.user_id
    grade = (await a_team(world)).id
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
    for hidden in (world.places["south"], other.id, uuid7()):
        asked = AccessQuestion(Action.READ_USERS, hidden)
        assert "not_found" == await code_of(explain(teacher, teacher.user_id, asked))
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
