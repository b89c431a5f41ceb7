"""Whoever was brought in by a file is invited to choose a password: all of a class, an
organisation or an import, over both storages."""

import pytest

from faraday_core.kernel.actor import NOBODY, Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.people.model import NewUser
from faraday_core.roster.bulk_invitation_service import Invited, WhomToInvite
from tests.rosters import Roster
from tests.world import OPERATOR, World


async def brought_in(world: World, email: str | None) -> str:
    """A student at the north school who was mailed once and has never signed in."""
    if email is None:
        roster = Roster(world.storage, world.places["district"])
        return (await roster.person("No Address", world.places["north"])).id
    new = NewUser(email, "Kim Nguyen", world.places["north"], Role.STUDENT)
    user = await world.app.users.create(OPERATOR, new)
    return user.id


async def test_all_of_a_class_are_invited_but_who_has_no_address_or_has_signed_in(
    world: World,
) -> None:
    support = await world.acting(Role.SUPPORT, "north")
    signed_in = await world.person(Role.STUDENT, "north")
    ids = [signed_in.id, await brought_in(world, "kim@example.org"), await brought_in(world, None)]
    roster = Roster(world.storage, world.places["district"])
    class_ = await roster.class_(world.places["north"])
    for id in ids:
        await roster.enroll(class_, id)
    done = await world.app.bulk_invitations.invite(support, WhomToInvite(class_id=class_.id))
    await world.settle()

    assert Invited(invited=1, without_address=1, have_password=1) == done
    assert 2 * ["kim@example.org"] == [mail.to for mail in world.mailer.sent]
    token = world.token_of_last_mail("kim@example.org")
    world.clock.move(days=13)
    await world.app.passwords.reset(token=token, new_password="Nine-Lamps-2041")


async def test_all_of_an_organisation_are_invited_a_hundred_at_a_time(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    for number in range(101):
        new = NewUser(f"p{number}@example.org", "Kim", world.places["south"], Role.STUDENT)
        await world.app.users.create(OPERATOR, new)
    whom = WhomToInvite(organization_id=world.places["south"])
    first = await world.app.bulk_invitations.invite(admin, whom)
    assert (100, True) == (first.invited, first.next_cursor is not None)

    whom = WhomToInvite(organization_id=world.places["south"], cursor=first.next_cursor)
    second = await world.app.bulk_invitations.invite(admin, whom)
    assert (1, None) == (second.invited, second.next_cursor)


async def test_whoever_may_not_help_people_there_invites_nobody(world: World) -> None:
    await brought_in(world, "kim@example.org")
    whom = WhomToInvite(organization_id=world.places["north"])
    for actor in (await world.acting(Role.TEACHER, "north"), NOBODY):
        with pytest.raises(Forbidden):
            await world.app.bulk_invitations.invite(actor, whom)
    for at in ("south", "other"):
        with pytest.raises(NotFound):
            await world.app.bulk_invitations.invite(await world.acting(Role.SUPPORT, at), whom)
    await world.settle()

    assert 1 == len([mail for mail in world.mailer.sent if mail.to == "kim@example.org"])


async def test_one_of_the_three_is_named_and_is_there(world: World) -> None:
    support = await world.acting(Role.SUPPORT, "north")
    for wrong in (WhomToInvite(), WhomToInvite(uuid7(), uuid7())):
        with pytest.raises(Invalid):
            await world.app.bulk_invitations.invite(support, wrong)
    for unknown in (WhomToInvite(class_id=uuid7()), WhomToInvite(import_id=uuid7())):
        with pytest.raises(NotFound):
            await world.app.bulk_invitations.invite(support, unknown)
