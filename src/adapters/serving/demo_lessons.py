"""What is taught in the demo school: a school year, courses and classes, as a roster would have
brought them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.app import App
from adapters.serving.demo_school import CLASSES, COURSES, DISTRICT, SCHOOL_YEAR, TERMS, DemoClass
from faraday_core.kernel.actor import WORKER, operator
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.roster.model import AcademicSession, Class, ClassFilter, Course, Enrollment
from faraday_core.roster.ports import RosterUnit

_OPERATOR: Final = operator("demo")


async def add_lessons(app: App, places: Mapping[str, str], people: Mapping[str, str]) -> None:
    """In one unit, so that all of it is there or nothing. `people`: their ids by the address."""
    district = places[DISTRICT]
    wanted = ClassFilter(district)
    if (await app.classes.list(_OPERATOR, PageRequest(1), wanted)).items:
        return
    now = datetime.now(UTC)
    async with app.classes.storage.begin(WORKER, tenant=district) as unit:
        sessions = await _sessions(unit, district, now)
        courses = {}
        for title, code, school in COURSES:
            made = Course(uuid7(), title, places[school], now, now, code)
            await unit.add(made)
            courses[title] = made.id
        for one in CLASSES:
            course, term = courses[one.course], sessions[one.term]
            class_ = _class(one, places[one.school], course, term, now)
            await unit.add(class_)
            for email, role in one.people:
                await unit.add(_part(class_, people[email], role))


async def _sessions(unit: RosterUnit, district: str, now: datetime) -> dict[str, str]:
    title, begin, end = SCHOOL_YEAR
    year = AcademicSession(
        uuid7(), title, district, now, now, "schoolYear", begin, end, str(end.year)
    )
    await unit.add(year)
    made = {title: year.id}
    for title, begin, end in TERMS:
        term = AcademicSession(
            uuid7(),
            title,
            district,
            now,
            now,
            "term",
            begin,
            end,
            year.school_year,
            parent_session_id=year.id,
        )
        await unit.add(term)
        made[title] = term.id
    return made


def _class(one: DemoClass, school: str, course: str, term: str, now: datetime) -> Class:
    return Class(
        uuid7(),
        one.title,
        school,
        now,
        now,
        course_id=course,
        type="scheduled",
        academic_session_ids=(term,),
    )


def _part(class_: Class, user_id: str, role: str) -> Enrollment:
    now, school = class_.created_at, class_.organization_id
    is_primary = role == "teacher"
    return Enrollment(uuid7(), class_.id, user_id, role, school, now, now, is_primary=is_primary)
