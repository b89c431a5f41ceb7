"""A guardian has a copy of what is held about their child, over both storages and over HTTP."""

import io
import json
from datetime import date
from zipfile import ZipFile

import pytest

from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.privacy.model import BirthDateFields, ExportStatus
from tests.serving import Server
from tests.world import OPERATOR, World

PAGE = PageRequest()


async def family(world: World, born_on: str = "2016-09-02") -> tuple[UserView, Actor]:
    """A child, and who is its confirmed guardian."""
    child = await world.person(Role.STUDENT, email="kim@example.org")
    guardian = await world.acting(Role.GUARDIAN, email="ola@example.org")
    born = BirthDateFields(date.fromisoformat(born_on))
    await world.app.records.set_birth_date(OPERATOR, child.id, born)
    assert guardian.user_id
    await world.app.guardians.confirm(OPERATOR, child.id, guardian.user_id)
    return child, guardian


async def whole(world: World, actor: Actor, export_id: str, child_id: str | None) -> ZipFile:
    parts = await world.app.exports.content(actor, export_id, child_id)
    return ZipFile(io.BytesIO(b"".join([part async for part in parts])))


async def test_a_guardian_asks_for_a_childs_copy_and_gets_it(world: World) -> None:
    child, guardian = await family(world)

    asked = await world.app.exports.ask(guardian, child.id)
    await world.settle()

    made = await world.app.exports.get(guardian, asked.id, child.id)
    assert (child.id, ExportStatus.DONE) == (made.user_id, made.status)
    archive = await whole(world, guardian, asked.id, child.id)
    assert "kim@example.org" == json.loads(archive.read("user.json"))["email"]


async def test_it_is_audited_and_the_child_sees_who_had_it(world: World) -> None:
    child, guardian = await family(world)
    as_child = await world.actor(await world.sign_in(child))
    asked = await world.app.exports.ask(guardian, child.id)
    await world.settle()
    await whole(world, guardian, asked.id, child.id)

    (disclosed,) = (await world.app.records.disclosures(as_child, child.id, PAGE)).items

    assert (guardian.user_id, "export", "a copy for the guardian") == (
        disclosed.reader_id,
        disclosed.what,
        disclosed.purpose,
    )
    admin = await world.acting(Role.ORG_ADMIN, "district")
    log = (await world.app.audit.list(admin, PAGE)).items
    acts = {(e.action, e.actor_id, e.target_id) for e in log if "export" in e.action}
    assert {
        ("user.ask_export", guardian.user_id, child.id),
        ("user.fetch_export", guardian.user_id, child.id),
    } == acts


async def test_what_a_child_fetches_itself_is_no_disclosure(world: World) -> None:
    child, guardian = await family(world)
    as_child = await world.actor(await world.sign_in(child))
    asked = await world.app.exports.ask(guardian, child.id)
    await world.settle()

    await whole(world, as_child, asked.id, None)

    assert () == (await world.app.records.disclosures(as_child, child.id, PAGE)).items


async def test_nobody_else_learns_of_it(world: World) -> None:
    child, guardian = await family(world)
    asked = await world.app.exports.ask(guardian, child.id)
    await world.settle()
    for role in (Role.GUARDIAN, Role.TEACHER, Role.ORG_ADMIN):
        stranger = await world.acting(role)
        for asking in (
            world.app.exports.ask(stranger, child.id),
            world.app.exports.get(stranger, asked.id, child.id),
            world.app.exports.content(stranger, asked.id, child.id),
        ):
            with pytest.raises(NotFound):
                await asking
    with pytest.raises(NotFound):
        await world.app.exports.get(guardian, asked.id)
    with pytest.raises(NotFound):
        await world.app.exports.ask(guardian, uuid7())
    with pytest.raises(Forbidden):
        await world.app.exports.ask(OPERATOR, child.id)


async def test_it_ends_with_the_relation(world: World) -> None:
    child, guardian = await family(world)
    asked = await world.app.exports.ask(guardian, child.id)
    await world.settle()
    assert guardian.user_id
    await world.app.guardians.remove(OPERATOR, child.id, guardian.user_id)

    with pytest.raises(NotFound):
        await world.app.exports.content(guardian, asked.id, child.id)


@pytest.mark.parametrize("born_on", ["2013-09-01", "1999-01-01"])
async def test_from_the_age_on_it_is_the_persons_own_alone(world: World, born_on: str) -> None:
    child, guardian = await family(world, born_on)

    with pytest.raises(NotFound):
        await world.app.exports.ask(guardian, child.id)


async def test_over_http_it_is_asked_for_waited_for_and_fetched(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    child = await server.signed_in(Role.STUDENT, email="kim@example.org")
    guardian = await server.signed_in(Role.GUARDIAN, email="ola@example.org")
    child_id = (await child.ask("GET /users/me")).json["id"]
    guardian_id = (await guardian.ask("GET /users/me")).json["id"]
    await admin.ask(f"PUT /users/{child_id}/birth-date", {"born_on": "2020-05-01"})
    assert 404 == (await guardian.ask(f"POST /users/{child_id}/export")).status
    confirmed = await admin.ask(f"POST /users/{child_id}/guardians", {"guardian_id": guardian_id})

    asked = await guardian.ask(f"POST /users/{child_id}/export")

    place = f"/api/v1/users/{child_id}/export/{asked.json['id']}"
    assert (202, place) == (asked.status, asked.headers["Location"])
    while True:
        found = await guardian.ask(f"GET /users/{child_id}/export/{asked.json['id']}")
        if found.json["status"] == "done":
            break
    assert f"{place}/download" == found.json["download_url"]
    answer = await guardian.ask("GET /" + found.json["download_url"])
    assert (200, "application/zip") == (answer.status, answer.headers["Content-Type"])
    assert 404 == (await admin.ask("GET /" + found.json["download_url"])).status

    relation = await admin.ask("GET /" + confirmed.headers["Location"])
    assert (200, confirmed.json) == (relation.status, relation.json)
    assert relation.headers["ETag"]
    assert 404 == (await guardian.ask("GET /" + confirmed.headers["Location"])).status
    assert 404 == (await admin.ask(f"GET /users/{child_id}/guardians/{uuid7()}")).status


async def test_a_consent_is_found_where_it_was_said_to_be(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
    admin = await server.signed_in(Role.ORG_ADMIN)
    stranger = await server.signed_in(Role.TEACHER, email="sam@example.org")
    id = (await pat.ask("GET /users/me")).json["id"]
    given = await pat.ask("POST /users/me/consents", {"purpose": "photos", "text_version": "3"})

    found = await pat.ask("GET /" + given.headers["Location"])

    assert (200, given.json) == (found.status, found.json)
    known = {"If-None-Match": found.headers["ETag"]}
    assert 304 == (await pat.ask("GET /" + given.headers["Location"], headers=known)).status
    same = f"GET /users/{id}/consents/{given.json['id']}"
    assert given.json == (await admin.ask(same)).json
    assert 404 == (await stranger.ask(same)).status
    assert 404 == (await stranger.ask("GET /" + given.headers["Location"])).status
    await pat.ask(f"DELETE /users/me/consents/{given.json['id']}")
    withdrawn = await pat.ask("GET /" + given.headers["Location"], headers=known)
    assert 200 == withdrawn.status
    assert withdrawn.json["withdrawn_at"]
