"""Memories by the command line, and all that their page of the documentation shows."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from adapters.compose import postgres
from adapters.settings import read_settings
from faraday_core.kernel.actor import Role
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser
from tests.house.test_docs import DOCS, ask, blocks, remember
from tests.serving import faraday, faraday_serve
from tests.world import OPERATOR, PASSWORD

PAGE = DOCS / "memory.md"

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
async def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A command over a school, and a teacher there."""
    monkeypatch.chdir(tmp_path)
    environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_DATA_DIR": str(tmp_path)}
    async with postgres(database_url, settings=read_settings(environ)) as app:
        school = await app.organizations.create(OPERATOR, OrganizationFields("Riverside"))
        new = NewUser("pat@example.org", "Pat Doe", school.id, Role.TEACHER, PASSWORD)
        await app.users.create(OPERATOR, new)

    def command(*arguments: str, stdin: str = "") -> "CompletedProcess[str]":
        return faraday(*arguments, data_dir=tmp_path, environ=environ, stdin=stdin)

    return command


def test_the_commands_of_the_page_run_in_order(run: Run) -> None:
    lines = [line for block in blocks(PAGE, "console") for line in block.splitlines()]

    for line in lines:
        shown, _, command = line.removeprefix("$ ").partition("faraday ")
        piped = shlex.split(shown)[1] if shown.startswith("echo") else ""
        done = run(*shlex.split(command), stdin=f"{piped}\n")
        assert 0 == done.returncode, line + done.stdout + done.stderr

    assert len(lines) > 8


def test_the_requests_of_the_page_are_answered_as_it_says(data_dir: Path) -> None:
    given: dict[str, str] = {}
    with faraday_serve("--demo", data_dir=data_dir) as server:
        for block in blocks(PAGE, "http"):
            request, *body, expected = block.strip().splitlines()
            status, answer = ask(server.url, request, "".join(body), given)
            wanted, _, told = expected.removeprefix("→ ").partition(" ")
            assert int(wanted) == status, (block, answer)
            assert told in answer, (block, answer)
            remember(answer, given)


def test_lines_that_are_refused_are_told_and_the_rest_is_taken(run: Run) -> None:
    lines = '{"content": "one"}\n{"content": ""}\n{"content": "two"}\n'

    done = run("memories", "import", "-", "--user", "pat@example.org", stdin=lines)
    again = run("memories", "import", "-", "--user", "pat@example.org", "--json", stdin=lines)
    whole = run("memories", "import", "-", "--user", "pat@example.org", "--atomic", stdin=lines)

    assert (3, "2 new, 0 merged, 1 refused.\n") == (done.returncode, done.stdout)
    assert "line 2: /content" in done.stderr
    assert 3 == again.returncode
    assert {"created": 2, "merged": 0, "refused": 1} == {
        name: json.loads(again.stdout)[name] for name in ("created", "merged", "refused")
    }
    assert 1 == whole.returncode
    listed = json.loads(run("memories", "list", "pat@example.org", "--json").stdout)
    assert 4 == len(listed["items"])


def test_what_is_exported_is_imported_again(run: Run, tmp_path: Path) -> None:
    lines = '{"id": "x", "content": "Friday"}\n{"content": "Monday", "supersedes": "x"}\n'
    file = str(tmp_path / "pat.ndjson")
    run("memories", "import", "-", "--user", "pat@example.org", stdin=lines)

    done = run("memories", "export", file, "--user", "pat@example.org", "--json")
    taken = run("memories", "import", file, "--user", "pat@example.org", "--json")

    assert 2 == json.loads(done.stdout)["memories"]
    assert (2, 0) == (json.loads(taken.stdout)["created"], taken.returncode)
    assert 0o600 == (tmp_path / "pat.ndjson").stat().st_mode & 0o777
    over = run("memories", "export", file, "--user", "pat@example.org")
    assert 1 == over.returncode
    assert "Traceback" not in over.stderr


def test_what_cannot_be_done_is_said_in_a_line(run: Run) -> None:
    for arguments in (
        ("memories", "import", "nowhere.ndjson", "--user", "pat@example.org"),
        ("memories", "list", "nobody@example.org"),
        ("memories", "release", "pat@example.org"),
        ("memories", "search", "pat@example.org", " "),
    ):
        done = run(*arguments)
        assert 1 == done.returncode, done.stdout
        assert 1 == len(done.stderr.strip().splitlines()), done.stderr
    assert 2 == run("memories", "search", "pat@example.org").returncode


def test_a_districts_categories_are_run_from_the_command_line(run: Run) -> None:
    def told(*arguments: str) -> Any:  # as JSON has it
        done = run("memories", "categories", *arguments, "--json")
        assert 0 == done.returncode, done.stderr
        return json.loads(done.stdout)

    trips = told("create", "Riverside", "Trips", "--description", "Where we went.")
    walks = told("create", "Riverside", "Walks", "--below", "trips")
    assert trips["id"] == walks["parent_category_id"]
    renamed = told("rename", "Riverside", walks["id"], "Hikes")
    assert ("Hikes", trips["id"]) == (renamed["name"], renamed["parent_category_id"])
    assert ["Hikes", "Trips"] == [one["name"] for one in told("list", "Riverside")]
    assert "Learning goals" == told("merge", "Riverside", "Hikes", "Learning goals")["name"]
    assert {"id": trips["id"]} == told("delete", "Riverside", "Trips")
    shown = run("memories", "categories", "list", "Riverside")
    assert (0, "There are none.\n") == (shown.returncode, shown.stdout)
    for wrong in (
        ("rename", "Riverside", "Nothing", "x"),
        ("create", "Riverside", "Learning goals"),
        ("list", "Nowhere"),
    ):
        done = run("memories", "categories", *wrong)
        assert (1, 1) == (done.returncode, len(done.stderr.strip().splitlines())), done.stderr


def test_an_operator_says_who_confirms_the_guardians_of_a_school(run: Run) -> None:
    by_teacher = run("privacy", "confirm-guardians", "Riverside", "--by", "pat@example.org")
    made = run(
        "users", "create", "--email", "kai@example.org", "--full-name", "Kai Sander",
        "--role", "org_admin", "--organization", "Riverside",
    )  # fmt: skip
    done = run("privacy", "confirm-guardians", "Riverside", "--by", "kai@example.org", "--json")

    assert 1 == by_teacher.returncode
    assert "may not confirm it" in by_teacher.stderr
    assert 0 == made.returncode, made.stderr
    assert {"confirmed": 0} == json.loads(done.stdout)
