"""What guardians are to a child: read from files, kept, shown, given out, and taken back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.rosters.writing import write_oneroster
from faraday_core.kernel.paging import PageRequest
from faraday_core.people.model import UserFilter
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportView
from faraday_core.roster.rows import GuardianRow, RoleRow, UserRow
from tests.imports import Importer, contents, counted, told, without_ids
from tests.roster_files import Taken, read, written
from tests.world import OPERATOR, World

PAGE = PageRequest()
V1 = {
    "School.csv": "SIS ID,Name\nS,Contoso\n",
    "Student.csv": "SIS ID,School SIS ID,First Name,Last Name,Username\n"
    "p1,S,Kim,Pupil,kim\np2,S,Jo,Pupil,jo\n",
    "User.csv": "Email,First Name,Last Name,Phone,SIS ID\n"
    "Gil@Example.org,Gil,Pupil,,\nada@example.org,Ada,Aunt,555,G-7\n"
    "doc@example.org,Dee,Doctor,,\n",
    "Guardianrelationship.csv": "SIS ID,Email,Role\n"
    "p1,gil@example.org,Parent\np2,Gil@example.org,Guardian\np2,ada@example.org,RELATIVE\n"
    "p2,doc@example.org,Doctor\np1,ada@example.org,\n",
}


@pytest.fixture
def importer(world: World, tmp_path: Path) -> Importer:
    return Importer(world, tmp_path / "set")


def v1(importer: Importer, **other: str) -> Any:  # what runs it
    written(importer.path, V1 | {f"{name}.csv": text for name, text in other.items()})
    return importer.run(format=Format.MS_SDS)


async def user_id(importer: Importer, source_id: str) -> str:
    wanted = UserFilter(source_id=source_id)
    (found,) = (await importer.world.app.users.list(OPERATOR, wanted, PAGE)).items
    return found.id


async def relations(importer: Importer, child: str) -> list[tuple[str, str | None]]:
    """By the guardians' source ids."""
    names = {await user_id(importer, id): id for id in ("gil@example.org", "G-7")}
    id = await user_id(importer, child)
    found = (await importer.world.app.guardians.list(OPERATOR, id, PAGE)).items
    return sorted((names[one.guardian_id], one.relation) for one in found)


def sds(path: Path, **files: str) -> Taken:
    return read(
        written(path, {f"{name}.csv": text for name, text in files.items()}), Format.MS_SDS
    )


async def test_parents_of_the_first_school_data_sync_come_in_with_what_they_are(
    importer: Importer,
) -> None:
    done = await v1(importer)

    assert {"create": 5} == counted(done, "users")
    assert [("gil@example.org", "parent")] == await relations(importer, "p1")
    assert [("G-7", "relative"), ("gil@example.org", "guardian")] == await relations(
        importer, "p2"
    )
    assert [("Guardianrelationship.csv", line, "Role", "role_not_granted") for line in (5, 6)] == (
        told(done.warnings)
    )
    assert {"unchanged": 5} == counted(await importer.run(format=Format.MS_SDS), "users")


def test_a_guardian_without_an_id_is_known_by_the_address_and_another_by_the_id(
    tmp_path: Path,
) -> None:
    taken = sds(
        tmp_path,
        User="Email,First Name,Last Name,Phone,SIS ID\nGil@Example.org,Gil,P,,\n"
        "a@b.org,A,B,,G-7\n",
        Guardianrelationship="SIS ID,Email,Role\np1,gil@example.org,parent\np1,A@b.org,parent\n",
    )

    people = [(row.source_id, row.email, row.full_name) for row in taken.of(UserRow)]
    assert [("gil@example.org", "Gil@Example.org", "Gil P"), ("G-7", "a@b.org", "A B")] == people
    assert ["gil@example.org", "G-7"] == [row.guardian for row in taken.of(GuardianRow)]
    assert [("gil@example.org", "guardian"), ("G-7", "guardian")] == [
        (row.user, row.role) for row in taken.of(RoleRow)
    ]


def test_what_is_wrong_with_a_relation_is_told_with_its_place(tmp_path: Path) -> None:
    taken = sds(
        tmp_path,
        User="Email,First Name,Last Name,Phone,SIS ID\nno address,Gil,P,,\n,Ada,P,,\n",
        Guardianrelationship="SIS ID,Email,Role\np1,gil@,parent\n,a@b.org,parent\n"
        "p1,a@b.org,Chef\n",
    )

    assert [
        ("User.csv", 2, "Email", "invalid_email"),
        ("User.csv", 3, "Email", "required"),
        ("Guardianrelationship.csv", 2, "Email", "invalid_email"),
        ("Guardianrelationship.csv", 3, "SIS ID", "required"),
        ("Guardianrelationship.csv", 4, "Role", "invalid_value"),
    ] == sorted(set(taken.refused), key=lambda place: (place[0] != "User.csv", place[1]))


async def test_a_relation_that_names_nobody_is_refused(importer: Importer) -> None:
    more = V1["Guardianrelationship.csv"] + "p1,who@example.org,Parent\n"
    done = await v1(importer, Guardianrelationship=more)
    assert ("failed", [("Guardianrelationship.csv", 7, "Email", "unknown_reference")]) == (
        done.status,
        told(done.refused),
    )


async def test_another_word_for_a_relation_is_taken_over_and_taken_back(
    importer: Importer,
) -> None:
    await v1(importer)
    before = await contents(importer.world)
    other = V1["Guardianrelationship.csv"].replace(
        "p1,gil@example.org,Parent", "p1,gil@example.org,Relative"
    )

    done = await v1(importer, Guardianrelationship=other)

    assert {"update": 1, "unchanged": 4} == counted(done, "users")
    assert [("gil@example.org", "relative")] == await relations(importer, "p1")
    await importer.undo(done)
    assert before == await contents(importer.world)


async def test_a_relation_that_ended_comes_back_with_the_undo(importer: Importer) -> None:
    await v1(importer)
    before = await contents(importer.world)
    lines = V1["Guardianrelationship.csv"].splitlines(keepends=True)
    done = await v1(importer, Guardianrelationship="".join([*lines[:3], *lines[4:]]))
    assert [("gil@example.org", "guardian")] == await relations(importer, "p2")
    await importer.undo(done)
    assert before == await contents(importer.world)


async def test_the_relation_of_who_is_erased_meanwhile_does_not_come_back(
    importer: Importer,
) -> None:
    await v1(importer)
    lines = V1["Guardianrelationship.csv"].splitlines(keepends=True)
    done = await v1(importer, Guardianrelationship="".join([*lines[:3], *lines[4:]]))
    await importer.world.app.erasures.erase(OPERATOR, await user_id(importer, "G-7"))

    assert "undone" == (await importer.undo(done)).status

    found = (await contents(importer.world))["guardianships"]
    assert ["guardian", "parent"] == sorted(row["relation"] for row in found)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_what_guardians_are_is_given_out_and_read_again(
    importer: Importer, world: World, tmp_path: Path, version: str
) -> None:
    await v1(importer)
    portions = world.app.roster_export.rows(OPERATOR, world.places["district"])
    rows = [row async for portion in portions for row in portion]

    write_oneroster(rows, tmp_path / "out", version)

    again = read(tmp_path / "out")
    known = {("p1", "gil@example.org", "parent"), ("p2", "G-7", "relative")}
    assert {*known, ("p2", "gil@example.org", "guardian")} == {
        (row.user, row.guardian, row.relation) for row in again.of(GuardianRow)
    }
    assert [] == again.refused + again.warned
    where = [
        (row.user, row.organization or None) for row in again.of(RoleRow) if row.role == "guardian"
    ]
    assert [("G-7", None), ("gil@example.org", None)] == sorted(where)


@pytest.mark.parametrize(
    ("told_of", "found"),
    [
        ('"parent,relative"', ["parent", "relative"]),
        ('"unknown,parent"', [None, "parent"]),
        ("parent", [None, None]),
        ("", [None, None]),
    ],
)
def test_of_agents_as_many_words_are_read_as_there_are_agents(
    tmp_path: Path, told_of: str, found: Sequence[str | None]
) -> None:
    heading = "sourcedId,orgSourcedIds,role,givenName,familyName,agentSourcedIds"
    text = f'{heading},metadata.agentRelations\np1,s1,student,Kim,P,"g1,g2",{told_of}\n'
    taken = read(written(tmp_path, {"users.csv": text}))
    assert found == [row.relation for row in taken.of(GuardianRow)]


async def test_both_storages_keep_the_same(
    memory_world: World, stored_world: World, tmp_path: Path
) -> None:
    kept = []
    for number, world in enumerate((memory_world, stored_world)):
        importer = Importer(world, tmp_path / str(number))
        view: ImportView = await v1(importer)
        assert "applied" == view.status
        kept.append(without_ids(await contents(world)))
    assert kept[0] == kept[1]
