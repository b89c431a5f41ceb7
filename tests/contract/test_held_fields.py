"""Fields that are held against imports, over both storages."""

import attrs
import pytest

from faraday_core.audit.model import AuditEntryView
from faraday_core.identity.model import User
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import Forbidden, Invalid, NotFound, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import Department, DepartmentFields, Organization
from faraday_core.roster.held_fields import HOLDABLE, USER, HeldFields, Kept
from faraday_core.roster.model import AcademicSession, Class, Course
from tests.rosters import Roster
from tests.world import OPERATOR, World

KINDS: list[type[Kept]] = [AcademicSession, Course, Class, Organization, Department]


async def made(world: World, kind: type[Kept], at: str = "north") -> str:
    """One of each kind at a place."""
    place, roster = world.places[at], Roster(world.storage, world.places["district"])
    if kind is Organization:
        return place
    if kind is Department:
        fields = DepartmentFields("Maths", place)
        return (await world.app.departments.create(OPERATOR, fields)).id
    if kind is Course:
        return (await roster.course(place)).id
    return (await (roster.class_ if kind is Class else roster.session)(place)).id


async def entries(world: World) -> list[AuditEntryView]:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    page = await world.app.audit.list(admin, PageRequest(100))
    return [one for one in page.items if one.action.endswith(".hold_fields")]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_org_admin_holds_fields_of_whatever_a_roster_brings(
    world: World, kind: type[Kept]
) -> None:
    id, admin = await made(world, kind), await world.acting(Role.ORG_ADMIN, "north")
    wanted = HOLDABLE[kind].fields

    assert () == (await world.app.held_fields.of(admin, kind, id)).fields
    held = await world.app.held_fields.hold(admin, kind, id, HeldFields([*wanted, wanted[0]]))

    assert sorted(wanted) == [*held.fields]
    assert held == await world.app.held_fields.of(admin, kind, id)
    assert 1 == len(await entries(world))
    released = await world.app.held_fields.hold(admin, kind, id, HeldFields([]))
    assert () == released.fields


@pytest.mark.parametrize("kind", KINDS)
async def test_nobody_holds_what_they_may_not_write(world: World, kind: type[Kept]) -> None:
    id, held = await made(world, kind), HeldFields(["is_active"])
    hold = world.app.held_fields.hold

    support, head = [
        await world.acting(role, "north") for role in (Role.SUPPORT, Role.DEPARTMENT_HEAD)
    ]
    assert () == (await world.app.held_fields.of(support, kind, id)).fields
    with pytest.raises(Forbidden):
        await world.app.held_fields.of(head, kind, id)
    for actor in (support, head):
        with pytest.raises(Forbidden):
            await hold(actor, kind, id, held)
    for role, at in ((Role.ORG_ADMIN, "south"), (Role.ORG_ADMIN, "other")):
        actor = await world.acting(role, at)
        with pytest.raises(NotFound):
            await hold(actor, kind, id, held)
        with pytest.raises(NotFound):
            await world.app.held_fields.of(actor, kind, id)
    teacher = await world.acting(Role.TEACHER, "north")
    with pytest.raises((NotFound, Forbidden)):
        await hold(teacher, kind, id, held)
    with pytest.raises(NotFound):
        await hold(OPERATOR, kind, uuid7(), held)


async def test_fields_of_a_person_are_held_by_who_may_write_them(world: World) -> None:
    person = await Roster(world.storage, world.places["district"]).person(
        "Kim Nguyen", world.places["north"], source_id="p1"
    )
    admin = await world.acting(Role.ORG_ADMIN, "north")

    held = await world.app.held_fields.hold_of_user(
        admin, person.id, HeldFields(["full_name", "email"])
    )

    assert ["email", "full_name"] == [*held.fields]
    assert held == await world.app.held_fields.of_user(admin, person.id)
    entry = (await entries(world))[0]
    assert (person.id, "user.hold_fields") == (entry.target_id, entry.action)
    assert "email full_name" == entry.details["fields"]
    support = await world.acting(Role.SUPPORT, "north")
    assert held == await world.app.held_fields.of_user(support, person.id)
    with pytest.raises(Forbidden):
        await world.app.held_fields.hold_of_user(support, person.id, HeldFields([]))
    for role, at in ((Role.ORG_ADMIN, "other"), (Role.TEACHER, "north")):
        with pytest.raises(NotFound):
            await world.app.held_fields.of_user(await world.acting(role, at), person.id)


async def test_only_what_a_file_brings_can_be_held(world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    id = await made(world, Class)

    with pytest.raises(Invalid) as caught:
        await world.app.held_fields.hold(admin, Class, id, HeldFields(["title", "version", "x"]))

    faults = [(fault.pointer, fault.code) for fault in caught.value.faults]
    assert [("/fields/1", "invalid_value"), ("/fields/2", "invalid_value")] == faults
    for kind, holdable in ((User, USER), *HOLDABLE.items()):
        columns = {field.name for field in attrs.fields(kind)} | {"is_active"}
        assert {*holdable.fields} <= columns


async def test_who_has_seen_another_state_holds_nothing(world: World) -> None:
    admin, id = await world.acting(Role.ORG_ADMIN, "north"), await made(world, Course)
    seen = await world.app.held_fields.of(admin, Course, id)
    held = HeldFields(["title"])
    await world.app.held_fields.hold(admin, Course, id, held, seen=[seen.tag])

    with pytest.raises(StaleVersion):
        await world.app.held_fields.hold(admin, Course, id, held, seen=[seen.tag])
