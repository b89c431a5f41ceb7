"""Microsoft School Data Sync v1: six files and two more, with the headings of the SDS or of the UK
dialect."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Make, Need, Table, column, standing
from adapters.rosters.making import firsts, inline_roles, users
from adapters.rosters.sds_guardians import guardian_tables
from adapters.rosters.values import STANDING, Addresses, american_date, many, meaning
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    EnrollmentRow,
    OrganizationRow,
    Row,
    Standing,
)

_STATUS: Final = standing(meaning(STANDING), "Status")
_ID: Final = column("source_id", "SIS ID", "ID", need=Need.ID)
_OF_PEOPLE: Final = {
    "Password", "State ID", "Title", "Qualification", "Graduation Year", "Birthdate",
    "FederatedSisId", "Anchor ID",
}  # fmt: skip


def tables_of_v1(addresses: Addresses, *, demographics: bool) -> Sequence[Table]:
    return [
        _schools(),
        _sections(),
        _people(addresses, roles.STUDENT, demographics=demographics),
        _people(addresses, roles.TEACHER, demographics=False),
        _enrollments("StudentEnrollment.csv", roles.STUDENT),
        _enrollments("TeacherRoster.csv", roles.TEACHER),
        *guardian_tables(addresses),
    ]


def _schools() -> Table:
    columns = [
        _STATUS,
        column("source_id", "SIS ID", "DfE Number", need=Need.ID),
        column("name", "Name", need=Need.COLUMN),
        column("identifier", "School Number"),
    ]
    known = {
        "School NCES_ID", "State ID", "Grade Low", "Grade High", "Principal SIS ID",
        "Principal Name", "Principal Secondary Email", "Address", "City", "State", "Country",
        "Zip", "Postal Code", "Phone", "Zone", "Anchor ID",
    }  # fmt: skip

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield batch.rows(OrganizationRow, type=repeat("school"))

    return Table("School.csv", columns, make, known)


def _sections() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("organization", "School SIS ID", "School DfE Number", need=Need.COLUMN),
        column("title", "Section Name", need=Need.COLUMN),
        column("code", "Section Number"),
        column("academic_sessions", "Term SIS ID"),
        column("term_title", "Term Name"),
        column("starts_on", "Term StartDate", parse=american_date),
        column("ends_on", "Term EndDate", parse=american_date),
        column("course", "Course SIS ID"),
        column("course_title", "Course Name"),
        column("course_code", "Course Number"),
        column("subjects", "Course Subject", parse=many),
        column("periods", "Periods", parse=many),
    ]
    courses: set[str] = set()
    terms: set[str] = set()

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        """A section names its course and its term, which have no files of their own."""
        ids = batch.texts("academic_sessions")
        titles = batch.texts("term_title")
        yield batch.rows(
            AcademicSessionRow,
            firsts(ids, terms, batch),
            source_id=ids,
            title=[title or id for title, id in zip(titles, ids, strict=True)],
            type=repeat("term"),
            standing=repeat(Standing.ACTIVE),
        )
        ids, titles = batch.texts("course"), batch.texts("course_title")
        yield batch.rows(
            CourseRow,
            firsts(ids, courses, batch),
            source_id=ids,
            title=[title or id for title, id in zip(titles, ids, strict=True)],
            code=batch.column("course_code"),
            organization=repeat(None),
            standing=repeat(Standing.ACTIVE),
        )
        yield batch.rows(ClassRow)

    return Table("Section.csv", columns, make, {"Course Description", "Anchor ID"})


def _people(addresses: Addresses, role: str, *, demographics: bool) -> Table:
    kind = role.capitalize()
    columns = [
        _STATUS,
        _ID,
        column("organizations", "School SIS ID", "School DfE Number", need=Need.COLUMN),
        column("username", "Username", need=Need.COLUMN),
        column("given_name", "First Name"),
        column("family_name", "Last Name"),
        column("middle_name", "Middle Name"),
        column("email", "Secondary Email", parse=addresses.parse),
        column("identifier", f"{kind} Number"),
        column("grades", "Grade", parse=many),
    ]
    if demographics:
        columns.append(column("born_on", "Birthdate", parse=american_date))

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        batch.values["role"] = [role] * batch.size
        yield users(batch, addresses)
        yield inline_roles(batch)
        if "born_on" in batch.values:
            born = [bool(day) for day in batch.column("born_on")]
            yield batch.rows(DemographicRow, born, user=batch.texts("source_id"))

    return Table(f"{kind}.csv", columns, make, _OF_PEOPLE)


def _enrollments(name: str, role: str) -> Table:
    columns = [
        _STATUS,
        column("class_", "Section SIS ID", "Section ID", need=Need.COLUMN),
        column("user", "SIS ID", "ID", need=Need.COLUMN),
    ]

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield batch.rows(EnrollmentRow, source_id=repeat(None), role=repeat(role))

    made: Make = make
    return Table(name, columns, made)
