"""Departments and teams, and moving about in the tree, over both storages."""

from datetime import timedelta

import pytest
from attrs import evolve

from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Invalid, NotFound, StaleVersion
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import (
    DepartmentFields,
    DepartmentFilter,
    OrganizationFields,
    OrganizationFilter,
    TeamFields,
    TeamFilter,
)
from faraday_core.organizations.views import DepartmentView
from tests.tree import a_department, a_member, a_team, code_of
from tests.world import OPERATOR, World

PAGE = PageRequest()


# Departments and teams


async def test_an_org_admin_makes_departments_in_departments_and_teams_in_these(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    fields = DepartmentFields("Sciences", world.places["north"], description="All of them.")

    sciences = await world.app.departments.create(admin, fields)
    physics = await world.app.departments.create(
        admin, DepartmentFields("Physics", world.places["north"], sciences.id)
    )
    lab = await world.app.teams.create(admin, TeamFields("Lab", physics.id))

    assert evolve(sciences, member_count=0) == await world.app.departments.get(admin, sciences.id)
    assert "All of them." == sciences.description
    assert sciences.id == physics.parent_department_id
    assert (physics.id, world.places["north"]) == (lab.department_id, lab.organization_id)
    assert lab == await world.app.teams.get(admin, lab.id)


@pytest.mark.parametrize("at", ["other", "south"])
async def test_what_cannot_be_seen_is_an_unknown_reference(world: World, at: str) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    theirs = await a_department(world, at=at)
    mine = world.places["north"]

    for fields in (
        DepartmentFields("Mine", world.places[at]),
        DepartmentFields("Mine", mine, theirs.id),
        DepartmentFields("Mine", mine, uuid7()),
        DepartmentFields("Mine", mine, mine),
    ):
        create = world.app.departments.create(admin, fields)
        assert "unknown_reference" == await code_of(create)
    for id in (theirs.id, mine, "nonsense"):
        create = world.app.teams.create(admin, TeamFields("Mine", id))  # type: ignore[assignment]  # a team this time
        assert "unknown_reference" == await code_of(create)


async def test_the_parent_of_a_department_is_of_the_same_organisation(world: World) -> None:
    south = await a_department(world, at="south")

    with pytest.raises(Invalid) as caught:
        await a_department(world, at="north", parent=south.id)

    assert ["/parent_department_id"] == [fault.pointer for fault in caught.value.faults]


async def test_an_organisation_is_below_no_department(world: World) -> None:
    maths = await a_department(world)

    create = world.app.organizations.create(OPERATOR, OrganizationFields("School", maths.id))
    assert "unknown_reference" == await code_of(create)


async def test_one_kind_is_not_found_as_another(world: World) -> None:
    maths = await a_department(world)

    for get in (world.app.teams.get, world.app.organizations.get):
        with pytest.raises(NotFound):
            await get(OPERATOR, maths.id)


async def test_departments_end_at_twelve_levels(world: World) -> None:
    parent = None
    for level in range(12):
        parent = (await a_department(world, f"Level {level}", parent=parent)).id

    assert "too_deep" == await code_of(a_department(world, "Level 13", parent=parent))


# Who sees and writes what


async def test_a_department_head_writes_below_but_not_their_own_place(world: World) -> None:
    sciences = await a_department(world, "Sciences")
    head = await head_of(world, sciences)

    physics = await world.app.departments.create(
        head, DepartmentFields("Physics", world.places["north"], sciences.id)
    )
    await world.app.teams.create(head, TeamFields("Lab", physics.id))
    rename = DepartmentFields("Natural Sciences", world.places["north"])
    await world.app.departments.change(head, sciences.id, lambda _: rename)

    assert "forbidden" == await code_of(
        world.app.departments.create(head, DepartmentFields("Another", world.places["north"]))
    )
    assert "forbidden" == await code_of(world.app.departments.delete(head, sciences.id))
    assert "forbidden" == await code_of(world.app.departments.archive(head, sciences.id))
    arts = await a_department(world, "Arts")
    move = DepartmentFields("Sciences", world.places["north"], arts.id)
    assert "not_found" == await code_of(
        world.app.departments.change(head, arts.id, lambda _: rename)
    )
    assert "forbidden" == await code_of(
        world.app.departments.change(head, sciences.id, lambda _: move)
    )


async def head_of(world: World, department: DepartmentView) -> Actor:
    return await a_member(world, Role.DEPARTMENT_HEAD, department_id=department.id)


async def test_who_belongs_to_a_team_reads_it_its_department_and_its_organisation(
    world: World,
) -> None:
    maths, arts = await a_department(world), await a_department(world, "Arts")
    mine, theirs = await a_team(world, maths.id), await a_team(world, maths.id, "Grade 8")
    student = await a_member(world, Role.STUDENT, team_id=mine.id)
    app = world.app

    assert [mine.id] == [t.id for t in (await app.teams.list(student, PAGE)).items]
    assert [maths.id] == [d.id for d in (await app.departments.list(student, PAGE)).items]
    seen = await app.organizations.list(student, PAGE)
    assert [world.places["north"]] == [o.id for o in seen.items]
    assert mine.id == (await app.teams.get(student, mine.id)).id
    assert maths.id == (await app.departments.get(student, maths.id)).id
    assert "North School" == (await app.organizations.get(student, world.places["north"])).name
    for hidden in (
        app.teams.get(student, theirs.id),
        app.departments.get(student, arts.id),
        app.organizations.get(student, world.places["district"]),
    ):
        assert "not_found" == await code_of(hidden)
    write = app.teams.change(student, mine.id, lambda _: TeamFields("Ours", maths.id))
    assert "forbidden" == await code_of(write)


async def test_a_student_of_a_school_sees_the_school_and_not_its_departments(
    world: World,
) -> None:
    maths = await a_department(world)
    student = await world.acting(Role.STUDENT, "north")

    assert () == (await world.app.departments.list(student, PAGE)).items
    assert "not_found" == await code_of(world.app.departments.get(student, maths.id))


async def test_a_teacher_sees_all_of_their_school_and_nothing_of_another(world: World) -> None:
    maths = await a_department(world)
    await a_department(world, "Elsewhere", at="south")
    grade = await a_team(world, maths.id)
    teacher = await world.acting(Role.TEACHER, "north")

    assert [maths.id] == [d.id for d in (await world.app.departments.list(teacher, PAGE)).items]
    assert [grade.id] == [t.id for t in (await world.app.teams.list(teacher, PAGE)).items]


# Lists


async def test_lists_are_narrowed_to_what_lies_in_one_node(world: World) -> None:
    maths = await a_department(world)
    algebra = await a_department(world, "Algebra", parent=maths.id)
    await a_department(world, "Elsewhere", at="south")
    grade = await a_team(world, algebra.id)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    app = world.app

    async def departments(organization_id: str) -> list[str]:
        wanted = DepartmentFilter(organization_id=organization_id)
        return [d.id for d in (await app.departments.list(admin, PAGE, wanted)).items]

    async def teams(department_id: str) -> list[str]:
        wanted = TeamFilter(department_id=department_id)
        return [t.id for t in (await app.teams.list(admin, PAGE, wanted)).items]

    assert [maths.id, algebra.id] == await departments(world.places["north"])
    assert [] == await departments(world.places["other"])
    assert [] == await departments("nonsense")
    assert [grade.id] == await teams(algebra.id)
    assert [] == await teams(maths.id)
    below = OrganizationFilter(parent_organization_id=world.places["district"])
    assert 2 == len((await app.organizations.list(admin, PAGE, below)).items)


@pytest.mark.parametrize("q", ["ecole", "elem ecol", "élémentaire", "saint-", "ÉCOLE saint"])
async def test_a_name_is_found_by_its_words_without_accents_and_in_any_order(
    world: World, q: str
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    fields = OrganizationFields("École élémentaire Saint-Exupéry", world.places["district"])
    school = await world.app.organizations.create(admin, fields)

    found = await world.app.organizations.list(admin, PAGE, OrganizationFilter(q=q))

    assert [school.id] == [organization.id for organization in found.items]


@pytest.mark.parametrize("q", ["xupery", "100%", "_orth", "%", ","])
async def test_the_middle_of_a_word_and_wildcards_find_nothing(world: World, q: str) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    fields = OrganizationFields("École Saint-Exupéry", world.places["district"])
    await world.app.organizations.create(admin, fields)

    assert () == (await world.app.organizations.list(admin, PAGE, OrganizationFilter(q=q))).items


async def test_lists_go_on_where_the_page_before_ended(world: World) -> None:
    made = [(await a_department(world, f"Department {n}")).id for n in range(5)]
    admin = await world.acting(Role.ORG_ADMIN, "north")

    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = await world.app.departments.list(admin, PageRequest(2, cursor))
        seen += [d.id for d in page.items]
        cursor = page.next_cursor

    assert made == seen
    assert cursor is None


# Moving


async def test_rights_follow_a_school_that_moves(world: World) -> None:
    fields = OrganizationFields("Borough", world.places["district"])
    borough = (await world.app.organizations.create(OPERATOR, fields)).id
    admin = await world.acting(Role.ORG_ADMIN, "district")
    world.places["borough"] = borough
    teacher = await world.acting(Role.TEACHER, "borough")
    maths = await a_department(world)
    assert "not_found" == await code_of(world.app.departments.get(teacher, maths.id))

    moved = OrganizationFields("North School", borough)
    await world.app.organizations.change(admin, world.places["north"], lambda _: moved)

    assert maths.id == (await world.app.departments.get(teacher, maths.id)).id
    north = await world.app.organizations.get(teacher, world.places["north"])
    assert borough == north.parent_organization_id


async def test_nothing_comes_to_lie_below_itself(world: World) -> None:
    app, places = world.app, world.places
    below_south = OrganizationFields("Annexe", places["south"])
    annexe = await app.organizations.create(OPERATOR, below_south)
    maths = await a_department(world)
    algebra = await a_department(world, "Algebra", parent=maths.id)

    for target in (places["south"], annexe.id):
        fields = OrganizationFields("South School", target)
        move = app.organizations.change(OPERATOR, places["south"], lambda _, f=fields: f)  # type: ignore[misc]  # bound now
        assert "cycle" == await code_of(move)
    for target in (maths.id, algebra.id):
        inside = DepartmentFields("Maths", places["north"], target)
        change = app.departments.change(OPERATOR, maths.id, lambda _, f=inside: f)  # type: ignore[misc]  # bound now
        assert "cycle" == await code_of(change)


async def test_nothing_leaves_its_tenant_and_a_tenant_stays_one(world: World) -> None:
    app, places = world.app, world.places
    maths = await a_department(world)

    async def move(id: str, parent: str | None) -> str:
        fields = OrganizationFields("Moved", parent)
        return await code_of(app.organizations.change(OPERATOR, id, lambda _: fields))

    assert "other_tenant" == await move(places["north"], places["other"])
    assert "other_tenant" == await move(places["district"], places["other"])
    assert "other_tenant" == await move(places["north"], None)
    away = DepartmentFields("Maths", places["other"])
    assert "other_tenant" == await code_of(
        app.departments.change(OPERATOR, maths.id, lambda _: away)
    )


async def test_a_move_takes_the_right_to_write_at_both_ends(world: World) -> None:
    north = await world.acting(Role.ORG_ADMIN, "north")
    to_south = OrganizationFields("North School", world.places["south"])

    change = world.app.organizations.change(north, world.places["north"], lambda _: to_south)
    assert "forbidden" == await code_of(change)


async def test_a_move_that_makes_the_tree_too_deep_is_refused(world: World) -> None:
    app, top = world.app, world.places["south"]
    parent = world.places["north"]
    for level in range(3, 12):
        fields = OrganizationFields(f"Level {level}", parent)
        parent = (await app.organizations.create(OPERATOR, fields)).id
    await app.organizations.create(OPERATOR, OrganizationFields("Annexe", top))

    below = OrganizationFields("South School", parent)
    assert "too_deep" == await code_of(app.organizations.change(OPERATOR, top, lambda _: below))


async def test_what_is_in_a_department_goes_with_it_to_another_school(world: World) -> None:
    maths = await a_department(world)
    algebra = await a_department(world, "Algebra", parent=maths.id)
    grade = await a_team(world, algebra.id)
    teacher = await a_member(world, Role.TEACHER, team_id=grade.id)
    admin = await world.acting(Role.ORG_ADMIN, "district")
    south = world.places["south"]

    away = DepartmentFields("Maths", south)
    await world.app.departments.change(admin, maths.id, lambda _: away)

    assert south == (await world.app.departments.get(admin, algebra.id)).organization_id
    assert south == (await world.app.teams.get(admin, grade.id)).organization_id
    assert teacher.user_id
    view = await world.app.users.get(admin, teacher.user_id)
    assert south == view.organization_id
    south_admin = await world.acting(Role.ORG_ADMIN, "south")
    assert view.id == (await world.app.users.get(south_admin, view.id)).id


async def test_a_team_goes_to_another_department_with_who_belongs_to_it(world: World) -> None:
    maths, arts = await a_department(world), await a_department(world, "Arts", at="south")
    grade = await a_team(world, maths.id)
    teacher = await a_member(world, Role.TEACHER, team_id=grade.id)
    admin = await world.acting(Role.ORG_ADMIN, "district")

    moved = await world.app.teams.change(admin, grade.id, lambda _: TeamFields("Grade", arts.id))

    assert (arts.id, world.places["south"]) == (moved.department_id, moved.organization_id)
    assert teacher.user_id
    view = await world.app.users.get(admin, teacher.user_id)
    assert world.places["south"] == view.organization_id


async def test_a_stale_change_is_refused(world: World) -> None:
    maths = await a_department(world)
    fields = DepartmentFields("Mathematics", world.places["north"])
    await world.app.departments.change(OPERATOR, maths.id, lambda _: fields, seen={maths.tag})

    with pytest.raises(StaleVersion):
        await world.app.departments.delete(OPERATOR, maths.id, seen={maths.tag})


# Removing, archiving


async def test_only_what_is_empty_is_deleted(world: World) -> None:
    app, places = world.app, world.places
    maths = await a_department(world)
    grade = await a_team(world, maths.id)
    await a_member(world, Role.TEACHER, team_id=grade.id)

    assert "not_empty" == await code_of(app.organizations.delete(OPERATOR, places["district"]))
    assert "not_empty" == await code_of(app.organizations.delete(OPERATOR, places["north"]))
    assert "not_empty" == await code_of(app.departments.delete(OPERATOR, maths.id))
    assert "not_empty" == await code_of(app.teams.delete(OPERATOR, grade.id))

    await app.organizations.delete(OPERATOR, places["south"])
    assert "not_found" == await code_of(app.organizations.get(OPERATOR, places["south"]))


async def test_what_is_archived_is_in_no_list_and_takes_nothing_new(world: World) -> None:
    app, places = world.app, world.places
    admin = await world.acting(Role.ORG_ADMIN, "district")
    maths = await a_department(world)

    archived = await app.organizations.archive(admin, places["north"])
    world.clock.now += timedelta(minutes=1)
    assert archived == await app.organizations.archive(admin, places["north"])

    assert archived.archived_at is not None
    listed = (await app.organizations.list(admin, PAGE)).items
    assert places["north"] not in [organization.id for organization in listed]
    every = OrganizationFilter(include_archived=True)
    listed = (await app.organizations.list(admin, PAGE, every)).items
    assert places["north"] in [organization.id for organization in listed]
    assert "archived" == await code_of(a_department(world, "New"))
    assert "archived" == await code_of(a_team(world, maths.id))
    fields = DepartmentFields("New", places["north"])
    assert "archived" == await code_of(app.departments.change(admin, maths.id, lambda _: fields))
    await app.departments.archive(admin, maths.id)
    assert "archived" == await code_of(app.departments.restore(admin, maths.id))

    assert (await app.organizations.restore(admin, places["north"])).archived_at is None
    await app.departments.restore(admin, maths.id)
    assert await a_team(world, maths.id)


async def test_every_change_is_in_the_audit_log(world: World) -> None:
    maths = await a_department(world)
    fields = DepartmentFields("Mathematics", world.places["north"])
    await world.app.departments.change(OPERATOR, maths.id, lambda _: fields)
    await world.app.departments.delete(OPERATOR, maths.id)

    entries = (await world.app.audit.list(OPERATOR, PAGE)).items

    theirs = [entry for entry in entries if entry.target_id == maths.id]
    assert ["department.delete", "department.update", "department.create"] == [
        entry.action for entry in theirs
    ]
