"""What is taught, as a client reads it back."""

from typing import Any

from faraday_core.kernel.actor import WORKER, Role
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.model import Organization
from tests.rosters import SYSTEM, Roster
from tests.serving import Server


def roster(server: Server, tenant: str = "district") -> Roster:
    storage: Any = server.app.classes.storage  # the server's own
    return Roster(storage, server.places[tenant])


async def test_a_class_is_read_back_with_all_that_it_stands_on(server: Server) -> None:
    made, north = roster(server), server.places["north"]
    term = await made.session(north, source_id="t1", type="term", school_year="2027")
    course = await made.course(north, source_id="c1", code="PHY", grades=("07", "08"))
    class_ = await made.class_(
        north,
        source_id="s1",
        course_id=course.id,
        academic_session_ids=(term.id,),
        periods=("1", "3"),
        location="Room 7",
    )
    student = await made.person("Kim Nguyen", north, source_id="p1", username="kim")
    await made.enroll(class_, student.id, source_id="e1", source_system=SYSTEM)
    admin = await server.signed_in(Role.ORG_ADMIN, "north")

    shown = (await admin.ask("GET /classes")).json["items"]
    assert [class_.id] == [one["id"] for one in shown]
    expected = {
        "title": "Physics 7a",
        "course_id": course.id,
        "organization_id": north,
        "source_system": SYSTEM,
        "source_id": "s1",
        "academic_session_ids": [term.id],
        "periods": ["1", "3"],
        "location": "Room 7",
        "is_active": True,
    }
    assert expected == {name: shown[0][name] for name in expected}
    assert not [name for name in shown[0] if "root" in name or "held" in name]
    answer = await admin.ask(f"GET /classes/{class_.id}")
    assert (200, shown[0]) == (answer.status, answer.json)
    unchanged = await admin.ask(
        f"GET /classes/{class_.id}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert 304 == unchanged.status
    (part,) = (await admin.ask(f"GET /classes/{class_.id}/enrollments")).json["items"]
    assert (student.id, "Kim Nguyen", "student", "active", False, "e1") == tuple(
        part[name]
        for name in ("user_id", "full_name", "role", "status", "is_primary", "source_id")
    )
    (of_student,) = (await admin.ask(f"GET /users/{student.id}/classes")).json["items"]
    assert (class_.id, "student", "active") == tuple(
        of_student[name] for name in ("id", "role", "status")
    )
    (shown_course,) = (await admin.ask("GET /courses?source_id=c1")).json["items"]
    assert ("PHY", ["07", "08"]) == (shown_course["code"], shown_course["grades"])
    assert shown_course == (await admin.ask(f"GET /courses/{course.id}")).json
    (session,) = (await admin.ask("GET /academic-sessions")).json["items"]
    assert ("2026-09-01", "term") == (session["starts_on"], session["type"])
    assert session == (await admin.ask(f"GET /academic-sessions/{term.id}")).json
    (user,) = (await admin.ask(f"GET /users?source_system={SYSTEM}&source_id=p1")).json["items"]
    assert (student.id, "kim", SYSTEM, "p1") == tuple(
        user[name] for name in ("id", "username", "source_system", "source_id")
    )
    assert None is user["email"]


async def test_wrong_filters_and_ids_are_refused(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "north")

    for path in ("classes", "courses", "academic-sessions"):
        refused = await admin.ask(f"GET /{path}?colour=red&limit=0&cursor=x")
        assert 422 == refused.status
        assert {("?colour", "unknown_parameter"), ("?limit", "invalid_value")} <= refused.faults
        assert 422 == (await admin.ask(f"GET /{path}?source_id={'x' * 101}")).status
        for id in (uuid7(), "nonsense"):
            assert 404 == (await admin.ask(f"GET /{path}/{id}")).status
            assert 404 == (await admin.ask(f"GET /{path}/{id}/held-fields")).status
    assert 404 == (await admin.ask(f"GET /classes/{uuid7()}/enrollments")).status
    assert 404 == (await admin.ask(f"GET /users/{uuid7()}/classes")).status
    assert 401 == (await server.client.ask("GET /classes")).status


async def test_fields_are_held_over_http(server: Server) -> None:
    made, north = roster(server), server.places["north"]
    class_ = await made.class_(north)
    admin = await server.signed_in(Role.ORG_ADMIN, "north")
    path = f"/classes/{class_.id}/held-fields"

    first = await admin.ask(f"GET {path}")
    assert {"fields": []} == first.json
    put = await admin.ask(
        f"PUT {path}", {"fields": ["title"]}, headers={"If-Match": first.headers["ETag"]}
    )
    assert (200, {"fields": ["title"]}) == (put.status, put.json)
    stale = await admin.ask(
        f"PUT {path}", {"fields": []}, headers={"If-Match": first.headers["ETag"]}
    )
    assert 412 == stale.status
    for body, fault in (
        ({"fields": ["version"]}, ("/fields/0", "invalid_value")),
        ({"fields": "title"}, ("/fields", "wrong_type")),
        ({"fields": [], "more": 1}, ("/more", "unknown_field")),
        ({}, ("/fields", "required")),
        ({"fields": ["title"] * 21}, ("/fields", "too_long")),
    ):
        refused = await admin.ask(f"PUT {path}", body)
        assert (422, {fault}) == (refused.status, refused.faults)


async def test_organisations_and_departments_show_where_they_came_from(server: Server) -> None:
    storage: Any = server.app.classes.storage
    tenant, north = server.places["district"], server.places["north"]
    made = roster(server)
    async with storage.look(WORKER, tenant=tenant) as reader:
        school = await reader.get(Organization, north)
    await made.save(
        school, type="school", source_root_id=tenant, source_system=SYSTEM, source_id="o1"
    )
    admin = await server.signed_in(Role.ORG_ADMIN, "north")

    shown = (await admin.ask(f"GET /organizations/{north}")).json
    assert ("school", SYSTEM, "o1") == tuple(
        shown[name] for name in ("type", "source_system", "source_id")
    )
    renamed = await admin.ask(f"PATCH /organizations/{north}", {"name": "North"})
    assert ("North", "o1") == (renamed.json["name"], renamed.json["source_id"])
    department = await admin.ask("POST /departments", {"name": "Maths", "organization_id": north})
    assert None is department.json["source_id"]
