"""The tree of organisations, over both storages."""

import pytest

from faraday_core.kernel.actor import NOBODY, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import OrganizationFields
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def test_an_org_admin_makes_schools_below_their_own(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")

    made = await world.app.organizations.create(
        admin, OrganizationFields("West School", world.places["district"])
    )

    assert made == await world.app.organizations.get(admin, made.id)
    assert world.places["district"] == made.parent_organization_id


async def test_only_a_platform_admin_makes_a_tenant(world: World) -> None:
    with pytest.raises(Forbidden):
        await world.app.organizations.create(
            await world.acting(Role.ORG_ADMIN, "district"), OrganizationFields("Mine")
        )

    root = await world.acting(Role.PLATFORM_ADMIN)
    assert await world.app.organizations.create(root, OrganizationFields("New District"))


async def test_a_parent_that_cannot_be_seen_is_an_unknown_reference(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    for parent in (world.places["other"], uuid7(), "nonsense"):
        with pytest.raises(Invalid) as caught:
            await world.app.organizations.create(admin, OrganizationFields("School", parent))
        assert "unknown_reference" == caught.value.code


async def test_a_parent_that_may_only_be_read_is_forbidden(world: World) -> None:
    teacher = await world.acting(Role.TEACHER, "district")

    with pytest.raises(Forbidden):
        await world.app.organizations.create(
            teacher, OrganizationFields("School", world.places["district"])
        )


async def test_the_tree_ends_at_twelve_levels(world: World) -> None:
    parent = world.places["north"]
    for level in range(3, 13):
        fields = OrganizationFields(f"Level {level}", parent)
        parent = (await world.app.organizations.create(OPERATOR, fields)).id

    with pytest.raises(Conflict) as caught:
        await world.app.organizations.create(OPERATOR, OrganizationFields("Level 13", parent))

    assert "too_deep" == caught.value.code


async def test_a_list_shows_the_actors_nodes_and_what_is_below(world: World) -> None:
    async def listed(role: Role, at: str) -> list[str]:
        page = await world.app.organizations.list(await world.acting(role, at), PAGE)
        return [organization.name for organization in page.items]

    assert ["District", "North School", "South School"] == await listed(Role.TEACHER, "district")
    assert ["South School"] == await listed(Role.STUDENT, "south")
    assert ["Other District"] == await listed(Role.GUARDIAN, "other")
    assert () == (await world.app.organizations.list(NOBODY, PAGE)).items


async def test_anothers_organisation_is_not_there(world: World) -> None:
    actor = await world.acting(Role.ORG_ADMIN, "north")

    for place in ("other", "south", "district"):
        with pytest.raises(NotFound):
            await world.app.organizations.get(actor, world.places[place])


async def test_the_command_line_finds_one_by_its_exact_name(world: World) -> None:
    assert world.places["north"] == await world.app.organizations.named(OPERATOR, "North School")
    assert world.places["north"] == await world.app.organizations.named(
        OPERATOR, world.places["north"]
    )
    with pytest.raises(NotFound):
        await world.app.organizations.named(OPERATOR, "north school")
    await world.app.organizations.create(OPERATOR, OrganizationFields("North School"))
    with pytest.raises(Conflict) as caught:
        await world.app.organizations.named(OPERATOR, "North School")
    assert "ambiguous_name" == caught.value.code
