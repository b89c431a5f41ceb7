"""Imports and schools that were merged into one, over both storages."""

from pathlib import Path

import pytest

from faraday_core.organizations.merge_service import IntoOrganization
from faraday_core.roster.requests import ImportView
from tests.imports import Contents, Importer, contents, counted, told
from tests.world import OPERATOR, World

ORGS = [
    "a,,Alder School,school,,",
    "b,,Birch School,school,,",
    "sub,,Alder Annex,school,,a",
    "dep,,Science,department,,a",
]
COURSES = ["k,,,Physics,PH,,a,"]
CLASSES = ["c,,Physics 7a,7,k,,,,a,,,", "d,,Choir,7,,,,,b,,,"]
USERS = [
    "t,,true,a,teacher,tara,Tara,Teach,,,",
    'p,,true,"a,b",student,kim,Kim,Pupil,,,7',
]
ENROLLMENTS = ["e1,,c,t,teacher,true,,", "e2,,c,p,student,false,,"]
SET = {
    "orgs": ORGS,
    "courses": COURSES,
    "classes": CLASSES,
    "users": USERS,
    "enrollments": ENROLLMENTS,
}


@pytest.fixture
def importer(world: World, tmp_path: Path) -> Importer:
    return Importer(world, tmp_path / "set")


async def taken(importer: Importer, **other: list[str]) -> ImportView:
    importer.write(**{**SET, **other})
    return await importer.run()


def of(found: Contents, table: str, source_id: str) -> str:
    (id,) = [row["id"] for row in found[table] if row["source_id"] == source_id]
    return str(id)


async def merged(importer: Importer, one: str = "a", into: str = "b") -> tuple[str, str]:
    found = await contents(importer.world)
    ids = of(found, "organizations", one), of(found, "organizations", into)
    target = IntoOrganization(ids[1])
    await importer.world.app.merges.merge(OPERATOR, ids[0], target)
    return ids


def places(found: Contents, table: str) -> dict[str, str]:
    return {str(row["source_id"]): row["organization_id"] for row in found[table]}


async def test_what_the_source_says_of_a_merged_school_is_of_the_one_that_is_left(
    importer: Importer,
) -> None:
    await taken(importer)
    former, left = await merged(importer)
    before = await contents(importer.world)

    run = await taken(importer)

    assert [("orgs.csv", 2, None, "merged")] == told(run.warnings)
    assert "Birch School" in run.warnings[0]["detail"]
    assert {"unchanged": 3} == counted(run, "organizations")
    for kind in ("departments", "courses", "classes", "enrollments"):
        assert {"unchanged"} == {*counted(run, kind)}, kind
    found = await contents(importer.world)
    assert {left} == {*places(found, "classes").values(), *places(found, "enrollments").values()}
    assert before["organizations"] == found["organizations"]
    assert all(
        row["ends_on"] or row["organization_id"] != former for row in found["user_organizations"]
    )
    again = await importer.plan()
    assert {"unchanged": 2} == counted(again, "users")


async def test_what_is_new_of_a_merged_school_comes_to_the_one_that_is_left(
    importer: Importer,
) -> None:
    await taken(importer)
    _, left = await merged(importer)

    await taken(
        importer,
        classes=[*CLASSES, "n,,Physics 8a,8,k,,,,a,,,"],
        users=[*USERS, "q,,true,a,student,jo,Jo,Pupil,,,8"],
        orgs=[*ORGS, "new,,New Annex,school,,a"],
    )

    found = await contents(importer.world)
    assert left == places(found, "classes")["n"]
    (annex,) = [row for row in found["organizations"] if row["source_id"] == "new"]
    assert left == annex["parent_organization_id"]
    (jo,) = [row["id"] for row in found["users"] if row["source_id"] == "q"]
    assert [left] == [
        row["organization_id"] for row in found["user_organizations"] if row["user_id"] == jo
    ]


async def test_a_school_that_was_merged_twice_is_the_last_one(importer: Importer) -> None:
    orgs = [*ORGS, "z,,Cedar School,school,,"]
    await taken(importer, orgs=orgs)
    await merged(importer, "a", "b")
    _, last = await merged(importer, "b", "z")

    run = await taken(importer, orgs=orgs)

    assert {last} == {*places(await contents(importer.world), "classes").values()}
    assert {"merged"} == {note["code"] for note in run.warnings}


async def test_a_full_set_and_a_merged_school_remove_nothing(importer: Importer) -> None:
    await taken(importer)
    await merged(importer)
    importer.write(**{**SET, "orgs": ORGS[1:2] + ORGS[3:]} | {"orgs": ORGS})
    run = await importer.run(full=True)
    assert {"unchanged": 3} == counted(run, "organizations")


async def test_after_the_merge_is_undone_the_source_speaks_of_both_again(
    importer: Importer,
) -> None:
    await taken(importer)
    former, left = await merged(importer)
    await taken(importer)
    await importer.world.app.merges.undo(OPERATOR, former)

    run = await taken(importer)

    assert [] == [*run.warnings]
    assert {"c": former, "d": left} == places(await contents(importer.world), "classes")


async def test_an_import_that_is_undone_after_a_merge_leaves_things_where_that_put_them(
    importer: Importer,
) -> None:
    await taken(importer)
    run = await taken(importer, classes=[CLASSES[0].replace("7a", "7b"), CLASSES[1]])
    former, left = await merged(importer)

    await importer.undo(run)

    found = await contents(importer.world)
    assert {left} == {*places(found, "classes").values(), *places(found, "enrollments").values()}
    assert "Physics 7a" in [row["title"] for row in found["classes"]]
    await importer.world.app.merges.undo(OPERATOR, former)
    assert former == places(await contents(importer.world), "classes")["c"]


async def test_enrolments_go_where_their_class_goes_and_come_back(importer: Importer) -> None:
    await taken(importer)
    before = await contents(importer.world)

    run = await taken(
        importer,
        classes=[CLASSES[0].replace(",a,,,", ",b,,,"), CLASSES[1]],
        enrollments=[ENROLLMENTS[0].replace("true", "false"), ENROLLMENTS[1]],
    )

    found = await contents(importer.world)
    left = of(found, "organizations", "b")
    assert {"e1": left, "e2": left} == places(found, "enrollments")
    assert {2} == {row["version"] for row in found["enrollments"]}
    await importer.undo(run)
    assert before == await contents(importer.world)
