"""What a set holds that is not taken is said, and sections that are listed elsewhere are there."""

from pathlib import Path

import pytest

from faraday_core.kernel.errors import Invalid
from faraday_core.roster.reading import Format
from faraday_core.roster.rows import ClassRow, DemographicRow, EnrollmentRow
from tests.roster_files import USERS, Taken, person, read, users, written

SECTIONS = "section_id,course_id,name,status\nS-1,C-1,One,active\nS-2,C-2,Two,active\n"
COURSES = "course_id,short_name,long_name,status\nC-1,A,Algebra,active\nC-2,B,Biology,active\n"
DEMOGRAPHICS = "sourcedId,birthDate,sex,asian,white\n"


def canvas(folder: Path, **files: str) -> Taken:
    named = {f"{name}.csv": text for name, text in files.items()}
    return read(written(folder, named), Format.CANVAS_SIS)


def oneroster(folder: Path, **files: str) -> Taken:
    return read(written(folder, {f"{name}.csv": text for name, text in files.items()}))


@pytest.mark.parametrize(
    "text",
    [
        "group_id,account_id,name,status\nG-1,A-1,Chess,available\n",
        "group_id,user_id,status\nG-1,U-1,accepted\n",
        "user_id,login_id,existing_user_id\nU-1,ada,U-2\n",
        "old_id,new_id,type\nU-1,U-9,user\n",
        "user_id,account_id,role,status\nU-1,A-1,AccountAdmin,active\n",
        "nothing,that,anybody,knows\n1,2,3,4\n",
    ],
)
def test_a_file_of_canvas_that_is_not_taken_is_told(tmp_path: Path, text: str) -> None:
    taken = canvas(tmp_path, courses=COURSES, other=text)
    assert [("other.csv", 1, None, "ignored_file")] == taken.warned
    assert ["courses.csv"] == [file.name for file in taken.reader.files]


def test_a_section_is_a_class_of_the_course_that_it_is_listed_in(tmp_path: Path) -> None:
    lists = "xlist_course_id,section_id,status\nC-2,S-1,active\nC-1,S-2,deleted\n"

    taken = canvas(tmp_path, courses=COURSES, sections=SECTIONS, xlists=lists)

    assert [("S-1", "C-2"), ("S-2", "C-2")] == [
        (c.source_id, c.course) for c in taken.of(ClassRow)
    ]
    assert [] == taken.refused + taken.warned


def test_a_listing_that_says_too_little_is_refused(tmp_path: Path) -> None:
    lists = "xlist_course_id,section_id,status\n,S-1,active\nC-2,,active\nC-2,S-2,maybe\n"

    taken = canvas(tmp_path, sections=SECTIONS, xlists=lists)

    assert [
        ("xlists.csv", 2, "xlist_course_id", "required"),
        ("xlists.csv", 3, "section_id", "required"),
        ("xlists.csv", 4, "status", "invalid_value"),
    ] == taken.refused
    sound = [row for row in taken.of(ClassRow) if not row.fault]
    assert [("S-1", "C-1"), ("S-2", "C-2")] == [(row.source_id, row.course) for row in sound]


def test_listings_without_their_sections_are_told_and_left(tmp_path: Path) -> None:
    lists = "xlist_course_id,section_id,status\nC-2,S-1,active\n"
    taken = canvas(tmp_path, courses=COURSES, xlists=lists)
    assert [("xlists.csv", 1, None, "ignored_file")] == taken.warned
    with pytest.raises(Invalid):
        canvas(tmp_path / "alone", xlists=lists)


def test_an_enrolment_by_course_stays_where_it_is(tmp_path: Path) -> None:
    enrolled = "course_id,section_id,user_id,role,status\nC-1,S-1,U-1,student,active\n"
    lists = "xlist_course_id,section_id,status\nC-2,S-1,active\n"
    taken = canvas(tmp_path, sections=SECTIONS, xlists=lists, enrollments=enrolled)
    assert "S-1" == taken.one(EnrollmentRow).class_


@pytest.mark.parametrize("name", ["lineItems", "results", "mine"])
def test_a_file_of_oneroster_that_is_not_taken_is_told(tmp_path: Path, name: str) -> None:
    taken = oneroster(tmp_path, users=users(person("P")), **{name: "sourcedId\n1\n"})
    assert [(f"{name}.csv", 1, None, "ignored_file")] == taken.warned


def test_what_a_manifest_calls_absent_is_told_where_it_is_there(tmp_path: Path) -> None:
    manifest = "propertyName,value\noneroster.version,1.1\nfile.users,bulk\nfile.orgs,absent\n"
    taken = oneroster(
        tmp_path,
        manifest=manifest,
        users=users(person("P")),
        orgs="sourcedId,name,type\nS,School,school\n",
    )
    assert [("orgs.csv", 1, None, "ignored_file")] == taken.warned
    assert "the manifest says that it is absent" in taken.reader.warnings[0].detail


def test_what_is_no_table_is_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Hello")
    assert [] == oneroster(tmp_path, users=users(person("P"))).warned


def test_flags_of_children_are_left_and_told(tmp_path: Path) -> None:
    heading = "sourcedId,orgSourcedIds,username,role,givenName,familyName"
    named = {
        "users.csv": f"{heading}\nP,S,p,student,Ada,Lee\n",
        "userFlags.csv": "userSourcedId,flag\nP,freeLunch\n",
    }
    taken = read(written(tmp_path, named), Format.MS_SDS)
    assert [("userFlags.csv", 1, None, "ignored_file")] == taken.warned
    assert "freeLunch" not in repr(taken.rows)


def test_of_demographics_birth_dates_alone_are_read_and_what_is_left_is_told(
    tmp_path: Path,
) -> None:
    text = f"{DEMOGRAPHICS}P,2010-04-02,female,,true\n"
    files = {"users.csv": users(person("P")), "demographics.csv": text}

    taken = read(written(tmp_path, files), demographics=True)

    assert "2010-04-02" == taken.one(DemographicRow).born_on
    assert [("demographics.csv", 1, None, "unread_column")] == taken.warned
    assert "left unread: sex, white" in taken.reader.warnings[0].detail
    assert "female" not in repr(taken.rows)


def test_demographics_that_nobody_asked_for_are_left_without_a_word(tmp_path: Path) -> None:
    files = {"users.csv": users(person("P")), "demographics.csv": f"{DEMOGRAPHICS}P,x,female,,\n"}
    assert [] == read(written(tmp_path, files)).warned


def test_an_empty_column_is_none_that_is_left(tmp_path: Path) -> None:
    files = {"users.csv": f"{USERS}\n", "demographics.csv": f"{DEMOGRAPHICS}P,2010-04-02,,,\n"}
    assert [] == read(written(tmp_path, files), demographics=True).warned
