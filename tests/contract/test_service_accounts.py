"""Service accounts: programs with a role and a token, and without an address or a password."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from faraday_core.identity.model import User
from faraday_core.identity.token_model import NewToken
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.model import UserFields, UserFilter
from faraday_core.people.service_account_model import (
    MadeServiceAccount,
    NewServiceAccount,
    ServiceAccountView,
)
from tests.serving import Client, Server, faraday
from tests.world import OPERATOR, ORIGIN, World

PAGE = PageRequest()


async def made(
    world: World, actor: Actor, role: Role = Role.SUPPORT, *scopes: str, at: str = "north"
) -> MadeServiceAccount:
    new = NewServiceAccount("Timetable", role, list(scopes or ["*"]))
    return await world.app.service_accounts.create(actor, world.places[at], new)


async def by(world: World, account: MadeServiceAccount) -> Actor:
    return (await world.app.tokens.identify(account.token)).acting(ORIGIN)


async def test_a_program_acts_with_its_role_narrowed_to_its_scopes(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    teacher = await world.person(Role.TEACHER)

    account = await made(world, admin, Role.SUPPORT, "users.read")
    program = await by(world, account)

    assert (account.id, "north") == (program.user_id, _name_of(world, program.organization_id))
    assert teacher.id == (await world.app.users.get(program, teacher.id)).id
    with pytest.raises(Forbidden):
        await world.app.support.unlock(program, teacher.id)
    await world.app.support.unlock(await by(world, await made(world, admin)), teacher.id)
    sister = await world.person(Role.TEACHER, "south")
    with pytest.raises(NotFound):
        await world.app.users.get(program, sister.id)


def _name_of(world: World, organization_id: str | None) -> str:
    return next(name for name, id in world.places.items() if id == organization_id)


async def test_a_program_never_signs_in_by_a_password(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    account = await made(world, root)

    with pytest.raises(Conflict) as refused:
        await world.app.support.send_reset(root, account.id)
    assert "no_email" == refused.value.code
    with pytest.raises(Conflict):
        await world.app.support.resend_invitation(root, account.id)
    for email in ("", "Timetable", account.id):
        with pytest.raises((NotSignedIn, Invalid)):
            await world.sign_in(email)
    with pytest.raises(Invalid) as invalid:
        await world.app.users.change(root, account.id, _with_address)
    assert ["/email"] == [fault.pointer for fault in invalid.value.faults]
    program = await by(world, account)
    with pytest.raises(Forbidden):
        await world.app.passwords.change(
            program, current_password="", new_password="Tall-Ships-1898"
        )


def _with_address(user: User) -> UserFields:
    return UserFields(user.full_name, email="program@example.org")


async def test_who_may_make_programs_is_who_administers_in_person(world: World) -> None:
    for role in (Role.SUPPORT, Role.TEACHER, Role.STUDENT):
        with pytest.raises((Forbidden, NotFound)):
            await made(world, await world.acting(role), Role.STUDENT)
    sister = await world.acting(Role.ORG_ADMIN, "south")
    other = await world.acting(Role.ORG_ADMIN, "other")
    for stranger in (sister, other):
        with pytest.raises(NotFound):
            await made(world, stranger)
    admin = await world.acting(Role.ORG_ADMIN)
    with pytest.raises(NotFound):
        await made(world, admin, at="district")

    await made(world, OPERATOR)
    await made(world, await world.acting(Role.ORG_ADMIN, "district"))

    assert 2 == len((await _list(world, admin)).items)


async def _list(world: World, actor: Actor, at: str = "north") -> Page[ServiceAccountView]:
    return await world.app.service_accounts.list(actor, world.places[at], PAGE)


async def test_nobody_gives_a_program_more_than_they_may_grant(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)

    with pytest.raises(Invalid) as refused:
        await made(world, admin, Role.PLATFORM_ADMIN)
    assert [("/role", "invalid_value")] == [(f.pointer, f.code) for f in refused.value.faults]
    with pytest.raises(Invalid):
        await made(world, admin, Role.TEACHER, "service_accounts.write")
    for days in (0, 367):
        new = NewServiceAccount("x", Role.TEACHER, ["*"], world.clock() + timedelta(days=days))
        with pytest.raises(Invalid):
            await world.app.service_accounts.create(admin, world.places["north"], new)


async def test_a_program_makes_neither_programs_nor_tokens(world: World) -> None:
    program = await by(world, await made(world, OPERATOR, Role.ORG_ADMIN))

    with pytest.raises(Forbidden):
        await made(world, program, Role.STUDENT)
    with pytest.raises(Forbidden):
        await world.app.tokens.create(program, NewToken("x", ["*"]))


async def test_a_program_that_was_deleted_acts_no_longer(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    account = await made(world, admin)
    program = await by(world, account)
    assert program.user_id

    await world.app.service_accounts.delete(admin, world.places["north"], account.id)

    with pytest.raises(NotSignedIn):
        await by(world, account)
    assert not (await _list(world, admin)).items
    with pytest.raises(NotFound):
        await world.app.service_accounts.delete(admin, world.places["north"], account.id)


async def test_only_who_could_make_a_program_ends_it_and_only_there(world: World) -> None:
    account = await made(world, OPERATOR, Role.TEACHER)
    north, south = world.places["north"], world.places["south"]
    district = await world.acting(Role.ORG_ADMIN, "district")

    for actor, at in (
        (await world.acting(Role.ORG_ADMIN, "south"), north),
        (district, south),
    ):
        with pytest.raises(NotFound):
            await world.app.service_accounts.delete(actor, at, account.id)
    support = await world.acting(Role.SUPPORT)
    with pytest.raises(Forbidden):
        await world.app.service_accounts.delete(support, north, account.id)
    teacher = await world.person(Role.TEACHER, email="person@example.org")
    with pytest.raises(NotFound):  # a person is no program
        await world.app.service_accounts.delete(district, north, teacher.id)

    assert account.id == (await by(world, account)).user_id
    await world.app.service_accounts.delete(district, north, account.id)


async def test_a_deactivated_program_is_in_no_list(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    account = await made(world, admin, Role.TEACHER)

    await world.app.users.deactivate(admin, account.id)

    assert not (await _list(world, admin)).items
    with pytest.raises(NotSignedIn):
        await by(world, account)


async def test_a_program_is_among_people_only_where_it_is_asked_for(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN)
    account = await made(world, admin)

    for actor in (admin, await world.acting(Role.PLATFORM_ADMIN)):
        people = (await world.app.users.list(actor, UserFilter(), PAGE)).items
        assert account.id not in {person.id for person in people}
        wanted = UserFilter(include_service=True)
        everybody = (await world.app.users.list(actor, wanted, PAGE)).items
        assert {account.id} == {one.id for one in everybody} - {one.id for one in people}


async def test_what_a_program_did_is_accounted_for(world: World) -> None:
    root = await world.acting(Role.PLATFORM_ADMIN)
    pat = await world.person(Role.TEACHER)
    account = await made(world, root)

    await world.app.support.unlock(await by(world, account), pat.id)

    entries = (await world.app.audit.list(root, PageRequest(100))).items
    (unlocked,) = [entry for entry in entries if entry.action == "user.unlock"]
    assert account.id == unlocked.actor_id
    assert unlocked.details["by_token"]
    assert "service_account.create" in {entry.action for entry in entries}
    assert account.token not in str(entries)


async def test_a_program_is_made_listed_and_ended_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    route = f"/organizations/{server.places['north']}/service-accounts"
    body = {"name": "Timetable", "role": "support", "scopes": ["users.read", "organizations.read"]}

    answer = await admin.ask(f"POST {route}", body)

    assert 201 == answer.status
    account = answer.json
    token = account.pop("token")
    assert answer.headers["Location"] == f"/api/v1/users/{account['id']}"
    assert [account] == (await admin.ask(f"GET {route}")).json["items"]
    program = Client(admin.session, admin.base, token)
    assert 200 == (await program.ask("GET /users")).status
    assert account["id"] == (await program.ask("GET /users/me")).json["id"]
    assert 403 == (await program.ask(f"POST {route}", body)).status
    assert 204 == (await admin.ask(f"DELETE {route}/{account['id']}")).status
    assert 401 == (await program.ask("GET /users")).status
    wrong = {"name": "", "role": "king", "scopes": [], "email": "x@example.org"}
    assert {
        ("/name", "too_short"),
        ("/role", "invalid_value"),
        ("/scopes", "too_short"),
        ("/email", "unknown_field"),
    } == (await admin.ask(f"POST {route}", wrong)).faults


def test_the_command_line_makes_lists_and_revokes(data_dir: Path) -> None:
    def run(*arguments: str) -> Any:  # the JSON that it printed
        done = faraday(*arguments, "--json", data_dir=data_dir)
        assert 0 == done.returncode, done.stderr + done.stdout
        return json.loads(done.stdout)

    run("organizations", "create", "--name", "North School")
    create = ["tokens", "create", "--service", "Timetable", "--organization", "North School"]
    create += ["--role", "support", "--scope", "users.read", "--scope", "users.support"]

    made = run(*create, "--expires", "12h")
    assert ["users.read", "users.support"] == made["scopes"]
    assert made["token"].startswith("faraday_pat_")

    (listed,) = run("tokens", "list", "--organization", "North School")["items"]
    assert (made["id"], False) == (listed["id"], "token" in listed)
    run("tokens", "revoke", made["id"])
    assert not run("tokens", "list", "--organization", "North School")["items"]

    again = faraday("tokens", "revoke", made["id"], "--json", data_dir=data_dir)
    assert (1, "not_found") == (again.returncode, json.loads(again.stdout)["code"])
    assert 2 == faraday(*create, "--expires", "soon", data_dir=data_dir).returncode
    wrong = faraday(*create, "--scope", "all", "--json", data_dir=data_dir)
    assert (1, "invalid_value") == (wrong.returncode, json.loads(wrong.stdout)["code"])
    sent = ["invite", "pat@example.org", "--organization", "North School", "--role", "teacher"]
    assert "pat@example.org" == run(*sent)["email"]
