"""The unit of work: both storages keep the same promises."""

import asyncio
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, cast

import attrs
import pytest
import sqlalchemy as sa
from attrs import evolve

from adapters.persistence.memory.unit import UNIQUE
from adapters.persistence.tables import TABLES
from faraday_core.identity.model import RecoveryCode, User, UserRegistered
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.entity import Entity, Owner
from faraday_core.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Organization
from faraday_core.people.model import UserFilter
from tests.world import OPERATOR, World


def school(world: World, name: str = "A school") -> Organization:
    now = world.clock()
    return Organization(uuid7(), name, now, now, parent_organization_id=world.places["district"])


def user(world: World, email: str | None = None) -> User:
    now = world.clock()
    return User(uuid7(), email, email, "Pat Doe", now, now)


async def added(world: World, organization: Organization) -> Organization:
    async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
        await unit.add(organization)
    return organization


async def seen(world: World, id: str) -> Organization:
    async with world.storage.look(OPERATOR, tenant=world.places["district"]) as reader:
        return await reader.get(Organization, id)


async def add_person(world: World, person: User) -> None:
    async with world.storage.begin(OPERATOR, person=person.id) as unit:
        await unit.add(person)


async def test_it_gives_back_what_was_added(world: World) -> None:
    organization = school(world, "Ärzte \\ \"quoted\" 'n' {braces} %s")
    person = user(world, "pat@example.org")
    now = world.clock()
    role = UserOrganization(
        uuid7(), person.id, organization.id, Role.TEACHER, now, now, {"may_grade": True}
    )
    code = RecoveryCode(uuid7(), person.id, b"\0\x01\xff")
    district = world.places["district"]

    async with world.storage.begin(OPERATOR, tenant=district, person=person.id) as unit:
        for entity in (organization, person, role, code):
            await unit.add(entity)
        assert person == await unit.get(User, person.id)

    async with world.storage.look(OPERATOR, tenant=district, person=person.id) as reader:
        assert organization == await reader.get(Organization, organization.id)
        assert person == await reader.get(User, person.id)
        assert role == await reader.get(UserOrganization, role.id)
        assert [code] == [*await reader.one_time_tokens.recovery_codes()]


async def test_an_exception_undoes_all_that_was_done(world: World) -> None:
    kept, new = await added(world, school(world)), school(world)

    async def change() -> None:
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            await unit.add(new)
            await unit.save(evolve(kept, name="Changed"))
            await unit.account("organization.create", "organization", new.id)
            assert new == await unit.get(Organization, new.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change()
    assert kept == await seen(world, kept.id)
    with pytest.raises(NotFound):
        await seen(world, new.id)
    async with world.storage.look_everywhere(OPERATOR) as reader:
        entries = await reader.audit_log.page(None, PageRequest(limit=100))
    assert new.id not in {entry.target_id for entry in entries.items}


async def test_a_saved_entity_has_its_next_version(world: World) -> None:
    kept = await added(world, school(world))

    async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
        saved = await unit.save(evolve(kept, name="Changed"))

    assert evolve(kept, name="Changed", version=2) == saved
    assert saved == await seen(world, kept.id)


async def test_a_stale_entity_is_neither_saved_nor_removed(world: World) -> None:
    stale = await added(world, school(world))
    async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
        saved = await unit.save(evolve(stale, name="By another"))

    with pytest.raises(StaleVersion):
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            await unit.save(evolve(stale, name="Too late"))
    with pytest.raises(StaleVersion):
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            await unit.remove(stale)

    assert saved == await seen(world, stale.id)


async def test_of_two_who_save_at_once_one_wins(world: World) -> None:
    kept = await added(world, school(world))
    both_have_read = asyncio.Barrier(2)

    async def rename(name: str) -> str:
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            found = await unit.get(Organization, kept.id)
            await both_have_read.wait()
            await unit.save(evolve(found, name=name))
        return name

    outcomes = await asyncio.gather(rename("One"), rename("Two"), return_exceptions=True)

    winners = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert 1 == sum(isinstance(outcome, StaleVersion) for outcome in outcomes)
    assert winners == [(await seen(world, kept.id)).name]


async def test_what_is_held_is_changed_in_turn(world: World) -> None:
    kept = await added(world, school(world, ""))

    async def append(letter: str) -> None:
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            found = await unit.hold(Organization, kept.id)
            await asyncio.sleep(0)  # the others come here meanwhile
            await unit.save(evolve(found, name=found.name + letter))

    await asyncio.gather(*map(append, "abcdefgh"))

    assert [*"abcdefgh"] == sorted((await seen(world, kept.id)).name)


async def test_what_is_removed_is_gone(world: World) -> None:
    kept = await added(world, school(world))

    async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
        await unit.remove(kept)
        with pytest.raises(NotFound):
            await unit.get(Organization, kept.id)

    with pytest.raises(NotFound):
        await seen(world, kept.id)
    with pytest.raises(StaleVersion):
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            await unit.remove(kept)


async def test_what_is_unique_is_refused_under_the_name_of_its_constraint(world: World) -> None:
    await add_person(world, user(world, "pat@example.org"))

    with pytest.raises(Conflict) as caught:
        await add_person(world, user(world, "pat@example.org"))

    assert "email_taken" == caught.value.code


async def test_people_without_an_address_do_not_collide(world: World) -> None:
    first, second = user(world), user(world)

    await add_person(world, first)
    await add_person(world, second)

    async with world.storage.look(OPERATOR, person=second.id) as reader:
        assert second == await reader.get(User, second.id)


async def test_a_role_is_held_once_also_within_one_unit(world: World) -> None:
    person, now = user(world), world.clock()
    await add_person(world, person)
    district = world.places["district"]

    async def add_twice() -> None:
        async with world.storage.begin(OPERATOR, tenant=district) as unit:
            for _ in range(2):
                role = UserOrganization(uuid7(), person.id, district, Role.TEACHER, now, now)
                await unit.add(role)

    with pytest.raises(Conflict) as caught:
        await add_twice()
    assert "already_member" == caught.value.code


async def test_of_many_who_add_the_same_at_once_one_does(world: World) -> None:
    outcomes = await asyncio.gather(
        *(add_person(world, user(world, "pat@example.org")) for _ in range(6)),
        return_exceptions=True,
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert ["email_taken"] * 5 == [refusal.code for refusal in refused]


async def test_an_id_that_is_there_cannot_be_added_again(world: World) -> None:
    kept = await added(world, school(world, "Kept"))

    with pytest.raises(Conflict):
        await added(world, evolve(kept, name="Put over it"))

    assert kept == await seen(world, kept.id)


async def test_of_two_who_add_one_id_at_once_one_is_told_of_a_conflict(world: World) -> None:
    new, both_are_there = school(world), asyncio.Barrier(2)

    async def add() -> None:
        async with world.storage.begin(OPERATOR, tenant=world.places["district"]) as unit:
            await both_are_there.wait()
            await unit.add(new)

    outcomes = await asyncio.gather(add(), add(), return_exceptions=True)

    assert 1 == sum(isinstance(outcome, Conflict) for outcome in outcomes)
    assert 1 == outcomes.count(None)


@pytest.mark.parametrize(
    "id", ["", "1", "no-uuid", "0' or true", "ümlaut", "\0", "0" * 5000, "00000000-0000"]
)
async def test_a_malformed_id_is_nobodys(world: World, id: str) -> None:
    async with world.storage.look(OPERATOR, tenant=world.places["district"]) as reader:
        with pytest.raises(NotFound):
            await reader.get(Organization, id)
    async with world.storage.look_everywhere(OPERATOR) as reader:
        with pytest.raises(NotFound):
            await reader.organizations.tenant_of(id)
        with pytest.raises(NotFound):
            await reader.people.person(id)


async def test_an_id_with_something_behind_it_is_nobodys(world: World) -> None:
    kept = await added(world, school(world))

    for id in (f"{kept.id}\0", f"{kept.id}\0more", f" {kept.id}", kept.id.upper()):
        with pytest.raises(NotFound):
            await seen(world, id)


async def test_what_lies_in_another_tenant_is_not_found(world: World) -> None:
    kept = await added(world, school(world))

    for tenant in (world.places["other"], uuid7(), None):
        async with world.storage.look(OPERATOR, tenant=tenant) as reader:
            with pytest.raises(NotFound):
                await reader.get(Organization, kept.id)
    async with world.storage.begin(OPERATOR, tenant=world.places["other"]) as unit:
        with pytest.raises(NotFound):
            await unit.hold(Organization, kept.id)
    for change in ("save", "remove"):
        with pytest.raises(StaleVersion):
            async with world.storage.begin(OPERATOR, tenant=world.places["other"]) as unit:
                await getattr(unit, change)(kept)

    assert kept == await seen(world, kept.id)


async def test_what_is_another_persons_is_not_found(world: World) -> None:
    mine, theirs = user(world), user(world)
    await add_person(world, mine)
    await add_person(world, theirs)
    code = RecoveryCode(uuid7(), theirs.id, b"hash")
    async with world.storage.begin(OPERATOR, person=theirs.id) as unit:
        await unit.add(code)

    async with world.storage.look(OPERATOR, person=mine.id) as reader:
        for kind, id in ((User, theirs.id), (RecoveryCode, code.id)):
            with pytest.raises(NotFound):
                await reader.get(cast(Any, kind), id)
        assert [] == [*await reader.one_time_tokens.recovery_codes()]
    with pytest.raises(StaleVersion):
        async with world.storage.begin(OPERATOR, person=mine.id) as unit:
            await unit.remove(code)

    async with world.storage.look(OPERATOR, person=theirs.id) as reader:
        assert [code] == [*await reader.one_time_tokens.recovery_codes()]


async def test_a_look_sees_what_was_committed_last(world: World) -> None:
    kept, district = await added(world, school(world)), world.places["district"]

    async with world.storage.look(OPERATOR, tenant=district) as reader:
        before = await reader.get(Organization, kept.id)
        async with world.storage.begin(OPERATOR, tenant=district) as unit:
            saved = await unit.save(evolve(kept, name="Changed"))
            await unit.get(Organization, kept.id)  # it has been sent
            meanwhile = await reader.get(Organization, kept.id)
        after = await reader.get(Organization, kept.id)

    assert (kept, kept, saved) == (before, meanwhile, after)


async def test_an_event_is_told_if_it_happened_and_only_then(world: World) -> None:
    async def undone() -> None:
        async with world.storage.begin(OPERATOR) as unit:
            await unit.record(UserRegistered("undone"))
            raise ZeroDivisionError

    async def refused() -> None:
        async with world.storage.begin(OPERATOR) as unit:
            await unit.record(UserRegistered("refused"))
            await unit.save(user(world))

    await world._events()
    async with world.storage.begin(OPERATOR) as unit:
        await unit.record(UserRegistered("committed"))
    with pytest.raises(ZeroDivisionError):
        await undone()
    with pytest.raises(StaleVersion):
        await refused()

    assert [UserRegistered("committed")] == await world._events()


async def people_found(world: World, actor: Actor, limit: int, **wanted: Any) -> list[list[str]]:
    """Their names, page by page."""
    pages, cursor = [], None
    while True:
        request = PageRequest(limit=limit, cursor=cursor)
        page = await world.app.users.list(actor, UserFilter(**wanted), request)
        pages.append([person.full_name for person in page.items])
        if not (cursor := page.next_cursor):
            return pages


async def add_people(world: World, names: Sequence[str]) -> None:
    for number, name in enumerate(names):
        await world.person(Role.TEACHER, name=name, email=f"x{number}@example.org")


async def looking_from(world: World, place: str) -> Actor:
    """Who sees all of the platform, a tenant, or what is below one node of it."""
    return OPERATOR if place == "everywhere" else await world.acting(Role.ORG_ADMIN, place)


@pytest.mark.parametrize("place", ["everywhere", "district", "north"])
async def test_people_are_found_in_the_order_of_their_words_without_case_and_accents(
    world: World, place: str
) -> None:
    actor = await looking_from(world, place)
    await add_people(world, ["Ärzte", "apple", "Zoo", "Azure Ätna", "Zoë Abel"])

    role = Role.TEACHER
    assert [["Zoë Abel"], ["apple"], ["Ärzte"], ["Azure Ätna"]] == await people_found(
        world, actor, 1, q="Á", role=role
    )
    assert [["Zoë Abel"], ["Zoo"]] == await people_found(world, actor, 1, q="zo")
    assert [["Zoë Abel"]] == await people_found(world, actor, 5, q="ABE zOE")
    assert [[]] == await people_found(world, actor, 5, q="abel apple")


@pytest.mark.parametrize("place", ["everywhere", "district", "north"])
async def test_pages_are_complete_and_without_repetition(world: World, place: str) -> None:
    actor = await looking_from(world, place)
    names = [f"Person {number}" for number in range(7)]
    await add_people(world, names)

    expected = [names[:2], names[2:4], names[4:6], names[6:]]
    assert expected == await people_found(world, actor, 2, role=Role.TEACHER)
    assert expected == await people_found(world, actor, 2, q="per")
    assert [names] == await people_found(world, actor, 7, role=Role.TEACHER)


async def test_a_page_is_stable_whatever_is_added_or_removed_before_it(world: World) -> None:
    await add_people(world, ["b1", "b2", "b3", "b4"])
    wanted = UserFilter(q="b")
    first = await world.app.users.list(OPERATOR, wanted, PageRequest(limit=2))
    await world.person(Role.TEACHER, name="b0", email="y0@example.org")

    rest = PageRequest(limit=9, cursor=first.next_cursor)
    second = await world.app.users.list(OPERATOR, wanted, rest)

    assert ["b3", "b4"] == [person.full_name for person in second.items]


@pytest.mark.parametrize(
    "cursor", ["x", "ümlaut", "bnVsbA==", "WyJ4Il0=", "W10=", "WzEsMl0=", "e30=", "WyIiLCIiXQ=="]
)
async def test_a_cursor_that_was_not_given_out_is_refused(world: World, cursor: str) -> None:
    request = PageRequest(cursor=cursor)
    for wanted in (UserFilter(), UserFilter(q="a")):
        with pytest.raises(Invalid):
            await world.app.users.list(OPERATOR, wanted, request)
    with pytest.raises(Invalid):
        await world.app.organizations.list(OPERATOR, request)


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    await add_people(world, ["b1", "b2"])
    page = await world.app.users.list(OPERATOR, UserFilter(q="b"), PageRequest(limit=1))

    with pytest.raises(Invalid):
        await world.app.users.list(OPERATOR, UserFilter(), PageRequest(cursor=page.next_cursor))


@pytest.mark.parametrize("kind", TABLES)
def test_memory_knows_the_tables_unique_constraints(kind: type[Entity]) -> None:
    table = TABLES[kind]
    constraints = [one for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    indexes = [one for one in table.indexes if one.unique]
    declared = {str(one.name): {*one.columns.keys()} - {"tenant_id"} for one in constraints}
    declared |= {str(one.name): {*one.columns.keys()} - {"tenant_id"} for one in indexes}

    assert declared == {name: fields_of(key) for name, key in UNIQUE.get(kind, {}).items()}


def fields_of(key: Any) -> set[str]:  # attrgetter's type hides what it gets
    assert isinstance(key, attrgetter)
    return {*cast(tuple[Any, tuple[str, ...]], key.__reduce__())[1]}


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_has_its_entitys_fields_for_columns(kind: type[Entity]) -> None:
    fields = {field.name for field in attrs.fields(kind)}

    expected = fields | ({"tenant_id"} if kind.owner is Owner.TENANT else set())
    assert expected == {*TABLES[kind].columns.keys()}
