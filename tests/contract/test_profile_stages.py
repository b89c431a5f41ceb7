"""What is told of a profile that grows, and what is not noted of a picture that is seen."""

from typing import Any

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.profiles.avatars import AvatarFields
from faraday_core.profiles.model import BadgeEarned, ProfileFields, RequirementFields
from tests.pictures import picture
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def write(world: World, actor: Actor, **given: Any) -> None:  # as in JSON
    await world.app.profiles.replace(actor, parse(ProfileFields, given))


def earned(world: World) -> list[str]:
    outbox = world.storage.database.outbox  # type: ignore[union-attr]  # of the memory's
    return [event.badge for event in outbox if isinstance(event, BadgeEarned)]


async def test_each_stage_is_told_once_when_it_is_reached(memory_world: World) -> None:
    world = memory_world
    sam = await world.acting(Role.STUDENT)  # of whom a picture and a few words are asked

    await write(world, sam, bio="x")
    assert ["started", "halfway"] == earned(world)
    await write(world, sam, bio="y")
    assert ["started", "halfway"] == earned(world)
    await world.app.avatars.upload(sam, picture())
    assert ["started", "halfway", "nearly_there", "complete"] == earned(world)


async def test_where_there_are_no_badges_none_is_told(memory_world: World) -> None:
    world = memory_world
    none = RequirementFields(badges=False)
    await world.app.profile_requirements.replace(OPERATOR, world.places["north"], none)
    sam = await world.acting(Role.STUDENT)

    await write(world, sam, bio="x")

    assert [] == earned(world)


async def test_a_stage_is_heard_of(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    await write(world, sam, bio="x")

    await world.settle()


async def test_a_picture_that_is_seen_is_no_disclosure_but_a_profile_is(world: World) -> None:
    pat = await world.acting(Role.TEACHER)
    admin = await world.acting(Role.ORG_ADMIN)
    assert pat.user_id
    await world.app.avatars.upload(pat, picture(), AvatarFields())

    await world.app.avatars.seen(admin, pat.user_id, 64)
    assert () == (await world.app.records.disclosures(pat, pat.user_id, PAGE)).items
    await world.app.profiles.seen(admin, pat.user_id)

    (noted,) = (await world.app.records.disclosures(pat, pat.user_id, PAGE)).items
    assert "profile" == noted.what
