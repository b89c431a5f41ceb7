"""OneRoster 1.1 and 1.2 as CSV, bulk and delta (1EdTech, OneRoster CSV binding)."""

from collections.abc import Iterator, Sequence
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Make, Need, Table, column, standing
from adapters.rosters.making import (
    inline_guardians,
    inline_roles,
    organizations,
    own_roles,
    rows_of,
    users,
)
from adapters.rosters.manifest import manifest_of
from adapters.rosters.places import Entry
from adapters.rosters.sets import DEMOGRAPHICS, named_set
from adapters.rosters.values import STANDING, Addresses, Parse, flag, iso_date, many, meaning
from adapters.rosters.values import one_of as one_of_these
from faraday_core.roster.reading import RosterReader, Source
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    EnrollmentRow,
    Row,
)

ORG_TYPES: Final = ("department", "school", "district", "local", "state", "national")
SESSION_TYPES: Final = ("gradingPeriod", "semester", "schoolYear", "term")
CLASS_TYPES: Final = ("homeroom", "scheduled")
# Ours: what each of a person's agents is to them, in the agents' order, which OneRoster has no
# word for.
RELATIONS: Final = "metadata.agentRelations"
# Ours, too: that a role is held, or none at all, where all of the set is imported into.
AT_ROOT: Final = "metadata.atRoot"

_STATUS: Final = standing(meaning(STANDING), "status")
_ID: Final = column("source_id", "sourcedId", need=Need.ID)
_MODIFIED: Final = "dateLastModified"
_PERSONAL: Final = (
    "sex", "americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican",
    "nativeHawaiianOrOtherPacificIslander", "white", "demographicRaceTwoOrMoreRaces",
    "hispanicOrLatinoEthnicity", "countryOfBirthCode", "stateOfBirthAbbreviation", "cityOfBirth",
    "publicSchoolResidenceStatus",
)  # fmt: skip
_OF_USERS: Final = (
    "userIds", "sms", "phone", "password", "userMasterIdentifier", "resourceSourcedIds",
    "preferredGivenName", "preferredMiddleName", "preferredFamilyName", "pronouns",
)  # fmt: skip


def open_oneroster(source: Source, entries: Sequence[Entry]) -> RosterReader:
    """Raises UnreadableSource."""
    manifest = manifest_of(entries)
    modes = manifest.modes if manifest else {}
    wanted = _tables()
    absent = {name for name, word in modes.items() if word == "absent"}
    left = dict.fromkeys(absent, "the manifest says that it is absent")
    if not source.demographics:
        del wanted[DEMOGRAPHICS]
    return named_set(
        "OneRoster",
        {name: table for name, table in wanted.items() if name not in absent},
        entries,
        deltas={name for name, word in modes.items() if word == "delta"},
        left=left,
    )


def _one_of(words: Sequence[str]) -> Parse:
    """One of these, or one after `ext:` that a vendor has added, as OneRoster 1.2 allows."""
    return one_of_these(words, open_to="ext:")


def _tables() -> dict[str, Table]:
    """By the file's name in small letters, in the order in which one refers to another."""
    made = [
        _orgs(), _sessions(), _courses(), _classes(), _users(Addresses()), _roles(),
        _enrollments(), _demographics(),
    ]  # fmt: skip
    return {table.name.lower(): table for table in made}


def _orgs() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("name", "name", need=Need.COLUMN),
        column("type", "type", parse=_one_of(ORG_TYPES)),
        column("identifier", "identifier"),
        column("parent", "parentSourcedId"),
    ]
    return Table("orgs.csv", columns, organizations, {_MODIFIED})


def _sessions() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("title", "title", need=Need.COLUMN),
        column("type", "type", parse=_one_of(SESSION_TYPES)),
        column("starts_on", "startDate", parse=iso_date, need=Need.HEADING),
        column("ends_on", "endDate", parse=iso_date, need=Need.HEADING),
        column("parent", "parentSourcedId"),
        column("school_year", "schoolYear"),
    ]
    return Table("academicSessions.csv", columns, rows_of(AcademicSessionRow), {_MODIFIED})


def _courses() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("academic_session", "schoolYearSourcedId"),
        column("title", "title", need=Need.COLUMN),
        column("code", "courseCode"),
        column("grades", "grades", parse=many),
        column("organization", "orgSourcedId"),
        column("subjects", "subjects", parse=many),
    ]
    known = {_MODIFIED, "subjectCodes", "resources"}
    return Table("courses.csv", columns, rows_of(CourseRow), known)


def _classes() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("title", "title", need=Need.COLUMN),
        column("grades", "grades", parse=many),
        column("course", "courseSourcedId", need=Need.HEADING),
        column("code", "classCode"),
        column("type", "classType", parse=_one_of(CLASS_TYPES)),
        column("location", "location"),
        column("organization", "schoolSourcedId", need=Need.HEADING),
        column("academic_sessions", "termSourcedIds", parse=many),
        column("subjects", "subjects", parse=many),
        column("periods", "periods", parse=many),
    ]
    known = {_MODIFIED, "subjectCodes", "resources"}
    return Table("classes.csv", columns, rows_of(ClassRow), known)


def _users(addresses: Addresses) -> Table:
    columns = [
        _STATUS,
        _ID,
        column("is_enabled", "enabledUser", parse=flag),
        column("at_root", AT_ROOT, parse=flag),
        column("organizations", "orgSourcedIds", parse=many, need=Need.CELL, unless="at_root"),
        column("organization", "primaryOrgSourcedId"),
        column("role", "role", parse=_one_of(roles.ONEROSTER), need=Need.CELL, unless="at_root"),
        column("username", "username"),
        column("full_name", "metadata.fullName"),
        column("given_name", "givenName", need=Need.COLUMN, unless="full_name"),
        column("family_name", "familyName", need=Need.COLUMN, unless="full_name"),
        column("middle_name", "middleName"),
        column("identifier", "identifier"),
        column("email", "email", parse=addresses.parse),
        column("guardian", "agentSourcedIds", parse=many),
        column("relations", RELATIONS, parse=many),
        column("grades", "grades", parse=many),
    ]
    return Table("users.csv", columns, _people(addresses), {_MODIFIED, *_OF_USERS})


def _people(addresses: Addresses) -> Make:
    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield users(batch, addresses)
        yield inline_roles(batch)
        yield inline_guardians(batch)

    return make


def _roles() -> Table:
    columns = [
        _STATUS,
        column("user", "userSourcedId", need=Need.COLUMN),
        column("role", "role", parse=_one_of(roles.ONEROSTER), need=Need.COLUMN),
        column("starts_on", "beginDate", parse=iso_date),
        column("ends_on", "endDate", parse=iso_date),
        column("at_root", AT_ROOT, parse=flag),
        column("organization", "orgSourcedId", need=Need.CELL, unless="at_root"),
    ]
    known = {_MODIFIED, "sourcedId", "roleType", "userProfileSourcedId"}
    return Table("roles.csv", columns, own_roles, known)


def _enrollments() -> Table:
    columns = [
        _STATUS,
        _ID,
        column("class_", "classSourcedId", need=Need.COLUMN),
        column("user", "userSourcedId", need=Need.COLUMN),
        column("role", "role", parse=_one_of(roles.ONEROSTER_ENROLLED), need=Need.COLUMN),
        column("is_primary", "primary", parse=flag, empty=False),
        column("starts_on", "beginDate", parse=iso_date),
        column("ends_on", "endDate", parse=iso_date),
    ]
    known = {_MODIFIED, "schoolSourcedId"}
    make = rows_of(EnrollmentRow)
    return Table("enrollments.csv", columns, make, known, of_enrollments=True)


def _demographics() -> Table:
    columns = [
        _STATUS,
        column("user", "sourcedId", need=Need.ID),
        column("born_on", "birthDate", parse=iso_date),
    ]
    make, spared = rows_of(DemographicRow), _PERSONAL
    return Table(DEMOGRAPHICS, columns, make, {_MODIFIED}, spared=spared)
