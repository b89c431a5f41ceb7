"""Privacy as a client and an operator have it: over HTTP, and at the command line."""

import asyncio
import hashlib
import io
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from faraday_core.kernel.actor import Role
from faraday_core.kernel.ids import uuid7
from tests.contract.test_privacy_erasure import texts_of
from tests.serving import OPERATOR, Answer, Client, Server, faraday, serving
from tests.world import PASSWORD

EXPORT = "/api/v1/users/me/export"


async def made(client: Client, asked: Answer) -> Any:  # whatever JSON holds
    """The export, once it is there."""
    async with asyncio.timeout(10):
        while True:
            export = (await client.ask(f"GET /users/me/export/{asked.json['id']}")).json
            if export["status"] in {"done", "failed"}:
                return export
            await asyncio.sleep(0.02)


async def gone(server: Server, email: str) -> None:
    """Until the address is free again."""
    body = {"email": email, "password": PASSWORD, "full_name": "Somebody Else"}
    async with asyncio.timeout(15):
        while (  # noqa: ASYNC110 -- a job of the server's is waited for
            201 != (await server.client.ask("POST /auth/register", body)).status
        ):
            await asyncio.sleep(0.05)


def files_with(word: bytes, folder: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return [file for file in files if word in file.read_bytes().lower()]


async def test_a_copy_is_asked_for_waited_for_and_fetched(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")

    asked = await pat.ask("POST /users/me/export")

    assert 202 == asked.status
    assert {"id", "status", "created_at", "download_url", "expires_at"} == {*asked.json}
    assert f"{EXPORT}/{asked.json['id']}" == asked.headers["Location"]
    assert asked.json["status"] in {"queued", "running"}
    assert asked.json["download_url"] is None
    export = await made(pat, asked)
    assert "done" == export["status"]
    answer = await pat.ask("GET /" + export["download_url"])
    assert (200, "application/zip", "no-store") == (
        answer.status,
        answer.headers["Content-Type"],
        answer.headers["Cache-Control"],
    )
    archive = ZipFile(io.BytesIO(answer.body))
    for file in json.loads(archive.read("manifest.json"))["files"]:
        assert file["sha256"] == hashlib.sha256(archive.read(file["name"])).hexdigest()
    assert "pat@example.org" == json.loads(archive.read("user.json"))["email"]
    assert {"profile.json", "preferences.json", "memberships.json", "audit.json"} <= {
        *archive.namelist()
    }


async def test_only_its_owner_fetches_a_copy(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
    export = await made(pat, await pat.ask("POST /users/me/export"))
    url = "GET /" + export["download_url"]

    admin = await server.signed_in(Role.ORG_ADMIN, "district")

    assert 401 == (await server.client.ask(url)).status
    assert 404 == (await admin.ask(url)).status
    assert 404 == (await admin.ask(f"GET /users/me/export/{export['id']}")).status
    for id in (uuid7(), "nonsense"):
        assert 404 == (await pat.ask(f"GET /users/me/export/{id}/download")).status


async def test_who_asks_to_be_erased_is_out_at_once_and_can_be_restored(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
    user_id = (await pat.ask("GET /users/me")).json["id"]

    wrong = await pat.ask("DELETE /users/me", {"password": "wrong password"})
    assert (422, {("/password", "wrong_password")}) == (wrong.status, wrong.faults)
    assert 422 == (await pat.ask("DELETE /users/me", {})).status
    asked = await pat.ask("DELETE /users/me", {"password": PASSWORD})

    assert 202 == asked.status
    assert ["erase_after"] == [*asked.json]
    assert 401 == (await pat.ask("GET /users/me")).status
    body = {"email": "pat@example.org", "password": PASSWORD}
    refused = await server.client.ask("POST /auth/login", body)
    assert (401, "invalid_credentials") == (refused.status, refused.code)
    taken = await server.client.ask("POST /auth/register", body | {"full_name": "Pat"})
    assert (409, "email_taken") == (taken.status, taken.code)
    support = await server.signed_in(Role.SUPPORT)
    assert 403 == (await support.ask(f"POST /users/{user_id}/restore")).status
    admin = await server.signed_in(Role.ORG_ADMIN)
    restored = await admin.ask(f"POST /users/{user_id}/restore")
    assert (200, True) == (restored.status, restored.json["is_active"])
    assert 409 == (await admin.ask(f"POST /users/{user_id}/restore")).status
    assert (await server.client.sign_in("pat@example.org")).token


async def test_without_a_delay_somebody_is_gone_within_moments_from_table_and_folder(
    database_url: str, tmp_path: Path
) -> None:
    environ = {"FARADAY_ERASURE_DELAY_SECONDS": "0"}
    async with serving(database_url, tmp_path, environ) as server:
        email = await server.person(None, email="pat.quibblewick@example.org")
        await server.mailed_token(email)
        pat = await server.client.sign_in(email, device_name="Quibblewick's phone")
        await pat.ask("PATCH /users/profile", {"bio": "I am a Quibblewick."})
        key = {"Idempotency-Key": "one"}
        consent = {"purpose": "Quibblewick", "text_version": "1"}
        assert 201 == (await pat.ask("POST /users/me/consents", consent, headers=key)).status
        await made(pat, await pat.ask("POST /users/me/export"))

        assert 202 == (await pat.ask("DELETE /users/me", {"password": PASSWORD})).status
        async with asyncio.timeout(15):
            while any(  # noqa: ASYNC110 -- a job of the server's is waited for
                "quibblewick" in text for _, text in texts_of(database_url)
            ):
                await asyncio.sleep(0.05)
        await server.app.audit.seal(OPERATOR)
        assert (await server.app.audit.verify(OPERATOR)).ok

    assert [] == files_with(b"quibblewick", tmp_path)


async def test_after_the_delay_somebody_is_erased_by_itself(
    database_url: str, tmp_path: Path
) -> None:
    async with serving(database_url, tmp_path, {"FARADAY_ERASURE_DELAY_SECONDS": "1"}) as server:
        pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
        await pat.ask("DELETE /users/me", {"password": PASSWORD})

        await gone(server, "pat@example.org")


async def test_consents_are_given_listed_and_withdrawn(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")

    given = await pat.ask("POST /users/me/consents", {"purpose": "photos", "text_version": "3"})

    assert 201 == given.status
    id = given.json["id"]
    assert f"/api/v1/users/me/consents/{id}" == given.headers["Location"]
    assert [given.json] == (await pat.ask("GET /users/me/consents")).json["items"]
    assert 204 == (await pat.ask(f"DELETE /users/me/consents/{id}")).status
    (withdrawn,) = (await pat.ask("GET /users/me/consents")).json["items"]
    assert withdrawn["withdrawn_at"]
    assert 404 == (await pat.ask(f"DELETE /users/me/consents/{id}")).status
    wrong = await pat.ask("POST /users/me/consents", {"purpose": "", "granted_by": uuid7()})
    assert {
        ("/purpose", "too_short"),
        ("/text_version", "required"),
        ("/granted_by", "unknown_field"),
    } == wrong.faults


async def test_a_school_confirms_a_guardian_who_then_agrees_for_the_child(
    server: Server,
) -> None:
    admin = await server.signed_in(Role.ORG_ADMIN)
    child = await server.signed_in(Role.STUDENT, email="kim@example.org")
    guardian = await server.signed_in(Role.GUARDIAN, email="ola@example.org")
    child_id = (await child.ask("GET /users/me")).json["id"]
    guardian_id = (await guardian.ask("GET /users/me")).json["id"]
    consent = {"purpose": "photos", "text_version": "3"}

    born = await admin.ask(f"PUT /users/{child_id}/birth-date", {"born_on": "2020-05-01"})
    assert (200, {"born_on": "2020-05-01"}) == (born.status, born.json)
    refused = await child.ask("POST /users/me/consents", consent)
    assert (403, "guardian_consent_required") == (refused.status, refused.code)
    assert 404 == (await guardian.ask(f"POST /users/{child_id}/consents", consent)).status
    assert 404 == (await guardian.ask(f"GET /users/{child_id}/disclosures")).status

    confirmed = await admin.ask(f"POST /users/{child_id}/guardians", {"guardian_id": guardian_id})
    assert 201 == confirmed.status
    place = f"/api/v1/users/{child_id}/guardians/{guardian_id}"
    assert place == confirmed.headers["Location"]
    again = await admin.ask(f"POST /users/{child_id}/guardians", {"guardian_id": guardian_id})
    assert (409, "already_guardian") == (again.status, again.code)
    (listed,) = (await admin.ask(f"GET /users/{child_id}/guardians")).json["items"]
    assert {"guardian_id", "child_id", "confirmed_by", "created_at"} <= {*listed}

    given = await guardian.ask(f"POST /users/{child_id}/consents", consent)
    assert (201, guardian_id) == (given.status, given.json["granted_by"])
    assert [given.json] == (await child.ask("GET /users/me/consents")).json["items"]
    assert [] == (await guardian.ask(f"GET /users/{child_id}/disclosures")).json["items"]
    url = f"DELETE /users/{child_id}/consents/{given.json['id']}"
    assert 204 == (await guardian.ask(url)).status
    assert 204 == (await admin.ask(f"DELETE /users/{child_id}/guardians/{guardian_id}")).status
    assert 404 == (await guardian.ask(f"GET /users/{child_id}/consents")).status


async def test_a_corrected_name_is_on_record(server: Server) -> None:
    pat = await server.signed_in(Role.TEACHER, email="pat@example.org")
    before = (await pat.ask("GET /users/me")).json
    admin = await server.signed_in(Role.ORG_ADMIN)
    await admin.ask(f"PATCH /users/{before['id']}", {"full_name": "Pat Roe"})

    (corrected,) = (await pat.ask("GET /users/me/rectifications")).json["items"]

    assert ("full_name", before["full_name"]) == (corrected["field"], corrected["old_value"])
    assert [] == (await pat.ask("GET /users/me/disclosures")).json["items"]


ADMIN = ("users", "create", "--role", "platform_admin", "--password-stdin", "--json")


@pytest.fixture
def installed(database_url: str, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_SECRET_KEY": "s" + "ecret" * 12}
    for name in ("ada", "pat"):
        given = ("--email", f"{name}@example.org", "--full-name", f"{name.title()} Quibblewick")
        done = faraday(*ADMIN, *given, data_dir=tmp_path, environ=environ, stdin=PASSWORD)
        assert 0 == done.returncode, done.stderr
    return tmp_path, environ


def test_an_operator_exports_erases_and_verifies(
    installed: tuple[Path, dict[str, str]], database_url: str
) -> None:
    folder, environ = installed
    copy = folder / "pat.zip"

    def run(*arguments: str) -> Any:  # what it prints
        done = faraday(*arguments, "--json", data_dir=folder, environ=environ)
        return done.returncode, json.loads(done.stdout)

    assert 0 == run("privacy", "export", "pat@example.org", str(copy))[0]
    assert 0o600 == copy.stat().st_mode & 0o777
    assert "Pat Quibblewick" == json.loads(ZipFile(copy).read("user.json"))["full_name"]
    code, problem = run("privacy", "export", "pat@example.org", str(copy))
    assert (1, "cannot_start") == (code, problem["code"])
    assert "File exists" in problem["detail"]
    assert (1, "no_erasure") == (
        run("users", "restore", "pat@example.org")[0],
        run("users", "restore", "pat@example.org")[1]["code"],
    )
    asked = faraday("users", "erase", "pat@example.org", data_dir=folder, environ=environ)
    assert 1 == asked.returncode, "nobody said yes"

    code, erased = run("users", "erase", "pat@example.org", "--yes")

    assert (0, True) == (code, erased["erased"])
    assert (0, True) == (run("audit", "verify")[0], run("audit", "verify")[1]["ok"])
    assert 1 == run("users", "show", "pat@example.org")[0]
    assert not [table for table, text in texts_of(database_url) if "pat quibblewick" in text]
    assert (1, "last_platform_admin") == (
        run("users", "erase", "ada@example.org", "--yes")[0],
        run("users", "erase", "ada@example.org", "--yes")[1]["code"],
    )


def test_an_operator_sees_what_retention_would_remove(
    installed: tuple[Path, dict[str, str]],
) -> None:
    folder, environ = installed

    def run(*arguments: str, **more: str) -> Any:  # what it prints
        return faraday("privacy", "retention", *arguments, data_dir=folder, environ=environ | more)

    report = json.loads(run("--dry-run", "--json", FARADAY_RETENTION="sessions=7").stdout)
    assert report["dry_run"]
    assert ("sessions", 7, 0) in {
        (kind["kind"], kind["days"], kind["rows"]) for kind in report["kinds"]
    }
    assert "would be removed" in run("--dry-run").stdout
    assert 0 == run().returncode
    for wrong in ("session=7", "sessions=-1", "sessions", "sessions=x"):
        refused = run(FARADAY_RETENTION=wrong)
        assert 1 == refused.returncode
        assert "FARADAY_RETENTION" in refused.stderr
