"""How OneRoster lays a set out: its files, their columns, and what of ours stands in each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from adapters.rosters import roles
from adapters.rosters.oneroster import AT_ROOT, CLASS_TYPES, ORG_TYPES, RELATIONS, SESSION_TYPES
from faraday_core.roster.rows import (
    JOIN,
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    DepartmentRow,
    EnrollmentRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)

_STATUS: Final = {
    Standing.ACTIVE: "",
    Standing.INACTIVE: "inactive",
    Standing.DELETED: "tobedeleted",
}
_BASE: Final = ("sourcedId", "status", "dateLastModified")

_COMMON: Final[Mapping[str, Sequence[str]]] = {
    "orgs.csv": (*_BASE, "name", "type", "identifier", "parentSourcedId"),
    "academicSessions.csv": (
        *_BASE, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear",
    ),
    "courses.csv": (
        *_BASE, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects",
        "subjectCodes",
    ),
    "classes.csv": (
        *_BASE, "title", "grades", "courseSourcedId", "classCode", "classType", "location",
        "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods",
    ),
    "enrollments.csv": (
        *_BASE, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary",
        "beginDate", "endDate",
    ),
    "demographics.csv": (
        *_BASE, "birthDate", "sex", "americanIndianOrAlaskaNative", "asian",
        "blackOrAfricanAmerican", "nativeHawaiianOrOtherPacificIslander", "white",
        "demographicRaceTwoOrMoreRaces", "hispanicOrLatinoEthnicity", "countryOfBirthCode",
        "stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus",
    ),
}  # fmt: skip
# `metadata.fullName`: of people whose name is not made of two. `RELATIONS`: what agents are.
HEADINGS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "1.1": {
        **_COMMON,
        "users.csv": (
            *_BASE, "enabledUser", "orgSourcedIds", "role", "username", "userIds", "givenName",
            "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds",
            "grades", "password", "metadata.fullName", RELATIONS, AT_ROOT,
        ),
    },
    "1.2": {
        **_COMMON,
        "users.csv": (
            *_BASE, "enabledUser", "username", "userIds", "givenName", "familyName", "middleName",
            "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password",
            "userMasterIdentifier", "resourceSourcedIds", "preferredGivenName",
            "preferredMiddleName", "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
            "metadata.fullName", RELATIONS,
        ),
        "roles.csv": (
            *_BASE, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId",
            "userProfileSourcedId", AT_ROOT,
        ),
    },
}  # fmt: skip
_ALL_1_1: Final = (
    "academicSessions", "categories", "classes", "classResources", "courses", "courseResources",
    "demographics", "enrollments", "lineItems", "orgs", "resources", "results", "users",
)  # fmt: skip
_MORE_1_2: Final = (
    "lineItemLearningObjectiveIds", "lineItemScoreScales", "resultLearningObjectiveIds",
    "resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources",
)  # fmt: skip


def manifest_lines(version: str, present: Collection[str]) -> Iterator[tuple[str, str]]:
    yield "propertyName", "value"
    yield "manifest.version", "1.0"
    yield "oneroster.version", version
    for name in _ALL_1_1 + (_MORE_1_2 if version != "1.1" else ()):
        yield f"file.{name}", "bulk" if f"{name}.csv" in present else "absent"
    yield "source.systemName", "Faraday"
    yield "source.systemCode", "faraday"


FILE_OF: Final[Mapping[type[Row], str]] = {
    OrganizationRow: "orgs.csv",
    DepartmentRow: "orgs.csv",
    AcademicSessionRow: "academicSessions.csv",
    CourseRow: "courses.csv",
    ClassRow: "classes.csv",
    UserRow: "users.csv",
    RoleRow: "roles.csv",
    EnrollmentRow: "enrollments.csv",
    DemographicRow: "demographics.csv",
}


def cells_of(row: Row) -> Mapping[str, str]:
    """A row's cells by the heading; what OneRoster has no word for becomes `ext:` and ours."""
    match row:
        case OrganizationRow():
            own = {
                "name": row.name,
                "type": _word(row.type, ORG_TYPES),
                "identifier": row.identifier,
                "parentSourcedId": row.parent,
            }
        case DepartmentRow():
            own = {"name": row.name, "type": "department", "parentSourcedId": row.parent}
        case AcademicSessionRow():
            own = {
                "title": row.title,
                "type": _word(row.type, SESSION_TYPES),
                "startDate": row.starts_on,
                "endDate": row.ends_on,
                "parentSourcedId": row.parent,
                "schoolYear": row.school_year,
            }
        case CourseRow():
            own = {
                "schoolYearSourcedId": row.academic_session,
                "title": row.title,
                "courseCode": row.code,
                "grades": _list(row.grades),
                "orgSourcedId": row.organization,
                "subjects": _list(row.subjects),
            }
        case ClassRow():
            own = _of_class(row)
        case UserRow():
            return _of_user(row)
        case RoleRow():
            own = {
                "sourcedId": ":".join((row.user, row.role, row.organization or "")),
                "userSourcedId": row.user,
                "role": row.role,
                "beginDate": row.starts_on,
                "endDate": row.ends_on,
                "orgSourcedId": row.organization,
                AT_ROOT: None if row.organization else "true",
            }
        case EnrollmentRow():
            own = {
                "sourcedId": row.source_id or ":".join((row.class_, row.user, row.role)),
                "classSourcedId": row.class_,
                "userSourcedId": row.user,
                "role": _word(row.role, roles.ONEROSTER_ENROLLED),
                "primary": "true" if row.is_primary else "false",
                "beginDate": row.starts_on,
                "endDate": row.ends_on,
            }
        case DemographicRow():
            own = {"sourcedId": row.user, "birthDate": row.born_on}
        case _:
            own = {}
    base = {"sourcedId": getattr(row, "source_id", None), "status": _STATUS[row.standing]}
    return {name: value or "" for name, value in (base | own).items()}


def _of_class(row: ClassRow) -> dict[str, str | None]:
    return {
        "title": row.title,
        "grades": _list(row.grades),
        "courseSourcedId": row.course,
        "classCode": row.code,
        "classType": _word(row.type, CLASS_TYPES),
        "location": row.location,
        "schoolSourcedId": row.organization,
        "termSourcedIds": _list(row.academic_sessions),
        "subjects": _list(row.subjects),
        "periods": _list(row.periods),
    }


def _of_user(row: UserRow) -> Mapping[str, str]:
    is_made_of_two = row.full_name == f"{row.given_name} {row.family_name}"
    cells = {
        "sourcedId": row.source_id,
        "status": "tobedeleted" if row.standing is Standing.DELETED else "",
        "enabledUser": "true" if row.standing is Standing.ACTIVE else "false",
        "username": row.username,
        "givenName": row.given_name,
        "familyName": row.family_name,
        "middleName": row.middle_name,
        "identifier": row.identifier,
        "email": row.email,
        "grades": _list(row.grades),
        "primaryOrgSourcedId": row.organization,
        "metadata.fullName": None if is_made_of_two else row.full_name,
    }
    return {name: value or "" for name, value in cells.items()}


def _word(word: str | None, known: Collection[str]) -> str | None:
    return word if word is None or word in known else f"ext:{word}"


def _list(parts: str | None) -> str | None:
    return parts.replace(JOIN, ",") if parts else None
