"""Preferences by the command line, and all that their page of the documentation shows."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from adapters.compose import postgres
from adapters.settings import read_settings
from faraday_core.kernel.actor import Role
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser
from tests.house.test_docs import DOCS, ask, blocks, remember
from tests.serving import faraday, faraday_serve
from tests.world import OPERATOR, PASSWORD

PAGE = DOCS / "preferences.md"

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture
async def run(database_url: str, tmp_path: Path) -> Run:
    """A command over a district, its school, and a teacher there."""
    environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_DATA_DIR": str(tmp_path)}
    async with postgres(database_url, settings=read_settings(environ)) as app:
        fields = OrganizationFields("Riverside District")
        district = await app.organizations.create(OPERATOR, fields)
        fields = OrganizationFields("Riverside School", district.id)
        school = await app.organizations.create(OPERATOR, fields)
        new = NewUser("pat@example.org", "Pat Doe", school.id, Role.TEACHER, PASSWORD)
        await app.users.create(OPERATOR, new)

    def command(*arguments: str) -> "CompletedProcess[str]":
        return faraday(*arguments, data_dir=tmp_path, environ=environ)

    return command


def test_the_commands_of_the_page_run_in_order(run: Run) -> None:
    lines = [line for block in blocks(PAGE, "console") for line in block.splitlines()]

    for line in lines:
        done = run(*shlex.split(line.removeprefix("$ faraday ")))
        assert 0 == done.returncode, line + done.stdout + done.stderr

    assert len(lines) > 5
    found = json.loads(done.stdout)
    assert ("de", "CHF", ["/currency"]) == (found["language"], found["currency"], found["locked"])
    assert "18:00" == found["notifications"]["do_not_disturb"]["start"]
    assert "organization" == found["sources"]["/notifications/do_not_disturb/start"]


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


def test_defaults_are_shown_and_changed(run: Run) -> None:
    school = ("preferences", "defaults", "Riverside School")
    assert "sets none itself" in run(*school).stdout

    done = run(*school, "--set", "/theme=dark", "--set", "/accessibility/captions=true",
               "--lock", "/theme", "--json")  # fmt: skip
    table = run(*school, "--set", "/language=de", "--unset", "/accessibility/captions")

    assert 0 == done.returncode, done.stderr
    assert {"theme": "dark", "accessibility": {"captions": True}} == json.loads(done.stdout)[
        "values"
    ]
    assert ["/theme"] == json.loads(done.stdout)["locked"]
    assert "captions" not in table.stdout
    assert any(line.split() == ["/theme", "dark", "locked"] for line in table.stdout.splitlines())
    shown = run("preferences", "show", "pat@example.org").stdout.splitlines()
    assert ["/theme", "dark", "organization", "locked"] in [line.split() for line in shown]
    assert ["/timezone", "UTC", "default"] in [line.split() for line in shown]


def test_what_is_wrong_is_refused(run: Run) -> None:
    school = ("preferences", "defaults", "Riverside School")

    wrong = run(*school, "--set", "/theme/deep=pink", "--set", "/x=1", "--lock", "/y", "--json")
    assert 1 == wrong.returncode
    assert {"/values/theme", "/values/x", "/locked/0"} == {
        fault["pointer"] for fault in json.loads(wrong.stdout)["errors"]
    }
    for usage in (("--set", "/theme"), ("--set", "theme=dark"), ("--unset", "theme"),
                  ("--lock", "")):  # fmt: skip
        assert 2 == run(*school, *usage).returncode, usage
    nobody = run("preferences", "show", "nobody@example.org")
    assert (1, "") == (nobody.returncode, nobody.stdout)
    assert 1 == run("preferences", "defaults", "Nowhere").returncode
    assert "Traceback" not in wrong.stderr + nobody.stderr
