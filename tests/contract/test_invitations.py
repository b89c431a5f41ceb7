"""Invitations: a role that waits for whoever has an address, once, while its giver may give it."""

import pytest
from attrs import evolve

from faraday_core.identity.model import UserView
from faraday_core.identity.policy import SignInPolicy
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
)
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.tokens import TokenKind, new_token
from faraday_core.organizations.membership import OrganizationMember
from faraday_core.people.invitation_model import NewInvitation
from faraday_core.people.model import NewUser, UserFilter
from tests.serving import Server
from tests.world import OPERATOR, PASSWORD, World, world_over

PAGE = PageRequest()
NEW = "new.teacher@example.org"


async def invite(
    world: World,
    actor: Actor,
    role: Role = Role.TEACHER,
    *,
    email: str = NEW,
    at: str = "north",
) -> str:
    """The token, as it was mailed."""
    await world.app.invitations.invite(actor, world.places[at], NewInvitation(email, role))
    await world.settle()
    return world.token_of_last_mail(email)


async def register(world: World, token: str, email: str = NEW) -> UserView:
    return await world.app.auth.register(
        email=email, password=PASSWORD, full_name="Ada Okafor", invitation_token=token
    )


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in refused.value.faults]


async def test_who_is_new_registers_with_the_role_and_a_verified_address(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin)

    made = await register(world, token, "New.Teacher@Example.org")

    assert [(Role.TEACHER, world.places["north"])] == [(r.role, r.scope_id) for r in made.roles]
    assert made.email_verified
    assert world.places["north"] == made.organization_id
    actor = await world.actor(await world.sign_in(made))
    assert {grant.tenant_id for grant in actor.grants} == {world.places["district"]}
    await world.settle()
    found = await world.app.users.list(admin, UserFilter(q="okafor"), PAGE)
    assert [made.id] == [person.id for person in found.items]
    assert not (await world.app.invitations.list(admin, world.places["north"], PAGE)).items


async def test_who_has_an_account_accepts_with_it(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "south")
    teacher = await world.person(Role.TEACHER, "other", email=NEW)
    actor = await world.actor(await world.sign_in(teacher))
    token = await invite(world, admin, at="south")

    accepted = await world.app.invitations.accept(actor, token=token)

    assert {"other", "south"} == {_place(world, role.scope_id) for role in accepted.roles}
    assert accepted.email_verified
    await world.settle()
    found = await world.app.users.list(admin, UserFilter(q="new.teacher"), PAGE)
    assert [teacher.id] == [person.id for person in found.items]


def _place(world: World, id: str | None) -> str:
    return next(name for name, place in world.places.items() if place == id)


async def test_an_invitation_is_good_once(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin)
    made = await register(world, token)
    actor = await world.actor(await world.sign_in(made))

    with pytest.raises(Invalid) as refused:
        await world.app.invitations.accept(actor, token=token)
    assert [("/token", "invalid_invitation")] == codes(refused)
    with pytest.raises(Invalid) as again:
        await register(world, token)
    assert [("/invitation_token", "invalid_invitation")] == codes(again)


async def test_an_invitation_is_for_its_address_alone(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin)
    eve = await world.acting(Role.STUDENT, email="eve@example.org")

    with pytest.raises(Invalid):
        await register(world, token, "mallory@example.org")
    with pytest.raises(Invalid):
        await world.app.invitations.accept(eve, token=token)

    assert await register(world, token)


async def test_an_invitation_that_was_made_up_gives_nothing(world: World) -> None:
    await invite(world, await world.acting(Role.ORG_ADMIN))
    district, north = world.places["district"], world.places["north"]

    for wrong in (
        "fin_",
        "x",
        new_token(TokenKind.INVITATION, district),
        new_token(TokenKind.INVITATION, north),
        new_token(TokenKind.INVITATION, uuid7()),
        new_token(TokenKind.PASSWORD_RESET, district),
    ):
        with pytest.raises(Invalid) as refused:
            await register(world, wrong)
        assert [("/invitation_token", "invalid_invitation")] == codes(refused)


async def test_an_invitation_ends_after_two_weeks_and_is_swept(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin)

    world.clock.move(days=14, seconds=1)

    with pytest.raises(Invalid):
        await register(world, token)
    admin = await world.actor(await world.sign_in("org_admin.north@example.org"))
    assert not (await world.app.invitations.list(admin, world.places["north"], PAGE)).items
    assert 1 <= await world.app.cleanup.run(OPERATOR)
    assert await invite(world, admin)


async def test_a_newer_invitation_replaces_an_older_one(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    older = await invite(world, admin, Role.DEPARTMENT_HEAD)

    newer = await invite(world, admin, Role.STUDENT, email=NEW)

    with pytest.raises(Invalid):
        await register(world, older)
    (listed,) = (await world.app.invitations.list(admin, world.places["north"], PAGE)).items
    assert Role.STUDENT == listed.role
    assert [Role.STUDENT] == [held.role for held in (await register(world, newer)).roles]


async def test_a_withdrawn_invitation_gives_nothing(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin)
    north, south = world.places["north"], world.places["south"]
    (listed,) = (await world.app.invitations.list(admin, north, PAGE)).items
    district = await world.acting(Role.ORG_ADMIN, "district")
    with pytest.raises(NotFound):
        await world.app.invitations.withdraw(district, south, listed.id)
    sister = await world.acting(Role.ORG_ADMIN, "south")
    with pytest.raises(NotFound):
        await world.app.invitations.withdraw(sister, north, listed.id)
    support = await world.acting(Role.SUPPORT)
    with pytest.raises(Forbidden):
        await world.app.invitations.withdraw(support, north, listed.id)

    await world.app.invitations.withdraw(admin, north, listed.id)

    with pytest.raises(Invalid):
        await register(world, token)


async def test_nobody_invites_to_more_than_they_may_grant(world: World) -> None:
    for role in (Role.SUPPORT, Role.TEACHER, Role.DEPARTMENT_HEAD, Role.GUARDIAN):
        with pytest.raises((Forbidden, NotFound)):
            await invite(world, await world.acting(role), Role.STUDENT)
    admin = await world.acting(Role.ORG_ADMIN)
    with pytest.raises(Invalid) as refused:
        await invite(world, admin, Role.PLATFORM_ADMIN)
    assert [("/role", "invalid_value")] == codes(refused)
    for at in ("south", "district", "other"):
        with pytest.raises(NotFound):
            await invite(world, admin, at=at)

    assert await invite(world, admin, Role.ORG_ADMIN)


@pytest.mark.parametrize("end", ["deactivated", "removed"])
async def test_an_invitation_is_void_once_its_giver_may_not_give_it(
    world: World, end: str
) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin, Role.ORG_ADMIN)

    if end == "deactivated":
        await world.app.users.deactivate(root, admin.user_id or "")
    else:
        north = world.places["north"]
        await world.app.members.remove(root, OrganizationMember, north, admin.user_id or "")

    with pytest.raises(Invalid) as refused:
        await register(world, token)
    assert [("/invitation_token", "invalid_invitation")] == codes(refused)


async def test_what_a_platform_admin_and_the_operator_invite_to_holds(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)

    by_root = await invite(world, root, Role.ORG_ADMIN)
    by_operator = await invite(world, OPERATOR, Role.SUPPORT, email="help@example.org")

    assert [Role.ORG_ADMIN] == [held.role for held in (await register(world, by_root)).roles]
    made = await register(world, by_operator, "help@example.org")
    assert [Role.SUPPORT] == [held.role for held in made.roles]


async def test_nobody_gives_themselves_a_role_by_an_invitation(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    token = await invite(world, admin, Role.TEACHER, email="org_admin.north@example.org")

    with pytest.raises(Forbidden):
        await world.app.invitations.accept(admin, token=token)


async def test_a_role_that_is_held_already_is_not_held_twice(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.acting(Role.TEACHER, email=NEW)
    token = await invite(world, admin)

    with pytest.raises(Conflict) as refused:
        await world.app.invitations.accept(teacher, token=token)
    assert "already_member" == refused.value.code


async def test_an_invitation_takes_over_no_account_that_is_there(world: World) -> None:
    """Its address is another's already: a password that came with the token is not taken."""
    admin = await world.acting(Role.ORG_ADMIN)
    await world.person(Role.STUDENT, email=NEW)
    token = await invite(world, admin)

    with pytest.raises(Conflict) as refused:
        await register(world, token)
    assert "email_taken" == refused.value.code


async def test_the_mail_is_the_same_whether_or_not_there_is_an_account(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    await world.person(Role.STUDENT, email="old@example.org")

    tokens = [await invite(world, admin, email=to) for to in (NEW, "old@example.org")]

    mails = [mail for mail in world.mailer.sent if "invited" in mail.subject][-2:]
    texts = {mail.text.replace(token, "") for mail, token in zip(mails, tokens, strict=True)}
    assert 1 == len(texts)
    assert "North School" in mails[0].text


async def test_so_many_invitations_are_open_at_most(world: World) -> None:
    admin, north = await world.acting(Role.ORG_ADMIN), world.places["north"]
    invitations = evolve(world.app.invitations, most_open=2)
    p0, p1, p2 = (NewInvitation(f"p{n}@example.org", Role.TEACHER) for n in range(3))
    await invitations.invite(admin, north, p0)
    await invitations.invite(admin, north, p1)

    with pytest.raises(Conflict) as refused:
        await invitations.invite(admin, north, p2)
    assert "too_many_invitations" == refused.value.code
    await invitations.invite(admin, north, p1)  # it replaces one

    world.clock.move(days=14, seconds=1)
    await invitations.invite(admin, north, p2)


async def test_who_is_invited_registers_also_where_registration_is_closed(world: World) -> None:
    async with world_over(
        world.storage, world.clock, policy=SignInPolicy(registration_open=False)
    ) as closed:
        admin = await closed.acting(Role.ORG_ADMIN)
        with pytest.raises(Forbidden) as refused:
            await closed.app.auth.register(email=NEW, password=PASSWORD, full_name="Ada")
        assert "registration_closed" == refused.value.code
        with pytest.raises(Invalid):
            await register(closed, "fin_made-up")

        assert await register(closed, await invite(closed, admin))


async def test_of_two_who_accept_at_once_one_is_first(world: World) -> None:
    token = await invite(world, await world.acting(Role.ORG_ADMIN))
    actor = await world.acting(None, email=NEW)
    find = world.app.invitations.entrance.find

    first = await find(token, NEW, at="/token")
    await world.app.invitations.accept(actor, token=token)

    user = await world.app.users.get(actor, actor.user_id or "")
    async with world.storage.look(actor, person=user.id) as reader:
        row = await reader.people.person(user.id)
    with pytest.raises(Invalid):
        async with world.storage.begin(actor, tenant=first.tenant_id, person=user.id) as unit:
            await world.app.invitations.entrance.take(unit, first, row.user)


async def test_an_invitation_to_choose_a_password_is_sent_again(world: World) -> None:
    support = await world.acting(Role.SUPPORT)
    made = await world.app.users.create(
        OPERATOR, NewUser(NEW, "Ada Okafor", world.places["north"], Role.TEACHER)
    )
    await world.settle()
    first = world.token_of_last_mail(NEW)

    await world.app.support.resend_invitation(support, made.id)
    await world.settle()
    second = world.token_of_last_mail(NEW)

    with pytest.raises(Invalid):
        await world.app.passwords.reset(token=first, new_password=PASSWORD)
    await world.app.passwords.reset(token=second, new_password=PASSWORD)
    with pytest.raises(Conflict) as refused:
        await world.app.support.resend_invitation(support, made.id)
    assert "has_password" == refused.value.code
    stranger = await world.acting(Role.SUPPORT, "south")
    with pytest.raises(NotFound):
        await world.app.support.resend_invitation(stranger, made.id)


async def test_every_act_is_accounted_for_without_the_token(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    token = await invite(world, await world.acting(Role.ORG_ADMIN))
    await register(world, token)

    entries = (await world.app.audit.list(root, PageRequest(100))).items

    assert {"invitation.create", "invitation.accept", "auth.register"} <= {
        entry.action for entry in entries
    }
    assert token not in str(entries)
    assert NEW not in str(entries)


# Over HTTP.


async def test_an_invitation_is_answered_alike_for_a_known_and_an_unknown_address(
    server: Server,
) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    known = await server.person(Role.TEACHER)
    route = f"POST /organizations/{server.places['north']}/invitations"

    answers = [
        await admin.ask(route, {"email": email, "role": "student"}) for email in (known, NEW, NEW)
    ]

    assert {(202, b"")} == {(answer.status, answer.body) for answer in answers}
    (first, second) = (await admin.ask(route.replace("POST", "GET"))).json["items"]
    assert {known, NEW} == {first["email"], second["email"]}
    elsewhere = route.replace(server.places["north"], server.places["other"])
    assert 404 == (await admin.ask(elsewhere, {"email": NEW, "role": "student"})).status
    wrong = {"email": "nobody", "role": "king", "token": "x"}
    assert {
        ("/email", "invalid_email"),
        ("/role", "invalid_value"),
        ("/token", "unknown_field"),
    } == (await admin.ask(route, wrong)).faults


async def test_a_new_person_registers_by_the_mail_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    north = server.places["north"]
    invited = {"email": NEW, "role": "teacher"}
    assert 202 == (await admin.ask(f"POST /organizations/{north}/invitations", invited)).status
    token = await server.mailed_token(NEW)
    body = {"email": NEW, "password": PASSWORD, "full_name": "Ada", "invitation_token": token}

    answer = await server.client.ask("POST /auth/register", body)

    assert 201 == answer.status, answer.body
    assert {"role": "teacher", "scope_type": "organization", "scope_id": north} in answer.json[
        "roles"
    ]
    assert answer.json["email_verified"]
    again = await server.client.ask("POST /auth/register", body)
    assert (422, {("/invitation_token", "invalid_invitation")}) == (again.status, again.faults)


async def test_an_existing_person_accepts_by_the_mail_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "south")
    teacher = await server.signed_in(Role.TEACHER, "other", email=NEW)
    south = server.places["south"]
    assert 404 == (await teacher.ask(f"GET /organizations/{south}")).status
    invited = {"email": NEW, "role": "teacher"}
    assert 202 == (await admin.ask(f"POST /organizations/{south}/invitations", invited)).status
    token = await server.mailed_token(NEW)

    assert (
        401 == (await server.client.ask("POST /auth/accept-invitation", {"token": token})).status
    )
    accepted = await teacher.ask("POST /auth/accept-invitation", {"token": token})

    assert 200 == accepted.status
    assert south in {role["scope_id"] for role in accepted.json["roles"]}
    assert 200 == (await teacher.ask(f"GET /organizations/{south}")).status
    replayed = await teacher.ask("POST /auth/accept-invitation", {"token": token})
    assert (422, {("/token", "invalid_invitation")}) == (replayed.status, replayed.faults)


async def test_an_invitation_goes_with_who_sent_it_and_with_who_was_sent_it(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER, "other", email=NEW)
    sent = await invite(world, admin, email="other@example.org")
    await invite(world, root)
    north = world.places["north"]

    await world.app.erasures.erase(OPERATOR, teacher.id)
    await world.app.erasures.erase(OPERATOR, admin.user_id or "")

    assert not (await world.app.invitations.list(root, north, PAGE)).items
    with pytest.raises(Invalid):
        await register(world, sent, "other@example.org")
