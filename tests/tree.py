"""What tests put into the tree of the small district."""

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import FaradayError
from faraday_core.organizations.membership import (
    DepartmentMember,
    NewMember,
    OrganizationMember,
    TeamMember,
)
from faraday_core.organizations.model import DepartmentFields, TeamFields
from faraday_core.organizations.views import DepartmentView, TeamView
from tests.world import OPERATOR, World


async def a_department(
    world: World, name: str = "Maths", at: str = "north", parent: str | None = None
) -> DepartmentView:
    fields = DepartmentFields(name, world.places[at], parent)
    return await world.app.departments.create(OPERATOR, fields)


async def a_team(
    world: World, department_id: str = "", name: str = "Grade 7", *, at: str = "north"
) -> TeamView:
    """In a department of its own, where none is given."""
    department_id = department_id or (await a_department(world, at=at)).id
    return await world.app.teams.create(OPERATOR, TeamFields(name, department_id))


async def a_member(
    world: World,
    role: Role,
    *,
    department_id: str | None = None,
    team_id: str | None = None,
    name: str = "member",
) -> Actor:
    """Somebody with a role at a department or team alone."""
    person = await world.person(Role.STUDENT, "north", email=f"{name}@example.org")
    new = NewMember(person.id, role)
    if department_id:
        await world.app.members.add(OPERATOR, DepartmentMember, department_id, new)
    if team_id:
        await world.app.members.add(OPERATOR, TeamMember, team_id, new)
    await world.app.members.remove(OPERATOR, OrganizationMember, world.places["north"], person.id)
    return await world.actor(await world.sign_in(person))


async def code_of(attempt: object) -> str:
    """Of the refusal that it ends with."""
    with pytest.raises(FaradayError) as caught:
        await attempt  # type: ignore[misc]  # a coroutine of whatever answer
    return caught.value.code
