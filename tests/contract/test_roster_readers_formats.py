"""Reading Canvas SIS, School Data Sync and sheets."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from adapters.rosters import FileReaders
from faraday_core.roster.reading import Format, Source, UnreadableSource
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Standing,
    UserRow,
)
from tests.roster_files import Taken, read, written


def canvas(folder: Path, **files: str) -> Taken:
    """Files of any names: they are told by their headings."""
    return read(
        written(folder, {f"{name}.csv": text for name, text in files.items()}), Format.CANVAS_SIS
    )


def sds(folder: Path, **files: str) -> Taken:
    return read(
        written(folder, {f"{name}.csv": text for name, text in files.items()}), Format.MS_SDS
    )


def sheet(path: Path, text: str, **mapping: str) -> Taken:
    path.write_text(text)
    return read(path, Format.SHEET, {name.rstrip("_"): to for name, to in mapping.items()})


def test_files_of_canvas_are_told_by_their_headings(tmp_path: Path) -> None:
    taken = canvas(
        tmp_path,
        a="user_id,section_id,role,status\nU-1,S-1,student,active\n",
        b="user_id,login_id,first_name,last_name,status\nU-1,ada@example.org,Ada,Lee,active\n",
        c="section_id,course_id,name,status\nS-1,C-1,One,active\n",
        d="course_id,short_name,long_name,account_id,term_id,status\n"
        "C-1,PH,Physics,A-1,T-1,active\n",
        e="term_id,name,status,start_date\nT-1,Fall,active,2026-08-24\n",
        f="account_id,parent_account_id,name,status\nA-1,,Arts,active\n",
        g="group_id,account_id,name,status\nG-1,A-1,Chess,available\n",
    )

    assert ["f.csv", "e.csv", "d.csv", "c.csv", "b.csv", "a.csv"] == [
        file.name for file in taken.reader.files
    ]
    assert ("A-1", "Arts", None, None, None) == taken.one(OrganizationRow)[5:]
    assert ("T-1", "Fall", "term", "2026-08-24") == taken.one(AcademicSessionRow)[5:9]
    assert ("C-1", "Physics", "PH") == taken.one(CourseRow)[5:8]
    assert ("S-1", "One") == taken.one(ClassRow)[5:7]
    assert "ada@example.org" == taken.one(UserRow).email
    assert (None, "S-1", "U-1", "student") == taken.one(EnrollmentRow)[5:9]
    assert [("g.csv", 1, None, "ignored_file")] == taken.refused + taken.warned


@pytest.mark.parametrize("day", ["2022-2-01 00:00:00", "2022-02-01 00:00:00", "2022-2-1"])
def test_canvas_writes_days_as_it_likes(tmp_path: Path, day: str) -> None:
    taken = canvas(tmp_path, t=f"term_id,name,status,start_date\nT-1,Fall,active,{day}\n")

    assert "2022-02-01" == taken.one(AcademicSessionRow).starts_on
    assert [("t.csv", 2, "start_date", "lenient_date")] == taken.warned


def test_other_formats_take_no_such_day(tmp_path: Path) -> None:
    text = "sourcedId,title,startDate,endDate\nT-1,Fall,2022-2-01,2022-06-01\n"
    taken = read(written(tmp_path, {"academicSessions.csv": text}))

    assert [("academicSessions.csv", 2, "startDate", "bad_date")] == taken.refused


@pytest.mark.parametrize(
    ("word", "standing"),
    [
        ("active", Standing.ACTIVE),
        ("", Standing.ACTIVE),
        ("Suspended", Standing.INACTIVE),
        ("deleted", Standing.DELETED),
    ],
)
def test_people_of_canvas_rest_or_are_gone(tmp_path: Path, word: str, standing: Standing) -> None:
    taken = canvas(tmp_path, u=f"user_id,login_id,full_name,status\nU-1,ada,Ada Lee,{word}\n")

    assert standing is taken.one(UserRow).standing
    assert "Ada Lee" == taken.one(UserRow).full_name


def test_a_person_of_canvas_without_a_name_has_that_of_the_account(tmp_path: Path) -> None:
    taken = canvas(tmp_path, u="user_id,login_id,first_name,last_name\nU-1,ada,,\n")

    assert "ada" == taken.one(UserRow).full_name


def test_an_enrollment_in_a_course_is_one_in_its_default_section(tmp_path: Path) -> None:
    taken = canvas(
        tmp_path,
        c="course_id,short_name,long_name,status\nC-1,PH,Physics,active\n",
        e="course_id,section_id,user_id,role,status\nC-1,,U-1,student,active\n"
        "C-1,,U-2,student,completed\n,S-1,U-2,teacher,inactive\n,,U-3,student,active\n",
    )

    lesson = taken.one(ClassRow)
    assert ("course:C-1", "Physics", "C-1") == (lesson.source_id, lesson.title, lesson.course)
    assert [
        ("course:C-1", "U-1", Standing.ACTIVE),
        ("course:C-1", "U-2", Standing.INACTIVE),
        ("S-1", "U-2", Standing.INACTIVE),
    ] == [(row.class_, row.user, row.standing) for row in taken.of(EnrollmentRow) if not row.fault]
    assert [("e.csv", 5, "section_id", "required")] == taken.refused


def test_people_of_no_stated_role_have_those_of_their_enrollments_once(tmp_path: Path) -> None:
    taken = canvas(
        tmp_path,
        u="user_id,login_id,full_name,declared_user_type\nU-1,a,A,teacher\nU-2,b,B,\n",
        e="section_id,user_id,role,status\nS-1,U-1,student,active\nS-1,U-2,student,active\n"
        "S-2,U-2,student,active\nS-2,U-2,ta,active\nS-3,U-3,teacher,deleted\n",
    )

    assert [
        ("U-1", "teacher", True),
        ("U-2", "student", False),
        ("U-2", "teacher", False),
    ] == [(row.user, row.role, row.inline) for row in taken.of(RoleRow)]
    assert [("e.csv", 5, "role", "role_not_granted")] == taken.warned


def test_observers_are_guardians(tmp_path: Path) -> None:
    taken = canvas(tmp_path, o="observer_id,student_id,status\nG-1,P-1,active\n")

    assert ("P-1", "G-1") == taken.one(GuardianRow)[5:7]


def test_a_section_of_the_first_school_data_sync_makes_its_course_and_term_once(
    tmp_path: Path,
) -> None:
    taken = sds(
        tmp_path,
        Section="SIS ID,School SIS ID,Section Name,Section Number,Term SIS ID,Term Name,"
        "Term StartDate,Term EndDate,Course SIS ID,Course Name,Course Number\n"
        "1,S,Algebra A,11,T,SY26,7/1/2026,6/30/2027,C,Math,101\n"
        "2,S,Algebra B,12,T,SY26,7/1/2026,6/30/2027,C,Math,101\n"
        "3,S,Choir,13,,,,,,,\n",
    )

    term = taken.one(AcademicSessionRow)
    assert ("T", "SY26", "term", "2026-07-01", "2027-06-30") == term[5:10]
    assert ("C", "Math", "101") == taken.one(CourseRow)[5:8]
    assert [("1", "C", "T"), ("2", "C", "T"), ("3", None, None)] == [
        (row.source_id, row.course, row.academic_sessions) for row in taken.of(ClassRow)
    ]
    assert [] == taken.warned


@pytest.mark.parametrize(
    ("id", "school"), [("SIS ID", "School SIS ID"), ("ID", "School DfE Number")]
)
def test_both_dialects_of_the_first_school_data_sync_are_read(
    tmp_path: Path, id: str, school: str
) -> None:
    student = f"{id},{school},Username,Password,First Name,Last Name,Birthdate\n"
    taken = sds(
        tmp_path,
        School=f"{'SIS ID' if id == 'SIS ID' else 'DfE Number'},Name\nS,Contoso\n",
        Student=student + "P,S,OKlein,P@ssword,Ora,Klein,4/2/2010\n",
        Teacher=f"{id},{school},Username\nT,S,CBeane\n",
        StudentEnrollment=f"Section {id},{id}\n1,P\n",
        TeacherRoster=f"Section {id},{id}\n1,T\n",
    )

    assert ("S", "Contoso", "school") == taken.one(OrganizationRow)[5:8]
    assert [("P", "Ora Klein", None), ("T", "CBeane", None)] == [
        (row.source_id, row.full_name, row.email) for row in taken.of(UserRow)
    ]
    assert [("P", "student", "S"), ("T", "teacher", "S")] == [
        (row.user, row.role, row.organization) for row in taken.of(RoleRow)
    ]
    assert [("1", "P", "student"), ("1", "T", "teacher")] == [
        (row.class_, row.user, row.role) for row in taken.of(EnrollmentRow)
    ]
    assert "P@ssword" not in repr(taken.rows)
    assert [] == taken.refused + taken.warned


def test_birthdays_of_the_first_school_data_sync_are_read_where_asked_for(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        {"Student.csv": "SIS ID,School SIS ID,Username,Birthdate\nP,S,o,4/2/2010\nQ,S,p,\n"},
    )

    assert (
        "2010-04-02" == read(folder, Format.MS_SDS, demographics=True).one(DemographicRow).born_on
    )
    assert [] == read(folder, Format.MS_SDS).of(DemographicRow)


def test_relations_of_school_data_sync_make_guardians(tmp_path: Path) -> None:
    taken = sds(
        tmp_path,
        relationships="userSourcedId,relationshipUserSourcedId,relationshipRole\n"
        "P-1,G-1,Guardian\nP-2,G-1,relative\nP-2,D-1,doctor\n",
    )

    assert [("P-1", "G-1", "guardian"), ("P-2", "G-1", "relative")] == [
        (row.user, row.guardian, row.relation) for row in taken.of(GuardianRow)
    ]
    assert ("G-1", "guardian") == taken.one(RoleRow)[5:7]
    assert [("relationships.csv", 4, "relationshipRole", "role_not_granted")] == taken.warned


def test_departments_of_school_data_sync_are_departments(tmp_path: Path) -> None:
    taken = sds(
        tmp_path,
        orgs="sourcedId,name,type,parentSourcedId\nU,Uni,UNIVERSITY,\nD,CS,department,U\n",
    )

    assert ("U", "Uni", "university") == taken.one(OrganizationRow)[5:8]
    assert ("D", "CS", "U") == taken.one(DepartmentRow)[5:]


def test_a_sheet_is_read_by_its_mapping(tmp_path: Path) -> None:
    taken = sheet(
        tmp_path / "people.csv",
        "Adresse;Who;Klasse;Bereich;Rolle;Stufe\n"
        "ada@example.org;Ada Lee;7a;Science;Pupil;07\n"
        "bob@example.org;Bob Ray;7a;Science;Teacher;\n"
        ";;;;;\n"
        "eve@example.org;Eve Lee;7b;;parent;\n",
        email="Adresse",
        full_name="Who",
        class_="Klasse",
        department="Bereich",
        role="Rolle",
        grade="Stufe",
    )

    assert ["ada@example.org", "bob@example.org", "eve@example.org"] == [
        row.source_id for row in taken.of(UserRow)
    ]
    assert [("7a", "7a"), ("7b", "7b")] == [row[5:7] for row in taken.of(ClassRow)]
    assert ("Science", "Science", None) == taken.one(DepartmentRow)[5:]
    assert [("student", "Science"), ("teacher", "Science"), ("guardian", None)] == [
        (row.role, row.organization) for row in taken.of(RoleRow)
    ]
    assert [("7a", "student"), ("7a", "teacher")] == [
        (row.class_, row.role) for row in taken.of(EnrollmentRow)
    ]
    assert [] == taken.refused + taken.warned


def test_a_sheet_with_plain_headings_needs_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    heading = "Student ID\tFirst Name\tLast Name\tE-mail address\tHobby"
    path.write_text(f"{heading}\n1\tAda\tLee\ta@b.example\tChess\n")

    assert {
        "source_id": "Student ID",
        "given_name": "First Name",
        "family_name": "Last Name",
        "email": "E-mail address",
    } == FileReaders().suggested(Source(Format.SHEET, path))
    taken = read(path, Format.SHEET)
    assert ("1", "Ada Lee") == taken.one(UserRow)[5:7]
    assert "student" == taken.one(RoleRow).role
    assert [("people.csv", 1, "Hobby", "unknown_column")] == taken.warned


def test_faults_of_a_sheet_have_their_place(tmp_path: Path) -> None:
    taken = sheet(
        tmp_path / "people.csv",
        "id,email,name,role\n1,wrong,A,pupil\n,,B,pupil\n2,c@d.example,C,wizard\n",
    )

    assert [
        ("people.csv", 2, "email", "invalid_email"),
        ("people.csv", 3, "id", "required"),
        ("people.csv", 4, "role", "invalid_value"),
    ] == taken.refused


@pytest.mark.parametrize(
    ("mapping", "detail"),
    [
        ({"email": "Mail"}, "people.csv has no column Mail for email; it has post, name"),
        ({"shoe": "name"}, "There is no field shoe: email, given_name"),
        ({"full_name": "name"}, "people.csv: say which column holds source_id or email"),
        ({}, "people.csv: say which column holds source_id or email"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(
    tmp_path: Path, mapping: dict[str, str], detail: str
) -> None:
    with pytest.raises(UnreadableSource) as caught:
        sheet(tmp_path / "people.csv", "post,name\n", **mapping)

    assert detail in caught.value.detail


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page["A2"], page["B2"], page["C2"] = "Email", "Name", "Grade"
    page["A3"], page["B3"], page["C3"] = "ada@example.org", "Ada\nLee", 7
    page["A7"], page["B7"], page["C7"] = "wrong", True, date(2026, 8, 24)
    book.save(tmp_path / "people.xlsx")
    taken = read(tmp_path / "people.xlsx", Format.SHEET)

    assert [(3, "Ada Lee", "7"), (7, "true", "2026-08-24T00:00:00")] == [
        (row.line, row.full_name, row.grades) for row in taken.of(UserRow)
    ]
    assert [("people.xlsx", 7, "Email", "invalid_email")] == taken.refused
    assert [("people.xlsx", 3, "Name", "line_break")] == taken.warned


def test_rows_that_a_workbook_leaves_out_are_counted(tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page["A1"], page["A100000"] = "Email", "ada@example.org"
    book.save(tmp_path / "people.xlsx")

    assert 100_000 == read(tmp_path / "people.xlsx", Format.SHEET).one(UserRow).line


def test_a_workbook_of_more_columns_than_any_roster_has_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    page = book.worksheets[0]
    page["A1"], page["XFD2"] = "Email", "far"
    book.save(tmp_path / "people.xlsx")

    with pytest.raises(UnreadableSource) as caught:
        read(tmp_path / "people.xlsx", Format.SHEET)
    assert "line 2 has more than 1000 columns" in caught.value.detail


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"", b"no workbook"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "people.xlsx"
    path.write_bytes(content)

    with pytest.raises(UnreadableSource):
        read(path, Format.SHEET)


def test_a_sheet_is_one_file(tmp_path: Path) -> None:
    folder = written(tmp_path / "set", {"a.csv": "email\n", "b.csv": "email\n"})

    with pytest.raises(UnreadableSource) as caught:
        read(folder, Format.SHEET)
    assert "A sheet is one CSV or XLSX file; found a.csv, b.csv" in caught.value.detail
