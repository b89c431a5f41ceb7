"""A copy of all that is held about a person, over both storages."""

import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from zipfile import ZipFile

import pytest

from faraday_core.identity.model import UserView
from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.objects import objects_of
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import UserFields
from faraday_core.privacy.archive import Archive
from faraday_core.privacy.export_service import MOST_EXPORTS
from faraday_core.privacy.model import ExportAsked, ExportStatus
from faraday_core.profiles.model import ProfileFields
from tests.world import OPERATOR, PASSWORD, World

PAGE = PageRequest()


async def whole(content: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in content])


async def exported(world: World, actor: Actor) -> ZipFile:
    asked = await world.app.exports.ask(actor)
    await world.settle()
    return ZipFile(io.BytesIO(await whole(await world.app.exports.content(actor, asked.id))))


def read(archive: ZipFile, name: str) -> Any:  # whatever JSON holds
    return json.loads(archive.read(name))


async def pat(world: World) -> tuple[UserView, Actor]:
    person = await world.person(Role.TEACHER, email="pat.doe@example.org", name="Pat Doe")
    return person, await world.actor(await world.sign_in(person, device_name="Pat's phone"))


async def test_a_copy_holds_everything_and_its_manifest_says_what(world: World) -> None:
    person, actor = await pat(world)
    await world.app.profiles.replace(actor, ProfileFields(bio="I grow **beans**."))
    await world.app.audit.seal(WORKER)
    picture = objects_of(person.id) + "avatars/one/128.webp"
    await world.objects.put(picture, b"a picture")

    archive = await exported(world, actor)

    assert "pat.doe@example.org" == read(archive, "user.json")["email"]
    assert "I grow **beans**." == read(archive, "profile.json")["bio"]
    assert {} == read(archive, "preferences.json")
    assert ["Pat's phone"] == [one["device_name"] for one in read(archive, "sessions.json")]
    (membership,) = read(archive, "memberships.json")
    assert ("teacher", world.places["north"]) == (
        membership["role"],
        membership["organization_id"],
    )
    assert b"a picture" == archive.read("files/avatars/one/128.webp")
    manifest = read(archive, "manifest.json")["files"]
    assert {*archive.namelist()} == {"manifest.json", *(file["name"] for file in manifest)}
    for file in manifest:
        content = archive.read(file["name"])
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        if file["name"].endswith(".json"):
            held = json.loads(content)
            rows = len(held) if isinstance(held, list) else held != {}
            assert rows == file["rows"], file["name"]


async def test_a_page_tells_what_each_file_is(world: World) -> None:
    person = await world.person(Role.TEACHER, name="Pat <Doe> & Sons")
    actor = await world.actor(await world.sign_in(person))

    page = (await exported(world, actor)).read("index.html").decode()

    assert "Pat &lt;Doe&gt; &amp; Sons" in page
    assert '<a href="sessions.json">sessions.json</a>' in page
    assert "Where and when you signed in." in page


async def test_a_copy_holds_no_password_and_no_token(world: World) -> None:
    person = await world.person(Role.TEACHER, email="pat.doe@example.org")
    signed_in = await world.sign_in(person)
    actor = await world.actor(signed_in)

    archive = await exported(world, actor)

    content = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (
        PASSWORD,
        "$2b$",
        signed_in.access_token,
        signed_in.refresh_token,
        signed_in.device_token,
        "password_hash",
        "token_hash",
    ):
        assert secret not in content


async def test_the_log_of_what_one_did_names_nobody_else(world: World) -> None:
    person, actor = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.support.unlock(admin, person.id)
    await world.app.audit.seal(WORKER)
    await world.sign_in(person)  # and one that has no place in the chain yet

    log = read(await exported(world, actor), "audit.json")

    acts = [(entry["action"], entry["actor_id"], entry["ip_address"]) for entry in log]
    assert ("auth.login", person.id, "192.0.2.7") in acts
    assert ("user.unlock", None, None) in acts
    assert 2 == sum(action == "auth.login" for action, _, _ in acts)
    assert str(admin.user_id) not in json.dumps(log)
    assert {person.id} == {entry["target_id"] for entry in log}


async def test_however_much_there_is_all_of_it_comes(world: World) -> None:
    person, actor = await pat(world)
    for _ in range(104):
        await world.sign_in(person)

    sessions = read(await exported(world, actor), "sessions.json")

    assert 105 == len({session["id"] for session in sessions})


async def test_while_a_copy_is_made_there_is_but_that_one(world: World) -> None:
    _, actor = await pat(world)

    first = await world.app.exports.ask(actor)

    assert ExportStatus.QUEUED is first.status
    assert first.id == (await world.app.exports.ask(actor)).id
    await world.settle()
    assert ExportStatus.DONE is (await world.app.exports.get(actor, first.id)).status
    assert first.id != (await world.app.exports.ask(actor)).id


async def test_a_person_has_so_many_copies_and_no_more(world: World) -> None:
    _, actor = await pat(world)
    for _ in range(MOST_EXPORTS):
        await exported(world, actor)

    with pytest.raises(Conflict) as caught:
        await world.app.exports.ask(actor)

    assert "too_many_exports" == caught.value.code


async def test_a_copy_is_there_for_a_day_and_then_nowhere(world: World) -> None:
    person, actor = await pat(world)
    asked = await world.app.exports.ask(actor)
    await world.settle()
    world.clock.move(hours=23, minutes=59)
    assert await whole(await world.app.exports.content(actor, asked.id))

    world.clock.move(minutes=1)
    with pytest.raises(NotFound):
        await world.app.exports.content(actor, asked.id)
    assert 1 == await world.app.exports.forget_expired(WORKER)

    assert [] == [*await world.objects.names(objects_of(person.id))]
    assert 0 == await world.app.exports.forget_expired(WORKER)


async def test_a_copy_that_is_not_made_yet_or_anothers_cannot_be_had(world: World) -> None:
    _, actor = await pat(world)
    stranger = await world.acting(Role.ORG_ADMIN, "district")
    asked = await world.app.exports.ask(actor)

    with pytest.raises(NotFound):
        await world.app.exports.content(actor, asked.id)
    await world.settle()
    for act in (world.app.exports.get, world.app.exports.content):
        with pytest.raises(NotFound):
            await act(stranger, asked.id)
    assert await whole(await world.app.exports.content(actor, asked.id))


async def test_a_job_that_is_told_twice_makes_it_once(world: World) -> None:
    person, actor = await pat(world)
    asked = await world.app.exports.ask(actor)
    event = ExportAsked(person.id, asked.id)
    await world.app.exports.make(WORKER, event)
    first = await whole(await world.app.exports.content(actor, asked.id))
    world.clock.move(minutes=1)

    await world.app.exports.make(WORKER, event)

    assert first == await whole(await world.app.exports.content(actor, asked.id))
    assert 1 == len(await world.objects.names(objects_of(person.id)))


async def test_what_was_corrected_is_in_it_with_what_it_was_before(world: World) -> None:
    person, actor = await pat(world)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.users.change(admin, person.id, lambda _: UserFields("Pat Roe"))

    (corrected,) = read(await exported(world, actor), "rectifications.json")

    assert ("full_name", "Pat Doe", admin.user_id) == (
        corrected["field"],
        corrected["old_value"],
        corrected["changed_by"],
    )


async def test_an_operator_makes_a_copy_for_somebody_and_that_is_disclosed(world: World) -> None:
    person, actor = await pat(world)
    with Archive() as archive:
        await world.app.exports.write(OPERATOR, person.id, archive)
        content = await whole(archive.parts())

    assert "Pat Doe" == read(ZipFile(io.BytesIO(content)), "user.json")["full_name"]
    with Archive() as archive, pytest.raises(Forbidden):
        await world.app.exports.write(actor, person.id, archive)
    with Archive() as archive, pytest.raises(NotFound):
        await world.app.exports.write(OPERATOR, uuid7(), archive)
    disclosed = await world.app.records.disclosures(actor, person.id, PAGE)
    assert ["export"] == [one.what for one in disclosed.items]
