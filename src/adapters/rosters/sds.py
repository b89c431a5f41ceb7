"""Microsoft School Data Sync: v1 in its two dialects, v2 and v2.1 (Microsoft Learn, "SDS CSV file
format")."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Make, Need, Table, column, standing
from adapters.rosters.making import (
    enrollments,
    firsts,
    inline_roles,
    organizations,
    own_roles,
    rows_of,
    users,
)
from adapters.rosters.manifest import MANIFEST
from adapters.rosters.places import Entry
from adapters.rosters.sds_v1 import tables_of_v1
from adapters.rosters.sets import named_set
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
    GuardianRow,
    RoleRow,
    Row,
)

_ORG_TYPES: Final = (
    "department", "school", "college", "university", "district", "ministryOfEducation", "program",
    "campus", "division", "region", "faculty", "country", "local", "state", "national",
)  # fmt: skip
_SESSION_TYPES: Final = ("gradingPeriod", "semester", "schoolYear", "term")
_RELATIONS: Final = ("guardian", "parent", "relative", "aide", "doctor", "other")
_GUARDIANS: Final = frozenset(_RELATIONS[:3])

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
    return named_set("School Data Sync", {table.name.lower(): table for table in made}, entries)


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
    seen: set[str] = set()

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        """Who is a child's guardian by one is that by their role, too. A doctor is neither."""
        relations = batch.texts("relation")
        are_guardians = [
            word in _GUARDIANS or index in batch.faults for index, word in enumerate(relations)
        ]
        for index in batch.sound():
            if not are_guardians[index]:
                detail = f"{relations[index]} is no guardian, and is left out"
                batch.warn(index, batch.headings["relation"], "role_not_granted", detail)
        yield batch.rows(GuardianRow, are_guardians)
        people = batch.texts("guardian")
        named = [one if is_one else "" for one, is_one in zip(people, are_guardians, strict=True)]
        yield batch.rows(
            RoleRow, firsts(named, seen, batch), user=people, role=repeat(roles.GUARDIAN)
        )

    return Table("relationships.csv", columns, make, {_MODIFIED})


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
    known = {
        _MODIFIED, "sex", "birthCity", "birthState", "birthCountry", "ethnicityCodes", "raceCodes",
    }  # fmt: skip
    return Table("demographics.csv", columns, rows_of(DemographicRow), known)
