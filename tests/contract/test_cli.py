"""The command line, as an operator runs it: whole processes, beside a database that runs."""

import json
import re
import secrets
import shutil
import stat
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import psycopg
import pytest
from attrs import frozen

from adapters import compose
from adapters.cli.asking import print_json
from adapters.cli.main import faraday as root
from adapters.objects.folder import FolderObjects
from adapters.persistence import embedded, migrations
from adapters.settings import Settings
from adapters.settings.model import setting_of
from adapters.terminal_text import harmless
from faraday_core.identity.session_model import SignIn
from faraday_core.kernel.errors import FaradayError
from tests.postgres import Postgres
from tests.serving import faraday
from tests.waiting import wait_until
from tests.world import OPERATOR, PASSWORD

VERBS = {
    "serve", "users", "sessions", "organizations", "departments", "teams", "members", "access",
    "db", "backup", "restore", "audit", "keys", "config", "doctor", "tui", "completion",
    "profiles", "preferences", "privacy", "tokens", "invite", "invitations", "devices",
    "memories", "classes", "courses", "academic-sessions", "export", "import", "models",
}  # fmt: skip
PRINT_NO_DATA = {"serve", "tui", "completion"}
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@frozen
class Installed:
    """A data directory whose database runs, and what commands on it answer."""

    data_dir: Path
    url: str
    tenant: str = ""

    def run(
        self, *arguments: str, stdin: str = "", environ: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return faraday(*arguments, data_dir=self.data_dir, stdin=stdin, environ=environ)

    def json(self, *arguments: str, stdin: str = "", code: int = 0) -> Any:  # whatever JSON holds
        done = self.run(*arguments, "--json", stdin=stdin)
        assert code == done.returncode, done.stderr + done.stdout
        assert "" == done.stderr
        return json.loads(done.stdout)

    def teacher(self) -> Any:  # as JSON has them
        return self.json(
            "users", "create", "--email", f"{uuid4().hex}@example.org", "--full-name", "Pat Doe",
            "--role", "teacher", "--organization", "North School", "--password-stdin",
            stdin=f"{PASSWORD}\n",
        )  # fmt: skip

    async def sign_in(self, email: str, password: str = PASSWORD) -> SignIn:
        async with compose.embedded(self.data_dir, settings=Settings()) as app:
            return await app.auth.login(email=email, password=password)

    async def refused(self, email: str, password: str = PASSWORD) -> str:
        with pytest.raises(FaradayError) as refusal:
            await self.sign_in(email, password)
        return refusal.value.code


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """With a platform_admin, and a district with a school."""
    with tempfile.TemporaryDirectory(prefix="faraday-cli-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # ours
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        server = embedded.start(data_dir, durable=False)
        try:
            bare = Installed(data_dir, server.url)
            district = bare.json("organizations", "create", "--name", "District")
            found = Installed(data_dir, server.url, district["id"])
            create = ("organizations", "create", "--name", "North School", "--parent", "District")
            found.json(*create)
            yield found
        finally:
            server.release()


# Without a database


def test_help_names_every_verb() -> None:
    assert set(root.commands) == VERBS
    with tempfile.TemporaryDirectory() as folder:
        done = faraday("--help", data_dir=Path(folder))

    assert (0, "") == (done.returncode, done.stderr)
    assert set(re.findall(r"^  ([a-z-]+) ", done.stdout, re.M)) >= VERBS


def commands(
    group: click.Group = root, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


@pytest.mark.parametrize(("name", "command"), tuple(commands()))
def test_every_command_takes_a_data_dir_and_prints_json(name: str, command: click.Command) -> None:
    options = {option for parameter in command.params for option in parameter.opts}

    assert "--data-dir" in options
    assert ("--json" in options) == (name not in PRINT_NO_DATA)
    assert command.help


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["users"],
        ["users", "create"],
        ["users", "create", "--email", "a@example.org", "--full-name", "A", "--role", "king"],
        ["users", "create", "--email", "a@example.org", "--full-name", "A", "--role", "teacher"],
        ["users", "create", "--email", "a@b.org", "--full-name", "A", "--role", "platform_admin"],
        ["users", "list", "--limit", "101"],
        ["sessions", "end", "a@example.org"],
        ["sessions", "end", "a@example.org", "some-session", "--all"],
        ["serve", "--port", "65536"],
        ["serve", "--workers", "0"],
        ["config", "explain", "FARADAY_NOTHING"],
        ["restore", "a-file-that-is-not-there"],
        ["completion", "tcl"],
    ],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str], tmp_path: Path) -> None:
    done = faraday(*arguments, data_dir=tmp_path / "data")

    assert (2, "") == (done.returncode, done.stdout)
    assert "Usage: faraday" in done.stderr
    assert not (tmp_path / "data").exists()


def test_config_explain_tells_each_setting_and_no_secret(tmp_path: Path) -> None:
    environ = {"FARADAY_SECRET_KEY": "s3cr3t-" * 6, "MAX_LOGIN_ATTEMPTS": "3"}

    done = faraday("config", "explain", "--json", data_dir=tmp_path, environ=environ)

    found = {one["name"]: one for one in json.loads(done.stdout)}
    names = {setting_of(attribute).name for attribute in Settings.__attrs_attrs__}
    assert names == set(found)
    assert ("3", "environment", "5") == tuple(
        found["MAX_LOGIN_ATTEMPTS"][key] for key in ("value", "source", "default")
    )
    assert "(set)" == found["FARADAY_SECRET_KEY"]["value"]
    assert "s3cr3t" not in done.stdout


def test_config_explain_is_a_table_for_people(tmp_path: Path) -> None:
    environ = {"FARADAY_PROT": "1", "FARADAY_METRICS_TOKEN": "s3cr3t"}

    done = faraday("config", "explain", data_dir=tmp_path, environ=environ)
    one = faraday("config", "explain", "faraday_port", data_dir=tmp_path)

    assert re.search(r"^MAX_LOGIN_ATTEMPTS +5 +default ", done.stdout, re.M)
    assert "s3cr3t" not in done.stdout
    expected = "faraday: warning: FARADAY_PROT is no setting; did you mean FARADAY_PORT?\n"
    assert expected == done.stderr
    assert re.search(r"value +8000", one.stdout)


def test_completion_makes_bash_complete_the_verbs(tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(faraday("completion", "bash", data_dir=tmp_path).stdout)

    checked = subprocess.run(["bash", "-n", script], capture_output=True, check=False)

    assert (0, b"") == (checked.returncode, checked.stderr)
    assert "_FARADAY_COMPLETE=bash_complete" in script.read_text()


@pytest.mark.parametrize("letter", ["\x1b", "\x9b", "\x07", "\r", "\n", "\u202e"])
def test_what_a_terminal_obeys_is_not_printed_raw(
    letter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "A\N{REPLACEMENT CHARACTER}Z" == harmless(f"A{letter}Z")

    print_json({"name": f"A{letter}Zoë"})

    printed = capsys.readouterr().out
    assert f"A{letter}Zoë" == json.loads(printed)["name"]
    assert letter not in printed.removesuffix("\n")
    assert "Zoë" in printed


# People


def test_the_first_platform_admin_is_made_on_an_empty_database(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.bare_database()
    arguments = [
        "users", "create", "--email", "Root@Example.org", "--full-name", "Ada Okafor",
        "--role", "platform_admin", "--password-stdin",
    ]  # fmt: skip
    environ = {"FARADAY_DATABASE_URL": url}

    def create(*more: str) -> "subprocess.CompletedProcess[str]":
        stdin = f"{PASSWORD}\n"
        return faraday(*arguments, *more, data_dir=tmp_path, environ=environ, stdin=stdin)

    made, again, told = create("--json"), create("--json"), create()
    postgres.drop(url)

    assert (0, "") == (made.returncode, made.stderr)
    found = json.loads(made.stdout)
    assert {"id", "email", "full_name", "roles"} <= found.keys()
    assert ("Root@Example.org", "platform_admin") == (found["email"], found["roles"][0]["role"])
    assert 1 == again.returncode
    problem = json.loads(again.stdout)
    assert "email_taken" == problem["code"]
    assert problem["title"]
    assert problem["detail"]
    assert (1, "") == (told.returncode, told.stdout)
    assert re.fullmatch(r"faraday: .+\n", told.stderr)
    assert PASSWORD not in made.stdout + again.stdout + told.stderr


async def test_who_is_made_can_sign_in(installed: Installed) -> None:
    teacher = installed.teacher()

    assert (await installed.sign_in(teacher["email"])).access_token


def test_faults_of_an_account_are_told_by_field(installed: Installed) -> None:
    problem = installed.json(
        "users", "create", "--email", "nonsense", "--full-name", "A\x1b[31mB", "--role", "teacher",
        "--organization", "North School", "--password-stdin",
        stdin="short\n", code=1,
    )  # fmt: skip

    assert {"/email", "/full_name", "/password"} == {e["pointer"] for e in problem["errors"]}


def test_nobody_of_that_name_is_one_line(installed: Installed) -> None:
    done = installed.run("users", "show", "no\x1b[31mbody@example.org")

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: .+\n", done.stderr)
    assert "\x1b" not in done.stderr
    assert "not_found" == installed.json("users", "show", "nobody@example.org", code=1)["code"]


def test_a_person_is_found_by_name_and_by_address_and_by_id(installed: Installed) -> None:
    teacher = installed.teacher()
    address, prefix = teacher["email"], teacher["email"].split("@")[0]

    listed = installed.json("users", "list", "--query", prefix)
    shown = installed.json("users", "show", address.upper())
    table = installed.run("users", "list", "-q", prefix).stdout

    assert [teacher["id"]] == [item["id"] for item in listed["items"]]
    assert shown == installed.json("users", "show", teacher["id"])
    expected = {"locked_until": None, "has_password": True, "has_second_factor": False}
    assert expected == shown["account"]
    assert re.search(rf"{teacher['id']} +Pat Doe +{address} +teacher +yes", table)


def test_a_list_goes_on_at_its_cursor(installed: Installed) -> None:
    made = {installed.teacher()["id"] for _ in range(2)}
    arguments = ("users", "list", "--role", "teacher", "--organization", "District")
    seen: set[str] = set()
    page = installed.json(*arguments, "--limit", "1")
    for _ in range(30):
        assert 1 == len(page["items"])
        seen.add(page["items"][0]["id"])
        if not page["next_cursor"] or made <= seen:
            break
        page = installed.json(*arguments, "--limit", "1", "--cursor", page["next_cursor"])

    assert made <= seen


async def test_who_is_locked_out_is_unlocked(installed: Installed) -> None:
    email = installed.teacher()["email"]
    for _ in range(5):
        await installed.refused(email, "wrong")
    assert "too_many_attempts" == await installed.refused(email)
    assert installed.json("users", "show", email)["account"]["locked_until"]

    done = installed.run("users", "unlock", email)

    assert (0, "Pat Doe can sign in again.\n") == (done.returncode, done.stdout)
    assert (await installed.sign_in(email)).access_token


async def test_who_is_deactivated_is_out_until_they_are_active_again(installed: Installed) -> None:
    email = installed.teacher()["email"]
    await installed.sign_in(email)

    assert installed.json("users", "deactivate", email)["is_active"] is False
    assert "invalid_credentials" == await installed.refused(email)
    assert [] == installed.json("sessions", "list", email)["items"]
    assert installed.json("users", "activate", email)["is_active"] is True
    assert (await installed.sign_in(email)).access_token


def test_a_reset_is_on_its_way(installed: Installed) -> None:
    teacher = installed.teacher()
    email = teacher["email"]

    done = installed.run("users", "send-reset", email)

    assert (0, f"A mail to {email} is on its way.\n") == (done.returncode, done.stdout)
    entry = installed.json("audit", "tail", "--limit", "1")["items"][0]
    assert ("user.send_reset", teacher["id"]) == (entry["action"], entry["target_id"])


async def test_sessions_are_listed_and_ended(installed: Installed) -> None:
    email = installed.teacher()["email"]
    for _ in range(3):
        await installed.sign_in(email)
    listed = installed.json("sessions", "list", email)["items"]
    assert 3 == len(listed)

    assert {"ended": 1} == installed.json("sessions", "end", email, listed[0]["id"])
    left = installed.json("sessions", "list", email)["items"]
    assert {one["id"] for one in listed[1:]} == {one["id"] for one in left}
    assert {"ended": 2} == installed.json("sessions", "end", email, "--all")
    done = installed.run("sessions", "list", email)
    assert "Not signed in anywhere.\n" == done.stdout
    gone = installed.json("sessions", "end", email, listed[0]["id"], code=1)
    assert "not_found" == gone["code"]


def test_a_name_in_the_database_does_not_steer_the_terminal(installed: Installed) -> None:
    teacher = installed.teacher()
    with psycopg.connect(installed.url) as connection:
        name = "A\x1b]0;owned\x07\x9b31m\u202eB [red]C[/red]"
        sql = "update users set full_name = %s where id = %s"
        assert 1 == connection.execute(sql, (name, teacher["id"])).rowcount

    for verb in (["show"], ["list", "-q", teacher["email"]], ["deactivate"]):
        target = [] if verb[0] == "list" else [teacher["id"]]
        for form in ([], ["--json"]):
            done = installed.run("users", *verb, *target, *form)
            assert 0 == done.returncode
            assert "[red]C[/red]" in done.stdout
            assert not OBEYED.search(done.stdout)


# Organisations


def test_an_organization_is_made_below_another_by_name_and_by_id(installed: Installed) -> None:
    district = installed.json("organizations", "create", "--name", f"District {uuid4()}")
    by_name = installed.json(
        "organizations", "create", "--name", "West", "--parent", district["name"]
    )
    by_id = installed.json("organizations", "create", "--name", "East", "--parent", district["id"])

    assert district["parent_organization_id"] is None
    assert {district["id"]} == {one["parent_organization_id"] for one in (by_name, by_id)}
    listed = installed.json("organizations", "list")["items"]
    assert {district["id"], by_name["id"], by_id["id"]} <= {one["id"] for one in listed}
    missing = installed.json(
        "organizations", "create", "--name", "X", "--parent", "Nowhere", code=1
    )
    assert "not_found" == missing["code"]


def test_a_name_that_two_bear_is_refused(installed: Installed) -> None:
    name = f"Twin {uuid4()}"
    for _ in range(2):
        installed.json("organizations", "create", "--name", name, "--parent", "District")

    refused = installed.json("organizations", "create", "--name", "X", "--parent", name, code=1)

    assert "ambiguous_name" == refused["code"]


# The audit log, keys, and the database


async def sealed(installed: Installed) -> None:
    """What a server does twice a second: a chain that is started leaves an entry in another."""
    async with compose.embedded(installed.data_dir, settings=Settings()) as app:
        while await app.audit.seal(OPERATOR):
            pass


def test_the_audit_log_tells_who_did_what(installed: Installed) -> None:
    teacher = installed.teacher()

    entries = installed.json("audit", "tail", "--limit", "1")["items"]

    assert [("user.create", teacher["id"])] == [(e["action"], e["target_id"]) for e in entries]
    assert re.search(r"user\.create +operator ", installed.run("audit", "tail").stdout)


async def test_an_audit_log_as_it_was_written_verifies(installed: Installed) -> None:
    installed.teacher()
    await sealed(installed)

    verdict = installed.json("audit", "verify")

    assert (True, None, 0) == (verdict["ok"], verdict["first_bad"], verdict["unsealed"])
    assert verdict["entries"] > 0
    assert 0 == installed.run("audit", "verify").returncode


TAMPER = {
    "changed": """update audit_log set details = '{"by": "nobody"}' where id = %s""",
    "moved": "update audit_log set at = at - interval '1 day' where id = %s",
    "removed": "delete from audit_log where id = %s",
}


@pytest.mark.parametrize("deed", TAMPER)
@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
async def test_who_tampers_with_the_audit_log_is_found_out(
    installed: Installed, deed: str, which: int
) -> None:
    chain = installed.tenant
    installed.teacher()
    await sealed(installed)
    url = installed.run("db", "url").stdout.strip()
    with psycopg.connect(url, autocommit=True) as connection:
        sql = "select id, sequence from audit_log where tenant_id = %s order by sequence"
        entry, sequence = connection.execute(sql, (chain,)).fetchall()[which]
        sql = "create temp table kept as select * from audit_log where id = %s"
        connection.execute(sql, (entry,))
        assert 1 == connection.execute(TAMPER[deed], (entry,)).rowcount
        try:
            verdict = installed.json("audit", "verify", code=1)
            told = installed.run("audit", "verify")
        finally:
            connection.execute("delete from audit_log where id = %s", (entry,))
            connection.execute("insert into audit_log select * from kept")

    assert verdict["ok"] is False
    bad = verdict["first_bad"]
    assert (chain, sequence) == (bad["chain"], bad["sequence"])
    assert bad["problem"]
    assert (1, "") == (told.returncode, told.stdout)
    assert re.fullmatch(r"The audit log does not hold: .+\n", told.stderr)
    assert installed.json("audit", "verify")["ok"]


def test_a_new_key_comes_first_and_the_old_one_stays_for_a_while(installed: Installed) -> None:
    before = [key["kid"] for key in installed.json("keys", "list")["keys"]]

    new = installed.json("keys", "rotate")["kid"]

    assert [new, *before] == [key["kid"] for key in installed.json("keys", "list")["keys"]]


def test_the_database_is_up_to_date_and_as_declared(installed: Installed) -> None:
    head = migrations.head()

    assert {"revision": head} == installed.json("db", "upgrade")
    assert {"revision": head, "head": head} == installed.json("db", "current")
    assert {"ok": True} == installed.json("db", "check")


def test_a_schema_that_was_changed_by_hand_is_told(installed: Installed) -> None:
    with psycopg.connect(installed.url, autocommit=True) as connection:
        connection.execute("alter table users add column nonsense text")
        try:
            problem = installed.json("db", "check", code=1)
        finally:
            connection.execute("alter table users drop column nonsense")

    assert "schema_differs" == problem["code"]
    assert "nonsense" in problem["detail"]


def test_the_url_is_the_owners(installed: Installed) -> None:
    url = installed.run("db", "url").stdout.strip()

    assert url.startswith("postgresql://")
    assert {"url": url} == installed.json("db", "url")
    with psycopg.connect(url) as connection:
        sql = "select rolsuper from pg_roles where rolname = current_user"
        assert (True,) == connection.execute(sql).fetchone()


@pytest.mark.parametrize(
    "arguments",
    [
        ["db", "upgrade"],
        ["db", "current"],
        ["db", "check"],
        ["users", "list"],
        ["backup", "out.backup"],
    ],
)
def test_a_database_that_does_not_answer_is_one_line(arguments: list[str], tmp_path: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": "postgresql://faraday@127.0.0.1:1/faraday"}

    done = faraday(*arguments, data_dir=tmp_path, environ=environ)

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: The database cannot be reached: .+\n", done.stderr)


def test_a_doctor_finds_all_well(installed: Installed) -> None:
    found = installed.json("doctor")

    assert found["ok"]
    what = {finding["what"] for finding in found["findings"]}
    assert {"version", "data directory", "database", "audit log"} <= what


def test_a_doctor_says_what_is_wrong(tmp_path: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": "postgresql://127.0.0.1:1/x", "FARADAY_PROT": "1"}

    done = faraday("doctor", "--json", data_dir=tmp_path, environ=environ)

    assert 1 == done.returncode
    wrong = {one["what"] for one in json.loads(done.stdout)["findings"] if not one["ok"]}
    assert {"settings", "database"} <= wrong


# Backup and restore


def listed(data_dir: Path, environ: Mapping[str, str] | None = None) -> Any:  # whatever JSON holds
    arguments = ("users", "list", "--include-inactive", "--limit", "100", "--json")
    return json.loads(faraday(*arguments, data_dir=data_dir, environ=environ).stdout)["items"]


async def test_a_backup_fills_an_empty_folder(installed: Installed, data_dir: Path) -> None:
    teacher = installed.teacher()
    await sealed(installed)
    file = data_dir.parent / "of today.backup"
    picture = FolderObjects(installed.data_dir / "objects")
    await picture.put("people/pat/avatars/1.webp", b"a picture")

    made = installed.json("backup", str(file))
    restored = faraday("restore", str(file), "--json", data_dir=data_dir)

    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert made["has_secret"]
    assert (0, "") == (restored.returncode, restored.stderr)
    assert made == json.loads(restored.stdout)
    secret = data_dir / "secret_key"
    assert (installed.data_dir / "secret_key").read_bytes() == secret.read_bytes()
    assert 0o600 == stat.S_IMODE(secret.stat().st_mode)
    assert listed(installed.data_dir) == listed(data_dir)
    kept = data_dir / "objects" / "people" / "pat" / "avatars" / "1.webp"
    assert b"a picture" == kept.read_bytes()
    assert json.loads(faraday("audit", "verify", "--json", data_dir=data_dir).stdout)["ok"]
    assert (await Installed(data_dir, "").sign_in(teacher["email"])).access_token

    again = faraday("restore", str(file), data_dir=data_dir)
    assert (1, "") == (again.returncode, again.stdout)
    assert re.fullmatch(r"faraday: The data directory .+ is not empty\.\n", again.stderr)


def test_a_backup_of_ones_own_secret_does_not_hold_it(postgres: Postgres, tmp_path: Path) -> None:
    source, target = postgres.bare_database(), postgres.bare_database()
    key, file = secrets.token_urlsafe(48), tmp_path / "backup"
    made_with = {"FARADAY_DATABASE_URL": source, "FARADAY_SECRET_KEY": key}
    into = {"FARADAY_DATABASE_URL": target}

    def run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        return faraday(*arguments, data_dir=tmp_path / "data", environ=environ)

    run("organizations", "create", "--name", "District", **made_with)
    told = run("backup", str(file), **made_with)
    assert 0 == told.returncode, told.stderr
    assert "FARADAY_SECRET_KEY" in told.stderr
    with tarfile.open(file) as archive:
        assert {"manifest.json", "database.dump"} == set(archive.getnames())
        member = archive.extractfile("manifest.json")
        assert member
        manifest = json.load(member)
    assert key.encode() not in file.read_bytes()

    for environ in ({}, {"FARADAY_SECRET_KEY": secrets.token_urlsafe(48)}):
        refused = run("restore", str(file), **into, **environ)
        assert (1, 1) == (refused.returncode, len(refused.stderr.splitlines())), refused.stderr
        assert "FARADAY_SECRET_KEY" in refused.stderr
        assert manifest["secret_id"] in refused.stderr
    restored = run("restore", str(file), **into, FARADAY_SECRET_KEY=key)
    assert 0 == restored.returncode, restored.stderr
    found = run("organizations", "list", "--json", **into, FARADAY_SECRET_KEY=key)
    assert ["District"] == [one["name"] for one in json.loads(found.stdout)["items"]]
    again = run("restore", str(file), **into, FARADAY_SECRET_KEY=key)
    assert (1, "faraday: The database is not empty.\n") == (again.returncode, again.stderr)
    postgres.drop(source)
    postgres.drop(target)


@pytest.mark.parametrize("damage", ["nonsense", "cut", "empty"])
def test_what_is_no_backup_is_refused_and_leaves_nothing(
    installed: Installed, postgres: Postgres, tmp_path: Path, damage: str
) -> None:
    file, url = tmp_path / "backup", postgres.bare_database()
    if damage == "cut":
        installed.json("backup", str(file))
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    else:
        file.write_bytes(b"nonsense" * 500 if damage == "nonsense" else b"")
    data_dir = tmp_path / "data"

    done = faraday("restore", str(file), data_dir=data_dir, environ={"FARADAY_DATABASE_URL": url})
    postgres.drop(url)

    assert (1, "") == (done.returncode, done.stdout)
    assert f"faraday: {file} is no backup of faraday, or is damaged.\n" == done.stderr
    assert [] == list(data_dir.iterdir())


def test_a_backup_that_cannot_be_written_is_one_line(installed: Installed) -> None:
    done = installed.run("backup", "/nowhere/at/all")

    assert (1, "") == (done.returncode, done.stdout)
    expected = "faraday: /nowhere/at/all cannot be written: No such file or directory.\n"
    assert expected == done.stderr


def test_a_folder_of_another_version_is_refused(data_dir: Path) -> None:
    faraday("db", "upgrade", data_dir=data_dir)
    cluster = data_dir / "postgres" / "data" / "PG_VERSION"
    assert cluster.exists()
    wait_until(lambda: not cluster.with_name("postmaster.pid").exists(), seconds=20)
    cluster.write_text("14\n")

    done = faraday("users", "list", data_dir=data_dir)

    shutil.rmtree(data_dir / "postgres", ignore_errors=True)
    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: .*14.*\n", done.stderr)
