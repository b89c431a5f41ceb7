"""Categories: a tree of one's own beside the one that everybody has."""

from functools import partial
from typing import Any

import pytest

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.memory.builtin import BUILT_IN
from faraday_core.memory.categories import MOST_CATEGORIES
from faraday_core.memory.category_views import CategoryView
from faraday_core.memory.fields import CategoryFields, MemoryFields, MemoryFilter
from tests.serving import Server
from tests.world import World

EVERYTHING = PageRequest(limit=100)


def fields(name: str, **more: Any) -> CategoryFields:  # as in JSON
    return parse(CategoryFields, {"name": name, **more})


def as_given(written: CategoryFields, _: object) -> CategoryFields:
    return written


async def keep(world: World, actor: Actor, content: str, **more: Any) -> str:
    given = parse(MemoryFields, {"content": content, **more})
    return (await world.app.memories.create(actor, given)).id


async def own(world: World, actor: Actor) -> dict[str, CategoryView]:
    page = await world.app.memory_categories.list(actor, EVERYTHING)
    return {one.name: one for one in page.items if not one.built_in}


async def listed(world: World, actor: Actor, category: str) -> set[str]:
    found = await world.app.memories.list(actor, EVERYTHING, MemoryFilter(category=category))
    return {one.content for one in found.items}


async def test_everybody_has_the_built_in_ones(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    page = await world.app.memory_categories.list(sam, EVERYTHING)

    assert {one.name for one in BUILT_IN} == {one.name for one in page.items}
    goals = next(one for one in page.items if one.name == "Learning goals")
    assert goals == await world.app.memory_categories.get(sam, goals.id)
    assert (
        "How I learn"
        == (await world.app.memory_categories.get(sam, goals.parent_category_id or "")).name
    )
    for act in (
        world.app.memory_categories.delete(sam, goals.id),
        world.app.memory_categories.change(sam, goals.id, lambda _: fields("x")),
    ):
        with pytest.raises(Forbidden):
            await act


async def test_a_new_name_becomes_ones_own_category(world: World) -> None:
    sam = await world.acting(Role.STUDENT)

    first = await keep(world, sam, "a", category="Maths")
    second = await keep(world, sam, "b", category="maths")
    (maths,) = (await own(world, sam)).values()
    third = await keep(world, sam, "c", category=maths.id)
    goal = await keep(world, sam, "d", category="Learning goals")

    got = [await world.app.memories.get(sam, one) for one in (first, second, third, goal)]
    assert ["Maths", "Maths", "Maths", "Learning goals"] == [one.category for one in got]
    assert ("Maths", 3) == (maths.name, (await own(world, sam))["Maths"].memory_count)


async def test_a_category_is_listed_with_all_below_it(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memory_categories
    maths = await app.create(sam, fields("Maths"))
    await app.create(sam, fields("Fractions", parent_category_id=maths.id))
    await keep(world, sam, "a", category="Maths")
    await keep(world, sam, "b", category="Fractions")
    await keep(world, sam, "c", category="Learning goals")

    assert {"a", "b"} == await listed(world, sam, "Maths")
    assert {"b"} == await listed(world, sam, "fractions")
    assert {"c"} == await listed(world, sam, "How I learn")
    assert {"a", "b"} == await listed(world, sam, maths.id)


async def test_what_is_renamed_keeps_what_is_in_it(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memory_categories
    memory = await keep(world, sam, "a", category="Maths")
    before = await world.app.memories.get(sam, memory)
    maths = (await own(world, sam))["Maths"]

    renamed = await app.change(sam, maths.id, lambda _: fields("Algebra"), seen=[maths.tag])

    assert ("Algebra", 1) == (renamed.name, renamed.memory_count)
    after = await world.app.memories.get(sam, memory)
    assert ("Algebra", True) == (after.category, after.tag != before.tag)
    assert {"a"} == await listed(world, sam, "Algebra")
    with pytest.raises(StaleVersion):
        await app.change(sam, maths.id, lambda _: fields("x"), seen=[maths.tag])
    await app.create(sam, fields("Maths"))
    for taken in ("MATHS", "Learning goals"):
        with pytest.raises(Conflict) as refusal:
            await app.change(sam, maths.id, partial(as_given, fields(taken)))
        assert "category_taken" == refusal.value.code


async def test_what_is_merged_loses_nothing(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memory_categories
    maths, algebra = (
        await app.create(sam, fields("Maths")),
        await app.create(sam, fields("Algebra")),
    )
    below = await app.create(sam, fields("Groups", parent_category_id=algebra.id))
    for content, category in (("a", "Maths"), ("b", "Algebra"), ("c", "Groups")):
        await keep(world, sam, content, category=category)

    merged = await app.merge(sam, algebra.id, maths.id)

    assert ("Maths", 2) == (merged.name, merged.memory_count)
    assert {"a", "b", "c"} == await listed(world, sam, "Maths")
    assert maths.id == (await app.get(sam, below.id)).parent_category_id
    with pytest.raises(NotFound):
        await app.get(sam, algebra.id)
    with pytest.raises(Conflict):
        await app.merge(sam, maths.id, below.id)


async def test_what_is_removed_leaves_its_memories_to_what_it_lay_in(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memory_categories
    maths = await app.create(sam, fields("Maths"))
    algebra = await app.create(sam, fields("Algebra", parent_category_id=maths.id))
    memory = await keep(world, sam, "a", category="Algebra")

    await app.delete(sam, algebra.id)
    assert "Maths" == (await world.app.memories.get(sam, memory)).category
    await app.delete(sam, maths.id)
    assert (await world.app.memories.get(sam, memory)).category is None


async def test_no_category_lies_within_itself(world: World) -> None:
    sam, app = await world.acting(Role.STUDENT), world.app.memory_categories
    top = await app.create(sam, fields("0"))
    below = top
    for level in range(1, 8):
        below = await app.create(sam, fields(str(level), parent_category_id=below.id))

    for parent, code in ((below.id, "cycle"), (top.id, "cycle")):
        with pytest.raises(Conflict) as refusal:
            await app.change(
                sam, top.id, partial(as_given, fields("0", parent_category_id=parent))
            )
        assert code == refusal.value.code
    with pytest.raises(Conflict) as refusal:
        await app.create(sam, fields("8", parent_category_id=below.id))
    assert "too_deep" == refusal.value.code
    other = await app.create(sam, fields("other"))
    with pytest.raises(Conflict):
        await app.change(sam, top.id, lambda _: fields("0", parent_category_id=other.id))


async def test_nobody_elses_category_is_there(world: World) -> None:
    sam, kim = await world.acting(Role.STUDENT), await world.acting(Role.STUDENT, "south")
    theirs = await world.app.memory_categories.create(kim, fields("Maths"))

    with pytest.raises(NotFound):
        await world.app.memory_categories.get(sam, theirs.id)
    with pytest.raises(Invalid):
        await keep(world, sam, "a", category=theirs.id)
    with pytest.raises(Invalid):
        await world.app.memory_categories.create(sam, fields("x", parent_category_id=theirs.id))
    assert {} == await own(world, sam)


async def test_there_are_so_many_categories_and_no_more(memory_world: World) -> None:
    sam, app = await memory_world.acting(Role.STUDENT), memory_world.app.memory_categories
    for number in range(MOST_CATEGORIES):
        await app.create(sam, fields(f"Category {number}"))

    with pytest.raises(Conflict) as refusal:
        await app.create(sam, fields("One more"))
    assert "too_many_categories" == refusal.value.code
    with pytest.raises(Conflict):
        await keep(memory_world, sam, "a", category="One more")


async def test_where_a_new_memory_may_belong_is_suggested(world: World) -> None:
    sam = await world.acting(Role.STUDENT)
    for topic in ("fractions", "decimals", "percentages"):
        await keep(world, sam, f"In maths we did {topic} with pizza.", category="Maths")
    await keep(world, sam, "The Danube flows through Vienna.", category="Geography")

    given = parse(MemoryFields, {"content": "Today we did fractions with pizza again."})
    made = await world.app.memories.create(sam, given)
    other = parse(MemoryFields, {"content": "Zebras."})

    assert made.suggested_category is not None
    assert "Maths" == made.suggested_category.name
    assert 0 < made.suggested_category.confidence <= 1
    assert (await world.app.memories.create(sam, other)).suggested_category is None


async def test_categories_are_kept_over_http(server: Server) -> None:
    sam = await server.signed_in(Role.STUDENT)
    made = await sam.ask("POST /memory-categories", {"name": "Maths", "description": "x"})
    assert 201 == made.status
    path = f"/memory-categories/{made.json['id']}"

    assert made.json == (await sam.ask(f"GET {path}")).json
    patched = await sam.ask(
        f"PATCH {path}", {"name": "Algebra"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert (200, "Algebra", "x") == (
        patched.status, patched.json["name"], patched.json["description"]
    )  # fmt: skip
    put = await sam.ask(f"PUT {path}", {"name": "Maths"})
    assert (200, None) == (put.status, put.json["description"])
    assert (
        412 == (await sam.ask(f"DELETE {path}", headers={"If-Match": made.headers["ETag"]})).status
    )
    again = await sam.ask("POST /memory-categories", {"name": "maths"})
    assert (409, "category_taken") == (again.status, again.code)
    other = await sam.ask("POST /memory-categories", {"name": "Other"})
    merged = await sam.ask(f"POST {path}/merge", {"into_category_id": other.json["id"]})
    assert (200, "Other") == (merged.status, merged.json["name"])
    assert 404 == (await sam.ask(f"GET {path}")).status
    page = await sam.ask("GET /memory-categories?limit=5")
    assert (5, True) == (len(page.json["items"]), bool(page.json["next_cursor"]))
