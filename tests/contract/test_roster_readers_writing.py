"""What is written reads back as it was."""

import csv
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.rosters.writing import neutral, write_oneroster
from faraday_core.roster.reading import UnreadableSource
from faraday_core.roster.rows import (
    JOIN,
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)
from tests.roster_files import Taken, read, users, written

ON = Standing.ACTIVE
WHERE = (0, 2, 0, None)


def meaning(rows: list[Row]) -> set[tuple[object, ...]]:
    """Rows without where they stand."""
    return {(type(row).__name__, *row[4:]) for row in rows}


def back(folder: Path) -> Taken:
    return read(folder, demographics=True)


ROWS: list[Row] = [
    UserRow(*WHERE, ON, "P-1", "Ada Lee", "Ada", "M.", "Lee", "ada", "a@b.example", "7", "07",
            "S-1"),
    UserRow(*WHERE, Standing.INACTIVE, "P-2", "Teller", username="teller"),
    UserRow(*WHERE, Standing.DELETED, "G-1", "Eve van der Lee", "Eve", None, "van der Lee"),
    RoleRow(*WHERE, ON, "P-1", "student", "S-1", "2026-08-24", None),
    RoleRow(*WHERE, ON, "P-2", "teacher", "X-1"),
    RoleRow(*WHERE, ON, "P-2", "guardian", "S-1"),
    GuardianRow(*WHERE, ON, "P-1", "G-1", None, inline=True),
    GuardianRow(*WHERE, ON, "P-1", "P-2", None, inline=True),
    OrganizationRow(*WHERE, ON, "S-1", "=Lincoln", "school", "12", None),
    OrganizationRow(*WHERE, ON, "U-1", "Uni", "university", None, "S-1"),
    DepartmentRow(*WHERE, Standing.INACTIVE, "X-1", "Arts, & Music", "S-1"),
    AcademicSessionRow(
        *WHERE, ON, "T-1", "Autumn", "term", "2026-08-24", "2027-01-22", "2027", None
    ),
    AcademicSessionRow(*WHERE, ON, "T-2", "Without days"),
    CourseRow(*WHERE, ON, "C-1", '"Physics"', "PH", f"07{JOIN}08", f"A{JOIN}B", "S-1", "T-1"),
    ClassRow(*WHERE, ON, "K-1", "-7a", "7A", "homeroom", "Room 1", "07", "A", f"1{JOIN}2", "S-1",
             "C-1", f"T-1{JOIN}T-2"),
    ClassRow(*WHERE, ON, "K-2", "Of no course"),
    EnrollmentRow(*WHERE, ON, "E-1", "K-1", "P-1", "student", starts_on="2026-08-24",
                  ends_on="2027-06-18", is_primary=True),
    EnrollmentRow(*WHERE, Standing.INACTIVE, "E-2", "K-1", "P-2", "ta"),
    DemographicRow(*WHERE, ON, "P-1", "2012-02-29"),
]  # fmt: skip


def test_rows_of_all_kinds_read_back(tmp_path: Path) -> None:
    write_oneroster(ROWS, tmp_path / "set")
    taken = back(tmp_path / "set")

    assert meaning(ROWS) == meaning(list(taken.rows))
    assert [] == taken.refused + taken.warned


def test_a_set_that_was_read_is_written_as_it_was(tmp_path: Path) -> None:
    write_oneroster(ROWS, tmp_path / "one")
    write_oneroster(back(tmp_path / "one").rows, tmp_path / "two")

    for path in (tmp_path / "one").iterdir():
        ours, again = path.read_text(), (tmp_path / "two" / path.name).read_text()
        assert sorted(ours.splitlines()) == sorted(again.splitlines())


def test_the_older_version_has_roles_in_the_row_of_their_person(tmp_path: Path) -> None:
    rows: list[Row] = [
        RoleRow(*WHERE, ON, "P-2", "teacher", "S-1", inline=True),
        RoleRow(*WHERE, ON, "P-2", "teacher", "S-2", inline=True),
        UserRow(*WHERE, ON, "P-2", "Ada Lee", "Ada", None, "Lee"),
    ]
    write_oneroster(rows, tmp_path, "1.1")

    assert meaning(rows) == meaning(list(back(tmp_path).rows))
    assert "oneroster.version,1.1" in (tmp_path / "manifest.csv").read_text()
    assert not (tmp_path / "roles.csv").exists()


def test_a_manifest_says_what_is_there(tmp_path: Path) -> None:
    write_oneroster(ROWS[8:9], tmp_path)
    lines = (tmp_path / "manifest.csv").read_text().splitlines()

    assert {"oneroster.version,1.2", "file.orgs,bulk", "file.users,absent"} <= set(lines)


def test_nothing_is_written_of_a_refused_row(tmp_path: Path) -> None:
    taken = read(written(tmp_path / "one", {"users.csv": users("P-1,true,S-1,student,p,A,,")}))
    write_oneroster(taken.rows, tmp_path / "two")

    assert ["manifest.csv"] == [path.name for path in (tmp_path / "two").iterdir()]
    with pytest.raises(UnreadableSource):
        read(tmp_path / "two")


@pytest.mark.parametrize("opening", "=+-@\t\r")
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(opening: str) -> None:
    assert f"'{opening}1" == neutral(f"{opening}1")


@pytest.mark.parametrize("cell", ["", "Ada", "1=1", "'Aziz", "O'Brien", "7-a"])
def test_any_other_cell_is_written_as_it_is(cell: str) -> None:
    assert cell == neutral(cell)


# All that may stand in a cell: in its composed form, without controls and halves of pairs.
CELL = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd"), max_size=30
).map(lambda text: normalize("NFC", text))
FILLED = st.tuples(st.sampled_from(["", "=", "'", "''", "-", "@", '"', "Ü"]), CELL).map(
    lambda parts: normalize("NFC", f"{parts[0]}x{parts[1]}")
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(st.lists(st.tuples(FILLED, FILLED, CELL), min_size=1, max_size=20))
def test_any_text_reads_back_letter_by_letter(cells: list[tuple[str, str, str]]) -> None:
    rows: list[Row] = [
        UserRow(*WHERE, ON, f"P-{n}", f"{given} {family}", given, middle or None, family)
        for n, (given, family, middle) in enumerate(cells)
    ]
    with TemporaryDirectory() as folder:
        write_oneroster(rows, Path(folder))
        taken = back(Path(folder))

    assert [row[4:] for row in rows] == [row[4:] for row in taken.rows]
    assert [] == taken.refused


LINE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd"), max_size=8
)
ANY = st.lists(st.one_of(LINE, st.just("a\nb"), st.just('"'), st.just("\n")), max_size=4).map(
    "".join
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(ANY, min_size=3, max_size=3), max_size=30), st.sampled_from(["\n", "\r\n"])
)
def test_rows_are_found_on_the_lines_where_they_begin(rows: list[list[str]], end: str) -> None:
    heading = ["sourcedId", "givenName", "familyName"]
    with TemporaryDirectory() as name:
        path = Path(name) / "users.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([heading, *rows])
        taken = read(path)

    lines = [2]
    for row in rows:
        lines.append(lines[-1] + 1 + "".join(row).count("\n"))
    assert lines[:-1] == [row.line for row in taken.rows]


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400))
def test_no_bytes_bring_a_reader_down(content: bytes) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "users.csv"
        path.write_bytes(b"sourcedId,givenName,familyName\n" + content)
        with suppress(UnreadableSource):
            assert all(row.line >= 2 for row in read(path).rows)
