"""Rosters that are taken over from files, over both storages: what is done, what is refused, what
is left alone, and how all of it is taken back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from attrs import astuple

from adapters.roster_reports import html_report
from faraday_core.kernel.actor import Role
from faraday_core.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.membership import NewMember, OrganizationMember
from faraday_core.organizations.model import OrganizationFields, TeamFields
from faraday_core.people.model import UserFields, UserFilter
from faraday_core.roster.held_fields import HeldFields
from faraday_core.roster.model import ClassFilter, EnrollmentFilter
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportFilter, ImportView
from faraday_core.roster.runs import Mode
from tests.imports import Importer, contents, counted, told, without_ids
from tests.world import OPERATOR, World

PAGE = PageRequest()
ORGS = ["s1,,Hill School,school,HS,", "d1,,Science,department,,s1"]
SESSIONS = ["y1,,Year 2027,schoolYear,2026-09-01,2027-06-30,,2027"]
COURSES = ['k1,,y1,Physics,PH,"7,8",s1,Science']
CLASSES = ["c1,,Physics 7a,7,k1,PH7,scheduled,Room 1,s1,y1,,1"]
USERS = [
    "t1,,true,s1,teacher,tara,Tara,Teach,tara@example.org,,",
    "p1,,true,s1,student,kim,Kim,Pupil,kim@example.org,g1,7",
    "p2,,true,s1,student,jo,Jo,Pupil,,,7",
    "g1,,true,s1,parent,gil,Gil,Pupil,gil@example.org,,",
]
ENROLLMENTS = [
    "e1,,c1,t1,teacher,true,,",
    "e2,,c1,p1,student,false,2026-09-01,",
    "e3,,c1,p2,student,false,,",
]


def school(**other: Any) -> dict[str, Any]:
    """All files of a small school. `other`: those that are another way."""
    return {
        "orgs": ORGS,
        "academicSessions": SESSIONS,
        "courses": COURSES,
        "classes": CLASSES,
        "users": USERS,
        "enrollments": ENROLLMENTS,
    } | other


@pytest.fixture
def importer(world: World, tmp_path: Path) -> Importer:
    return Importer(world, tmp_path / "set")


async def taken(importer: Importer, **other: Any) -> ImportView:
    importer.write(**school(**other))
    return await importer.run()


async def user_of(importer: Importer, source_id: str) -> Any:  # as a list shows them
    wanted = UserFilter(source_id=source_id)
    page = await importer.world.app.users.list(OPERATOR, wanted, PAGE)
    (found,) = page.items
    return found


async def add_member(world: World, user_id: str, at: str, role: Role = Role.TEACHER) -> None:
    new = NewMember(user_id, role)
    await world.app.members.add(OPERATOR, OrganizationMember, world.places[at], new)


async def roles_of(importer: Importer, source_id: str) -> list[tuple[str, bool]]:
    """Each with whether it holds still, by the storage's own rows."""
    user = await user_of(importer, source_id)
    found = await contents(importer.world)
    return sorted(
        (row["role"], row["ends_on"] is None)
        for row in found["user_organizations"]
        if row["user_id"] == user.id
    )


def nothing(view: ImportView) -> bool:
    return not any(c["create"] or c["update"] or c["remove"] for c in view.counts.values())


# --- planned and done


async def test_a_school_is_taken_over_with_all_that_it_is_made_of(importer: Importer) -> None:
    done = await taken(importer)

    assert "applied" == done.status
    assert {
        "organizations": {"create": 1},
        "departments": {"create": 1},
        "academic_sessions": {"create": 1},
        "courses": {"create": 1},
        "classes": {"create": 1},
        "users": {"create": 4},
        "enrollments": {"create": 3},
    } == {kind: counted(done, kind) for kind in done.counts}
    assert [] == [*done.refused]
    classes = await importer.world.app.classes.list(OPERATOR, PAGE, ClassFilter(source_id="c1"))
    (class_,) = classes.items
    assert ("Physics 7a", "oneroster") == (class_.title, class_.source_system)
    parts = await importer.world.app.classes.enrollments(
        OPERATOR, class_.id, PAGE, EnrollmentFilter()
    )
    assert ["student", "student", "teacher"] == sorted(part.role for part in parts.items)
    pupil = await user_of(importer, "p2")
    assert (None, "jo", "Jo Pupil") == (pupil.email, pupil.username, pupil.full_name)
    assert [("teacher", True)] == await roles_of(importer, "t1")
    assert [("guardian", True)] == await roles_of(importer, "g1")


async def test_a_plan_changes_nothing(importer: Importer) -> None:
    before = await contents(importer.world)
    importer.write(**school())

    plan = await importer.plan()

    assert "planned" == plan.status
    assert plan.plan_id
    assert {"create": 4} == counted(plan, "users")
    assert before == await contents(importer.world)


async def test_the_same_files_again_change_nothing(importer: Importer) -> None:
    await taken(importer)
    before = await contents(importer.world)

    again = await importer.run()

    assert "applied" == again.status
    assert {"unchanged": 4} == counted(again, "users")
    assert {"unchanged": 3} == counted(again, "enrollments")
    assert nothing(again)
    assert before == await contents(importer.world)


async def test_the_same_files_read_in_another_mode_change_nothing_either(
    importer: Importer,
) -> None:
    await taken(importer)
    before = await contents(importer.world)

    again = await importer.tolerant()

    assert {"unchanged": 4} == counted(again, "users")
    assert nothing(again)
    assert before == await contents(importer.world)


async def test_a_plan_is_done_by_its_id(importer: Importer) -> None:
    importer.write(**school())
    plan = await importer.plan()
    assert plan.plan_id

    done = await importer.world.app.imports.apply(OPERATOR, plan.plan_id)

    assert ("applied", plan.counts) == (done.status, done.counts)
    assert plan.run_id == done.run_id


@pytest.mark.parametrize("what", ["a file", "the database"])
async def test_a_plan_is_stale_where_something_has_changed_since(
    importer: Importer, what: str
) -> None:
    importer.write(**school())
    plan = await importer.plan()
    assert plan.plan_id
    if what == "a file":
        importer.write(**school(users=USERS[:2]))
    else:
        fields = OrganizationFields("East", importer.world.places["district"])
        await importer.world.app.organizations.create(OPERATOR, fields)
    before = await contents(importer.world)

    with pytest.raises(Conflict) as refused:
        await importer.world.app.imports.apply(OPERATOR, plan.plan_id)

    assert "plan_stale" == refused.value.code
    assert before == await contents(importer.world)


async def test_an_unknown_plan_or_run_is_not_found(importer: Importer) -> None:
    imports = importer.world.app.imports
    for act in (imports.apply, imports.undo, imports.get):
        with pytest.raises(NotFound):
            await act(OPERATOR, "0198e5c0-0000-7000-8000-000000000000")


# --- refused rows


async def test_a_strict_import_does_nothing_where_a_row_is_refused(importer: Importer) -> None:
    before = await contents(importer.world)

    failed = await taken(importer, users=[*USERS, "p3,,true,s1,wizard,,Pat,Doe,,,"])

    assert "failed" == failed.status
    assert failed.problem is not None
    assert "rows_refused" == failed.problem["code"]
    assert [("users.csv", 6, "role", "invalid_value")] == told(failed.refused)
    assert before == await contents(importer.world)


async def test_a_tolerant_import_leaves_out_what_depends_on_a_refused_row(
    importer: Importer,
) -> None:
    importer.write(
        **school(
            courses=['k1,,y9,Physics,PH,"7,8",s1,Science'],
            orgs=[*ORGS, "d2,,Optics,department,,d9", "d3,,Lenses,department,,d2"],
        )
    )

    done = await importer.tolerant()

    assert "applied" == done.status
    assert [
        ("orgs.csv", 4, "parentSourcedId", "unknown_reference"),
        ("orgs.csv", 5, "parentSourcedId", "unknown_reference"),
        ("courses.csv", 2, "schoolYearSourcedId", "unknown_reference"),
        ("classes.csv", 2, "courseSourcedId", "unknown_reference"),
        *(("enrollments.csv", n, "classSourcedId", "unknown_reference") for n in (2, 3, 4)),
    ] == told(done.refused)
    assert {"create": 4} == counted(done, "users")
    assert {"create": 1, "refuse": 2} == counted(done, "departments")
    assert {"refuse": 3} == counted(done, "enrollments")


@pytest.mark.parametrize(
    ("orgs", "codes"),
    [
        (["a,,A,school,,b", "b,,B,school,,a", "c,,C,school,,a"], ["invalid_value"] * 3),
        (["a,,A,school,,a"], ["invalid_value"]),
        (["a,,A,department,,b", "b,,B,department,,a"], ["unknown_reference"] * 2),
    ],
)
async def test_nothing_lies_below_itself(
    importer: Importer, orgs: list[str], codes: list[str]
) -> None:
    importer.write(orgs=orgs)
    done = await importer.tolerant()
    assert codes == [code for *_, code in told(done.refused)]


async def test_a_row_that_repeats_another_exactly_is_but_warned_of(importer: Importer) -> None:
    done = await taken(importer, users=[*USERS, USERS[2]])
    assert {"create": 4} == counted(done, "users")
    assert [("users.csv", 6, None, "repeated_row")] == told(done.warnings)


async def test_an_id_with_other_content_refuses_the_later_row(importer: Importer) -> None:
    importer.write(**school(users=[*USERS, "p2,,true,s1,student,jo,Joanna,Pupil,,,7"]))

    done = await importer.tolerant()

    assert [("users.csv", 6, "sourcedId", "duplicate_id")] == told(done.refused)
    assert "Jo Pupil" == (await user_of(importer, "p2")).full_name


async def test_canvas_has_the_later_row_win(importer: Importer) -> None:
    importer.path.mkdir()
    (importer.path / "users.csv").write_text(
        "user_id,login_id,first_name,last_name,email,status\n"
        "u1,one,Una,One,,active\nu1,one,Una,Won,,active\n"
    )

    done = await importer.run(format=Format.CANVAS_SIS)

    assert [("users.csv", 3, "user_id", "repeated_id")] == told(done.warnings)
    assert {"create": 1} == counted(done, "users")
    assert "Una Won" == (await user_of(importer, "u1")).full_name


async def test_an_enrolment_is_one_class_person_and_role(importer: Importer) -> None:
    importer.write(**school(enrollments=[*ENROLLMENTS, "e4,,c1,p1,student,true,,"]))
    done = await importer.tolerant()
    assert [("enrollments.csv", 5, "role", "duplicate_id")] == told(done.refused)
    assert {"create": 3, "refuse": 1} == counted(done, "enrollments")


# --- addresses


async def test_two_people_with_one_address_are_not_both_taken(importer: Importer) -> None:
    users = [*USERS, "p3,,true,s1,student,pat,Pat,Doe,KIM@example.org,,"]
    importer.write(**school(users=users))
    done = await importer.tolerant()
    assert [("users.csv", 6, "email", "duplicate_email")] == told(done.refused)


async def test_the_address_of_somebody_elsewhere_is_refused(importer: Importer) -> None:
    await importer.world.person(Role.TEACHER, "other", email="kim@example.org")
    importer.write(**school())

    done = await importer.tolerant()

    assert ("users.csv", 3, "email", "duplicate_email") in told(done.refused)
    assert ("enrollments.csv", 3, "userSourcedId", "unknown_reference") in told(done.refused)
    assert {"create": 3, "refuse": 1} == counted(done, "users")


async def test_an_account_of_the_same_organisation_is_adopted(importer: Importer) -> None:
    known = await importer.world.person(Role.STUDENT, "north", email="Kim@example.org")

    done = await taken(importer)

    assert {"create": 3, "update": 1} == counted(done, "users")
    adopted = await user_of(importer, "p1")
    assert (known.id, "Kim Pupil") == (adopted.id, adopted.full_name)
    signed_in = await importer.world.sign_in("kim@example.org")
    assert signed_in.access_token


async def test_nobody_is_adopted_who_came_from_another_source(importer: Importer) -> None:
    await taken(importer)
    importer.write(**school(users=[line.replace("p1,", "x1,", 1) for line in USERS]))
    done = await importer.tolerant(source_system="another")
    assert 3 == len([code for *_, code in told(done.refused) if code == "duplicate_email"])


async def test_an_address_that_somebody_only_registered_is_nobodys(importer: Importer) -> None:
    registered = await importer.world.person(None, email="kim@example.org")

    done = await taken(importer)

    assert {"create": 4} == counted(done, "users")
    assert registered.id != (await user_of(importer, "p1")).id
    rows = (await contents(importer.world))["users"]
    former = next(row for row in rows if row["id"] == registered.id)
    assert (None, None, False) == (former["email"], former["email_key"], former["is_active"])
    await importer.undo(done)
    assert (await importer.world.sign_in("kim@example.org")).access_token


async def test_two_people_may_exchange_their_addresses(importer: Importer) -> None:
    await taken(importer)
    swapped = [
        line.replace("kim@", "x@").replace("gil@", "kim@").replace("x@", "gil@") for line in USERS
    ]

    done = await taken(importer, users=swapped)

    assert {"update": 2, "unchanged": 2} == counted(done, "users")
    assert "gil@example.org" == (await user_of(importer, "p1")).email
    await importer.undo(done)
    assert "kim@example.org" == (await user_of(importer, "p1")).email


# --- who is left alone


async def test_nobody_above_a_teacher_is_changed(importer: Importer) -> None:
    admin = await importer.world.person(Role.ORG_ADMIN, "north", email="kim@example.org")
    before = (await contents(importer.world))["users"]

    done = await taken(importer)

    assert ("users.csv", 3, None, "role_protected") in told(done.warnings)
    assert {"create": 3, "unchanged": 1} == counted(done, "users")
    after = (await contents(importer.world))["users"]
    assert [u for u in before if u["id"] == admin.id] == [u for u in after if u["id"] == admin.id]


async def test_who_has_a_role_elsewhere_keeps_address_and_sign_in(importer: Importer) -> None:
    importer.at = "north"
    teacher = await importer.world.person(Role.TEACHER, "north", email="tara@example.org")
    await add_member(importer.world, teacher.id, "south")
    await taken(importer)

    users = [USERS[0].replace("true", "false").replace("tara@", "new@"), *USERS[1:]]
    done = await taken(importer, users=users)

    assert ("users.csv", 2, None, "role_protected") in told(done.warnings)
    kept = await user_of(importer, "t1")
    assert ("tara@example.org", True) == (kept.email, kept.is_active)


# --- what is gone


@pytest.mark.parametrize(
    "gone",
    [
        "p2,tobedeleted,true,s1,student,jo,Jo,Pupil,,,7",
        "p2,tobedeleted,,,,,,,,,",
        "p2,inactive,true,s1,student,jo,Jo,Pupil,,,7",
        "p2,,false,s1,student,jo,Jo,Pupil,,,7",
    ],
)
async def test_who_is_gone_or_suspended_is_put_out_of_use(importer: Importer, gone: str) -> None:
    await taken(importer)
    done = await taken(importer, users=[*USERS[:2], gone, USERS[3]])
    word = "remove" if "tobedeleted" in gone else "update"
    assert {word: 1, "unchanged": 3} == counted(done, "users")
    assert (await user_of(importer, "p2")).is_active is False
    assert nothing(await taken(importer, users=[*USERS[:2], gone, USERS[3]]))


async def test_what_is_gone_and_never_was_here_is_created_inactive_or_skipped(
    importer: Importer,
) -> None:
    users = [
        *USERS,
        "p8,tobedeleted,true,s1,student,,Pat,Eight,,,",
        "p9,tobedeleted,,,,,,,,,",
    ]
    done = await taken(importer, users=users, orgs=[*ORGS, "s9,tobedeleted,,,,"])
    assert {"create": 5} == counted(done, "users")
    assert {"create": 1} == counted(done, "organizations")
    assert (await user_of(importer, "p8")).is_active is False
    assert [
        ("orgs.csv", 4, None, "nothing_to_remove"),
        ("users.csv", 7, None, "nothing_to_remove"),
    ] == told(done.warnings)


async def test_a_set_says_nothing_of_what_it_does_not_name_unless_it_is_full(
    importer: Importer,
) -> None:
    await taken(importer)
    importer.write(**school(users=USERS[:1] + USERS[2:], enrollments=ENROLLMENTS[:1]))

    assert nothing(await importer.run())
    full = await importer.run(full=True)

    assert {"remove": 1, "unchanged": 3} == counted(full, "users")
    assert {"remove": 2, "unchanged": 1} == counted(full, "enrollments")
    assert (await user_of(importer, "p1")).is_active is False


async def test_a_kind_without_a_row_is_left_alone_by_a_full_set(importer: Importer) -> None:
    await taken(importer)
    importer.write(users=USERS[:3])
    full = await importer.tolerant(full=True)
    assert {} == counted(full, "enrollments")
    assert {} == counted(full, "classes")


async def test_who_comes_back_is_in_use_again(importer: Importer) -> None:
    await taken(importer)
    await taken(importer, users=[*USERS[:2], "p2,tobedeleted,,,,,,,,,", USERS[3]])
    done = await taken(importer)
    assert {"update": 1, "unchanged": 3} == counted(done, "users")
    assert (await user_of(importer, "p2")).is_active


def pupils(n: int, given: str = "Kim") -> list[str]:
    return [f"q{i},,true,s1,student,q{i},{given},Doe {i},,," for i in range(n)]


@pytest.mark.parametrize("what", ["removed", "changed"])
async def test_a_large_change_has_to_be_accepted(importer: Importer, what: str) -> None:
    await taken(importer, users=USERS + pupils(20))
    before = await contents(importer.world)
    users = USERS + (pupils(17) if what == "removed" else pupils(20, "Jo"))
    importer.write(**school(users=users))

    with pytest.raises(Conflict) as refused:
        await importer.run(full=True)

    assert "large_change" == refused.value.code
    assert before == await contents(importer.world)
    assert "applied" == (await importer.run(full=True, accept=True)).status


async def test_a_plan_says_which_thresholds_it_would_cross(importer: Importer) -> None:
    await taken(importer, users=USERS + pupils(20))
    importer.write(**school(users=USERS + pupils(17)))

    plan = await importer.plan(full=True)

    assert [("users", "remove", 3, 24, 0.125, 0.1)] == [astuple(t) for t in plan.thresholds]
    assert plan.awaits_acceptance
    assert b"A large change, which has to be accepted: 3 of 24 users would be" in html_report(plan)
    with pytest.raises(Conflict) as refused:
        await importer.world.app.imports.apply(OPERATOR, plan.run_id)
    assert "large_change" == refused.value.code


async def test_a_plan_that_is_accepted_need_not_be_when_it_is_applied(importer: Importer) -> None:
    await taken(importer, users=USERS + pupils(20))
    importer.write(**school(users=USERS + pupils(17)))
    request = importer.request(full=True)

    plan = await importer.world.app.imports.plan(OPERATOR, request, accept_large_change=True)

    assert (True, False) == (plan.accepts_large_change, plan.awaits_acceptance)
    done = await importer.world.app.imports.apply(OPERATOR, plan.run_id)
    assert "applied" == done.status
    again = await importer.plan(full=True)
    assert ((), False) == (tuple(again.thresholds), again.accepts_large_change)


async def test_a_plan_that_changes_little_crosses_none(importer: Importer) -> None:
    await taken(importer, users=USERS + pupils(20))
    importer.write(**school(users=USERS + pupils(18)))
    assert () == tuple((await importer.plan(full=True)).thresholds)


async def test_a_small_kind_may_change_as_it_likes(importer: Importer) -> None:
    await taken(importer)
    assert "applied" == (await taken(importer, users=USERS[:1])).status
    importer.write(**school(users=USERS[:1], enrollments=ENROLLMENTS[:1]))
    assert "applied" == (await importer.run(full=True)).status


# --- roles and guardians


async def test_a_role_that_the_source_no_longer_names_ends(importer: Importer) -> None:
    await taken(importer, orgs=[*ORGS, "s2,,Dale School,school,,"])
    assert [("student", True)] == await roles_of(importer, "p2")
    users = [*USERS[:2], "p2,,true,s2,student,jo,Jo,Pupil,,,7", USERS[3]]

    done = await taken(importer, users=users, orgs=[*ORGS, "s2,,Dale School,school,,"])

    assert {"update": 1, "unchanged": 3} == counted(done, "users")
    assert [("student", False), ("student", True)] == await roles_of(importer, "p2")


async def test_a_role_that_somebody_gave_by_hand_stays(importer: Importer) -> None:
    await taken(importer)
    user = await user_of(importer, "t1")
    await add_member(importer.world, user.id, "north", Role.STUDENT)
    done = await taken(importer, users=[USERS[0].replace("Tara", "Tess"), *USERS[1:]])
    assert {"update": 1, "unchanged": 3} == counted(done, "users")
    assert [("student", True), ("teacher", True)] == await roles_of(importer, "t1")


async def test_a_teacher_may_have_two_schools(importer: Importer) -> None:
    users = ['t1,,true,"s1,s2",teacher,tara,Tara,Teach,tara@example.org,,', *USERS[1:]]
    done = await taken(importer, users=users, orgs=[*ORGS, "s2,,Dale School,school,,"])
    assert [] == [*done.refused]
    assert [("teacher", True), ("teacher", True)] == await roles_of(importer, "t1")


async def test_a_file_gives_no_more_than_a_teachers_role(importer: Importer) -> None:
    done = await taken(importer, users=[USERS[0].replace(",teacher,", ",principal,"), *USERS[1:]])
    assert [("users.csv", 2, "role", "role_not_granted")] == told(done.warnings)
    assert [("teacher", True)] == await roles_of(importer, "t1")


async def test_a_guardian_is_named_by_the_childs_row_and_ends_with_it(importer: Importer) -> None:
    await taken(importer)
    child, guardian = await user_of(importer, "p1"), await user_of(importer, "g1")
    (row,) = (await contents(importer.world))["guardianships"]
    assert (child.id, guardian.id) == (row["child_id"], row["guardian_id"])

    users = [line.replace(",g1,", ",p2,") for line in USERS]
    done = await taken(importer, users=users)

    assert {"update": 1, "unchanged": 3} == counted(done, "users")
    (other,) = (await contents(importer.world))["guardianships"]
    assert (await user_of(importer, "p2")).id == other["guardian_id"]
    await importer.undo(done)
    assert [row] == (await contents(importer.world))["guardianships"]


async def test_a_guardian_who_is_not_here_is_but_warned_of(importer: Importer) -> None:
    done = await taken(importer, users=USERS[:3])
    assert [("users.csv", 3, "agentSourcedIds", "unknown_reference")] == told(done.warnings)
    assert {"create": 3} == counted(done, "users")


async def test_birth_dates_are_taken_where_they_are_asked_for(importer: Importer) -> None:
    importer.write(**school(demographics=["p1,,2014-02-03"]))
    await importer.run()
    assert [] == (await contents(importer.world))["birth_dates"]
    done = await importer.run(demographics=True)
    (row,) = (await contents(importer.world))["birth_dates"]
    assert "2014-02-03" == row["born_on"]
    assert {"update": 1, "unchanged": 3} == counted(done, "users")


async def test_a_delta_of_roles_ends_no_others(importer: Importer) -> None:
    await taken(importer)
    rows = [",t1,student,2026-09-01,2027-06-30,s1"]
    importer.write(roles=rows, deltas=["roles"])
    await importer.run()
    assert [("student", False), ("teacher", True)] == await roles_of(importer, "t1")

    importer.write(roles=rows)
    await importer.run()
    assert [("student", False), ("teacher", False)] == await roles_of(importer, "t1")


async def test_a_role_of_its_own_row_ends_where_the_row_says_so(importer: Importer) -> None:
    await taken(importer)
    importer.write(roles=["tobedeleted,t1,teacher,,,s1"], deltas=["roles"])
    await importer.run()
    assert [("teacher", False)] == await roles_of(importer, "t1")


async def test_a_delta_says_nothing_of_what_it_does_not_name(importer: Importer) -> None:
    await taken(importer)
    users = ["p2,,true,s1,student,jo,Joanna,Pupil,,,7", "p1,tobedeleted,,,,,,,,,"]
    importer.write(users=users, deltas=["users"])

    done = await importer.run()

    assert {"update": 1, "remove": 1} == counted(done, "users")
    assert (await user_of(importer, "p1")).is_active is False
    assert (await user_of(importer, "t1")).is_active


# --- what is held, and whose ids are whose


async def test_a_field_that_is_held_stays_as_it_is(importer: Importer) -> None:
    await taken(importer)
    user = await user_of(importer, "p1")
    await importer.world.app.held_fields.hold_of_user(
        OPERATOR, user.id, HeldFields(["given_name", "full_name"])
    )

    users = [USERS[0], USERS[1].replace("Kim,", "Kimberley,"), *USERS[2:]]
    done = await taken(importer, users=users)

    assert {"unchanged": 4} == counted(done, "users")
    assert {("full_name", "Kimberley Pupil"), ("given_name", "Kimberley")} == {
        (held["field"], held["value"]) for held in done.held
    }
    assert "Kim Pupil" == (await user_of(importer, "p1")).full_name


async def test_who_is_held_in_use_is_not_removed(importer: Importer) -> None:
    await taken(importer)
    user = await user_of(importer, "p2")
    await importer.world.app.held_fields.hold_of_user(OPERATOR, user.id, HeldFields(["is_active"]))
    importer.write(**school(users=[*USERS[:2], USERS[3]], enrollments=ENROLLMENTS[:2]))
    assert {"unchanged": 3} == counted(await importer.run(full=True), "users")
    users = [*USERS[:2], "p2,tobedeleted,,,,,,,,,", USERS[3]]
    assert {"unchanged": 4} == counted(await taken(importer, users=users), "users")


async def test_a_source_has_its_own_ids(importer: Importer) -> None:
    await taken(importer)
    users = ["p2,,true,,student,jo,Joanna,Other,,,"]
    importer.write(users=users)
    done = await importer.run(source_system="canteen", mode=Mode.TOLERANT)
    again = await importer.run(source_system="canteen", mode=Mode.TOLERANT)
    assert nothing(again)
    assert done.source_system == "canteen"


async def test_a_school_has_its_own_ids(importer: Importer, tmp_path: Path) -> None:
    north = Importer(importer.world, tmp_path / "north", at="north")
    south = Importer(importer.world, tmp_path / "south", at="south")
    users = [line.replace("@", ".south@") for line in USERS]
    await taken(north)
    before = await contents(importer.world)

    done = await taken(south, users=users)
    await south.run(full=True)

    assert {"create": 4} == counted(done, "users")
    await south.undo(done)
    assert before == await contents(importer.world)


# --- taken back


async def test_an_import_that_is_undone_has_never_been(importer: Importer) -> None:
    before = await contents(importer.world)
    done = await taken(importer)

    undone = await importer.undo(done)

    assert "undone" == undone.status
    assert before == await contents(importer.world)
    plan = await importer.plan()
    assert done.counts == plan.counts


async def test_what_was_undone_can_be_done_again_by_its_plan(importer: Importer) -> None:
    importer.write(**school())
    plan = await importer.plan()
    assert plan.plan_id
    imports = importer.world.app.imports
    done = await imports.apply(OPERATOR, plan.plan_id)
    after = without_ids(await contents(importer.world))
    await importer.undo(done)

    again = await imports.apply(OPERATOR, plan.plan_id)

    assert ("applied", done.counts) == (again.status, again.counts)
    assert after == without_ids(await contents(importer.world))


async def test_a_run_is_undone_once(importer: Importer) -> None:
    done = await taken(importer)
    await importer.undo(done)
    with pytest.raises(Conflict) as refused:
        await importer.undo(done)
    assert "already_undone" == refused.value.code


async def test_a_plan_that_was_never_applied_cannot_be_undone(importer: Importer) -> None:
    importer.write(**school())
    plan = await importer.plan()
    with pytest.raises(Conflict) as refused:
        await importer.undo(plan)
    assert "not_applied" == refused.value.code


async def test_a_run_that_changed_nothing_can_be_undone(importer: Importer) -> None:
    await taken(importer)
    before = await contents(importer.world)
    await importer.undo(await importer.run())
    assert before == await contents(importer.world)


async def test_the_later_run_is_undone_before_the_earlier(importer: Importer) -> None:
    start = await contents(importer.world)
    first = await taken(importer)
    between = await contents(importer.world)
    users = [USERS[0], USERS[1].replace("Kim,", "Kimberley,"), *USERS[2:]]
    second = await taken(importer, users=users)

    with pytest.raises(Conflict) as refused:
        await importer.undo(first)
    assert "undo_conflict" == refused.value.code
    await importer.undo(second)
    assert between == await contents(importer.world)
    await importer.undo(first)
    assert start == await contents(importer.world)


async def test_what_somebody_has_changed_since_stands_against_it(importer: Importer) -> None:
    done = await taken(importer)
    user = await user_of(importer, "p1")
    await importer.world.app.users.change(OPERATOR, user.id, lambda _: UserFields("Kim Doe"))
    await refused_undo(importer, done, "users")


async def test_who_has_begun_to_use_an_account_stands_against_it(importer: Importer) -> None:
    done = await taken(importer)
    await importer.world.app.passwords.forget(email="kim@example.org")
    await importer.world.settle()
    token = importer.world.token_of_last_mail("kim@example.org")
    await importer.world.app.passwords.reset(token=token, new_password="Tall-Ships-1898")
    await refused_undo(importer, done, "users")


async def test_what_somebody_has_built_on_it_stands_against_it(importer: Importer) -> None:
    done = await taken(importer)
    (department,) = (await contents(importer.world))["departments"]
    await importer.world.app.teams.create(OPERATOR, TeamFields("Lab", department["id"]))
    await refused_undo(importer, done, "teams")


async def test_an_import_into_what_was_imported_stands_against_it(
    importer: Importer, tmp_path: Path
) -> None:
    done = await taken(importer)
    rows = (await contents(importer.world))["organizations"]
    school_id = next(row["id"] for row in rows if row["source_id"] == "s1")
    below = Importer(importer.world, tmp_path / "below", at=school_id)
    below.write(orgs=["x1,,Annex,school,,"])
    second = await below.run()
    await refused_undo(importer, done, "organizations")
    await below.undo(second)
    await refused_undo(importer, done, "import_runs")


async def test_who_has_got_the_old_address_since_stands_against_it(importer: Importer) -> None:
    await taken(importer)
    done = await taken(importer, users=[u.replace("kim@", "kimberley@") for u in USERS])
    await importer.world.person(None, email="kim@example.org")
    await refused_undo(importer, done, "users")


async def refused_undo(importer: Importer, run: ImportView, table: str) -> None:
    before = await contents(importer.world)
    with pytest.raises(Conflict) as refused:
        await importer.undo(run)
    assert "undo_conflict" == refused.value.code
    assert table in refused.value.detail
    assert before == await contents(importer.world)


# --- one at a time, and all or nothing


async def test_an_import_waits_for_another_one_of_its_tenant(
    importer: Importer, tmp_path: Path
) -> None:
    other = Importer(importer.world, tmp_path / "other")
    importer.write(**school())
    other.write(**school())

    first, second = await asyncio.gather(importer.tolerant(), other.tolerant())

    created = [counted(done, "users").get("create", 0) for done in (first, second)]
    assert [0, 4] == sorted(created)
    assert 4 == len([u for u in (await contents(importer.world))["users"] if u["source_id"]])


async def test_the_worker_of_one_tenant_does_not_wait_for_that_of_another(
    importer: Importer, tmp_path: Path
) -> None:
    other = Importer(importer.world, tmp_path / "other", at="other")
    importer.write(**school())
    other.write(**school(users=[u.replace("@", ".other@") for u in USERS]))
    done = await asyncio.gather(importer.run(), other.run())
    assert [{"create": 4}] * 2 == [counted(each, "users") for each in done]


# --- who may


async def test_an_administrator_imports_at_their_place_and_below(
    importer: Importer, world: World
) -> None:
    importer.write(**school())
    importer.actor = await world.acting(Role.ORG_ADMIN, "district")
    importer.at = "north"
    assert "planned" == (await importer.plan()).status
    importer.actor = await world.acting(Role.ORG_ADMIN, "north")
    assert "applied" == (await importer.run()).status


@pytest.mark.parametrize("role", [Role.TEACHER, Role.SUPPORT, Role.STUDENT])
async def test_nobody_else_imports(importer: Importer, world: World, role: Role) -> None:
    importer.write(**school())
    done = await taken(importer)
    importer.actor = await world.acting(role, "district")
    with pytest.raises(Forbidden):
        await importer.plan()
    with pytest.raises(Forbidden):
        await importer.undo(done)


async def test_an_administrator_below_does_not_import_above(
    importer: Importer, world: World
) -> None:
    importer.write(**school())
    importer.actor = await world.acting(Role.ORG_ADMIN, "north")
    with pytest.raises(Invalid) as refused:
        await importer.plan()
    assert [("/organization_id", "unknown_reference")] == [
        (fault.pointer, fault.code) for fault in refused.value.faults
    ]


async def test_an_import_of_another_tenant_is_not_there(importer: Importer, world: World) -> None:
    done = await taken(importer)
    importer.actor = await world.acting(Role.ORG_ADMIN, "other")
    with pytest.raises(Invalid):
        await importer.plan()
    for act in (world.app.imports.get, world.app.imports.undo):
        with pytest.raises(NotFound):
            await act(importer.actor, done.run_id)
    page = await world.app.imports.list(importer.actor, ImportFilter(), PAGE)
    assert [] == [*page.items]


async def test_an_import_is_accounted_for(importer: Importer, world: World) -> None:
    admin = await world.acting(Role.ORG_ADMIN, "district")
    importer.actor = admin
    await importer.undo(await taken(importer))
    entries = (await world.app.audit.list(admin, PAGE)).items
    acts = [entry.action for entry in entries if entry.target_type == "import"]
    assert ["import.undo", "import.apply", "import.start"] == acts
