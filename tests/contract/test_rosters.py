"""What is taught and to whom, read back over both storages: by whom, and by whom not."""

import pytest

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import NOBODY, WORKER, Actor, Role
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import NewMember, OrganizationMember
from faraday_core.organizations.merge_service import IntoOrganization
from faraday_core.people.model import UserFilter
from faraday_core.roster.model import (
    AcademicSessionFilter,
    ClassFilter,
    CourseFilter,
    EnrollmentFilter,
    UserClassFilter,
)
from tests.rosters import SYSTEM, Roster
from tests.world import OPERATOR, World

PAGE = PageRequest()


def roster(world: World, tenant: str = "district") -> Roster:
    return Roster(world.storage, world.places[tenant])


async def titles(world: World, actor: Actor, **wanted: object) -> list[str]:
    page = await world.app.classes.list(actor, PAGE, ClassFilter(**wanted))  # type: ignore[arg-type]  # by name
    return [one.title for one in page.items]


# --- by a role at a node


async def test_a_role_reads_the_classes_at_its_node_and_below(world: World) -> None:
    made, places = roster(world), world.places
    for at in ("district", "north", "south"):
        await made.class_(places[at], at)
    await roster(world, "other").class_(places["other"], "other")

    for role in (Role.ORG_ADMIN, Role.SUPPORT, Role.DEPARTMENT_HEAD):
        assert ["north"] == await titles(world, await world.acting(role, "north"))
    everything = await titles(world, await world.acting(Role.ORG_ADMIN, "district"))
    assert ["district", "north", "south"] == everything
    assert ["other"] == await titles(world, await world.acting(Role.ORG_ADMIN, "other"))
    assert 4 == len(await titles(world, await world.acting(Role.PLATFORM_ADMIN)))
    for role in (Role.TEACHER, Role.GUARDIAN, Role.STUDENT):
        assert [] == await titles(world, await world.acting(role, "north"))
    assert [] == await titles(world, NOBODY)


async def test_what_lies_elsewhere_is_not_there(world: World) -> None:
    made = roster(world)
    class_ = await made.class_(world.places["south"])
    course = await made.course(world.places["south"])
    session = await made.session(world.places["south"])

    for actor in (
        await world.acting(Role.ORG_ADMIN, "north"),
        await world.acting(Role.ORG_ADMIN, "other"),
        await world.acting(Role.TEACHER, "south"),
        NOBODY,
    ):
        for ask, id in (
            (world.app.classes.get, class_.id),
            (world.app.courses.get, course.id),
            (world.app.academic_sessions.get, session.id),
        ):
            with pytest.raises(NotFound):
                await ask(actor, id)
        with pytest.raises(NotFound):
            await world.app.classes.enrollments(actor, class_.id, PAGE)
    admin = await world.acting(Role.ORG_ADMIN, "south")
    assert class_.id == (await world.app.classes.get(admin, class_.id)).id
    for nonsense in (uuid7(), "nonsense"):
        with pytest.raises(NotFound):
            await world.app.classes.get(admin, nonsense)


async def test_a_permission_that_was_taken_away_reads_nothing(world: World) -> None:
    made, north = roster(world), world.places["north"]
    class_ = await made.class_(north)
    teacher = await world.person(email="sub@example.org", name="Sub Stitute")
    new = NewMember(
        teacher.id,
        Role.TEACHER,
        {Action.READ_CLASSES: False},
    )
    await world.app.members.add(OPERATOR, OrganizationMember, north, new)
    await made.enroll(class_, teacher.id, "teacher")

    assert [] == await titles(world, await world.actor(await world.sign_in("sub@example.org")))


# --- by taking part


async def test_a_teacher_sees_own_classes_and_all_who_are_in_them(world: World) -> None:
    made, north = roster(world), world.places["north"]
    teacher = await world.person(Role.TEACHER, "north")
    student = await world.person(Role.STUDENT, "north")
    own, others = await made.class_(north, "own"), await made.class_(north, "another's")
    await made.enroll(own, teacher.id, "teacher", is_primary=True)
    await made.enroll(own, student.id)
    await made.enroll(others, student.id)
    actor = await world.actor(await world.sign_in(teacher))

    assert ["own"] == await titles(world, actor)
    assert "own" == (await world.app.classes.get(actor, own.id)).title
    seen = (await world.app.classes.enrollments(actor, own.id, PAGE)).items
    assert [(teacher.id, "teacher", True), (student.id, "student", False)] == [
        (one.user_id, one.role, one.is_primary) for one in seen
    ]
    assert "Student North" == seen[1].full_name
    with pytest.raises(NotFound):
        await world.app.classes.enrollments(actor, others.id, PAGE)
    with pytest.raises(NotFound):
        await world.app.classes.of_user(actor, student.id, PAGE)


@pytest.mark.parametrize("role", ["student", "observer", "guardian", "Student_View"])
async def test_whoever_does_not_teach_sees_of_a_class_only_themselves(
    world: World, role: str
) -> None:
    made, north = roster(world), world.places["north"]
    student = await world.person(Role.STUDENT, "north")
    other = await made.person("Kim Nguyen", north)
    class_ = await made.class_(north)
    await made.enroll(class_, student.id, role)
    await made.enroll(class_, other.id)
    actor = await world.actor(await world.sign_in(student))

    seen = (await world.app.classes.enrollments(actor, class_.id, PAGE)).items
    assert [student.id] == [one.user_id for one in seen]
    assert ["Physics 7a"] == await titles(world, actor)


async def test_a_guardian_sees_the_classes_of_own_children_and_only_these_in_them(
    world: World,
) -> None:
    made, north = roster(world), world.places["north"]
    guardian = await world.person(Role.GUARDIAN, "north")
    child = await world.person(Role.STUDENT, "north")
    other = await world.person(Role.STUDENT, "north", email="stranger@example.org")
    await world.app.guardians.confirm(OPERATOR, child.id, guardian.id)
    own, others = await made.class_(north, "child's"), await made.class_(north, "stranger's")
    for class_, person in ((own, child), (own, other), (others, other)):
        await made.enroll(class_, person.id)
    actor = await world.actor(await world.sign_in(guardian))

    assert ["child's"] == await titles(world, actor)
    seen = (await world.app.classes.enrollments(actor, own.id, PAGE)).items
    assert [child.id] == [one.user_id for one in seen]
    mine = (await world.app.classes.of_user(actor, child.id, PAGE)).items
    assert [("child's", "student", "active")] == [(o.title, o.role, o.status) for o in mine]
    with pytest.raises(NotFound):
        await world.app.classes.of_user(actor, other.id, PAGE)
    with pytest.raises(NotFound):
        await world.app.classes.get(actor, others.id)


async def test_a_guardian_in_one_tenant_sees_nothing_of_the_child_in_another(
    world: World,
) -> None:
    guardian = await world.person(Role.GUARDIAN, "north")
    child = await world.person(Role.STUDENT, "north")
    await world.app.guardians.confirm(OPERATOR, child.id, guardian.id)
    for person, role in ((child, Role.STUDENT), (guardian, Role.GUARDIAN)):
        new = NewMember(person.id, role)
        await world.app.members.add(OPERATOR, OrganizationMember, world.places["other"], new)
    elsewhere = roster(world, "other")
    class_ = await elsewhere.class_(world.places["other"], "elsewhere")
    await elsewhere.enroll(class_, child.id)
    actor = await world.actor(await world.sign_in(guardian))

    assert [] == await titles(world, actor)
    assert () == (await world.app.classes.of_user(actor, child.id, PAGE)).items
    with pytest.raises(NotFound):
        await world.app.classes.get(actor, class_.id)


async def test_whoever_takes_part_no_longer_sees_the_class_no_longer(world: World) -> None:
    made, north = roster(world), world.places["north"]
    teacher = await world.person(Role.TEACHER, "north")
    class_ = await made.class_(north)
    part = await made.enroll(class_, teacher.id, "teacher")
    actor = await world.actor(await world.sign_in(teacher))
    assert await titles(world, actor)

    await made.save(part, is_active=False)

    assert [] == await titles(world, actor)
    with pytest.raises(NotFound):
        await world.app.classes.enrollments(actor, class_.id, PAGE)


async def test_own_classes_bring_their_courses_and_sessions(world: World) -> None:
    made, north = roster(world), world.places["north"]
    student = await world.person(Role.STUDENT, "north")
    term, other_term = await made.session(north, "Term 1"), await made.session(north, "Term 2")
    course, other_course = await made.course(north), await made.course(north, "Chemistry")
    class_ = await made.class_(north, course_id=course.id, academic_session_ids=(term.id,))
    await made.enroll(class_, student.id)
    actor = await world.actor(await world.sign_in(student))

    courses = await world.app.courses.list(actor, PAGE)
    sessions = await world.app.academic_sessions.list(actor, PAGE)
    assert ["Physics"] == [one.title for one in courses.items]
    assert ["Term 1"] == [one.title for one in sessions.items]
    assert "Physics" == (await world.app.courses.get(actor, course.id)).title
    assert "Term 1" == (await world.app.academic_sessions.get(actor, term.id)).title
    with pytest.raises(NotFound):
        await world.app.courses.get(actor, other_course.id)
    with pytest.raises(NotFound):
        await world.app.academic_sessions.get(actor, other_term.id)


async def test_a_request_that_is_narrowed_shows_of_ones_own_what_lies_there(world: World) -> None:
    made, places = roster(world), world.places
    person = await world.person(Role.TEACHER, "north")
    teaching = NewMember(person.id, Role.TEACHER)
    await world.app.members.add(OPERATOR, OrganizationMember, places["south"], teaching)
    north, south = await made.class_(places["north"], "N"), await made.class_(places["south"], "S")
    for class_ in (north, south):
        await made.enroll(class_, person.id, "teacher")
    whole = await world.actor(await world.sign_in(person))
    actor = await world.app.access.narrow(whole, places["north"])

    assert ["N", "S"] == sorted(await titles(world, whole))
    assert ["N"] == await titles(world, actor)
    assert ["N"] == [
        c.title for c in (await world.app.classes.of_user(actor, person.id, PAGE)).items
    ]
    for ask in (
        world.app.classes.get(actor, south.id),
        world.app.classes.enrollments(actor, south.id, PAGE),
    ):
        with pytest.raises(NotFound):
            await ask


async def test_an_administrator_who_teaches_elsewhere_sees_both_once(world: World) -> None:
    made, places = roster(world), world.places
    person = await world.person(Role.ORG_ADMIN, "north")
    teaching = NewMember(person.id, Role.TEACHER)
    await world.app.members.add(OPERATOR, OrganizationMember, places["south"], teaching)
    for at in ("north", "south", "south"):
        class_ = await made.class_(places[at], f"{at} {uuid7()}")
        if class_.title.startswith("north"):
            await made.enroll(class_, person.id, "teacher")
    await made.enroll(class_, person.id, "teacher")
    actor = await world.actor(await world.sign_in(person))

    assert ["north", "south"] == [one.split()[0] for one in await titles(world, actor)]
    of_south = await titles(world, actor, organization_id=places["south"])
    assert ["south"] == [one.split()[0] for one in of_south]


# --- filters and pages


async def test_filters_narrow_and_never_widen(world: World) -> None:
    made, places = roster(world), world.places
    north = places["north"]
    term, course = await made.session(north), await made.course(north)
    await made.class_(north, "by course", course_id=course.id)
    await made.class_(north, "by session", academic_session_ids=(term.id,))
    await made.class_(north, "by source", source_id="section-1")
    await made.class_(north, "inactive", source_id="section-2", is_active=False)
    await made.class_(places["south"], "south's")
    admin = await world.acting(Role.ORG_ADMIN, "north")

    assert ["by course"] == await titles(world, admin, course_id=course.id)
    assert ["by session"] == await titles(world, admin, academic_session_id=term.id)
    assert ["by source"] == await titles(world, admin, source_system=SYSTEM)
    assert ["by source"] == await titles(world, admin, source_id="section-1")
    assert ["inactive"] == await titles(world, admin, source_id="section-2")
    assert 4 == len(await titles(world, admin, include_inactive=True))
    assert [] == await titles(world, admin, source_system="canvas-sis", source_id="section-1")
    assert [] == await titles(world, admin, organization_id=places["south"])
    assert 3 == len(await titles(world, admin, organization_id=places["district"]))
    for nonsense in ("nonsense", uuid7()):
        for name in ("course_id", "academic_session_id", "organization_id"):
            assert [] == await titles(world, admin, **{name: nonsense})


async def test_courses_and_sessions_are_found_by_their_source(world: World) -> None:
    made, north = roster(world), world.places["north"]
    await made.course(north, "A", source_id="c1", is_active=False)
    await made.course(north, "B")
    await made.session(north, "A", source_id="s1", is_active=False)
    await made.session(north, "B")
    admin = await world.acting(Role.ORG_ADMIN, "north")

    async def courses(source_id: str | None = None) -> list[str]:
        asked = CourseFilter(source_id=source_id)
        found = await world.app.courses.list(admin, PAGE, asked)
        return [one.title for one in found.items]

    async def sessions(source_id: str | None = None) -> list[str]:
        asked = AcademicSessionFilter(source_id=source_id)
        found = await world.app.academic_sessions.list(admin, PAGE, asked)
        return [one.title for one in found.items]

    assert (["A"], ["B"]) == (await courses("c1"), await courses())
    assert (["A"], ["B"]) == (await sessions("s1"), await sessions())


async def test_pages_go_through_all_once_and_in_order(world: World) -> None:
    made, places = roster(world), world.places
    for number in range(7):
        await made.class_(places["north" if number % 2 else "south"], str(number))
    admin = await world.acting(Role.ORG_ADMIN, "north")
    top = await world.acting(Role.ORG_ADMIN, "district")

    async def all_of(actor: Actor) -> list[str]:
        found, page = [], await world.app.classes.list(actor, PageRequest(2))
        while True:
            found += [one.title for one in page.items]
            if not page.next_cursor:
                return found
            page = await world.app.classes.list(actor, PageRequest(2, page.next_cursor))

    assert [*"0123456"] == await all_of(top)
    assert [*"135"] == await all_of(admin)


async def test_enrolments_list_what_is_inactive_and_go_by_role(world: World) -> None:
    made, north = roster(world), world.places["north"]
    class_ = await made.class_(north)
    people = [await made.person(f"Person {number}", north) for number in range(3)]
    await made.enroll(class_, people[0].id, "teacher", source_id="e1", source_system=SYSTEM)
    await made.enroll(class_, people[1].id, is_active=False)
    await made.enroll(class_, people[2].id)
    admin = await world.acting(Role.ORG_ADMIN, "north")

    async def shown(page: PageRequest = PAGE, **wanted: str) -> list[tuple[str, str]]:
        asked = EnrollmentFilter(**wanted)
        found = await world.app.classes.enrollments(admin, class_.id, page, asked)
        return [(one.role, one.status) for one in found.items]

    everybody = [("teacher", "active"), ("student", "inactive"), ("student", "active")]
    assert everybody == await shown()
    assert everybody[1:] == await shown(role="student")
    assert [] == await shown(role="Student")
    first = await world.app.classes.enrollments(admin, class_.id, PageRequest(2))
    assert everybody[2:] == await shown(PageRequest(2, first.next_cursor))
    assert "e1" == first.items[0].source_id


async def test_classes_of_somebody_are_those_that_one_reads(world: World) -> None:
    made, places = roster(world), world.places
    student = await world.person(Role.STUDENT, "north")
    other = NewMember(student.id, Role.STUDENT)
    await world.app.members.add(OPERATOR, OrganizationMember, places["south"], other)
    await made.enroll(await made.class_(places["north"], "north"), student.id)
    await made.enroll(await made.class_(places["south"], "south"), student.id)
    gone = await made.class_(places["north"], "gone", is_active=False)
    await made.enroll(gone, student.id)

    async def of(actor: Actor, **wanted: bool) -> list[str]:
        asked = UserClassFilter(**wanted)
        found = await world.app.classes.of_user(actor, student.id, PAGE, asked)
        return [f"{one.title} {one.status}" for one in found.items]

    assert ["north active"] == await of(await world.acting(Role.SUPPORT, "north"))
    assert ["north active", "south active"] == await of(OPERATOR)
    herself = await world.actor(await world.sign_in(student))
    assert ["north active", "south active"] == await of(herself)
    assert "gone inactive" in await of(herself, include_inactive=True)
    for actor in (
        await world.acting(Role.DEPARTMENT_HEAD, "north"),
        await world.acting(Role.ORG_ADMIN, "other"),
        NOBODY,
    ):
        with pytest.raises(NotFound):
            await of(actor)


async def test_nobody_is_enrolled_twice_as_the_same(world: World) -> None:
    made, north = roster(world), world.places["north"]
    class_, person = await made.class_(north), await made.person("Kim Nguyen", north)
    await made.enroll(class_, person.id)
    await made.enroll(class_, person.id, "aide")

    with pytest.raises(Conflict) as caught:
        await made.enroll(class_, person.id)

    assert "already_enrolled" == caught.value.code


# --- people by their source


async def test_people_are_found_by_the_id_that_their_source_gives_them(world: World) -> None:
    made, places = roster(world), world.places
    for name, at, id, active in (
        ("North", places["north"], "p1", True),
        ("Inactive", places["north"], "p2", False),
        ("No role yet", None, "p3", True),
    ):
        await made.person(name, at, source_id=id, is_active=active)
    await roster(world, "other").person("Elsewhere", places["other"], source_id="p1")

    async def found(actor: Actor, **wanted: object) -> list[str]:
        asked = UserFilter(**wanted)  # type: ignore[arg-type]  # by name
        return [one.full_name for one in (await world.app.users.list(actor, asked, PAGE)).items]

    top = await world.acting(Role.ORG_ADMIN, "district")
    north = await world.acting(Role.ORG_ADMIN, "north")
    for actor in (top, north):
        assert ["North"] == await found(actor, source_id="p1")
        assert ["North"] == await found(actor, source_system=SYSTEM, source_id="p1")
        assert ["Inactive"] == await found(actor, source_id="p2")
        assert [] == await found(actor, source_id="p2", is_active=True)
        assert [] == await found(actor, source_system="canvas-sis", source_id="p1")
        assert ["North"] == await found(actor, source_system=SYSTEM)
    assert ["No role yet"] == await found(top, source_id="p3")
    assert [] == await found(north, source_id="p3")
    assert [] == await found(top, source_id="p3", role=Role.STUDENT)
    assert [] == await found(top, source_id="p3", organization_id=places["north"])
    assert ["North"] == await found(top, source_id="p1", organization_id=places["north"])
    assert ["North"] == await found(top, source_id="p1", role=Role.STUDENT)
    assert [] == await found(await world.acting(Role.ORG_ADMIN, "other"), source_id="p3")
    assert ["North", "Elsewhere"] == await found(OPERATOR, source_id="p1")
    assert ["North"] == await found(OPERATOR, source_id="p1", organization_id=places["district"])


async def test_who_has_no_role_yet_is_read_by_who_reads_the_whole_tenant(world: World) -> None:
    person = await roster(world).person("No Role", source_id="p1", username="no.role")

    top = await world.acting(Role.ORG_ADMIN, "district")
    shown = await world.app.users.get(top, person.id)
    assert ("no.role", SYSTEM, "p1") == (shown.username, shown.source_system, shown.source_id)
    await world.app.users.deactivate(top, person.id)
    for role, at in (
        (Role.ORG_ADMIN, "north"),
        (Role.ORG_ADMIN, "other"),
        (Role.TEACHER, "north"),
    ):
        with pytest.raises(NotFound):
            await world.app.users.get(await world.acting(role, at), person.id)


# --- what becomes of them


async def test_classes_go_along_when_their_school_is_merged_and_come_back(world: World) -> None:
    made, places = roster(world), world.places
    student = await made.person("Kim Nguyen", places["north"])
    course, session = await made.course(places["north"]), await made.session(places["north"])
    class_ = await made.class_(places["north"], course_id=course.id)
    part = await made.enroll(class_, student.id)
    into = IntoOrganization(places["south"])

    async def lies_at() -> set[str]:
        async with world.storage.look(WORKER, tenant=places["district"]) as reader:
            found = [
                await reader.get(type(one), one.id) for one in (course, session, class_, part)
            ]
        return {one.organization_id for one in found}

    merge = await world.app.merges.merge(OPERATOR, places["north"], into)

    assert {places["south"]} == await lies_at()
    counted = {name: merge.moved[name] for name in ("classes", "courses", "academic_sessions")}
    assert {"classes": 1, "courses": 1, "academic_sessions": 1} == counted
    await world.app.merges.undo(OPERATOR, places["north"])
    assert {places["north"]} == await lies_at()


@pytest.mark.parametrize("what", ["session", "course", "class_"])
async def test_an_organisation_in_which_something_is_taught_is_not_empty(
    world: World, what: str
) -> None:
    place = world.places["south"]
    await getattr(roster(world), what)(place)

    with pytest.raises(Conflict) as caught:
        await world.app.organizations.delete(OPERATOR, place)

    assert "not_empty" == caught.value.code


async def test_enrolments_go_with_their_person(world: World) -> None:
    made, north = roster(world), world.places["north"]
    student = await world.person(Role.STUDENT, "north")
    class_ = await made.class_(north)
    await made.enroll(class_, student.id)

    await world.app.erasures.erase(OPERATOR, student.id)

    assert () == (await world.app.classes.enrollments(OPERATOR, class_.id, PAGE)).items
