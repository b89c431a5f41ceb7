"""The tree and its members over HTTP: shapes, states and headers, as clients see them."""

from faraday_core.kernel.actor import Role
from faraday_core.kernel.ids import uuid7
from tests.serving import Client, Server


async def department(admin: Client, server: Server, **more: object) -> dict[str, str]:
    body = {"name": "Maths", "organization_id": server.places["north"]} | more
    answer = await admin.ask("POST /departments", body)
    assert 201 == answer.status, answer.body
    found: dict[str, str] = answer.json
    return found


async def test_a_department_and_a_team_come_and_go(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    made = await admin.ask(
        "POST /departments", {"name": "Maths", "organization_id": server.places["north"]}
    )
    assert f"/api/v1/departments/{made.json['id']}" == made.headers["Location"]
    maths = made.json["id"]
    team = (await admin.ask("POST /teams", {"name": "Grade 7", "department_id": maths})).json

    answer = await admin.ask(f"GET /teams/{team['id']}")
    assert {
        "name": "Grade 7",
        "department_id": maths,
        "organization_id": server.places["north"],
        "description": None,
        "archived_at": None,
        "member_count": 0,
    }.items() <= answer.json.items()
    unchanged = {"If-None-Match": answer.headers["ETag"]}
    assert 304 == (await admin.ask(f"GET /teams/{team['id']}", headers=unchanged)).status

    listed = (await admin.ask(f"GET /teams?department_id={maths}")).json
    assert [team["id"]] == [item["id"] for item in listed["items"]]
    refused = await admin.ask(f"DELETE /departments/{maths}")
    assert (409, "not_empty") == (refused.status, refused.code)
    assert 204 == (await admin.ask(f"DELETE /teams/{team['id']}")).status
    assert 404 == (await admin.ask(f"GET /teams/{team['id']}")).status
    assert 204 == (await admin.ask(f"DELETE /departments/{maths}")).status


async def test_a_patch_changes_what_it_names_and_a_put_all(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    maths = await department(admin, server, description="Numbers, mostly.")
    path = f"/departments/{maths['id']}"

    answer = await admin.ask(f"PATCH {path}", {"name": "Mathematics"})
    assert ("Mathematics", "Numbers, mostly.") == (answer.json["name"], answer.json["description"])
    stale = {"If-Match": (await admin.ask(f"GET {path}")).headers["ETag"]}
    body = {"name": "Sums", "organization_id": server.places["north"]}
    answer = await admin.ask(f"PUT {path}", body, headers=stale)
    assert ("Sums", None) == (answer.json["name"], answer.json["description"])
    answer = await admin.ask(f"PUT {path}", body, headers=stale)
    assert (412, "stale_version") == (answer.status, answer.code)
    answer = await admin.ask(f"PATCH {path}", {"organization_id": None, "colour": "red"})
    assert {("/colour", "unknown_field"), ("/organization_id", "required")} >= answer.faults
    assert 422 == answer.status


async def test_a_move_by_patch(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    sciences = await department(admin, server, name="Sciences")
    maths = await department(admin, server)

    inside = {"parent_department_id": sciences["id"]}
    assert 200 == (await admin.ask(f"PATCH /departments/{maths['id']}", inside)).status
    circle = {"parent_department_id": maths["id"]}
    answer = await admin.ask(f"PATCH /departments/{sciences['id']}", circle)
    assert (409, "cycle") == (answer.status, answer.code)
    away = {"organization_id": server.places["south"]}
    answer = await admin.ask(f"PATCH /departments/{maths['id']}", away)
    assert {("/parent_department_id", "invalid_value")} == answer.faults
    away["parent_department_id"] = None  # type: ignore[assignment]  # as JSON has it
    answer = await admin.ask(f"PATCH /departments/{maths['id']}", away)
    assert server.places["south"] == answer.json["organization_id"]
    unknown = {"parent_organization_id": server.places["other"]}
    answer = await admin.ask(f"PATCH /organizations/{server.places['north']}", unknown)
    assert {("/parent_organization_id", "unknown_reference")} == answer.faults
    root = await server.signed_in(Role.PLATFORM_ADMIN)
    answer = await root.ask(f"PATCH /organizations/{server.places['north']}", unknown)
    assert (409, "other_tenant") == (answer.status, answer.code)


async def test_members_of_a_team(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    teacher = await server.signed_in(Role.TEACHER)
    me = (await teacher.ask("GET /auth/me")).json
    maths = await department(admin, server)
    team = (await admin.ask("POST /teams", {"name": "7", "department_id": maths["id"]})).json
    path = f"/teams/{team['id']}/members"

    body = {"user_id": me["id"], "role": "teacher"}
    answer = await admin.ask(f"POST {path}", body)

    assert 201 == answer.status
    expected = body | {"scope_type": "team", "scope_id": team["id"]}
    assert expected.items() <= answer.json.items()
    assert answer.json["created_at"].endswith("Z")
    (item,) = (await teacher.ask(f"GET {path}")).json["items"]
    assert ("teacher at north", "teacher.north@example.org") == (item["full_name"], item["email"])
    assert {"role": "teacher", "scope_type": "team", "scope_id": team["id"]} in (
        await teacher.ask("GET /auth/me")
    ).json["roles"]
    answer = await admin.ask(f"POST {path}", body)
    assert (409, "already_member") == (answer.status, answer.code)
    answer = await admin.ask(f"POST {path}", {"user_id": uuid7(), "role": "teacher"})
    assert {("/user_id", "unknown_reference")} == answer.faults
    answer = await admin.ask(f"POST {path}", body | {"role": "org_admin"})
    assert {("/role", "invalid_value")} == answer.faults
    assert 204 == (await admin.ask(f"DELETE {path}/{me['id']}?role=teacher")).status
    assert 404 == (await admin.ask(f"DELETE {path}/{me['id']}")).status


async def test_a_role_that_is_taken_away_holds_no_more_in_the_next_request(
    server: Server,
) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    head = await server.signed_in(Role.DEPARTMENT_HEAD)
    me = (await head.ask("GET /auth/me")).json
    await department(head, server)

    north = server.places["north"]
    assert 204 == (await admin.ask(f"DELETE /organizations/{north}/members/{me['id']}")).status

    body = {"name": "Maths", "organization_id": north}
    assert 422 == (await head.ask("POST /departments", body)).status
    assert [] == (await head.ask("GET /organizations")).json["items"]


async def test_a_header_narrows_a_request_to_one_organisation(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")

    async def listed(at: str) -> list[str]:
        headers = {"X-Organization-Id": server.places[at]}
        answer = await admin.ask("GET /organizations", headers=headers)
        return [item["name"] for item in answer.json["items"]]

    assert ["North School"] == await listed("north")
    assert ["District", "North School", "South School"] == await listed("district")
    for other in (server.places["other"], uuid7(), "nonsense", ""):
        headers = {"X-Organization-Id": other}
        answer = await admin.ask("GET /organizations", headers=headers)
        assert (403, "forbidden") == (answer.status, answer.code)


async def test_why_may_i(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    me = (await admin.ask("GET /auth/me")).json["id"]
    north = server.places["north"]

    answer = await admin.ask(f"GET /users/{me}/access?action=users.write&resource={north}")

    role = {"role": "org_admin", "scope_type": "organization"}
    because = [role | {"scope_id": server.places["district"]}]
    assert {"allowed": True, "because": because} == answer.json
    answer = await admin.ask(f"GET /users/{me}/access?action=fly&resource={north}")
    assert {("?action", "invalid_value")} == answer.faults


async def test_archiving_merging_and_back(server: Server) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN, "district")
    north, south = server.places["north"], server.places["south"]

    assert (await admin.ask(f"POST /organizations/{north}/archive")).json["archived_at"]
    assert 2 == len((await admin.ask("GET /organizations")).json["items"])
    every = await admin.ask("GET /organizations?include_archived=true")
    assert 3 == len(every.json["items"])
    assert 200 == (await admin.ask(f"POST /organizations/{north}/restore")).status
    into = {"into_organization_id": south}
    merged = await admin.ask(f"POST /organizations/{north}/merge", into)
    assert (200, False) == (merged.status, merged.json["undone"])
    assert (await admin.ask(f"POST /organizations/{north}/unmerge")).json["undone"]
    answer = await admin.ask(f"POST /organizations/{north}/unmerge")
    assert (409, "already_undone") == (answer.status, answer.code)
