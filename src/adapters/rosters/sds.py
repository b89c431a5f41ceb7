"""Microsoft School Data Sync: v1 in its two dialects, v2 and v2.1 (Microsoft Learn, "SDS CSV file
format")."""

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Make, Need, Table, column, standing
from adapters.rosters.making import (
    enrollments,
    guardians,
    inline_roles,
    organizations,
    own_roles,
    rows_of,
    users,
)
from adapters.rosters.manifest import MANIFEST
from adapters.rosters.places import Entry
from adapters.rosters.sds_v1 import tables_of_v1
from adapters.rosters.sets import DEMOGRAPHICS, named_set
from adapters.rosters.values import (
    STANDING,
    Addresses,
    flag,
    iso_date,
    many,
    meaning,
    one_of,
    one_of_or_other,
)
from faraday_core.roster.reading import RosterReader, Source, UnreadableSource
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    Row,
)

_ORG_TYPES: Final = (
    "department", "school", "college", "university", "district", "ministryOfEducation", "program",
    "campus", "division", "region", "faculty", "country", "local", "state", "national",
)  # fmt: skip
_SESSION_TYPES: Final = ("gradingPeriod", "semester", "schoolYear", "term")
_RELATIONS: Final = (*roles.GUARDIANS, "aide", "doctor", "other")

_STATUS: Final = standing(meaning(STANDING), "status")
_ID: Final = column("source_id", "sourcedId", need=Need.ID)
_MODIFIED: Final = "dateLastModified"


def open_sds(source: Source, entries: Sequence[Entry]) -> RosterReader:
    """Raises UnreadableSource."""
    if any(entry.plain_name == MANIFEST for entry in entries):
        raise UnreadableSource(f"This is a OneRoster set: it has a {MANIFEST}; ms-sds has none")
    addresses = Addresses()
    made = [
        *tables_of_v1(addresses, demographics=source.demographics),
        _orgs(), _sessions(), _courses(), _classes(), _users(addresses), _roles(),
        _relationships(), _enrollments(), *([_demographics()] if source.demographics else []),
    ]  # fmt: skip
    left = {"userflags.csv": "flags say of children what nobody here needs to know"}
    tables = {table.name.lower(): table for table in made}
    return named_set("School Data Sync", tables, entries, left=left)


def _orgs() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("name", "name", need=Need.COLUMN),
        column("type", "type", parse=one_of_or_other(_ORG_TYPES), need=Need.COLUMN),
        column("parent", "parentSourcedId"),
    ]
    return Table("orgs.csv", columns, organizations, {_MODIFIED})


def _sessions() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("title", "title", need=Need.COLUMN),
        column("type", "type", parse=one_of_or_other(_SESSION_TYPES)),
        column("school_year", "schoolYear"),
        column("starts_on", "startDate", parse=iso_date, need=Need.COLUMN),
        column("ends_on", "endDate", parse=iso_date, need=Need.COLUMN),
        column("parent", "parentSourcedId"),
    ]
    return Table("academicSessions.csv", columns, rows_of(AcademicSessionRow), {_MODIFIED})


def _courses() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("organization", "orgSourcedId"),
        column("title", "title", need=Need.COLUMN),
        column("code", "code"),
        column("academic_session", "schoolYearSourcedId"),
        column("subjects", "subject", "subjects", parse=many),
        column("grades", "grade", "grades", parse=many),
    ]
    return Table("courses.csv", columns, rows_of(CourseRow), {_MODIFIED})


def _classes() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("organization", "orgSourcedId", need=Need.COLUMN),
        column("title", "title", need=Need.COLUMN),
        column("code", "code"),
        column("academic_sessions", "sessionSourcedIds", "sessionSourcedId", parse=many),
        column("course", "courseSourcedId"),
    ]
    return Table("classes.csv", columns, rows_of(ClassRow), {_MODIFIED})


def _users(addresses: Addresses) -> Table:
    columns = [
        _STATUS,
        _ID,
        column("is_enabled", "enabledUser", parse=flag),
        column("organizations", "orgSourcedIds", parse=many, need=Need.CELL),
        column("username", "username", need=Need.COLUMN),
        column("given_name", "givenName"),
        column("family_name", "familyName"),
        column("middle_name", "middleName"),
        column("email", "email", parse=addresses.parse),
        column("role", "role", parse=one_of(roles.SDS), need=Need.CELL),
        column("grades", "grade", "grades", parse=many),
    ]
    known = {
        _MODIFIED, "password", "activeDirectoryMatchId", "phone", "sms", "userNumber",
        "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "pronouns",
    }  # fmt: skip
    return Table("users.csv", columns, _people(addresses), known)


def _people(addresses: Addresses) -> Make:
    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield users(batch, addresses)
        yield inline_roles(batch)

    return make


def _roles() -> Table:
    columns = [
        _STATUS,
        column("user", "userSourcedId", need=Need.COLUMN),
        column("organization", "orgSourcedId", need=Need.COLUMN),
        column("role", "role", parse=one_of(roles.SDS), need=Need.COLUMN),
        column("starts_on", "roleStartDate", parse=iso_date),
        column("ends_on", "roleEndDate", parse=iso_date),
    ]
    return Table(
        "roles.csv", columns, own_roles, {_MODIFIED, "sessionSourcedId", "grade", "isPrimary"}
    )


def _relationships() -> Table:
    columns = [
        _STATUS,
        column("user", "userSourcedId", need=Need.COLUMN),
        column("guardian", "relationshipUserSourcedId", need=Need.COLUMN),
        column("relation", "relationshipRole", parse=one_of(_RELATIONS), need=Need.COLUMN),
    ]
    return Table("relationships.csv", columns, guardians(), {_MODIFIED})


def _enrollments() -> Table:
    columns = [
        _STATUS,
        column("class_", "classSourcedId", need=Need.COLUMN),
        column("user", "userSourcedId", need=Need.COLUMN),
        column("role", "role", parse=one_of(roles.SDS), need=Need.COLUMN),
    ]
    return Table("enrollments.csv", columns, enrollments, {_MODIFIED, "sourcedId"})


def _demographics() -> Table:
    columns = [
        _STATUS,
        column("user", "userSourcedId", need=Need.ID),
        column("born_on", "birthDate", parse=iso_date),
    ]
    spared = ("sex", "birthCity", "birthState", "birthCountry", "ethnicityCodes", "raceCodes")
    make = rows_of(DemographicRow)
    return Table(DEMOGRAPHICS, columns, make, {_MODIFIED}, spared=spared)
