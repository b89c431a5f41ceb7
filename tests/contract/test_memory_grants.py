"""Somebody else's memories: by a grant that names its purpose and its end, and never unseen."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Invalid, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.fields import GrantFields, MemoryFields, MemoryFilter
from faraday_core.memory.searching import Search
from faraday_core.memory.views import GrantView
from faraday_core.privacy.model import BirthDateFields
from tests.serving import Server
from tests.world import OPERATOR, World

EVERYTHING = PageRequest(limit=100)
PURPOSE = "to prepare the next lesson"


def owner(actor: Actor) -> str:
    assert actor.user_id
    return actor.user_id


async def give(world: World, by: Actor, of: Actor, to: Actor, days: float = 30) -> GrantView:
    until = world.clock() + timedelta(days=days)
    return await world.app.memory_grants.give(
        by, owner(of), GrantFields(owner(to), PURPOSE, until)
    )


async def with_memory(world: World) -> Actor:
    sam = await world.acting(Role.STUDENT)
    await world.app.memories.create(sam, MemoryFields("I mix up fractions.", category="Maths"))
    return sam


async def read(world: World, actor: Actor, whose: Actor) -> list[str]:
    page = await world.app.memory_grants.memories_of(actor, owner(whose), EVERYTHING)
    return [one.content for one in page.items]


async def purposes(world: World, actor: Actor) -> list[tuple[str | None, str, str]]:
    found = await world.app.records.disclosures(actor, owner(actor), EVERYTHING)
    return [(one.reader_id, one.what, one.purpose) for one in found.items]


async def test_without_a_grant_nobody_reads_them(world: World) -> None:
    sam = await with_memory(world)

    for role, at in (
        (Role.TEACHER, "north"),
        (Role.ORG_ADMIN, "district"),
        (Role.PLATFORM_ADMIN, "north"),
        (Role.TEACHER, "other"),
    ):
        other = await world.acting(role, at)
        with pytest.raises(NotFound):
            await read(world, other, sam)
        with pytest.raises(NotFound):
            await world.app.memory_grants.search(other, owner(sam), Search("fractions"))
    assert [] == await purposes(world, sam)
    assert ["I mix up fractions."] == await read(world, sam, sam)


async def test_with_a_grant_they_are_read_and_that_is_seen(world: World) -> None:
    sam, pat = await with_memory(world), await world.acting(Role.TEACHER)
    await give(world, sam, sam, pat)

    assert ["I mix up fractions."] == await read(world, pat, sam)
    page = await world.app.memory_grants.memories_of(
        pat, owner(sam), EVERYTHING, MemoryFilter(category="maths")
    )
    assert 1 == len(page.items)
    result = await world.app.memory_grants.search(pat, owner(sam), Search("fractions"))

    assert ["I mix up fractions."] == [one.memory.content for one in result.items]
    assert [(pat.user_id, "memories", PURPOSE)] * 3 == await purposes(world, sam)
    mine = (await world.app.memories.list(sam, EVERYTHING)).items
    assert 0 == mine[0].access_count
    with pytest.raises(NotFound):
        await world.app.memories.get(pat, mine[0].id)


async def test_a_grant_ends_by_itself_or_when_it_is_taken_back(world: World) -> None:
    sam, pat = await with_memory(world), await world.acting(Role.TEACHER)
    await give(world, sam, sam, pat, days=1)
    longer = await give(world, sam, sam, pat, days=2)

    assert await read(world, pat, sam)
    world.clock.move(days=1)
    assert await read(world, pat, sam)
    await world.app.memory_grants.end(sam, owner(sam), longer.id)
    with pytest.raises(NotFound):
        await read(world, pat, sam)
    listed = (await world.app.memory_grants.list(sam, owner(sam), EVERYTHING)).items
    assert 1 == len(listed)
    with pytest.raises(NotFound):
        await world.app.memory_grants.end(sam, owner(sam), longer.id)


async def test_a_grant_does_not_outlive_the_school_that_they_share(world: World) -> None:
    sam, pat = await with_memory(world), await world.acting(Role.TEACHER)
    await give(world, sam, sam, pat)
    elsewhere = evolve(pat, grants=())

    assert await read(world, pat, sam)
    with pytest.raises(NotFound):
        await read(world, elsewhere, sam)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.users.deactivate(admin, owner(sam))
    with pytest.raises(NotFound):
        await read(world, pat, sam)


async def test_a_grant_is_given_to_somebody_near_and_for_a_year_at_most(world: World) -> None:
    sam, pat = await with_memory(world), await world.acting(Role.TEACHER)
    far = await world.acting(Role.TEACHER, "other")

    async def faults(to: str, days: float) -> list[tuple[str, str]]:
        until = world.clock() + timedelta(days=days)
        with pytest.raises(Invalid) as refusal:
            await world.app.memory_grants.give(sam, owner(sam), GrantFields(to, PURPOSE, until))
        return [(one.pointer, one.code) for one in refusal.value.faults]

    assert [("/grantee_id", "unknown_reference")] == await faults(owner(far), 30)
    assert [("/grantee_id", "unknown_reference")] == await faults(uuid7(), 30)
    assert [("/grantee_id", "unknown_reference")] == await faults("nobody", 30)
    assert [("/grantee_id", "invalid_value")] == await faults(owner(sam), 30)
    assert [("/expires_at", "invalid_value")] == await faults(owner(pat), 366)
    assert [("/expires_at", "in_the_past")] == await faults(owner(pat), 0)
    assert await give(world, sam, sam, pat, days=365)


async def child(world: World, born: date) -> tuple[Actor, Actor]:
    """With their guardian."""
    sam, mary = await with_memory(world), await world.acting(Role.GUARDIAN)
    await world.app.records.set_birth_date(OPERATOR, owner(sam), BirthDateFields(born))
    admin = await world.acting(Role.ORG_ADMIN, "district")
    await world.app.guardians.confirm(admin, owner(sam), owner(mary))
    return sam, mary


async def test_a_childs_guardian_gives_grants_for_them(world: World) -> None:
    sam, mary = await child(world, date(2016, 5, 4))
    pat = await world.acting(Role.TEACHER)

    with pytest.raises(NotFound):
        await read(world, mary, sam)  # a guardian, too, needs one
    made = await give(world, mary, sam, pat)
    await give(world, mary, sam, mary)

    assert mary.user_id == made.granted_by
    assert await read(world, pat, sam)
    assert await read(world, mary, sam)
    assert 2 == len((await world.app.memory_grants.list(mary, owner(sam), EVERYTHING)).items)
    assert made == await world.app.memory_grants.get(mary, owner(sam), made.id)


async def test_what_a_guardian_gave_ends_with_their_being_one(world: World) -> None:
    sam, mary = await child(world, date(2016, 5, 4))
    pat = await world.acting(Role.TEACHER)
    await give(world, mary, sam, pat)

    await world.app.guardians.remove(OPERATOR, owner(sam), owner(mary))

    with pytest.raises(NotFound):
        await read(world, pat, sam)
    with pytest.raises(NotFound):
        await give(world, mary, sam, pat)


async def test_what_a_guardian_gave_ends_with_childhood(world: World) -> None:
    sam, mary = await child(world, date(2013, 9, 2))  # thirteen tomorrow
    pat = await world.acting(Role.TEACHER)
    await give(world, mary, sam, pat)
    assert await read(world, pat, sam)

    world.clock.now = datetime.fromisoformat("2026-09-02T08:00:00+00:00")

    with pytest.raises(NotFound):
        await read(world, pat, sam)
    with pytest.raises(NotFound):
        await world.app.memory_grants.list(mary, owner(sam), EVERYTHING)


async def test_nobody_else_gives_or_sees_grants(world: World) -> None:
    sam, pat = await with_memory(world), await world.acting(Role.TEACHER)
    made = await give(world, sam, sam, pat)
    app = world.app.memory_grants

    for other in (pat, await world.acting(Role.ORG_ADMIN), await world.acting(Role.GUARDIAN)):
        for act in (
            give(world, other, sam, pat),
            app.list(other, owner(sam), EVERYTHING),
            app.get(other, owner(sam), made.id),
            app.end(other, owner(sam), made.id),
        ):
            with pytest.raises(NotFound):
                await act


async def test_memories_are_read_by_a_grant_over_http(server: Server) -> None:
    sam, pat = await server.signed_in(Role.STUDENT), await server.signed_in(Role.TEACHER)
    mine = (await sam.ask("GET /users/me")).json["id"]
    theirs = (await pat.ask("GET /users/me")).json["id"]
    await sam.ask("POST /memories", {"content": "I mix up fractions."})
    body: dict[str, Any] = {
        "grantee_id": theirs,
        "purpose": PURPOSE,
        "expires_at": (datetime.now().astimezone() + timedelta(days=1)).isoformat(),
    }

    assert 404 == (await pat.ask(f"GET /users/{mine}/memories")).status
    made = await sam.ask(f"POST /users/{mine}/memory-grants", body)
    assert 201 == made.status, made.body
    path = made.headers["Location"].removeprefix("/api/v1")
    assert made.json == (await sam.ask(f"GET {path}")).json
    assert 1 == len((await sam.ask(f"GET /users/{mine}/memory-grants")).json["items"])
    assert 1 == len((await pat.ask(f"GET /users/{mine}/memories")).json["items"])
    found = await pat.ask(f"GET /users/{mine}/memories/search?q=fractions")
    assert 1 == len(found.json["items"])
    disclosed = (await sam.ask("GET /users/me/disclosures")).json["items"]
    assert [PURPOSE, PURPOSE] == [one["purpose"] for one in disclosed]
    wrong = await sam.ask(f"POST /users/{mine}/memory-grants", {"purpose": " "})
    assert {("/purpose", "too_short"), ("/grantee_id", "required"), ("/expires_at", "required")} \
        == wrong.faults  # fmt: skip
    assert 204 == (await sam.ask(f"DELETE {path}")).status
    assert 404 == (await pat.ask(f"GET /users/{mine}/memories")).status
