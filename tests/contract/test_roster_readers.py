"""Reading OneRoster: what its files and their rows become."""

from pathlib import Path

from faraday_core.roster.reading import MOST_NOTED
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
    Standing,
    UserRow,
)
from tests.roster_files import Taken, enrollments, person, read, users, written


def of_users(folder: Path, content: str | bytes) -> Taken:
    return read(written(folder, {"users.csv": content}))


def test_a_row_becomes_a_person_with_the_role_at_each_organization(tmp_path: Path) -> None:
    heading = (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,middleName,familyName,"
        "identifier,email,agentSourcedIds,grades,password"
    )
    row = (
        'P-1,active,true,"S-1, S-2",student,ada,Ada,Mary,Lee,77,ada@example.org,"G-1,G-2",'
        '"07,08",Secret-1'
    )
    taken = of_users(tmp_path, users(row, heading=heading))

    user = taken.one(UserRow)
    assert ("P-1", "Ada Lee", "Ada", "Mary", "Lee") == (
        user.source_id, user.full_name, user.given_name, user.middle_name, user.family_name,
    )  # fmt: skip
    assert ("ada", "ada@example.org", "77") == (user.username, user.email, user.identifier)
    assert f"07{JOIN}08" == user.grades
    assert [("P-1", "student", "S-1", True), ("P-1", "student", "S-2", True)] == [
        (role.user, role.role, role.organization, role.inline) for role in taken.of(RoleRow)
    ]
    assert [("P-1", "G-1", True), ("P-1", "G-2", True)] == [
        (each.user, each.guardian, each.inline) for each in taken.of(GuardianRow)
    ]
    assert [] == taken.refused + taken.warned
    assert "Secret" not in repr(taken.rows)


def test_all_files_of_a_set_are_read_in_the_order_of_their_references(tmp_path: Path) -> None:
    taken = read(
        written(
            tmp_path,
            {
                "enrollments.csv": enrollments("E-1,K-1,P-1,Student,TRUE,2026-08-24,2027-06-18"),
                "users.csv": users(person("P-1")),
                "orgs.csv": "sourcedId,name,type,parentSourcedId\nD-1,Rio,district,\n"
                "S-1,Lincoln,SCHOOL,D-1\nX-1,Arts,Department,S-1\n",
                "academicSessions.csv": "sourcedId,title,type,startDate,endDate,schoolYear\n"
                "T-1,Autumn,GRADINGPERIOD,2026-08-24,2027-01-22,2027\n",
                "courses.csv": "sourcedId,title,courseCode,orgSourcedId,subjects\n"
                'C-1,Physics,PH,D-1,"Science,Physics"\n',
                "classes.csv": "sourcedId,title,courseSourcedId,classType,schoolSourcedId,"
                'termSourcedIds\nK-1,Physics 7,C-1,Scheduled,S-1,"T-1,T-2"\n',
                "demographics.csv": "sourcedId,birthDate\nP-1,2012-02-29\n",
            },
        ),
        demographics=True,
    )

    assert [
        "orgs.csv", "academicSessions.csv", "courses.csv", "classes.csv", "users.csv",
        "enrollments.csv", "demographics.csv",
    ] == [file.name for file in taken.reader.files]  # fmt: skip
    assert [("D-1", "district"), ("S-1", "school")] == [
        (row.source_id, row.type) for row in taken.of(OrganizationRow)
    ]
    assert ("X-1", "Arts", "S-1") == taken.one(DepartmentRow)[5:]
    assert "gradingPeriod" == taken.one(AcademicSessionRow).type
    assert f"Science{JOIN}Physics" == taken.one(CourseRow).subjects
    lesson = taken.one(ClassRow)
    assert ("scheduled", "C-1", f"T-1{JOIN}T-2") == (
        lesson.type,
        lesson.course,
        lesson.academic_sessions,
    )
    enrolled = taken.one(EnrollmentRow)
    assert ("E-1", "K-1", "P-1", "student", True) == enrolled[5:10]
    assert "2012-02-29" == taken.one(DemographicRow).born_on
    assert [] == taken.refused


def test_demographics_are_not_read_unless_asked_for(tmp_path: Path) -> None:
    taken = read(
        written(
            tmp_path,
            {
                "users.csv": users(person("P-1")),
                "demographics.csv": "sourcedId,birthDate\nP-1,x\n",
            },
        )
    )

    assert [] == taken.of(DemographicRow)
    assert ["users.csv"] == [file.name for file in taken.reader.files]


def test_roles_of_version_1_2_have_a_file_of_their_own(tmp_path: Path) -> None:
    taken = read(
        written(
            tmp_path,
            {
                "users.csv": "sourcedId,enabledUser,username,givenName,familyName,"
                "primaryOrgSourcedId\nP-1,true,p1,Ada,Lee,S-1\n",
                "roles.csv": "sourcedId,userSourcedId,roleType,role,beginDate,endDate,"
                "orgSourcedId\nR-1,P-1,primary,Principal,2026-08-24,,S-1\n",
            },
        )
    )

    assert "S-1" == taken.one(UserRow).organization
    role = taken.one(RoleRow)
    assert ("teacher", "S-1", "2026-08-24", None, False) == role[6:]
    assert [("roles.csv", 2, "role", "role_not_granted")] == taken.warned


def test_columns_stand_in_any_order_and_vendors_may_add_some(tmp_path: Path) -> None:
    heading = "metadata.bus,familyName,SOURCEDID,givenName,shoeSize"
    taken = of_users(tmp_path, users("12,Lee,P-1,Ada,42", heading=heading))

    assert ("P-1", "Ada Lee") == taken.one(UserRow)[5:7]
    assert [("users.csv", 1, "shoeSize", "unknown_column")] == taken.warned
    assert {"source_id": ("SOURCEDID", 2), "given_name": ("givenName", 3)}.items() <= (
        taken.reader.files[0].headings.items()
    )


def test_the_heading_of_a_reference_is_told_by_the_field_that_it_fills(tmp_path: Path) -> None:
    files = of_users(tmp_path, users(person("P-1"))).reader.files

    assert ("orgSourcedIds", 2) == files[0].headings["organization"]


def test_the_user_name_is_the_address_where_there_is_no_other(tmp_path: Path) -> None:
    rows = [
        "P-1,true,S-1,student,ada@example.org,Ada,Lee,",
        "P-2,true,S-1,student,bob@example.org,Bob,Lee,bob@school.example",
        "P-3,true,S-1,student,carl,Carl,Lee,",
        "P-4,true,S-1,student,@carl@,Carl,Lee,",
    ]
    taken = of_users(tmp_path, users(*rows))

    assert ["ada@example.org", "bob@school.example", None, None] == [
        user.email for user in taken.of(UserRow)
    ]
    assert [] == taken.refused


def test_what_a_row_says_of_its_standing_is_kept(tmp_path: Path) -> None:
    heading = "sourcedId,status,enabledUser,givenName,familyName"
    rows = ["1,,true,A,B", "2,Active,FALSE,A,B", "3,toBeDeleted,true,A,B", "4,inactive,true,A,B"]
    taken = of_users(tmp_path, users(*rows, heading=heading))

    assert [Standing.ACTIVE, Standing.INACTIVE, Standing.DELETED, Standing.INACTIVE] == [
        user.standing for user in taken.of(UserRow)
    ]


def test_a_row_that_is_gone_needs_nothing_but_its_id(tmp_path: Path) -> None:
    heading = "sourcedId,status,givenName,familyName"
    taken = of_users(tmp_path, users("P-1,tobedeleted,,", ",tobedeleted,A,B", heading=heading))

    assert [("users.csv", 3, "sourcedId", "required")] == taken.refused
    assert ("P-1", "") == taken.of(UserRow)[0][5:7]


def test_a_delta_is_known_by_the_manifest(tmp_path: Path) -> None:
    manifest = (
        "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\n"
        "file.users,delta\nfile.orgs,bulk\nfile.enrollments,absent\n"
    )
    taken = read(
        written(
            tmp_path,
            {
                "manifest.csv": manifest,
                "users.csv": users(person("P-1")),
                "orgs.csv": "sourcedId,name\nD-1,Rio\n",
                "enrollments.csv": "is not read",
            },
        )
    )

    assert [("orgs.csv", False), ("users.csv", True)] == [
        (file.name, file.is_delta) for file in taken.reader.files
    ]


def test_roles_above_a_teacher_s_are_told_and_given_less(tmp_path: Path) -> None:
    words = ["administrator", "aide", "proctor", "teacher", "parent", "relative", "guardian"]
    rows = [f"P-{n},true,S-1,{word},u{n},A,B," for n, word in enumerate(words)]
    taken = of_users(tmp_path, users(*rows))

    assert ["teacher"] * 4 + ["guardian"] * 3 == [role.role for role in taken.of(RoleRow)]
    assert [2, 3, 4] == [line for _, line, _, code in taken.warned if code == "role_not_granted"]


def test_a_faulty_row_brings_no_role_along(tmp_path: Path) -> None:
    taken = of_users(tmp_path, users(person("P-1", family="")))

    assert [] == taken.of(RoleRow)


def test_of_one_code_no_more_warnings_are_kept_than_anybody_looks_at(tmp_path: Path) -> None:
    rows = [f"P-{n},true,S-1,aide,u{n},A,B," for n in range(MOST_NOTED + 5)]
    taken = of_users(tmp_path, users(*rows))

    assert MOST_NOTED == len(taken.reader.warnings)


def test_the_digest_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    one = of_users(tmp_path, users(person("P-1"))).reader.files[0].digest
    same = of_users(tmp_path, users(person("P-1"))).reader.files[0].digest
    other = of_users(tmp_path, users(person("P-2"))).reader.files[0].digest

    assert one == same != other
