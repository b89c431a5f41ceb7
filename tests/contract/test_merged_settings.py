"""What a merge carries besides people: open invitations and what a school has set; over both
storages."""

from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Invalid
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.organizations.membership import NewMember, OrganizationMember
from faraday_core.organizations.merge_service import IntoOrganization, MergeView
from faraday_core.people.invitation_model import NewInvitation
from faraday_core.profiles.model import ProfileField, RequirementFields
from tests.world import OPERATOR, World

PAGE = PageRequest()
DARK = {"values": {"theme": "dark"}, "locked": ["/theme"]}
LIGHT = {"values": {"theme": "light"}, "locked": []}
BIO = parse(RequirementFields, {"required_fields": ["bio"]})
PHONE = parse(RequirementFields, {"required_fields": ["phone"]})


async def merged(world: World) -> MergeView:
    into = IntoOrganization(world.places["south"])
    return await world.app.merges.merge(OPERATOR, world.places["north"], into)


async def invited(world: World, at: str) -> list[str]:
    page = await world.app.invitations.list(OPERATOR, world.places[at], PAGE)
    return sorted(one.email for one in page.items)


async def theme(world: World, at: str) -> Any:  # as JSON has it
    view = await world.app.preference_defaults.get(OPERATOR, world.places[at])
    return view.values.get("theme"), [*view.locked]


async def required(world: World, at: str) -> list[ProfileField]:
    view = await world.app.profile_requirements.get(OPERATOR, world.places[at])
    return [*view.required_fields]


async def set_up(world: World, at: str, defaults: Any, wanted: RequirementFields) -> None:
    await world.app.preference_defaults.replace(OPERATOR, world.places[at], defaults)
    await world.app.profile_requirements.replace(OPERATOR, world.places[at], wanted)


async def invite(world: World, at: str, email: str) -> None:
    new = NewInvitation(email, Role.TEACHER)
    await world.app.invitations.invite(OPERATOR, world.places[at], new)


async def test_open_invitations_and_what_a_school_has_set_go_over_and_back(world: World) -> None:
    await set_up(world, "north", DARK, BIO)
    await invite(world, "north", "pat@example.org")

    merge = await merged(world)

    assert {"invitations": 1, "preference_defaults": 1, "profile_requirements": 1} == {
        kind: count for kind, count in merge.moved.items() if count
    }
    assert {} == merge.left_out
    assert ("dark", ["/theme"]) == await theme(world, "south")
    assert [ProfileField.BIO] == await required(world, "south")
    assert ["pat@example.org"] == await invited(world, "south")
    assert [] == await required(world, "north")

    await world.app.merges.undo(OPERATOR, world.places["north"])

    assert ("dark", ["/theme"]) == await theme(world, "north")
    assert (None, []) == await theme(world, "south")
    assert [ProfileField.BIO] == await required(world, "north")
    assert [] == await required(world, "south")
    assert ["pat@example.org"] == await invited(world, "north")
    assert [] == await invited(world, "south")


async def test_what_the_surviving_school_has_prevails_and_what_is_left_out_is_told(
    world: World,
) -> None:
    await set_up(world, "north", DARK, BIO)
    await set_up(world, "south", LIGHT, PHONE)
    for at in ("north", "south"):
        await invite(world, at, "pat@example.org")
    await invite(world, "north", "sam@example.org")

    merge = await merged(world)

    assert {"invitations": 1, "preference_defaults": 1, "profile_requirements": 1} == {
        **merge.left_out
    }
    assert 1 == merge.moved["invitations"]
    assert ("light", []) == await theme(world, "south")
    assert [ProfileField.PHONE] == await required(world, "south")
    assert ["pat@example.org", "sam@example.org"] == await invited(world, "south")
    (told,) = [
        entry.details["left_out"]
        for entry in (await world.app.audit.list(OPERATOR, PAGE)).items
        if entry.action == "organization.merge"
    ]
    assert "invitations 1, preference_defaults 1, profile_requirements 1" == told

    await world.app.merges.undo(OPERATOR, world.places["north"])

    assert ("dark", ["/theme"]) == await theme(world, "north")
    assert ("light", []) == await theme(world, "south")
    assert [ProfileField.PHONE] == await required(world, "south")
    assert ["pat@example.org", "sam@example.org"] == await invited(world, "north")
    assert ["pat@example.org"] == await invited(world, "south")


async def accepted(world: World, actor: Actor, token: str) -> list[str]:
    person = await world.app.invitations.accept(actor, token=token)
    return [str(role.scope_id) for role in person.roles]


async def test_an_invitation_that_went_over_gives_its_role_where_it_lies_now(
    world: World,
) -> None:
    pat = await world.acting(email="pat@example.org")
    await invite(world, "north", "pat@example.org")
    await world.settle()
    token = world.token_of_last_mail("pat@example.org")
    await merged(world)

    assert [world.places["south"]] == await accepted(world, pat, token)


async def test_one_that_was_left_out_gives_nothing_until_the_merge_is_undone(
    world: World,
) -> None:
    pat = await world.acting(email="pat@example.org")
    await invite(world, "south", "pat@example.org")
    await invite(world, "north", "pat@example.org")
    await world.settle()
    token = world.token_of_last_mail("pat@example.org")
    await merged(world)

    with pytest.raises(Invalid) as caught:
        await accepted(world, pat, token)
    assert ["invalid_invitation"] == [fault.code for fault in caught.value.faults]
    await world.app.merges.undo(OPERATOR, world.places["north"])

    assert [world.places["north"]] == await accepted(world, pat, token)


async def test_a_role_that_somebody_holds_there_already_is_told_as_left_out(world: World) -> None:
    both = await world.person(Role.TEACHER, "north")
    new = NewMember(both.id, Role.TEACHER)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places["south"], new)

    assert {"members": 1} == {**(await merged(world)).left_out}
