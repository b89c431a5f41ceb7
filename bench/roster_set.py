"""A district as its source would write it: made up, and the same each time."""

from collections.abc import Iterator
from typing import Final

from faraday_core.roster.rows import (
    JOIN,
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    Standing,
    UserRow,
)

SUBJECTS: Final = 7
IN_CLASS: Final = 25
IN_SCHOOL: Final = 650
GIVEN: Final = (
    "Ada",
    "Bo",
    "Chloë",
    "Dmitri",
    "Emre",
    "Fatima",
    "Goro",
    "Hélène",
    "Ines",
    "José",
    "Kofi",
    "Łucja",
)
FAMILY: Final = (
    "Adeyemi",
    "Brown",
    "Çelik",
    "Díaz",
    "Eriksen",
    "Fischer",
    "García",
    "Hoang",
    "Ivanova",
)
_A: Final = Standing.ACTIVE


def rows_of(pupils: int) -> Iterator[Row]:
    """About 9.5 rows a pupil."""
    yield OrganizationRow(0, 0, 0, None, _A, "D", "Green Valley District", "district")
    yield AcademicSessionRow(
        0, 0, 0, None, _A, "Y", "2026/27", "schoolYear", "2026-08-24", "2027-06-18", "2027"
    )
    for subject in range(SUBJECTS):
        yield CourseRow(
            0, 0, 0, None, _A, f"C{subject}", f"Subject {subject}", f"S{subject}", None, None, "D"
        )
    for school in range(_schools(pupils)):
        yield OrganizationRow(
            0, 0, 0, None, _A, f"S{school}", f"School {school}", "school", None, "D"
        )
    for teacher in range(_teachers(pupils)):
        yield from _person(f"T{teacher}", "teacher", teacher % _schools(pupils), teacher)
    for pupil in range(pupils):
        yield from _pupil(pupil, pupil, _schools(pupils))
    for group in range(_groups(pupils)):
        yield from _classes(group, pupils)
    for pupil in range(pupils):
        yield from _enrollments(pupil)


def changed(pupils: int) -> Iterator[Row]:
    """One in a hundred has another name, and another class."""
    for pupil in range(0, pupils, 100):
        yield from _pupil(pupil, pupil + 1, _schools(pupils))
        group = (pupil // IN_CLASS + 1) % _groups(pupils)
        yield _enrollment(f"{pupil}-new", f"K{group}-0", f"P{pupil}", "student")


def _schools(pupils: int) -> int:
    return max(2, pupils // IN_SCHOOL)


def _teachers(pupils: int) -> int:
    return max(8, pupils // 16)


def _groups(pupils: int) -> int:
    return -(-pupils // IN_CLASS)


def _person(id: str, role: str, school: int, name: int, standing: Standing = _A) -> Iterator[Row]:
    given, family = GIVEN[name % len(GIVEN)], FAMILY[name // 3 % len(FAMILY)]
    yield UserRow(
        0,
        0,
        0,
        None,
        standing,
        id,
        f"{given} {family}",
        given,
        None,
        family,
        id.lower(),
        f"{id.lower()}@people.green-valley.example",
    )
    yield RoleRow(0, 0, 0, None, _A, id, role, f"S{school}", inline=True)


def _pupil(pupil: int, name: int, schools: int) -> Iterator[Row]:
    school = min(pupil // IN_SCHOOL, schools - 1)
    for guardian in range(1 + pupil % 2):
        id = f"G{pupil}-{guardian}"
        if not pupil % 3 or guardian:
            yield from _person(id, "guardian", school, pupil)
            yield GuardianRow(0, 0, 0, None, _A, f"P{pupil}", id, "parent", inline=True)
    yield from _person(f"P{pupil}", "student", school, name)


def _classes(group: int, pupils: int) -> Iterator[Row]:
    for subject in range(SUBJECTS):
        id, school = f"K{group}-{subject}", group * IN_CLASS // IN_SCHOOL
        yield ClassRow(
            0,
            0,
            0,
            None,
            _A,
            id,
            f"Subject {subject}, group {group}",
            id,
            "scheduled",
            f"Room {group % 80}",
            "07",
            f"Subject {subject}",
            JOIN.join(("1", "4")),
            f"S{min(school, _schools(pupils) - 1)}",
            f"C{subject}",
            "Y",
        )
        teacher = (group * SUBJECTS + subject) % _teachers(pupils)
        yield _enrollment(f"{id}-T", id, f"T{teacher}", "teacher")


def _enrollments(pupil: int) -> Iterator[Row]:
    for subject in range(SUBJECTS):
        if subject != pupil % SUBJECTS:
            yield _enrollment(
                f"{pupil}-{subject}", f"K{pupil // IN_CLASS}-{subject}", f"P{pupil}", "student"
            )


def _enrollment(id: str, of: str, who: str, role: str) -> Row:
    row = EnrollmentRow(0, 0, 0, None, _A, f"E{id}", of, who, role)
    return row._replace(starts_on="2026-08-24")
