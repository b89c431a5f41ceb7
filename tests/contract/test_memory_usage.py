"""How much somebody keeps, told to whoever supports them: numbers, and nothing of what is kept."""

from datetime import timedelta

import pytest

from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.errors import NotFound
from faraday_core.memory.fields import MemoryFields
from faraday_core.memory.usage import MemoryUsage
from tests.serving import Server
from tests.terminal import SUPPORT, Site
from tests.world import World

SAID = "Ångström is a unit of length."


async def test_support_sees_how_much_is_kept_and_when_it_was_used(world: World) -> None:
    support, sam = await world.acting(Role.SUPPORT, "district"), await world.acting(Role.STUDENT)
    made = await world.app.memories.create(sam, MemoryFields(SAID))
    gone = await world.app.memories.create(sam, MemoryFields("x"))
    await world.app.memories.delete(sam, gone.id)
    written = world.clock()
    world.clock.move(days=1)
    await world.app.memories.get(sam, made.id)
    await world.app.memory_use.flush(WORKER)

    found = await world.app.memory_usage.of_person(support, sam.user_id or "")

    size = len(SAID.encode()) + 1
    assert MemoryUsage(1, 1, 0, size, 1, written, written + timedelta(days=1)) == found


async def test_of_who_keeps_nothing_nothing_is_told(world: World) -> None:
    support, sam = await world.acting(Role.SUPPORT, "district"), await world.acting(Role.STUDENT)

    assert MemoryUsage(0, 0, 0, 0, 0, None, None) == await world.app.memory_usage.of_person(
        support, sam.user_id or ""
    )


async def test_only_who_may_see_the_person_sees_it(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    for role, at in ((Role.TEACHER, "north"), (Role.SUPPORT, "south"), (Role.SUPPORT, "other")):
        with pytest.raises(NotFound):
            await world.app.memory_usage.of_person(await world.acting(role, at), sam.user_id or "")


async def test_it_is_asked_for_over_http(server: Server) -> None:
    support, sam = await server.signed_in(Role.SUPPORT), await server.signed_in(Role.STUDENT)
    await sam.ask("POST /memories", {"content": SAID})
    who = (await sam.ask("GET /users/me")).json["id"]

    answer = await support.ask(f"GET /users/{who}/memory-usage")

    assert (200, 1, 0) == (answer.status, answer.json["memories"], answer.json["in_bin"])
    assert SAID.encode() not in answer.body
    assert 404 == (await sam.ask(f"GET /users/{who}/memory-usage")).status


async def test_the_terminal_shows_it_without_what_is_kept(site: Site) -> None:
    world = site.world
    await world.person(Role.SUPPORT, "district")
    pat = await world.person(Role.STUDENT, name="Zoë Patterson")
    sam = await world.actor(await world.sign_in(pat))
    await world.app.memories.create(sam, MemoryFields(SAID))
    async with site.terminal() as terminal:
        await terminal.sign_in(SUPPORT)
        await terminal.open(pat, "zo")
        await terminal.press("8")
        await terminal.shows("Memory: 7", "Memories", "Size of all", "31 bytes", "Last written")
        assert "Ångström" not in terminal.screen()
