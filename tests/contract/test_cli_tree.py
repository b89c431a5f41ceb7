"""The tree from a terminal."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.serving import faraday


@pytest.fixture
def environ(database_url: str) -> Mapping[str, str]:
    return {"FARADAY_DATABASE_URL": database_url}


class Terminal:
    def __init__(self, data_dir: Path, environ: Mapping[str, str]) -> None:
        self._given = {"data_dir": data_dir, "environ": environ}

    def ask(self, *arguments: str, code: int = 0, stdin: str = "") -> Any:  # whatever JSON holds
        done = faraday(*arguments, "--json", stdin=stdin, **self._given)  # type: ignore[arg-type]  # by their names
        assert code == done.returncode, done.stdout + done.stderr
        return json.loads(done.stdout)

    def read(self, *arguments: str) -> str:
        done = faraday(*arguments, **self._given)  # type: ignore[arg-type]  # by their names
        assert 0 == done.returncode, done.stderr
        return done.stdout


@pytest.fixture
def terminal(data_dir: Path, environ: Mapping[str, str]) -> Terminal:
    return Terminal(data_dir, environ)


def test_a_district_is_made_moved_and_merged(terminal: Terminal) -> None:
    terminal.ask("organizations", "create", "--name", "District")
    for name in ("North", "South", "Borough"):
        terminal.ask("organizations", "create", "--name", name, "--parent", "District")
    borough = terminal.ask("organizations", "list")["items"][3]["id"]

    moved = terminal.ask("organizations", "move", "North", "--below", "Borough")
    assert borough == moved["parent_organization_id"]
    problem = terminal.ask("organizations", "move", "Borough", "--below", "North", code=1)
    assert "cycle" == problem["code"]
    maths = terminal.ask("departments", "create", "--name", "Maths", "--organization", "North")
    terminal.ask("teams", "create", "--name", "Grade 7", "--department", maths["id"])
    merged = terminal.ask("organizations", "merge", "North", "--into", "South")
    assert {"departments": 1, "teams": 1} == {k: n for k, n in merged["moved"].items() if n}
    assert "Maths" in terminal.read("departments", "list", "--organization", "South")
    assert terminal.ask("organizations", "unmerge", "North")["undone"]
    assert terminal.ask("organizations", "archive", "North")["archived_at"]
    assert "North is open again." in terminal.read("organizations", "restore", "North")
    assert "Grade 7" in terminal.read("teams", "list", "-q", "gra 7")


def test_a_member_is_added_explained_and_removed(terminal: Terminal) -> None:
    school = terminal.ask("organizations", "create", "--name", "School")["id"]
    maths = terminal.ask("departments", "create", "--name", "Maths", "--organization", "School")
    at = ("--organization", "School", "--email", "pat@example.org", "--full-name", "Pat Doe")
    terminal.ask("users", "create", "--role", "student", *at)
    department = ("--department", maths["id"])

    dates = ("--starts-on", "2026-09-01", "--ends-on", "2999-12-31")
    added = terminal.ask(
        "members", "add", "pat@example.org", "--role", "teacher", *department, *dates
    )
    assert ("2026-09-01", "2999-12-31") == (added["starts_on"], added["ends_on"])
    listed = terminal.read("members", "list", *department)
    assert "Pat Doe" in listed
    assert "2999-12-31" in listed
    question = ("access", "explain", "pat@example.org", "organizations.read")
    answer = terminal.ask(*question, maths["id"])
    assert ["department"] == [because["scope_type"] for because in answer["because"]]
    assert "Not allowed" in terminal.read(
        "access", "explain", "pat@example.org", "users.read", school
    )
    problem = terminal.ask("access", "explain", "pat@example.org", "fly", school, code=1)
    assert ["/action"] == [fault["pointer"] for fault in problem["errors"]]
    assert terminal.ask("members", "remove", "pat@example.org", *department)["removed"]
    assert not terminal.ask("members", "list", *department)["items"]


def test_one_node_is_named_and_no_more(data_dir: Path, environ: Mapping[str, str]) -> None:
    done = faraday("members", "list", data_dir=data_dir, environ=environ)

    assert 2 == done.returncode
    assert "--organization, --department and --team" in done.stderr
