"""Categories of a tenant: all of its people have them, and none of anybody else."""

from typing import Any

import pytest

from faraday_core.kernel.actor import WORKER, Actor, Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.memory import category_moves
from faraday_core.memory.category_views import CategoryView
from faraday_core.memory.fields import CategoryFields, MemoryFields, MemoryFilter
from faraday_core.memory.model import TenantCategoryChanged
from faraday_core.organizations.membership import NewMember, OrganizationMember
from tests.serving import Client, Server
from tests.world import OPERATOR, World

EVERYTHING = PageRequest(limit=100)


def fields(name: str, **more: Any) -> CategoryFields:  # as in JSON
    return parse(CategoryFields, {"name": name, **more})


async def keep(world: World, actor: Actor, content: str, **more: Any) -> str:  # as in JSON
    given = parse(MemoryFields, {"content": content, **more})
    return (await world.app.memories.create(actor, given)).id


async def seen(world: World, actor: Actor) -> dict[str, CategoryView]:
    page = await world.app.memory_categories.list(actor, EVERYTHING)
    return {one.name: one for one in page.items if one.organization_id}


async def category_of(world: World, actor: Actor, memory_id: str) -> str | None:
    return (await world.app.memories.get(actor, memory_id)).category


async def listed(world: World, actor: Actor, category: str) -> set[str]:
    found = await world.app.memories.list(actor, EVERYTHING, MemoryFilter(category=category))
    return {one.content for one in found.items}


async def test_all_people_of_a_tenant_have_its_categories_and_nobody_else(world: World) -> None:
    admin, app = await world.acting(Role.ORG_ADMIN, "district"), world.app.tenant_memory_categories
    sam = await world.acting(Role.STUDENT, "south")
    stranger = await world.acting(Role.STUDENT, "other")

    trips = await app.create(admin, world.places["district"], fields("Trips", description="x"))

    (found,) = (await seen(world, sam)).values()
    assert (trips.id, "Trips", world.places["district"], False) == (
        found.id, found.name, found.organization_id, found.built_in
    )  # fmt: skip
    assert found == await world.app.memory_categories.get(sam, trips.id)
    assert {} == await seen(world, stranger)
    with pytest.raises(NotFound):
        await world.app.memory_categories.get(stranger, trips.id)
    with pytest.raises(Invalid):
        await keep(world, stranger, "a", category=trips.id)
    with pytest.raises(Invalid):
        await world.app.memory_categories.create(
            stranger, fields("Mine", parent_category_id=trips.id)
        )
    for at in ("district", "north"):
        page = await app.list(admin, world.places[at], EVERYTHING)
        assert (trips,) == page.items


async def test_memories_are_put_in_a_tenants_category_by_name_and_by_id(world: World) -> None:
    admin, app = await world.acting(Role.ORG_ADMIN, "district"), world.app.tenant_memory_categories
    sam = await world.acting(Role.STUDENT)
    trips = await app.create(admin, world.places["district"], fields("Trips"))
    below = await world.app.memory_categories.create(
        sam, fields("By train", parent_category_id=trips.id)
    )

    for content, category in (("a", "trips"), ("b", trips.id), ("c", below.id)):
        await keep(world, sam, content, category=category)

    assert ["Trips"] == [*await seen(world, sam)]
    assert 2 == (await seen(world, sam))["Trips"].memory_count
    assert {"a", "b", "c"} == await listed(world, sam, "Trips")
    with pytest.raises(Conflict):
        await world.app.memory_categories.create(sam, fields("trips"))
    for place in ("museum", "planetarium", "castle"):
        await keep(world, sam, f"We went to the {place} by tram.", category="Trips")
    given = parse(MemoryFields, {"content": "We went to the zoo by tram."})
    suggested = (await world.app.memories.create(sam, given)).suggested_category
    assert suggested
    assert "Trips" == suggested.name


async def test_who_belongs_to_two_tenants_has_the_categories_of_both(world: World) -> None:
    app = world.app.tenant_memory_categories
    sam = await world.acting(Role.STUDENT)
    for at in ("district", "other"):
        await app.create(OPERATOR, world.places[at], fields(f"Of {at}"))

    assert {"Of district"} == {*await seen(world, sam)}
    new = NewMember(sam.user_id or "", Role.STUDENT)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places["other"], new)
    assert {"Of district", "Of other"} == {*await seen(world, sam)}


async def test_a_role_that_has_ended_gives_no_category_but_takes_no_memory(world: World) -> None:
    sam = await world.person(Role.STUDENT)
    await world.app.tenant_memory_categories.create(
        OPERATOR, world.places["district"], fields("Trips")
    )
    acting = await world.actor(await world.sign_in(sam))
    memory = await keep(world, acting, "a", category="Trips")

    await world.app.members.remove(OPERATOR, OrganizationMember, world.places["north"], sam.id)
    acting = await world.actor(await world.sign_in(sam))

    assert {} == await seen(world, acting)
    assert "Trips" == await category_of(world, acting, memory)
    assert {"a"} == await listed(world, acting, "Trips")


async def test_who_does_not_run_the_tenant_changes_none_of_its_categories(world: World) -> None:
    app, place = world.app.tenant_memory_categories, world.places["district"]
    trips = await app.create(OPERATOR, place, fields("Trips"))
    sam = await world.acting(Role.STUDENT)
    of_school = await world.acting(Role.ORG_ADMIN, "north")
    elsewhere = await world.acting(Role.ORG_ADMIN, "other")

    school = world.places["north"]
    for actor, at, refusal in (
        (sam, school, Forbidden), (of_school, school, Forbidden), (elsewhere, place, NotFound)
    ):  # fmt: skip
        for act in (
            app.create(actor, at, fields("x")),
            app.change(actor, at, trips.id, lambda _: fields("x")),
            app.merge(actor, at, trips.id, trips.id),
            app.delete(actor, at, trips.id),
        ):
            with pytest.raises(refusal):
                await act
    own = world.app.memory_categories
    for refused in (
        own.change(sam, trips.id, lambda _: fields("x")),
        own.delete(sam, trips.id),
    ):
        with pytest.raises(Forbidden) as told:
            await refused
        assert "of_organization" == told.value.code
    with pytest.raises(NotFound):  # another tenant's, by way of one's own
        await app.get(elsewhere, world.places["other"], trips.id)
    with pytest.raises(Forbidden):
        await app.carry_over(sam, TenantCategoryChanged(place, trips.id, "Trips", None))


async def test_what_a_tenant_renames_keeps_what_people_have_in_it(world: World) -> None:
    app, place = world.app.tenant_memory_categories, world.places["district"]
    trips = await app.create(OPERATOR, place, fields("Trips"))
    people = [await world.acting(Role.STUDENT, at) for at in ("north", "south")]
    kept = [(one, await keep(world, one, "a", category="Trips")) for one in people]

    renamed = await app.change(
        OPERATOR, place, trips.id, lambda _: fields("Excursions"), seen=[trips.tag]
    )
    await world.settle()

    assert "Excursions" == renamed.name
    for actor, memory in kept:
        assert "Excursions" == await category_of(world, actor, memory)
        assert {"a"} == await listed(world, actor, "Excursions")
    with pytest.raises(StaleVersion):
        await app.change(OPERATOR, place, trips.id, lambda _: fields("x"), seen=[trips.tag])
    for taken in ("EXCURSIONS", "Learning goals"):
        with pytest.raises(Conflict):
            await app.create(OPERATOR, place, fields(taken))


async def test_what_a_tenant_merges_or_removes_loses_no_memory(world: World) -> None:
    app, place = world.app.tenant_memory_categories, world.places["district"]
    sam = await world.acting(Role.STUDENT)
    trips = await app.create(OPERATOR, place, fields("Trips"))
    outside = await app.create(OPERATOR, place, fields("Outside", parent_category_id=trips.id))
    walks = await app.create(OPERATOR, place, fields("Walks", parent_category_id=outside.id))
    own = await world.app.memory_categories.create(
        sam, fields("Mine", parent_category_id=outside.id)
    )
    kept = {
        name: await keep(world, sam, name, category=name) for name in ("Outside", "Walks", "Mine")
    }

    merged = await app.merge(OPERATOR, place, outside.id, trips.id)
    await world.settle()

    assert trips == merged
    assert "Trips" == await category_of(world, sam, kept["Outside"])
    assert "Walks" == await category_of(world, sam, kept["Walks"])
    assert trips.id == (await app.get(OPERATOR, place, walks.id)).parent_category_id
    assert trips.id == (await world.app.memory_categories.get(sam, own.id)).parent_category_id
    assert {*kept} == await listed(world, sam, "Trips")
    with pytest.raises(Conflict):
        await app.merge(OPERATOR, place, trips.id, walks.id)

    await app.delete(OPERATOR, place, walks.id)
    await world.settle()
    assert "Trips" == await category_of(world, sam, kept["Walks"])
    await app.delete(OPERATOR, place, trips.id)
    await world.settle()
    assert await category_of(world, sam, kept["Walks"]) is None
    assert (await world.app.memory_categories.get(sam, own.id)).parent_category_id is None
    assert {*kept} == {
        one.content for one in (await world.app.memories.list(sam, EVERYTHING)).items
    }


async def test_a_category_of_ones_own_that_is_called_alike_stays_as_it_is(world: World) -> None:
    app, place = world.app.tenant_memory_categories, world.places["district"]
    sam = await world.acting(Role.STUDENT)
    memory = await keep(world, sam, "a", category="Trips")
    trips = await app.create(OPERATOR, place, fields("Trips"))

    await app.change(OPERATOR, place, trips.id, lambda _: fields("Excursions"))
    await world.settle()

    assert "Trips" == await category_of(world, sam, memory)
    assert {"a"} == await listed(world, sam, "Trips")


async def test_a_change_reaches_more_people_than_one_job_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(category_moves, "AT_ONCE", 1)
    app, place = world.app.tenant_memory_categories, world.places["district"]
    trips = await app.create(OPERATOR, place, fields("Trips"))
    people = [await world.acting(Role.STUDENT, at) for at in ("north", "south")]
    kept = [(one, await keep(world, one, "a", category="Trips")) for one in people]

    await app.delete(OPERATOR, place, trips.id)
    await world.settle()

    assert [None, None] == [await category_of(world, *one) for one in kept]
    again = TenantCategoryChanged(place, trips.id, "Trips", None, removed=True)
    assert 0 == await app.carry_over(WORKER, again)


async def test_a_tenants_categories_are_kept_over_http(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    path = f"/organizations/{server.places['district']}/memory-categories"

    made = await admin.ask(f"POST {path}", {"name": "Trips", "description": "x"})
    assert 201 == made.status
    assert f"/api/v1{path}/{made.json['id']}" == made.headers["Location"]
    one = f"{path}/{made.json['id']}"
    assert made.json == (await admin.ask(f"GET {one}")).json
    assert [made.json] == (await admin.ask(f"GET {path}?limit=5")).json["items"]
    patched = await admin.ask(
        f"PATCH {one}", {"name": "Excursions"}, headers={"If-Match": made.headers["ETag"]}
    )
    assert (200, "Excursions", "x") == (
        patched.status, patched.json["name"], patched.json["description"]
    )  # fmt: skip
    put = await admin.ask(f"PUT {one}", put_back(patched.json, name="Trips"))
    assert (200, "Trips") == (put.status, put.json["name"])
    stale = await admin.ask(f"DELETE {one}", headers={"If-Match": made.headers["ETag"]})
    assert 412 == stale.status
    merged = await admin.ask(f"POST {one}/merge", {"into_category_id": await goals(admin)})
    assert (200, "Learning goals", True) == (
        merged.status, merged.json["name"], merged.json["built_in"]
    )  # fmt: skip
    assert 404 == (await admin.ask(f"GET {one}")).status
    for odd in (f"GET {path}/nothing", "GET /organizations/nothing/memory-categories"):
        assert 404 == (await admin.ask(odd)).status
    refused = await admin.ask(f"POST {path}", {"name": " ", "colour": "red"})
    assert {"/name", "/colour"} == {fault["pointer"] for fault in refused.json["errors"]}


def put_back(shown: dict[str, Any], **changes: Any) -> dict[str, Any]:  # as in JSON
    """What was read can be written again as it is."""
    return shown | changes


async def goals(client: Client) -> str:
    page = await client.ask("GET /memory-categories?limit=100")
    found = next(one for one in page.json["items"] if one["name"] == "Learning goals")
    return str(found["id"])
