"""Sets of other makers, with what their pages say is in them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from faraday_core.roster.reading import Format
from faraday_core.roster.rows import (
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
from tests.data import data_folder
from tests.roster_files import Taken, read, written

DATA = data_folder()
__test__ = DATA is not None  # nothing of this is collected where there is no data
ROSTERS = (DATA or Path()) / "roster"

KINDS = {
    "organizations": "OrganizationRow",
    "departments": "DepartmentRow",
    "academic_sessions": "AcademicSessionRow",
    "courses": "CourseRow",
    "classes": "ClassRow",
    "users": "UserRow",
    "enrollments": "EnrollmentRow",
}


def made(folder: Path, *arguments: str) -> Path:
    """A OneRoster set by the generator that comes with the data."""
    command = [
        sys.executable,
        str(ROSTERS / "make_oneroster.py"),
        "--out",
        str(folder),
        *arguments,
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_generated_set_has_what_its_maker_says(tmp_path: Path, version: str) -> None:
    folder = made(tmp_path / "set", "--pupils", "700", "--version", version)
    expected = json.loads((tmp_path / "set.expected.json").read_text())
    taken = read(folder)

    assert expected["counts"] == {kind: taken.counts[row] for kind, row in KINDS.items()}
    assert [] == taken.refused
    assert {"role_not_granted"} == {code for *_, code in taken.warned}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_each_damage_is_told_with_its_place(tmp_path: Path, version: str) -> None:
    folder = made(tmp_path / "set", "--pupils", "700", "--version", version, "--damage")
    faults = json.loads((tmp_path / "set.faults.json").read_text())
    # What storage finds, as it needs other rows for that, is not a reader's to tell.
    of_storage = {"unknown_reference", "duplicate_id", "duplicate_email", "repeated_row"}
    taken = read(folder, demographics=True)

    def told(*treatments: str) -> set[tuple[str, int, str | None, str]]:
        return {
            (fault["file"], fault["line"], fault["column"], fault["code"])
            for fault in faults
            if fault["treatment"] in treatments and fault["code"] not in of_storage
        }

    assert told("refuse", "refuse-if-read") == set(taken.refused)
    assert told("warn") <= set(taken.warned)
    encodings = {file.name: file.encoding for file in taken.reader.files}
    assert ("utf-8-sig", "windows-1252") == (encodings["courses.csv"], encodings["orgs.csv"])
    assert ("orgs.csv", 1, None, "encoding") in taken.warned
    assert "Río Verde Unified School District" == taken.of(OrganizationRow)[0].name


def test_a_generated_zip_is_its_folder(tmp_path: Path) -> None:
    packed = tmp_path / "set.zip"
    folder = made(tmp_path / "set", "--pupils", "50", "--zip", str(packed))

    in_zip, in_folder = read(packed), read(folder)
    assert [row[3:] for row in in_folder.rows] == [row[3:] for row in in_zip.rows]
    assert [file.digest for file in in_folder.reader.files] == [
        file.digest for file in in_zip.reader.files
    ]


def kit(tmp_path: Path, *, templates: bool) -> Taken:
    files = {
        path.name: path.read_bytes()
        for path in (ROSTERS / "canvas-hydrationkit").iterdir()
        if templates or path.name != "course_templates.csv"
    }
    return read(written(tmp_path / "kit", files), Format.CANVAS_SIS)


def distinct(rows: list[CourseRow] | list[ClassRow] | list[UserRow]) -> int:
    return len({row.source_id for row in rows})


def test_the_canvas_kit_has_what_its_page_says(tmp_path: Path) -> None:
    taken = kit(tmp_path, templates=False)

    assert {
        "OrganizationRow": 8, "AcademicSessionRow": 16, "CourseRow": 450, "ClassRow": 2286,
        "UserRow": 800, "EnrollmentRow": 14_076, "RoleRow": 800,
    } == taken.counts  # fmt: skip
    assert (360, 2037, 800) == (
        distinct(taken.of(CourseRow)), distinct(taken.of(ClassRow)), distinct(taken.of(UserRow))
    )  # fmt: skip
    enrolled = taken.of(EnrollmentRow)
    assert 14_069 == len({(row.class_, row.user, row.role) for row in enrolled})
    assert 12_766 == sum(row.role == "student" for row in enrolled)
    standings = [row.standing for row in taken.of(UserRow)]
    assert (779, 10, 11) == tuple(map(standings.count, Standing))
    roles = [row.role for row in taken.of(RoleRow)]
    assert (763, 37) == (roles.count("student"), roles.count("teacher"))
    assert [] == taken.refused
    assert {"lenient_date"} == {code for *_, code in taken.warned}


def test_templates_of_the_canvas_kit_are_courses_of_an_account_that_is_not_there(
    tmp_path: Path,
) -> None:
    taken = kit(tmp_path, templates=True)

    assert 30 == sum(row.organization == "Templates" for row in taken.of(CourseRow))
    assert 480 == len(taken.of(CourseRow))


@pytest.mark.parametrize("dialect", ["v1-sds-format", "v1-uk-format"])
@pytest.mark.parametrize("part", ["100 Users", "25 Users", "Min Required Attributes"])
def test_the_first_school_data_sync_is_read_without_a_fault(dialect: str, part: str) -> None:
    folder = ROSTERS / "ms-sds-samples" / dialect / part
    taken = read(folder, Format.MS_SDS)

    assert [] == taken.refused + taken.warned
    assert 2 == taken.counts["OrganizationRow"]
    assert rows_of(folder, "Student", "Teacher") == taken.counts["UserRow"]
    assert rows_of(folder, "StudentEnrollment", "TeacherRoster") == taken.counts["EnrollmentRow"]
    assert {None} == {row.email for row in taken.of(UserRow)}
    assert "P@ss" not in repr(taken.rows)


def rows_of(folder: Path, *names: str) -> int:
    return sum(len((folder / f"{name}.csv").read_text().split("\n")[1:-1]) for name in names) or 1


def test_the_larger_set_of_the_first_school_data_sync_has_what_its_page_says() -> None:
    taken = read(ROSTERS / "ms-sds-samples" / "v1-sds-format" / "100 Users", Format.MS_SDS)

    assert {
        "OrganizationRow": 2, "AcademicSessionRow": 1, "CourseRow": 28, "ClassRow": 28,
        "UserRow": 98, "RoleRow": 98, "EnrollmentRow": 630,
    } == taken.counts  # fmt: skip
    assert 86 == sum(row.role == "student" for row in taken.of(RoleRow))


def test_the_second_school_data_sync_is_read_without_a_fault() -> None:
    taken = read(ROSTERS / "ms-sds-samples" / "v2", Format.MS_SDS)

    assert [] == taken.refused
    assert (5, 29, 29, 29) == (
        len(taken.of(OrganizationRow)), len(taken.of(UserRow)), len(taken.of(RoleRow)),
        len(taken.of(EnrollmentRow)),
    )  # fmt: skip


def test_school_data_sync_2_1_has_what_its_page_says() -> None:
    taken = read(ROSTERS / "ms-sds-samples" / "v2.1", Format.MS_SDS, demographics=True)

    assert [] == taken.refused
    assert {
        "OrganizationRow": 3, "DepartmentRow": 1, "AcademicSessionRow": 2, "CourseRow": 3,
        "ClassRow": 2, "UserRow": 8, "RoleRow": 9, "EnrollmentRow": 6, "GuardianRow": 3,
        "DemographicRow": 6,
    } == taken.counts  # fmt: skip
    people: list[UserRow] = taken.of(UserRow)
    assert all(row.email and "@" in row.email for row in people)
    rows: list[Row] = [*taken.of(GuardianRow), *taken.of(DepartmentRow)]
    assert all(row.fault is None for row in rows)
