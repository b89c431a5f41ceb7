"""Rosters over HTTP: uploaded, planned by a worker, applied, followed, undone and reported."""

import asyncio
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import evolve

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import WORKER, Role
from faraday_core.roster.runs import ImportProgress, ImportRun, RunStatus, Stage
from faraday_core.roster.upload_model import ImportAsked, Task
from tests.roster_sets import school, zip_of
from tests.serving import OPERATOR, Answer, Client, Server

WORKING = {"planning", "applying"}


@pytest.fixture
async def admin(server: Server) -> Client:
    return await server.signed_in(Role.ORG_ADMIN, "district")


async def upload(client: Client, file: Path, **fields: str) -> Answer:
    with file.open("rb") as content:
        form = aiohttp.FormData({"format": "oneroster"} | fields)
        form.add_field("file", content, filename=file.name)
        return await client.ask("POST /imports", data=form)


async def ended(client: Client, id: str) -> Any:  # JSON
    async with asyncio.timeout(60):
        while True:
            answer = await client.ask(f"GET /imports/{id}")
            assert 200 == answer.status, answer.body
            view = answer.json
            if view["status"] not in WORKING and view["progress"] is None:
                return view
            await asyncio.sleep(0.1)


async def planned(client: Client, file: Path, **fields: str) -> Any:  # JSON
    answer = await upload(client, file, **fields)
    assert 202 == answer.status, answer.body
    return await ended(client, answer.json["id"])


async def kept(server: Server) -> list[str]:
    return [*await server.app.import_uploads.uploads.objects.names("imports/")]


async def nothing_kept(server: Server) -> None:
    """What is done is told of before its file is taken away."""
    async with asyncio.timeout(10):
        while await kept(server):  # noqa: ASYNC110 -- a file is waited for
            await asyncio.sleep(0.05)


# From an upload to its undoing


async def test_an_upload_is_planned_applied_and_undone_at_one_address(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    answer = await upload(admin, zip_of(school(21), tmp_path / "set.zip"))
    assert 202 == answer.status, answer.body
    run = answer.json["id"]
    assert f"/api/v1/imports/{run}" == answer.headers["Location"]
    assert "planning" == answer.json["status"]
    view = await ended(admin, run)
    assert ("planned", 22) == (view["status"], view["counts"]["users"]["create"])
    assert view["plan_id"]
    assert 1 == len(await kept(server))

    answer = await admin.ask(f"POST /imports/{run}/apply")
    assert (202, f"/api/v1/imports/{run}") == (answer.status, answer.headers["Location"])
    view = await ended(admin, run)
    assert ("applied", None) == (view["status"], view["problem"])
    await nothing_kept(server)
    answer = await admin.ask("GET /users?source_system=oneroster&source_id=p20")
    assert ["Kim Pupil 20"] == [user["full_name"] for user in answer.json["items"]]
    assert "plan_stale" == (await admin.ask(f"POST /imports/{run}/apply", {})).code

    answer = await admin.ask(f"POST /imports/{run}/undo")
    assert (202, f"/api/v1/imports/{run}") == (answer.status, answer.headers["Location"])
    assert "undone" == (await ended(admin, run))["status"]
    answer = await admin.ask("GET /users?source_system=oneroster&source_id=p20")
    assert [] == answer.json["items"]
    answer = await admin.ask(f"POST /imports/{run}/undo")
    assert (409, "already_undone") == (answer.status, answer.code)

    listed = (await admin.ask("GET /imports")).json["items"]
    assert [(run, "undone", [])] == [(o["id"], o["status"], o["refused"]) for o in listed]


async def test_who_asked_is_who_did_it_in_the_audit_log(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(2), tmp_path / "set.zip")))["id"]
    await admin.ask(f"POST /imports/{run}/apply")
    await ended(admin, run)
    me = (await admin.ask("GET /users/me")).json["id"]

    entries = (await admin.ask("GET /audit-log?limit=100")).json["items"]
    done = {o["action"]: o["actor_id"] for o in entries if o["target_id"] == run}
    assert {"import.start": me, "import.apply": me} == done


async def test_a_single_file_keeps_its_name_and_a_sheet_its_mapping(
    admin: Client, tmp_path: Path
) -> None:
    sheet = tmp_path / "Pupils (7a).csv"
    sheet.write_text("Post,First name,Last name,Role\nkim@example.org,Kim,Nguyen,wizard\n")
    headings = {"email": "Post", "given_name": "First name", "family_name": "Last name"}
    told = json.dumps(headings | {"role": "Role"})
    view = await planned(admin, sheet, format="sheet", mapping=told, mode="tolerant")
    assert [("Pupils (7a).csv", 2)] == [(o["file"], o["line"]) for o in view["refused"]]

    columns = [{"field": field, "heading": heading} for field, heading in headings.items()]
    answer = await admin.ask("PUT /import-mappings", {"name": "Office", "columns": columns})
    assert 200 == answer.status, answer.body
    view = await planned(admin, sheet, format="sheet", mapping="Office")
    assert headings == view["mapping"]
    assert 1 == view["counts"]["users"]["create"]
    for mapping, code in (("Bureau", "unknown_mapping"), ("{", "invalid_value")):
        refused = await upload(admin, sheet, format="sheet", mapping=mapping)
        assert (422, {("/mapping", code)}) == (refused.status, refused.faults)


async def test_a_strict_plan_with_refused_rows_is_not_applied_and_a_tolerant_one_is(
    admin: Client, tmp_path: Path
) -> None:
    file = zip_of(school(2, wrong=1), tmp_path / "set.zip")
    view = await planned(admin, file)
    assert ("planned", 1) == (view["status"], len(view["refused"]))
    answer = await admin.ask(f"POST /imports/{view['id']}/apply")
    assert (409, "rows_refused") == (answer.status, answer.code)

    view = await planned(admin, file, mode="tolerant")
    assert 202 == (await admin.ask(f"POST /imports/{view['id']}/apply")).status
    assert "applied" == (await ended(admin, view["id"]))["status"]


async def test_a_large_change_stays_planned_until_it_is_accepted(
    admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(40), tmp_path / "all.zip")))["id"]
    await admin.ask(f"POST /imports/{run}/apply")
    await ended(admin, run)

    plan = await planned(admin, zip_of(school(20), tmp_path / "few.zip"), full="true")
    run, crossed = plan["id"], [(t["kind"], t["what"]) for t in plan["thresholds"]]
    assert ("users", "remove") in crossed
    await admin.ask(f"POST /imports/{run}/apply")
    view = await ended(admin, run)
    assert ("planned", "large_change") == (view["status"], view["problem"]["code"])
    await admin.ask(f"POST /imports/{run}/apply", {"accept_large_change": True})
    assert "applied" == (await ended(admin, run))["status"]


async def test_an_undo_that_others_stand_against_leaves_the_run_applied(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(2), tmp_path / "set.zip")))["id"]
    await admin.ask(f"POST /imports/{run}/apply")
    await ended(admin, run)
    later = (await planned(admin, zip_of(school(2, names="Kai"), tmp_path / "b.zip")))["id"]
    await admin.ask(f"POST /imports/{later}/apply", {"accept_large_change": True})
    await ended(admin, later)

    assert 202 == (await admin.ask(f"POST /imports/{run}/undo")).status
    view = await ended(admin, run)
    assert ("applied", "undo_conflict") == (view["status"], view["problem"]["code"])


async def test_rights_are_asked_again_when_the_worker_begins(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(2), tmp_path / "set.zip")))["id"]
    me = (await admin.ask("GET /users/me")).json["id"]
    service = server.app.import_uploads
    tenant, *_ = await service.imports.located(OPERATOR, run, Action.READ_IMPORTS)
    # What was asked when they still might, and is told when they may not any longer.
    await server.app.users.deactivate(OPERATOR, me)
    async with service.storage.begin(OPERATOR, tenant=tenant) as unit:
        await unit.record(ImportAsked(tenant, run, Task.APPLY, me, service.now()))
        progress = await unit.hold(ImportProgress, run)
        await unit.save(evolve(progress, stage=Stage.WAITING))
        held = await unit.hold(ImportRun, run)
        await unit.save(evolve(held, status=RunStatus.APPLYING))
    other = await server.signed_in(Role.ORG_ADMIN, "district", email="other@example.org")

    view = await ended(other, run)
    assert ("planned", "forbidden") == (view["status"], view["problem"]["code"])


# Followed


async def test_events_tell_of_it_until_it_has_ended(admin: Client, tmp_path: Path) -> None:
    run = (await upload(admin, zip_of(school(200), tmp_path / "set.zip"))).json["id"]
    answer = await admin.ask(f"GET /imports/{run}/events")

    assert "text/event-stream; charset=utf-8" == answer.headers["Content-Type"]
    told = [
        json.loads(line[6:]) for line in answer.body.splitlines() if line.startswith(b"data: ")
    ]
    assert "planning" == told[0]["status"]
    assert "planned" == told[-1]["status"]
    assert {run} == {view["id"] for view in told}


# Reported


async def test_the_report_can_be_handed_on_and_runs_nowhere(admin: Client, tmp_path: Path) -> None:
    files = dict(school(1))
    bad = "=cmd()<script>"
    files["users.csv"] += f'w1,,,true,s1,"{bad}",w1,,Wanda,Wrong,,,w1@example.org\n'
    run = (await planned(admin, zip_of(files, tmp_path / "set.zip")))["id"]

    table = await admin.ask(f"GET /imports/{run}/report.csv")
    assert "text/csv; charset=utf-8" == table.headers["Content-Type"]
    assert f'attachment; filename="refused-{run}.csv"' == table.headers["Content-Disposition"]
    lines = table.body.decode("utf-8-sig").splitlines()
    assert "file,line,column,code,what is wrong,what would be right" == lines[0]
    assert lines[1].startswith("users.csv,4,role,invalid_value,")

    page = await admin.ask(f"GET /imports/{run}/report.html")
    assert "text/html; charset=utf-8" == page.headers["Content-Type"]
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert b"<script" not in page.body
    assert b"users.csv" in page.body


# Refused


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"format": "csv"}, {("/format", "invalid_value")}),
        ({"colour": "red"}, {("/colour", "unknown_field")}),
        (
            {"mode": "lax", "full": "perhaps"},
            {("/mode", "invalid_value"), ("/full", "wrong_type")},
        ),
        (
            {"organization_id": "00000000-0000-7000-8000-000000000000"},
            {("/organization_id", "unknown_reference")},
        ),
    ],
)
async def test_a_wrong_form_is_told_of_all_its_faults(
    server: Server,
    admin: Client,
    tmp_path: Path,
    fields: dict[str, str],
    faults: set[tuple[str, str]],
) -> None:
    answer = await upload(admin, zip_of(school(1), tmp_path / "set.zip"), **fields)

    assert (422, faults) == (answer.status, answer.faults)
    assert [] == await kept(server)


async def test_a_form_without_a_file_or_with_two_is_refused(admin: Client) -> None:
    nothing = aiohttp.FormData({"format": "oneroster"})
    nothing.add_field("mode", "strict", content_type="text/plain")
    answer = await admin.ask("POST /imports", data=nothing)
    assert 422 == answer.status, answer.body
    two = aiohttp.FormData({"format": "oneroster"})
    for name in ("a.csv", "b.csv"):
        two.add_field("file", b"x", filename=name)
    answer = await admin.ask("POST /imports", data=two)
    assert (422, {("/file", "invalid_value")}) == (answer.status, answer.faults)
    answer = await admin.ask("POST /imports", {"format": "oneroster"})
    assert (415, "unsupported_media_type") == (answer.status, answer.code)


async def test_what_cannot_be_read_fails_and_says_why(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    broken = tmp_path / "set.zip"
    broken.write_bytes(zip_of(school(300), tmp_path / "whole.zip").read_bytes()[:3000])
    view = await planned(admin, broken)
    assert ("failed", "unreadable_source") == (view["status"], view["problem"]["code"])
    with zipfile.ZipFile(broken, "w") as packed:
        packed.writestr("../users.csv", "x")
    view = await planned(admin, broken)
    assert ("failed", "unreadable_source") == (view["status"], view["problem"]["code"])
    await nothing_kept(server)
    answer = await admin.ask(f"POST /imports/{view['id']}/apply")
    assert (409, "not_planned") == (answer.status, answer.code)


async def test_only_an_administrator_of_the_place_imports_and_nobody_else_sees_it(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    file = zip_of(school(1), tmp_path / "set.zip")
    run = (await planned(admin, file, organization_id=server.places["south"]))["id"]
    for role, at in ((Role.SUPPORT, "district"), (Role.TEACHER, "north"), (Role.STUDENT, "north")):
        someone = await server.signed_in(role, at)
        assert 403 == (await upload(someone, file)).status
        status = 403 if role is Role.SUPPORT else 404
        for verb in ("apply", "undo"):
            assert status == (await someone.ask(f"POST /imports/{run}/{verb}")).status
    north = await server.signed_in(Role.ORG_ADMIN, "north")
    elsewhere = await upload(north, file, organization_id=server.places["south"])
    assert (422, {("/organization_id", "unknown_reference")}) == (
        elsewhere.status, elsewhere.faults
    )  # fmt: skip
    other = await server.signed_in(Role.ORG_ADMIN, "other")
    for outsider in (north, other, await server.signed_in(None)):
        for route in (
            f"GET /imports/{run}",
            f"GET /imports/{run}/events",
            f"GET /imports/{run}/report.csv",
            f"GET /imports/{run}/report.html",
            f"POST /imports/{run}/apply",
            f"POST /imports/{run}/undo",
        ):
            assert 404 == (await outsider.ask(route)).status, route
    assert [] == (await other.ask("GET /imports?status=planned")).json["items"]
    support = await server.signed_in(Role.SUPPORT, "south")
    assert 200 == (await support.ask(f"GET /imports/{run}")).status


async def test_a_mapping_is_kept_replaced_and_removed_where_one_may(
    server: Server, admin: Client
) -> None:
    first = {"name": "Office", "columns": [{"field": "email", "heading": "Post"}]}
    second = [{"field": "email", "heading": "Mail"}]
    made = (await admin.ask("PUT /import-mappings", first)).json
    again = await admin.ask("PUT /import-mappings", first | {"columns": second})
    assert made["id"] == again.json["id"]
    await admin.ask("PUT /import-mappings", first | {"name": "Library"})
    page = (await admin.ask("GET /import-mappings?limit=1")).json
    assert ["Library"] == [kept["name"] for kept in page["items"]]
    page = (await admin.ask(f"GET /import-mappings?cursor={page['next_cursor']}")).json
    assert [(second, None)] == [(kept["columns"], page["next_cursor"]) for kept in page["items"]]

    other = await server.signed_in(Role.ORG_ADMIN, "other")
    at = server.places["district"]
    assert [] == (await other.ask(f"GET /import-mappings?organization_id={at}")).json["items"]
    for answer in (
        await other.ask(f"DELETE /import-mappings/{made['id']}"),
        await other.ask(f"DELETE /import-mappings/{made['id']}?organization_id={at}"),
    ):
        assert 404 == answer.status
    teacher = await server.signed_in(Role.TEACHER, "district")
    assert 403 == (await teacher.ask("PUT /import-mappings", first)).status
    assert 403 == (await teacher.ask("GET /import-mappings")).status
    assert 204 == (await admin.ask(f"DELETE /import-mappings/{made['id']}")).status
    left = (await admin.ask("GET /import-mappings")).json["items"]
    assert ["Library"] == [kept["name"] for kept in left]


# Kept, and for how long


async def test_what_is_uploaded_is_gone_after_a_day_and_with_the_erasure_of_a_person(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    file = zip_of(school(2), tmp_path / "set.zip")
    view = await planned(admin, file)
    assert 0 == await server.app.import_uploads.tidy(WORKER)
    later = evolve(server.app.import_uploads, now=lambda: datetime.now(UTC) + timedelta(hours=25))
    assert 1 == await later.tidy(WORKER)
    assert [] == await kept(server)
    await admin.ask(f"POST /imports/{view['id']}/apply")
    view = await ended(admin, view["id"])
    assert ("planned", "plan_stale") == (view["status"], view["problem"]["code"])

    await planned(admin, file)
    somebody = await server.app.users.find(OPERATOR, await server.person(Role.STUDENT, "south"))
    await server.app.erasures.erase(OPERATOR, somebody.id)
    assert [] == await kept(server)


async def test_a_job_that_is_told_twice_is_done_once_and_one_whose_worker_is_lost_says_so(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(2), tmp_path / "set.zip")))["id"]
    service = server.app.import_uploads
    tenant, kept_run, _ = await service.imports.located(OPERATOR, run, Action.READ_IMPORTS)
    asked = ImportAsked(tenant, run, Task.PLAN, None, service.now())
    await server.app.import_jobs.carry_out(WORKER, asked)
    _, again, _ = await service.imports.located(OPERATOR, run, Action.READ_IMPORTS)
    assert kept_run == again

    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    async with service.storage.begin(WORKER, tenant=tenant) as unit:
        held = await unit.hold(ImportRun, run)
        await unit.save(evolve(held, status=RunStatus.APPLYING))
        progress = await unit.hold(ImportProgress, run)
        await unit.save(evolve(progress, stage=Stage.WRITING, heard_at=long_ago))
    view = (await admin.ask(f"GET /imports/{run}")).json
    assert ("failed", "worker_lost") == (view["status"], view["problem"]["code"])
    await server.app.import_jobs.carry_out(WORKER, evolve(asked, task=Task.APPLY))
    _, lost, _ = await service.imports.located(OPERATOR, run, Action.READ_IMPORTS)
    assert RunStatus.FAILED is lost.status
    assert 202 == (await admin.ask(f"POST /imports/{run}/apply")).status
    assert "applied" == (await ended(admin, run))["status"]


async def test_whoever_an_import_brought_in_is_invited(
    server: Server, admin: Client, tmp_path: Path
) -> None:
    run = (await planned(admin, zip_of(school(2), tmp_path / "set.zip")))["id"]
    await admin.ask(f"POST /imports/{run}/apply")
    await ended(admin, run)
    answer = await admin.ask("POST /imported-people/invite", {"import_id": run})

    assert (200, 3, None) == (
        answer.status, answer.json["invited"], answer.json["next_cursor"]
    )  # fmt: skip
    assert await server.mailed_token("p1@example.org")
    other = await server.signed_in(Role.ORG_ADMIN, "other")
    assert 404 == (await other.ask("POST /imported-people/invite", {"import_id": run})).status
