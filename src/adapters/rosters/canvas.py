"""Canvas SIS CSV (Instructure, "SIS Import Format"): its files are told by their headings."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Final

from adapters.rosters import roles
from adapters.rosters.columns import Batch, Need, Table, column, standing
from adapters.rosters.making import firsts, inline_roles, rows_of, users
from adapters.rosters.notes import Notes
from adapters.rosters.places import Entry
from adapters.rosters.reader import Reading, TablesReader, opened, reading
from adapters.rosters.sets import nothing_of, tell_of_unread
from adapters.rosters.values import Addresses, Bad, lenient_date, meaning, one_of
from faraday_core.roster.reading import RosterReader, Source
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
)

_A, _I, _D = Standing.ACTIVE, Standing.INACTIVE, Standing.DELETED
_STATUS: Final = standing(meaning({"active": _A, "deleted": _D}), "status")
_COURSE_STATUS: Final = standing(
    meaning({"active": _A, "published": _A, "completed": _I, "deleted": _D}), "status"
)
_USER_STATUS: Final = standing(
    meaning({"active": _A, "suspended": _I, "inactive": _I, "deleted": _D}), "status"
)
_ENROLLED_STATUS: Final = standing(
    meaning(
        {
            "active": _A,
            "completed": _I,
            "inactive": _I,
            "deleted": _D,
            "deleted_last_completed": _D,
        }
    ),
    "status",
)
_DATES: Final = (
    column("starts_on", "start_date", parse=lenient_date),
    column("ends_on", "end_date", parse=lenient_date),
)
DEFAULT_SECTION: Final = "course:{}"  # the id of the class that a course without sections has

_SECTIONS: Final = "sections.csv"
_CROSS_LISTS: Final = "xlists.csv"
_UNREAD: Final = (
    "accounts, terms, courses, sections, users, observers and enrolments are, and beside sections"
    " their cross-listings; no groups, logins, changed ids"
)
# In the order in which one refers to another: a kind, headings that it has, and some that it
# has not.
_KINDS: Final[tuple[tuple[str, set[str], set[str]], ...]] = (
    ("accounts.csv", {"account_id", "name"}, {"course_id", "group_id", "group_category_id"}),
    ("terms.csv", {"term_id", "name"}, {"course_id"}),
    ("courses.csv", {"course_id", "short_name"}, {"section_id"}),
    (_CROSS_LISTS, {"xlist_course_id", "section_id"}, set()),
    (_SECTIONS, {"section_id", "course_id", "name"}, {"user_id"}),
    ("users.csv", {"user_id", "login_id"}, {"existing_user_id", "role"}),
    ("user_observers.csv", {"observer_id", "student_id"}, set()),
    ("enrollments.csv", {"user_id", "role", "section_id"}, set()),
    ("enrollments.csv", {"user_id", "role", "course_id"}, set()),
)


def open_canvas(source: Source, entries: Sequence[Entry]) -> RosterReader:
    """Raises UnreadableSource."""
    tables = _Tables().by_kind()
    readings: dict[str, list[Reading]] = {name: [] for name in tables}
    unread: list[Entry] = []
    for entry in entries:
        if not entry.plain_name.endswith((".csv", ".txt", ".tsv")):
            continue
        part = opened(entry)
        if kind := _kind_of(part.headings):
            readings[kind].append(reading(part, tables[kind]))
        else:
            unread.append(entry)
    if not readings[_SECTIONS]:
        alone = {each.part.name for each in readings.pop(_CROSS_LISTS)}
        unread += [entry for entry in entries if entry.name in alone]
    found = [each for of_a_kind in readings.values() for each in of_a_kind]
    if not found:
        raise nothing_of("Canvas SIS", tables, entries)
    notes = Notes()
    tell_of_unread(notes, unread, {}, _UNREAD)
    return TablesReader(found, notes)


def _kind_of(headings: Sequence[str]) -> str | None:
    there = {heading.lower() for heading in headings}
    return next((kind for kind, has, lacks in _KINDS if has <= there and not lacks & there), None)


class _Tables:
    """What one reading has to remember: titles of courses, and what was said once already."""

    def __init__(self) -> None:
        self._addresses = Addresses()
        self._titles: dict[str, str] = {}
        self._default_sections: set[str] = set()
        self._taught_in: dict[str, str] = {}  # by the section, the course that it is listed in
        self._with_role: set[int] = set()  # hashes: of people, and of people with a role
        self._given: set[int] = set()

    def by_kind(self) -> dict[str, Table]:
        made = [
            _accounts(),
            _terms(),
            self._courses(),
            self._cross_lists(),
            self._sections(),
            self._users(),
            _observers(),
            self._enrollments(),
        ]
        return {table.name: table for table in made}

    def _courses(self) -> Table:
        columns = [
            column("source_id", "course_id", need=Need.ID),
            _COURSE_STATUS,
            column("code", "short_name"),
            column("title", "long_name", need=Need.COLUMN),
            column("organization", "account_id"),
            column("academic_session", "term_id"),
            *_DATES,
        ]
        known = {
            "integration_id", "course_format", "blueprint_course_id", "grade_passback_setting",
            "homeroom_course", "friendly_name", "canvas_course_id", "template_course_id",
        }  # fmt: skip
        return Table("courses.csv", columns, self._make_courses, known)

    def _make_courses(self, batch: Batch) -> Iterator[Sequence[Row]]:
        self._titles.update(zip(batch.texts("source_id"), batch.texts("title"), strict=True))
        yield batch.rows(CourseRow)

    def _cross_lists(self) -> Table:
        columns = [
            _STATUS,
            column("course", "xlist_course_id", need=Need.COLUMN),
            column("source_id", "section_id", need=Need.ID),
        ]

        def make(batch: Batch) -> Iterator[Sequence[Row]]:
            """A section is taught in another course than its own; a row that is faulty is refused
            as the class that it is of."""
            ids, courses = batch.texts("source_id"), batch.texts("course")
            standings = batch.column("standing")
            for index in batch.sound():
                if standings[index] is not Standing.DELETED:
                    self._taught_in[ids[index]] = courses[index]
            yield batch.rows(ClassRow, [index in batch.faults for index in range(batch.size)])

        return Table(_CROSS_LISTS, columns, make, set())

    def _sections(self) -> Table:
        columns = [
            column("source_id", "section_id", need=Need.ID),
            _STATUS,
            column("course", "course_id", need=Need.COLUMN),
            column("title", "name", need=Need.COLUMN),
            *_DATES,
        ]
        known = {"integration_id", "account_id", "canvas_section_id"}

        def make(batch: Batch) -> Iterator[Sequence[Row]]:
            pairs = zip(batch.texts("source_id"), batch.texts("course"), strict=True)
            yield batch.rows(ClassRow, course=[self._taught_in.get(id, own) for id, own in pairs])

        return Table(_SECTIONS, columns, make, known)

    def _users(self) -> Table:
        columns = [
            column("source_id", "user_id", need=Need.ID),
            _USER_STATUS,
            column("username", "login_id", need=Need.COLUMN),
            column("given_name", "first_name"),
            column("family_name", "last_name"),
            column("full_name", "full_name"),
            column("email", "email", parse=self._addresses.parse),
            column("role", "declared_user_type", parse=meaning(roles.CANVAS_DECLARED)),
        ]
        known = {
            "integration_id", "password", "ssha_password", "authentication_provider_id",
            "sortable_name", "short_name", "pronoun", "pronouns", "home_account", "root_account",
            "canvas_password_notification", "canvas_user_id",
        }  # fmt: skip
        return Table("users.csv", columns, self._make_users, known)

    def _make_users(self, batch: Batch) -> Iterator[Sequence[Row]]:
        for user, role in zip(batch.texts("source_id"), batch.column("role"), strict=True):
            if role:
                self._with_role.add(hash(user))
        yield users(batch, self._addresses)
        yield inline_roles(batch)

    def _enrollments(self) -> Table:
        columns = [
            _ENROLLED_STATUS,
            column("course", "course_id"),
            column("class_", "section_id"),
            column("user", "user_id", need=Need.COLUMN),
            column("role", "role", parse=one_of(roles.CANVAS_ENROLLED), need=Need.COLUMN),
            *_DATES,
        ]
        known = {
            "root_account", "user_integration_id", "role_id", "associated_user_id",
            "limit_section_privileges", "notify", "temporary_enrollment_source_user_id",
            "temporary_enrollment_pairing", "temporary_enrollment_pairing_id",
        }  # fmt: skip
        return Table("enrollments.csv", columns, self._make_enrollments, known)

    def _make_enrollments(self, batch: Batch) -> Iterator[Sequence[Row]]:
        sections, courses = batch.texts("class_"), batch.texts("course")
        heading = batch.headings.get("class_") or batch.headings["course"]
        for index in range(batch.size):
            if not sections[index] and not courses[index]:
                bad = Bad("required", "is empty: a section or a course has to be named")
                batch.refuse(index, heading, bad)
        pairs = zip(sections, courses, strict=True)
        alone = ["" if section else course for section, course in pairs]
        ids = [DEFAULT_SECTION.format(course) if course else "" for course in alone]
        if any(ids):
            titles = [self._titles.get(course, course) for course in alone]
            yield batch.rows(
                ClassRow,
                firsts(ids, self._default_sections, batch),
                source_id=ids,
                title=titles,
                course=alone,
                standing=repeat(Standing.ACTIVE),
            )
        yield batch.rows(
            EnrollmentRow,
            source_id=repeat(None),
            class_=[section or own for section, own in zip(sections, ids, strict=True)],
        )
        yield self._roles(batch)

    def _roles(self, batch: Batch) -> Sequence[Row]:
        """The roles of people of whom their own row says none: each of them once."""
        standings = batch.column("standing")
        new = []
        people, words = batch.texts("user"), batch.texts("role")
        for index in batch.sound():
            user, word = people[index], words[index]
            pair = hash((user, word))
            if hash(user) in self._with_role or pair in self._given:
                continue
            if standings[index] in {None, Standing.ACTIVE}:
                self._given.add(pair)
                new.append(index)
                if roles.is_granted_less(word):
                    detail = f"{word} is not given by files, and becomes teacher"
                    batch.warn(index, batch.headings["role"], "role_not_granted", detail)
        return batch.rows_at(
            RoleRow,
            new,
            standing=repeat(Standing.ACTIVE),
            user=[people[index] for index in new],
            role=[roles.granted(words[index]) for index in new],
        )


def _accounts() -> Table:
    columns = [
        column("source_id", "account_id", need=Need.ID),
        _STATUS,
        column("parent", "parent_account_id"),
        column("name", "name", need=Need.COLUMN),
    ]
    known = {"integration_id", "root_account", "canvas_account_id"}
    return Table("accounts.csv", columns, rows_of(OrganizationRow), known)


def _terms() -> Table:
    columns = [
        column("source_id", "term_id", need=Need.ID),
        _STATUS,
        column("title", "name", need=Need.COLUMN),
        *_DATES,
    ]
    known = {"integration_id", "date_override_enrollment_type", "canvas_term_id"}

    def make(batch: Batch) -> Iterator[Sequence[Row]]:
        yield batch.rows(AcademicSessionRow, type=repeat("term"))

    return Table("terms.csv", columns, make, known)


def _observers() -> Table:
    columns = [
        _STATUS,
        column("guardian", "observer_id", need=Need.COLUMN),
        column("user", "student_id", need=Need.COLUMN),
    ]
    return Table("user_observers.csv", columns, rows_of(GuardianRow), set())
