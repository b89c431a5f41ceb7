"""Classes, courses, sessions and held fields at the command line, and what it writes to files."""

import csv
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.persistence import embedded
from tests.contract.test_cli import Installed
from tests.roster_sets import folder_of, school


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """With a district into which a school was imported."""
    with tempfile.TemporaryDirectory(prefix="faraday-cli-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # ours
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        server = embedded.start(data_dir, durable=False)
        try:
            found = Installed(data_dir, server.url)
            found.json("organizations", "create", "--name", "District")
            files = folder_of(school(4, names="=Kim"), Path(name) / "school")
            done = found.run(
                "import", "run", "oneroster", str(files), "--organization", "District"
            )
            assert 0 == done.returncode, done.stderr
            yield found
        finally:
            server.release()


def test_what_was_imported_is_listed_and_shown(installed: Installed) -> None:
    for group in ("classes", "courses", "academic-sessions"):
        items = installed.json(group, "list")["items"]
        assert items
        assert items[0] == installed.json(
            group, "list", "--source-system", "oneroster", "--source-id", items[0]["source_id"],
            "--organization", "District",
        )["items"][0]  # fmt: skip
        assert [] == installed.json(group, "list", "--source-id", "nothing")["items"]
        assert items[0]["title"] in installed.run(group, "list").stdout
    (first, *_) = installed.json("classes", "list")["items"]
    shown = installed.json("classes", "show", first["id"])
    assert first["title"] == shown["title"]
    assert shown["enrollments"]["items"]
    assert "student" in installed.run("classes", "show", first["id"]).stdout
    assert "not_found" == installed.json("classes", "show", "nothing", code=1)["code"]


def test_people_are_found_by_their_source_and_have_fields_held(installed: Installed) -> None:
    (person, *_) = installed.json("users", "list", "--source-system", "oneroster")["items"]
    by_id = ("users", "list", "--source-id", person["source_id"])
    assert [person["id"]] == [one["id"] for one in installed.json(*by_id)["items"]]

    held = installed.json("users", "hold", person["id"], "full_name", "email")
    assert {"fields": ["email", "full_name"]} == held
    assert "email" in installed.run("users", "hold", person["id"], "email").stdout
    assert {"fields": []} == installed.json("users", "hold", person["id"], "--none")
    assert "invalid_value" == installed.json("users", "hold", person["id"], "x", code=1)["code"]
    assert 2 == installed.run("users", "hold", person["id"]).returncode
    assert 2 == installed.run("users", "hold", person["id"], "email", "--none").returncode


def test_people_are_written_as_a_sheet_in_which_no_cell_is_a_formula(
    installed: Installed, tmp_path: Path
) -> None:
    everybody = installed.json("users", "list", "--limit", "100")["items"]

    done = installed.run("export", "users", "--columns", "full_name,source_id,is_active,roles")

    lines = [*csv.reader(done.stdout.splitlines())]
    assert ["full_name", "source_id", "is_active", "roles"] == lines[0]
    assert len(everybody) == len(lines) - 1
    assert [line for line in lines if line[0].startswith("'=")]
    assert not [line for line in lines if line[0].startswith("=")]
    file = tmp_path / "people.csv"
    told = installed.json("export", "users", "--output", str(file))
    assert {"rows": len(everybody), "path": str(file)} == told
    assert len(everybody) + 1 == len(file.read_text().splitlines())
    assert 2 == installed.run("export", "users", "--columns", "password").returncode
    assert 2 == installed.run("export", "users", "--json").returncode


def test_a_set_is_written_that_imports_again_unchanged(
    installed: Installed, tmp_path: Path
) -> None:
    folder = tmp_path / "set"

    told = installed.json("export", "oneroster", str(folder), "--organization", "District")

    assert told["rows"] > 10
    plan = installed.run(
        "import", "plan", "oneroster", str(folder), "--organization", "District", "--json"
    )
    counts = json.loads(plan.stdout)["counts"]
    changes = {name: n for count in counts.values() for name, n in count.items() if n}
    assert {"unchanged"} == {*changes}
