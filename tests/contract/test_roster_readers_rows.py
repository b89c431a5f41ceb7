"""Reading rows, of whatever format: characters, lines, quotes, encodings, and faults."""

from pathlib import Path

import pytest

from faraday_core.roster.rows import (
    EnrollmentRow,
    UserRow,
)
from tests.roster_files import Taken, enrollments, person, read, users, written


def of_users(folder: Path, content: str | bytes) -> Taken:
    return read(written(folder, {"users.csv": content}))


@pytest.mark.parametrize(
    ("code", "column", "row"),
    [
        ("required", "sourcedId", person("")),
        ("required", "familyName", person("P-1", family="")),
        ("required", "familyName", person("P-1", family="  ")),
        ("invalid_value", "role", "P-1,true,S-1,wizard,p1,Ada,Lee,"),
        ("invalid_value", "enabledUser", "P-1,perhaps,S-1,student,p1,Ada,Lee,"),
        ("invalid_email", "email", person("P-1", email="not an address")),
        ("invalid_character", "givenName", person("P-1", given="A\x00da")),
        ("invalid_character", "givenName", person("P-1", given="A\x1b[31mda")),
        ("invalid_character", "givenName", person("P-1", given="A\x9bda")),
        ("invalid_character", "givenName", person("P-1", given="A\ufffdda")),
        ("too_long", "givenName", person("P-1", given="é" * 32_769)),
        ("too_long", "givenName", person("P-1", given="x" * 65_537)),
        ("too_long", "givenName", person("P-1", given="x" * 10_485_760)),
        ("too_long", "givenName", person("P-1", given='"' + "a,b\n" * 30_000 + '"')),
        ("bad_row", None, person("P-1") + ",surplus"),
        ("bad_row", None, "P-1,true,S-1,student"),
        ("bad_row", None, person("P-1", given='"Ada')),
        ("bad_row", None, person("P-1", given='"Ada" x')),
    ],
)
def test_a_row_that_cannot_be_taken_is_told_with_its_place_and_costs_no_other(
    tmp_path: Path, code: str, column: str | None, row: str
) -> None:
    before, after = person("P-0", given='"Two\nlines"'), [person(f"P-{n}") for n in range(2, 9)]
    taken = of_users(tmp_path, users(before, row, *after))

    assert [("users.csv", 4, column, code)] == taken.refused
    people = taken.of(UserRow)
    assert ["P-0", "P-2", "P-3", "P-4", "P-5", "P-6", "P-7", "P-8"] == [
        user.source_id for user in people if not user.fault
    ]
    assert ["P-1" if "P-1" in row[:3] else ""] == [user.source_id for user in people if user.fault]
    assert people[-1].line == 4 + row.count("\n") + 7


def test_a_cell_of_exactly_as_many_bytes_as_may_be_is_taken(tmp_path: Path) -> None:
    taken = of_users(tmp_path, users(person("P-1", given="é" * 32_768)))

    assert [] == taken.refused
    assert 65_540 == len(taken.one(UserRow).full_name.encode())


def test_the_first_fault_by_columns_is_told_and_no_second_one(tmp_path: Path) -> None:
    heading = "email,familyName,role,sourcedId,givenName,enabledUser,orgSourcedIds,username"
    taken = of_users(
        tmp_path,
        users(
            "wrong,,wizard,P-1,Ad\x00a,maybe,,", "a@b.example,,wizard,P-2,\x00,,,", heading=heading
        ),
    )

    assert [
        ("users.csv", 2, "email", "invalid_email"),
        ("users.csv", 3, "familyName", "required"),
    ] == taken.refused
    assert [0, 1] == [row.fault.position for row in taken.rows if row.fault]


@pytest.mark.parametrize("day", ["2026-02-30", "13/45/2026", "2026-13-01", "26-01-01", "soon"])
def test_a_day_that_is_none_is_refused(tmp_path: Path, day: str) -> None:
    taken = read(
        written(tmp_path, {"enrollments.csv": enrollments(f"E-1,K-1,P-1,student,,{day},")})
    )

    assert [("enrollments.csv", 2, "beginDate", "bad_date")] == taken.refused
    assert ("E-1", "K-1", "P-1", "student", False, None, None) == taken.one(EnrollmentRow)[5:]


def test_a_day_may_have_a_time_which_is_left_away(tmp_path: Path) -> None:
    row = "E-1,K-1,P-1,student,,2026-08-24T00:00:00.000Z,20270618"
    taken = read(written(tmp_path, {"enrollments.csv": enrollments(row)}))

    assert ("2026-08-24", "2027-06-18") == taken.one(EnrollmentRow)[-2:]


def test_lines_are_counted_as_an_editor_shows_them(tmp_path: Path) -> None:
    rows = [
        person("P-1", given='"Ada\r\nMary"'),
        "",
        person("P-2", given='"A\n\nB"'),
        person("P-3", family=""),
    ]
    taken = of_users(tmp_path, users(*rows, end="\r\n"))

    assert [2, 5, 8] == [user.line for user in taken.of(UserRow)]
    assert ["Ada Mary", "A  B", "Ada"] == [user.given_name for user in taken.of(UserRow)]
    assert [("users.csv", 8, "familyName", "required")] == taken.refused
    assert [
        ("users.csv", 2, "givenName", "line_break"),
        ("users.csv", 5, "givenName", "line_break"),
    ] == taken.warned


def test_lines_are_counted_right_over_many_blocks(tmp_path: Path) -> None:
    rows = [person(f"P-{n}", given='"a\nb"' if n % 1000 == 0 else "Zoë") for n in range(20_000)]
    rows.append(person("P-X", family=""))
    taken = of_users(tmp_path, users(*rows))

    assert [("users.csv", 20_022, "familyName", "required")] == taken.refused
    assert 20_001 == len(taken.of(UserRow))
    assert sorted({row.line for row in taken.rows}) == [
        n + 2 + (n + 999) // 1000 for n in range(20_001)
    ]


@pytest.mark.parametrize("cell", ['=HYPERLINK("x")', "@SUM(A1)"])
def test_what_looks_like_a_formula_is_text_with_a_warning(tmp_path: Path, cell: str) -> None:
    quoted = '"' + cell.replace('"', '""') + '"'
    taken = of_users(tmp_path, users(person("P-1", given=quoted)))

    assert cell == taken.one(UserRow).given_name
    assert [("users.csv", 2, "givenName", "formula_text")] == taken.warned


@pytest.mark.parametrize("cell", ["+1", "-1", "\t1"])
def test_other_openings_are_text_without_a_word(tmp_path: Path, cell: str) -> None:
    taken = of_users(tmp_path, users(person("P-1", given=cell)))

    assert cell == taken.one(UserRow).given_name
    assert [] == taken.warned + taken.refused


@pytest.mark.parametrize(("cell", "meant"), [("'=1", "=1"), ("'-5", "-5"), ("''=1", "'=1")])
def test_a_quote_mark_that_makes_a_cell_harmless_is_taken_off(
    tmp_path: Path, cell: str, meant: str
) -> None:
    taken = of_users(tmp_path, users(person("P-1", given=cell), person("P-2", given="'Aziz")))

    assert [meant, "'Aziz"] == [user.given_name for user in taken.of(UserRow)]
    assert [] == taken.warned


def test_names_are_kept_letter_by_letter_in_their_composed_form(tmp_path: Path) -> None:
    names = ["D'Angelo", "Ka'ahumanu", "van der  Berg", "Lefe\u0300vre", "김", " Blank "]
    taken = of_users(tmp_path, users(*[person(f"P-{n}", x) for n, x in enumerate(names)]))

    assert ["D'Angelo", "Ka'ahumanu", "van der  Berg", "Lefèvre", "김", " Blank "] == [
        user.given_name for user in taken.of(UserRow)
    ]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
        ("cp1252", "windows-1252"),
    ],
)
def test_encodings_are_told_apart(tmp_path: Path, encoding: str, shown: str) -> None:
    text = users(person("P-1", given="Zoë", family="Ørsted"), person("P-2", family="Peña"))
    taken = of_users(tmp_path, text.encode(encoding))

    assert ["Zoë Ørsted", "Ada Peña"] == [user.full_name for user in taken.of(UserRow)]
    assert shown == taken.reader.files[0].encoding
    is_told = [("users.csv", 1, None, "encoding")]
    assert ([] if shown.startswith("utf-8") else is_told) == taken.warned


def test_a_broken_byte_in_a_utf_8_file_costs_its_row_alone(tmp_path: Path) -> None:
    text = users(person("P-1", given="Zoë"), person("P-2", given="?"), person("P-3", given="Åsa"))
    taken = of_users(tmp_path, text.encode().replace(b"?", b"\xc3("))

    assert [("users.csv", 3, "givenName", "invalid_character")] == taken.refused
    assert "utf-8" == taken.reader.files[0].encoding


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_any_system_has_them(tmp_path: Path, end: str) -> None:
    taken = of_users(tmp_path, users(person("P-1"), person("P-2", family=""), end=end))

    assert [("users.csv", 3, "familyName", "required")] == taken.refused
    assert [2, 3] == [user.line for user in taken.of(UserRow)]


def test_an_exact_repeat_has_the_same_hash_however_it_is_quoted(tmp_path: Path) -> None:
    rows = [person("P-1"), '"P-1",true,S-1,"student",p-1,Ada,Lee,', person("P-1", given="Eda")]
    quoted = of_users(tmp_path, users(*rows)).of(UserRow)
    slow = of_users(tmp_path, users(*rows, person("P-9", given="@x"))).of(UserRow)

    assert quoted[0].raw == quoted[1].raw != quoted[2].raw
    assert [user.raw for user in quoted] == [user.raw for user in slow[:3]]


def test_cells_that_join_to_the_same_text_have_hashes_of_their_own(tmp_path: Path) -> None:
    rows = [person("P-1", '"a,b"', "c"), person("P-1", "a", '"b,c"')]
    one, other = of_users(tmp_path, users(*rows)).of(UserRow)

    assert one.raw != other.raw


def test_a_delimiter_may_be_a_semicolon_or_a_tab(tmp_path: Path) -> None:
    for delimiter in ";\t":
        text = users(person("P-1", given='"a;b"')).replace(",", delimiter)
        assert "a;b" == of_users(tmp_path, text).one(UserRow).given_name


def test_a_greek_question_mark_parts_no_cells(tmp_path: Path) -> None:
    text = users(person("P-1", given="a\u037eb")).replace(",", ";")

    assert "a;b" == of_users(tmp_path, text).one(UserRow).given_name


def test_a_heading_alone_is_an_empty_file(tmp_path: Path) -> None:
    taken = of_users(tmp_path, users())

    assert [] == list(taken.rows)
    assert 0 == taken.reader.rows_total


def test_a_file_cut_off_in_the_middle_of_a_row_costs_that_row(tmp_path: Path) -> None:
    whole = users(person("P-1"), person("P-2", given='"Ada Mary"'))
    taken = of_users(tmp_path, whole[: whole.index("Mary")])

    assert [("users.csv", 3, None, "bad_row")] == taken.refused
    assert ["P-1", "P-2"] == [user.source_id for user in taken.of(UserRow)]
