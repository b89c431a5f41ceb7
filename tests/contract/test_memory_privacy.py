"""Memories as data about a person: in their copy, gone with them, and apart from all others'."""

import asyncio
import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from adapters.compose import in_memory
from adapters.settings import Settings
from adapters.settings.model import Environment
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, FaradayError
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.fields import Feedback, GrantFields, MemoryFields
from faraday_core.memory.model import MOST_WITHOUT_ORGANIZATION
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.privacy.archive import Archive
from tests.serving import Server
from tests.world import OPERATOR, PASSWORD, WORKER, World

EVERYTHING = PageRequest(limit=100)


def owner(actor: Actor) -> str:
    assert actor.user_id
    return actor.user_id


async def copy_of(world: World, actor: Actor) -> ZipFile:
    with Archive() as archive:
        await world.app.exports.write(OPERATOR, owner(actor), archive)
        return ZipFile(BytesIO(b"".join([part async for part in archive.parts()])))


async def with_all(world: World) -> tuple[Actor, str]:
    """Something in each of the tables."""
    sam, pat = await world.acting(Role.STUDENT), await world.acting(Role.TEACHER)
    await world.app.preferences.merge(sam, {"privacy": {"track_activity": True}})
    app = world.app.memories
    made = await app.create(sam, MemoryFields("A secret of mine.", category="Mine"))
    await app.change(sam, made.id, lambda _: MemoryFields("Another secret.", category="Mine"))
    await app.feedback(sam, made.id, Feedback(helpful=True))
    until = world.clock.now.replace(year=2027, month=1)
    await world.app.memory_grants.give(sam, owner(sam), GrantFields(owner(pat), "x", until))
    await world.app.memory_use.flush(WORKER)
    return sam, made.id


async def test_memories_are_in_their_persons_copy(world: World) -> None:
    sam, memory_id = await with_all(world)
    other = await world.acting(Role.STUDENT, "south")
    await world.app.memories.create(other, MemoryFields("Somebody else's."))

    copy = await copy_of(world, sam)

    found = {name: json.loads(copy.read(name)) for name in copy.namelist() if "memor" in name}
    assert [("Another secret.", memory_id)] == [
        (one["content"], one["id"]) for one in found["memories.json"]
    ]
    assert ["A secret of mine."] == [one["content"] for one in found["memory_versions.json"]]
    assert ["Mine"] == [one["name"] for one in found["memory_categories.json"]]
    assert ["x"] == [one["purpose"] for one in found["memory_grants.json"]]
    done = {one["interaction_type"] for one in found["memory_interactions.json"]}
    assert {"create", "update", "feedback"} == done
    assert "Somebody else" not in json.dumps(found)


async def test_memories_go_with_their_person(world: World) -> None:
    sam, memory_id = await with_all(world)

    await world.app.erasures.erase(OPERATOR, owner(sam))
    await world.app.memory_use.flush(WORKER)  # of somebody who is there no more

    async with world.storage.look(WORKER, person=owner(sam)) as reader:
        assert 0 == await reader.memories.count()
        assert () == (await reader.memories.versions(memory_id, EVERYTHING)).items
        assert () == (await reader.memories.interactions(memory_id, EVERYTHING)).items
        assert [] == [*await reader.memory_categories.all()]
        assert () == (await reader.memory_grants.page(EVERYTHING)).items
        assert 0 == (await reader.memories.changes(0)).number


async def test_grants_to_somebody_go_with_them(world: World) -> None:
    sam, _ = await with_all(world)
    async with world.storage.look(sam) as reader:
        (grant,) = (await reader.memory_grants.page(EVERYTHING)).items

    await world.app.erasures.erase(OPERATOR, grant.grantee_id)

    async with world.storage.look(sam) as reader:
        assert () == (await reader.memory_grants.page(EVERYTHING)).items


async def test_no_content_is_in_the_audit_log(world: World) -> None:
    await with_all(world)

    page = await world.app.audit.list(await world.acting(Role.ORG_ADMIN), EVERYTHING)

    acts = [entry.action for entry in page.items]
    assert {"memory.create", "memory.update", "memory.feedback", "memory.grant"} <= {*acts}
    assert "secret" not in str(page.items)


async def test_who_belongs_nowhere_has_so_many_in_production_and_no_more() -> None:
    async with in_memory(Settings(environment=Environment.PRODUCTION)) as app:
        user = await app.users.create_platform_admin(
            OPERATOR, email="root@example.org", full_name="Root", password=PASSWORD
        )
        actor = Actor(user.id)
        for number in range(MOST_WITHOUT_ORGANIZATION):
            await app.memories.create(actor, MemoryFields(f"Memory {number}"))
        with pytest.raises(Conflict) as refusal:
            await app.memories.create(actor, MemoryFields("One more"))

    assert "too_many_memories" == refusal.value.code


async def test_the_system_keeps_nothing_of_who_is_not_to_be_tracked(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memories
    fields = MemoryFields("Sam asked about fractions.", context={"source": "assistant"})

    assert await app.note(WORKER, owner(sam), fields) is None
    assert () == (await app.list(sam, EVERYTHING)).items
    await world.app.preferences.merge(sam, {"privacy": {"track_activity": True}})
    first = await app.note(WORKER, owner(sam), fields)
    again = await app.note(WORKER, owner(sam), fields)

    assert first
    assert again
    assert (first.id, False) == (again.id, again.is_new)
    assert ["Sam asked about fractions."] == [
        one.content for one in (await app.list(sam, EVERYTHING)).items
    ]
    with pytest.raises(FaradayError):
        await app.note(sam, owner(sam), fields)


# --- Two at once


async def test_of_two_updates_at_once_one_is_refused(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    made = await sam.ask("POST /memories", {"content": "x"})
    path = f"/memories/{made.json['id']}"
    seen = {"If-Match": made.headers["ETag"]}

    answers = await asyncio.gather(
        *(sam.ask(f"PUT {path}", {"content": f"{n}"}, headers=seen) for n in range(6))
    )
    free = await asyncio.gather(*(sam.ask(f"PATCH {path}", {"tags": [f"{n}"]}) for n in range(6)))

    assert [200, 412, 412, 412, 412, 412] == sorted(answer.status for answer in answers)
    assert [200] * 6 == [answer.status for answer in free]
    assert 7 == len((await sam.ask(f"GET {path}/versions")).json["items"])


async def test_of_many_that_say_the_same_at_once_one_is_kept(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    async def keep() -> str:
        try:
            fields = MemoryFields("The same thing, said by many at once.")
            made = await world.app.memories.create(sam, fields, on_duplicate=OnDuplicate.REFUSE)
        except FaradayError as error:
            return error.code
        return "kept" if made.id else ""

    said = await asyncio.gather(*(keep() for _ in range(6)))

    assert ["duplicate_memory"] * 5 + ["kept"] == sorted(said)
    async with world.storage.look(sam) as reader:
        assert 1 == await reader.memories.count()
