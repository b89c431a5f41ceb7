"""Sign-in over HTTP, where the edge does something of its own."""

import asyncio

from faraday_core.kernel.actor import Role, operator
from faraday_core.kernel.ids import uuid7
from faraday_core.organizations.membership import UserOrganization
from tests.serving import Server
from tests.world import PASSWORD


async def test_a_person_registers_verifies_signs_in_and_out(server: Server) -> None:
    registered = await server.client.ask(
        "POST /auth/register",
        {"email": "pat@example.org", "password": PASSWORD, "full_name": "Pat Doe"},
    )
    assert 201 == registered.status
    assert f"/api/v1/users/{registered.json['id']}" == registered.headers["Location"]
    token = await server.mailed_token("pat@example.org")
    assert 204 == (await server.client.ask("POST /auth/verify-email", {"token": token})).status
    pat = await server.client.sign_in("pat@example.org")
    assert (await pat.ask("GET /auth/me")).json["email_verified"]

    assert 204 == (await pat.ask("POST /auth/logout")).status

    refused = await pat.ask("GET /auth/me")
    assert (401, "invalid_token", "Bearer") == (
        refused.status,
        refused.code,
        refused.headers["WWW-Authenticate"],
    )


async def test_a_revocation_holds_for_who_is_remembered(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    assert 200 == (await admin.ask("GET /users")).status
    assert 200 == (await admin.ask("GET /users")).status
    other = await server.client.sign_in("org_admin.district@example.org")
    assert 204 == (await other.ask("POST /auth/logout", {"all_sessions": True})).status

    for route in ("GET /users", "GET /organizations", "GET /audit-log", "GET /auth/me"):
        assert 401 == (await admin.ask(route)).status

    assert 401 == (await admin.ask("POST /users", {"wrong": "content"})).status


async def test_a_role_that_is_given_holds_in_the_next_request(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, "north", email="pat@example.org")
    assert 403 == (await pat.ask("GET /users")).status
    assert 403 == (await pat.ask("GET /users")).status
    user_id = (await pat.ask("GET /auth/me")).json["id"]
    await _grant(server, user_id)

    assert 200 == (await pat.ask("GET /users")).status


async def _grant(server: Server, user_id: str) -> None:
    place, now = server.places["district"], server.app.users.now()
    role = UserOrganization(uuid7(), user_id, place, Role.ORG_ADMIN, now, now)
    storage = server.app.users.storage
    async with storage.begin(operator("tests"), tenant=place) as unit:
        await unit.add(role)


async def test_all_faults_of_a_body_are_told_at_once(server: Server) -> None:
    answer = await server.client.ask(
        "POST /auth/register", {"email": "nonsense", "password": "short", "isAdmin": True}
    )

    assert 422 == answer.status
    assert {
        ("/email", "invalid_email"),
        ("/password", "password_too_short"),
        ("/full_name", "required"),
        ("/isAdmin", "unknown_field"),
    } == answer.faults


async def test_forgot_password_answers_alike_for_known_and_unknown(server: Server) -> None:
    await server.person(None, email="pat@example.org")
    answers = [
        await server.client.ask("POST /auth/forgot-password", {"email": email})
        for email in ("pat@example.org", "nobody@example.org")
    ]
    token = await server.mailed_token("pat@example.org")
    assert token

    known, unknown = (
        {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in {"x-request-id", "date"}
        }
        for answer in answers
    )
    assert [202, 202] == [answer.status for answer in answers]
    assert known == unknown
    assert answers[0].body == answers[1].body


async def test_a_repeated_creation_is_done_once(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    key = {"Idempotency-Key": "one"}
    answers = [
        await admin.ask("POST /organizations", {"name": "New District"}, headers=key)
        for _ in range(2)
    ]

    assert [201, 201] == [answer.status for answer in answers]
    assert answers[0].json == answers[1].json
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    other = await admin.ask("POST /organizations", {"name": "Another"}, headers=key)
    assert (422, "idempotency_mismatch") == (other.status, other.code)


async def test_of_many_at_once_with_one_key_one_creates(server: Server) -> None:
    admin = await server.signed_in(Role.PLATFORM_ADMIN, "platform")
    body, key = {"name": "New District"}, {"Idempotency-Key": "many"}

    answers = await asyncio.gather(
        *(admin.ask("POST /organizations", body, headers=key) for _ in range(8))
    )

    assert {201, 409} >= {answer.status for answer in answers}
    assert 1 == len({answer.json["id"] for answer in answers if answer.status == 201})
    assert {"request_in_progress"} >= {a.code for a in answers if a.status == 409}


async def test_a_conditional_read_is_answered_short(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER)
    first = await pat.ask("GET /auth/me")

    again = await pat.ask("GET /auth/me", headers={"If-None-Match": first.headers["ETag"]})

    assert (304, b"") == (again.status, again.body)
    assert first.headers["ETag"] == again.headers["ETag"]
