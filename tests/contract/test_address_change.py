"""Another address for somebody's account: by whoever administers all of it, and told to both."""

from collections.abc import Callable

import pytest

from faraday_core.identity.model import User, UserView
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, FaradayError, Forbidden, Invalid, NotSignedIn
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.invitation_model import NewInvitation
from faraday_core.people.model import UserFields, UserFilter
from tests.serving import Server
from tests.world import OPERATOR, PASSWORD, World

NEW = "new@example.org"


def to(email: str | None) -> Callable[[User], UserFields]:
    return lambda user: UserFields(user.full_name, user.is_active, email)


async def change(
    world: World, actor: Actor, person: UserView, email: str | None = NEW
) -> UserView:
    return await world.app.users.change(actor, person.id, to(email))


async def test_a_new_address_is_unverified_and_ends_all_that_the_old_one_opened(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER, email="old@example.org")
    signed_in = await world.sign_in(teacher)
    await world.app.passwords.forget(email="old@example.org")
    await world.settle()
    reset = world.token_of_last_mail("old@example.org")

    changed = await change(world, admin, teacher)

    assert (NEW, False) == (changed.email, changed.email_verified)
    with pytest.raises(NotSignedIn):
        await world.actor(signed_in)
    with pytest.raises(NotSignedIn):
        await world.app.auth.refresh(refresh_token=signed_in.refresh_token)
    with pytest.raises(Invalid):
        await world.app.passwords.reset(token=reset, new_password="Other-Ships-22")
    with pytest.raises(NotSignedIn):
        await world.sign_in("old@example.org")
    actor = await world.actor(await world.sign_in(NEW))
    assert 1 == len((await world.app.devices.list(actor)).items)


async def test_both_addresses_are_sent_a_mail(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER, email="old@example.org")

    await change(world, admin, teacher)
    await world.settle()

    (old,) = [mail for mail in world.mailer.sent if mail.to == "old@example.org"]
    assert "was changed" in old.subject
    assert NEW not in old.text  # whoever reads there now need not know it
    assert "Token: " not in old.text
    await world.app.emails.verify(token=world.token_of_last_mail(NEW))
    assert (await world.app.users.get(admin, teacher.id)).email_verified


async def test_a_person_is_found_by_the_new_address_alone(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER, email="old@example.org")

    await change(world, admin, teacher)
    await world.settle()

    async def found(word: str) -> int:
        return len((await world.app.users.list(admin, UserFilter(q=word), PageRequest())).items)

    assert (1, 0) == (await found("new@"), await found("old@"))
    entries = (await world.app.audit.list(admin, PageRequest(100))).items
    (told,) = [entry for entry in entries if entry.action == "user.change_email"]
    assert teacher.id == told.target_id
    assert "@" not in str(told.details)


async def test_an_address_that_is_another_s_is_taken(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER)
    await world.person(Role.STUDENT, email="Taken@example.org")

    with pytest.raises(Conflict) as refused:
        await change(world, admin, teacher, "taken@EXAMPLE.org")
    assert "email_taken" == refused.value.code
    assert teacher.email == (await world.app.users.get(admin, teacher.id)).email


async def test_an_account_that_nobody_verified_holds_no_address(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER)
    squatter = await world.person(email=NEW)

    assert NEW == (await change(world, admin, teacher)).email

    with pytest.raises(NotSignedIn):
        await world.actor(await world.sign_in(squatter, password="Wrong-Ships-1897"))
    root = await world.acting(Role.PLATFORM_ADMIN)
    assert (await world.app.users.get(root, squatter.id)).email is None


async def test_another_spelling_is_no_other_address(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER, email="old@example.org")
    actor = await world.actor(await world.sign_in(teacher))

    assert "Old@example.org" == (await change(world, admin, teacher, "Old@example.org")).email

    assert (await world.app.sessions.list(actor, PageRequest())).items
    await world.settle()
    assert not [mail for mail in world.mailer.sent if "was changed" in mail.subject]


async def test_who_administers_only_a_part_of_a_person_changes_no_address(world: World) -> None:
    """Neither a sister school, nor who ranks below, nor who sees but one of their roles."""
    north = await world.acting(Role.ORG_ADMIN, "north")
    above = await world.person(Role.ORG_ADMIN, "district")
    squatter = await world.person(email="free@example.org")
    peer = await world.person(Role.ORG_ADMIN, "south")
    both = await world.person(Role.TEACHER, "north", email="both@example.org")
    token = await _invited(world, "both@example.org", "south")
    await world.app.invitations.accept(await world.actor(await world.sign_in(both)), token=token)
    support = await world.acting(Role.SUPPORT)

    for actor, person in ((north, above), (north, peer), (north, both), (support, both)):
        with pytest.raises(FaradayError) as refused:
            await change(world, actor, person, "free@example.org")
        assert refused.value.code in {"forbidden", "not_found"}
    root = await world.acting(Role.PLATFORM_ADMIN)
    held = await world.app.users.get(root, squatter.id)
    assert ("free@example.org", True) == (held.email, held.is_active)  # nothing was taken for it


async def _invited(world: World, email: str, at: str) -> str:
    invitation = NewInvitation(email, Role.TEACHER)
    await world.app.invitations.invite(OPERATOR, world.places[at], invitation)
    await world.settle()
    return world.token_of_last_mail(email)


async def test_nobody_changes_their_own_address_so(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    oneself = await world.app.users.get(admin, admin.user_id or "")

    with pytest.raises(Forbidden):
        await change(world, admin, oneself)


async def test_who_says_nothing_of_the_address_leaves_it_as_it_is(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER)
    signed_in = await world.sign_in(teacher)

    assert teacher.email == (await change(world, admin, teacher, None)).email

    assert teacher.id == (await world.actor(signed_in)).user_id


async def test_an_address_is_changed_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    teacher = await server.signed_in(Role.TEACHER, email="old@example.org")
    taken = await server.person(Role.STUDENT)
    id = (await teacher.ask("GET /users/me")).json["id"]

    conflict = await admin.ask(f"PATCH /users/{id}", {"email": taken})
    assert (409, "email_taken") == (conflict.status, conflict.code)
    wrong = await admin.ask(f"PATCH /users/{id}", {"email": "nobody"})
    assert {("/email", "invalid_email")} == wrong.faults
    same = await admin.ask(f"PATCH /users/{id}", {"email": None})
    assert (200, "old@example.org") == (same.status, same.json["email"])
    stale = await admin.ask(f"PATCH /users/{id}", {"email": NEW}, headers={"If-Match": '"1-x"'})
    assert 412 == stale.status
    answer = await admin.ask(f"PATCH /users/{id}", {"email": NEW})

    assert (200, NEW, False) == (
        answer.status,
        answer.json["email"],
        answer.json["email_verified"],
    )
    assert 401 == (await teacher.ask("GET /users/me")).status
    assert (
        401
        == (
            await server.client.ask(
                "POST /auth/login", {"email": "old@example.org", "password": PASSWORD}
            )
        ).status
    )
    assert await server.mailed_token(NEW)
