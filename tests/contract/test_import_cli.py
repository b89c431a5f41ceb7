"""`faraday import`, as an administrator runs it: whole processes, beside a database that runs."""

import json
import os
import pty
import signal
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from adapters.persistence import embedded
from tests.contract.test_cli import OBEYED, Installed
from tests.roster_sets import folder_of, school, zip_of
from tests.serving import FARADAY, environment


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    with tempfile.TemporaryDirectory(prefix="faraday-import-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)  # ours
        data_dir = Path(name) / "data"
        data_dir.mkdir()
        server = embedded.start(data_dir, durable=False)
        try:
            yield Installed(data_dir, server.url)
        finally:
            server.release()


@pytest.fixture
def district(installed: Installed, request: pytest.FixtureRequest) -> str:
    """One of the test's own."""
    name = request.node.name
    installed.json("organizations", "create", "--name", name)
    return str(name)


def roster(at: str, pupils: int, *, wrong: int = 0) -> Mapping[str, str]:
    """Of addresses that nobody has in another test's district."""
    return school(pupils, wrong=wrong, domain=f"d{crc32(at.encode())}.example.org")


def asked(
    installed: Installed, verb: str, path: Path, at: str, *more: str, code: int = 0
) -> Any:  # JSON
    given = ("import", verb, "oneroster", str(path), "--organization", at)
    return installed.json(*given, *more, code=code)


# From a plan to its undoing


def test_a_plan_is_applied_as_it_was_shown_and_undone_again(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 21), tmp_path / "set")
    planned = asked(installed, "plan", path, district)
    assert "planned" == planned["status"]
    nothing = {"update": 0, "unchanged": 0, "remove": 0, "refuse": 0}
    assert {
        "organizations": {"create": 1, **nothing},
        "departments": {"create": 0, **nothing},
        "academic_sessions": {"create": 1, **nothing},
        "courses": {"create": 1, **nothing},
        "classes": {"create": 2, **nothing},
        "users": {"create": 22, **nothing},
        "enrollments": {"create": 23, **nothing},
    } == planned["counts"]
    assert "utf-8" == planned["encoding"]["users.csv"]
    assert {"format": "oneroster", "mode": "strict", "refused": [], "warnings": []} == {
        name: planned[name] for name in ("format", "mode", "refused", "warnings")
    }

    applied = installed.json("import", "apply", planned["plan_id"])
    assert "applied" == applied["status"]
    assert planned["counts"] == applied["counts"]
    again = installed.json("import", "apply", planned["plan_id"], code=1)
    assert "plan_stale" == again["code"]
    second = asked(installed, "run", path, district)
    assert 22 == second["counts"]["users"]["unchanged"]
    assert 0 == sum(counts["create"] for counts in second["counts"].values())

    undone = installed.json("import", "undo", second["run_id"])
    assert "undone" == undone["status"]
    undone = installed.json("import", "undo", applied["run_id"])
    assert "undone" == undone["status"]
    assert "already_undone" == installed.json("import", "undo", applied["run_id"], code=1)["code"]
    assert planned["counts"] == asked(installed, "plan", path, district)["counts"]

    history = installed.json("import", "history", "--organization", district)["items"]
    assert [second["run_id"], applied["run_id"]] == [run["run_id"] for run in history]
    assert not any("refused" in run for run in history)
    shown = installed.json("import", "show", applied["run_id"])
    assert ("undone", []) == (shown["status"], shown["refused"])


def test_what_is_not_there_is_a_problem_and_exit_code_1(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    unknown = "01a20fce-3f74-72d5-88da-aefe8e6fc406"
    for verb in ("apply", "undo", "show"):
        assert "not_found" == installed.json("import", verb, unknown, code=1)["code"]
    gone = asked(installed, "plan", tmp_path / "nowhere", district, code=1)
    assert "unreadable_source" == gone["code"]
    elsewhere = asked(installed, "plan", tmp_path, "No Such District", code=1)
    assert "not_found" == elsewhere["code"]
    done = installed.run("import", "plan", "csv", str(tmp_path), "--organization", district)
    assert (2, "") == (done.returncode, done.stdout)


# Strict and tolerant


def test_a_strict_import_with_refused_rows_does_nothing_and_lists_them(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 3, wrong=2), tmp_path / "set")
    planned = asked(installed, "plan", path, district, code=1)
    places = [(row["file"], row["line"], row["column"], row["code"]) for row in planned["refused"]]
    assert [("users.csv", line, "role", "invalid_value") for line in (6, 7)] == places

    for done in (
        installed.json("import", "apply", planned["plan_id"], code=1),
        asked(installed, "run", path, district, code=1),
    ):
        assert ("failed", 2) == (done["status"], len(done["refused"]))
        assert "rows_refused" == done["problem"]["code"]
    counted = asked(installed, "plan", path, district, code=1)["counts"]
    assert planned["counts"] == counted


def test_a_tolerant_import_takes_the_others_and_says_so_by_exit_code_3(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 3, wrong=22), tmp_path / "set")
    tolerant = ("--mode", "tolerant")
    planned = asked(installed, "plan", path, district, *tolerant, code=3)
    applied = installed.json("import", "apply", planned["plan_id"], code=3)
    assert ("applied", 22) == (applied["status"], len(applied["refused"]))

    done = installed.run("import", "show", applied["run_id"])
    assert 0 == done.returncode
    assert 20 == done.stdout.count("invalid_value")
    assert f"2 more, in full: faraday import report {applied['run_id']}" in done.stdout


def test_a_large_change_is_done_only_where_it_is_accepted(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    asked(installed, "run", folder_of(roster(district, 40), tmp_path / "all"), district)
    few = folder_of(roster(district, 20), tmp_path / "few")
    refused = asked(installed, "run", few, district, "--full", code=1)
    assert "large_change" == refused["code"]
    arguments = ("import", "plan", "oneroster", str(few), "--organization", district, "--full")
    shown = installed.run(*arguments).stdout
    assert "20 of 41 users would be removed (49%; more than 10% is a large change)" in shown
    assert "It is applied with --accept-large-change alone." in shown
    assert "It is accepted with this plan." in (
        installed.run(*arguments, "--accept-large-change").stdout
    )

    done = asked(installed, "run", few, district, "--full", "--accept-large-change")
    assert 20 == done["counts"]["users"]["remove"]


def test_a_file_that_changed_since_its_plan_is_not_applied(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 3), tmp_path / "set")
    planned = asked(installed, "plan", path, district)
    folder_of(roster(district, 4), path)

    assert "plan_stale" == installed.json("import", "apply", planned["plan_id"], code=1)["code"]


# Sheets


def test_a_sheet_is_read_by_the_headings_that_are_plain_and_by_those_that_are_told(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    sheet = tmp_path / "pupils.csv"
    sheet.write_text("Post,First name,Surname,Role\nkim@example.org,Kim,Nguyen,student\n")
    given = ("import", "run", "sheet", str(sheet), "--organization", district)
    refused = installed.json(*given, code=1)
    assert ("unreadable_source", True) == (refused["code"], "Post" in refused["detail"])

    pairs = ("email=Post", "given_name=First name", "family_name=Surname", "role=Role")
    told = [part for pair in pairs for part in ("--map", pair)]
    done = installed.json(*given, *told, "--save-mapping", "Office")
    assert 1 == done["counts"]["users"]["create"]
    again = installed.json(*given, "--mapping", "Office")
    assert 1 == again["counts"]["users"]["unchanged"]
    assert "Post" == again["mapping"]["email"]
    unknown = installed.json(*given, "--mapping", "Bureau", code=1)
    assert "unknown_mapping" == unknown["code"]
    assert 2 == installed.run(*given, "--map", "email").returncode

    plain = tmp_path / "plain.csv"
    plain.write_text("E-mail,First name,Last name\nkai@example.org,Kai,Nguyen\n")
    done = installed.json("import", "plan", "sheet", str(plain), "--organization", district)
    suggested = {"email": "E-mail", "given_name": "First name", "family_name": "Last name"}
    assert suggested == done["mapping"]


# What is shown


def test_a_summary_says_what_came_in_and_no_name_commands_the_terminal(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    files = roster(district, 3, wrong=1)
    named = {f"a\x9b31m\x1b[2J/{name}": text for name, text in files.items()}
    path = zip_of(named, tmp_path / "set.zip")
    done = installed.run("import", "plan", "oneroster", str(path), "--organization", district)

    assert 1 == done.returncode
    assert "users" in done.stdout
    assert not OBEYED.search(done.stdout + done.stderr)


def test_a_report_says_where_what_is_wrong_and_what_would_be_right(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 3, wrong=2), tmp_path / "set")
    run = asked(installed, "run", path, district, code=1)["run_id"]
    sheet, page = tmp_path / "r.csv", tmp_path / "r.html"
    installed.json("import", "report", run, "--csv", str(sheet), "--html", str(page))

    assert "users.csv,6,role,invalid_value," in sheet.read_text("utf-8-sig")
    assert 2 == page.read_text("utf-8").count("<code>invalid_value</code>")
    assert 2 == installed.run("import", "report", run).returncode
    unwritable = ("import", "report", run, "--csv", str(tmp_path / "no" / "r.csv"))
    assert "cannot_write" == installed.json(*unwritable, code=1)["code"]


# Faults


@pytest.mark.parametrize("fault", ["cut off", "leads out", "a link", "a bomb", "too many files"])
def test_an_unsafe_zip_is_refused_in_one_line(
    installed: Installed, district: str, tmp_path: Path, fault: str
) -> None:
    file = tmp_path / "set.zip"
    if fault == "cut off":
        whole = zip_of(roster(district, 300), file).read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
    else:
        _unsafe(file, fault)

    refused = asked(installed, "run", file, district, code=1)
    assert "unreadable_source" == refused["code"]
    done = installed.run("import", "run", "oneroster", str(file), "--organization", district)
    assert (1, 1) == (done.returncode, len(done.stderr.splitlines()))


def _unsafe(file: Path, fault: str) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in school(3).items():
            packed.writestr(name, text)
        match fault:
            case "leads out":
                packed.writestr("../../users.csv", "x")
            case "a link":
                link = zipfile.ZipInfo("link.csv")
                link.external_attr = 0o120777 << 16
                packed.writestr(link, "/etc/passwd")
            case "a bomb":
                with packed.open("demographics.csv", "w", force_zip64=True) as bomb:
                    for _ in range(4 * 1024 + 1):
                        bomb.write(_ZEROS)
            case _:
                for n in range(1001):
                    packed.writestr(f"{n}.txt", "")


_ZEROS = bytes(1 << 20)


def test_ctrl_c_ends_it_with_nothing_done(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 10_000), tmp_path / "set")
    given = ["import", "run", "oneroster", str(path), "--organization", district]
    with subprocess.Popen(
        [*FARADAY, *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(installed.data_dir),
    ) as process:
        assert process.stderr
        first = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)

    assert first.startswith("faraday: ")
    assert (1, "") == (process.returncode, output)
    assert "Traceback" not in errors
    (run,) = installed.json("import", "history", "--organization", district)["items"]
    assert ("failed", "interrupted") == (run["status"], run["problem"]["code"])
    assert 10_001 == asked(installed, "plan", path, district)["counts"]["users"]["create"]


def test_a_terminal_is_shown_a_bar_and_quiet_shows_nothing(
    installed: Installed, district: str, tmp_path: Path
) -> None:
    path = folder_of(roster(district, 3000), tmp_path / "set")
    given = ["import", "plan", "oneroster", str(path), "--organization", district, "--json"]

    assert "rows" in _on_terminal(installed, given)
    assert "" == _on_terminal(installed, [*given, "--quiet"])


def _on_terminal(installed: Installed, given: list[str]) -> str:
    """What its stderr shows, where that is a terminal."""
    ours, its = pty.openpty()
    seen: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # a terminal whose other end is closed
            while some := os.read(ours, 4096):
                seen.append(some)

    reading = threading.Thread(target=read)
    reading.start()
    done = subprocess.run(
        [*FARADAY, *given],
        stdout=subprocess.PIPE,
        stderr=its,
        check=False,
        env=environment(installed.data_dir) | {"TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(its)
    reading.join()
    os.close(ours)
    assert 0 == done.returncode
    assert "planned" == json.loads(done.stdout)["status"]
    return b"".join(seen).decode()
