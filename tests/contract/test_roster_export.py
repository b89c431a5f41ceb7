"""A school's roster given out as rows, over both storages."""

import csv
from pathlib import Path

import pytest

from adapters.rosters.writing import write_oneroster
from faraday_core.kernel.actor import Actor, Role
from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import DepartmentMember, NewMember, TeamMember
from faraday_core.organizations.model import DepartmentFields, TeamFields
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)
from tests.imports import Importer
from tests.roster_sets import folder_of, school
from tests.rosters import Roster
from tests.world import OPERATOR, World


async def exported(world: World, actor: Actor = OPERATOR, at: str = "district") -> list[Row]:
    portions = world.app.roster_export.rows(actor, world.places[at])
    return [row async for portion in portions for row in portion]


def of(kind: type[Row], rows: list[Row]) -> list[tuple[object, ...]]:
    """Without where they stand."""
    return [tuple(row)[4:] for row in rows if type(row) is kind]


async def filled(world: World) -> dict[str, str]:
    made, places = Roster(world.storage, world.places["district"]), world.places
    year = await made.session(places["district"], "2026/27", source_id="y1", type="schoolYear")
    term = await made.session(places["north"], "Term", source_id="t1", parent_session_id=year.id)
    course = await made.course(
        places["north"],
        source_id="c1",
        code="PHY",
        grades=("07", "08"),
        academic_session_id=year.id,
    )
    class_ = await made.class_(
        places["north"],
        source_id="s1",
        course_id=course.id,
        academic_session_ids=(year.id, term.id),
        periods=("1", "2"),
    )
    kim = await made.person(
        "Kim Nguyen", places["north"], source_id="p1", given_name="Kim", family_name="Nguyen"
    )
    gone = await made.person("No Role", source_id="p2", is_active=False)
    guardian = await world.person(Role.GUARDIAN, "north")
    await world.app.guardians.confirm(OPERATOR, kim.id, guardian.id)
    await made.enroll(class_, kim.id, source_root_id=made.tenant, source_id="e1")
    await made.enroll(class_, gone.id, "aide", is_active=False)
    await world.person(Role.ORG_ADMIN, "district")
    await world.person(Role.STUDENT, "other")
    return {"guardian": guardian.id, "kim": kim.id, "class": class_.id}


async def test_all_below_an_organisation_is_given_out_by_the_ids_of_its_source(
    world: World,
) -> None:
    ids, places = await filled(world), world.places
    active = Standing.ACTIVE

    rows = await exported(world)

    assert [
        (active, places["north"], "North School", None, None, None),
        (active, places["south"], "South School", None, None, None),
    ] == of(OrganizationRow, rows)
    days = ("2026-09-01", "2027-06-30")
    assert [
        (active, "y1", "2026/27", "schoolYear", *days, None, None),
        (active, "t1", "Term", None, *days, None, "y1"),
    ] == of(AcademicSessionRow, rows)
    assert [(active, "c1", "Physics", "PHY", "07\x1f08", None, places["north"], "y1")] == of(
        CourseRow, rows
    )
    (class_,) = of(ClassRow, rows)
    assert (active, "s1", "Physics 7a") == class_[:3]
    assert ("1\x1f2", places["north"], "c1", "y1\x1ft1") == class_[-4:]
    people = {row[1]: row for row in of(UserRow, rows)}
    assert {"p1", "p2", ids["guardian"]} < {*people}
    assert (active, "p1", "Kim Nguyen", "Kim", None, "Nguyen") == people["p1"][:6]
    assert Standing.INACTIVE is people["p2"][0]
    roles = of(RoleRow, rows)
    assert (active, "p1", "student", places["north"], None, None, False) in roles
    assert {"student", "guardian"} == {row[2] for row in roles}
    assert [("p1", ids["guardian"])] == [row[1:3] for row in of(GuardianRow, rows)]
    assert [
        (active, "e1", "s1", "p1", "student"),
        (Standing.INACTIVE, None, "s1", "p2", "aide"),
    ] == [row[:5] for row in of(EnrollmentRow, rows)]


async def test_of_one_school_nothing_is_given_out_that_lies_outside_of_it(world: World) -> None:
    await filled(world)

    rows = await exported(world, await world.acting(Role.ORG_ADMIN, "north"), "north")

    assert [] == of(OrganizationRow, rows)
    assert [None] == [
        row[-1] for row in of(AcademicSessionRow, rows)
    ]  # its year is the district's
    assert ["No Role"] != [row[2] for row in of(UserRow, rows)]
    assert 1 == len(of(EnrollmentRow, rows))
    assert {None} == {row[3] for row in of(RoleRow, rows)}
    assert [] == of(UserRow, await exported(world, OPERATOR, "south"))


async def test_departments_and_who_belongs_there_are_given_out_and_teams_are_not(
    world: World,
) -> None:
    north = world.places["north"]
    maths = await world.app.departments.create(OPERATOR, DepartmentFields("Maths", north))
    algebra = await world.app.departments.create(
        OPERATOR, DepartmentFields("Algebra", north, maths.id)
    )
    team = await world.app.teams.create(OPERATOR, TeamFields("Grade 7", maths.id))
    teacher = await world.person(Role.TEACHER, "north")
    new = NewMember(teacher.id, Role.TEACHER)
    await world.app.members.add(OPERATOR, DepartmentMember, algebra.id, new)
    await world.app.members.add(OPERATOR, TeamMember, team.id, new)

    rows = await exported(world)

    assert [(maths.id, "Maths", north), (algebra.id, "Algebra", maths.id)] == [
        row[1:] for row in of(DepartmentRow, rows)
    ]
    assert [(teacher.id, "teacher", north), (teacher.id, "teacher", algebra.id)] == [
        row[1:4] for row in of(RoleRow, rows)
    ]


async def test_more_than_is_read_at_a_time_is_given_out_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (
        "faraday_core.roster.exporting",
        "adapters.persistence.memory.roster_export",
        "adapters.persistence.postgres.roster_export",
    ):
        monkeypatch.setattr(f"{module}.PORTION", 3)
    made, north = Roster(world.storage, world.places["district"]), world.places["north"]
    people = [(await made.person(f"Person {n}", north)).id for n in range(7)]

    assert people == [row[1] for row in of(UserRow, await exported(world))]


async def test_only_who_runs_imports_there_is_given_a_roster_and_it_is_noted(
    world: World,
) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "north")
    for role, at in ((Role.SUPPORT, "north"), (Role.TEACHER, "north")):
        with pytest.raises(Forbidden):
            await exported(world, await world.acting(role, at), "north")
    with pytest.raises(NotFound):
        await exported(world, await world.acting(Role.ORG_ADMIN, "other"), "north")

    await exported(world, admin, "north")

    log = await world.app.audit.list(admin, PageRequest(100))
    assert 1 == sum(entry.action == "roster.export" for entry in log.items)


async def test_the_rows_make_a_oneroster_set(world: World, tmp_path: Path) -> None:
    await filled(world)

    write_oneroster(await exported(world), tmp_path)

    with (tmp_path / "enrollments.csv").open(newline="") as file:
        found = [*csv.DictReader(file)]
    assert ["p1", "p2"] == [row["userSourcedId"] for row in found]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_what_was_imported_and_given_out_imports_again_unchanged(
    world: World, tmp_path: Path, version: str
) -> None:
    first = Importer(world, folder_of(school(6), tmp_path / "first"))
    taken = await first.run()
    assert all(count["refuse"] == 0 for count in taken.counts.values())
    await world.app.organizations.delete(OPERATOR, world.places["north"])
    await world.app.organizations.delete(OPERATOR, world.places["south"])

    write_oneroster(await exported(world), tmp_path / "again", version)
    again = await Importer(world, tmp_path / "again").plan()

    changed = {
        kind: {name: n for name, n in count.items() if n and name != "unchanged"}
        for kind, count in again.counts.items()
    }
    assert not any(changed.values()), (changed, again.warnings)
    assert taken.counts["enrollments"]["create"] == again.counts["enrollments"]["unchanged"]
