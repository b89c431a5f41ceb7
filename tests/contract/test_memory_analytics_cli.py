"""What is understood of memories, by the command line, and all that its page shows."""

import json
import shlex
from pathlib import Path

from tests.contract.test_memories_cli import Run, run
from tests.house.test_docs import DOCS, ask, blocks, remember
from tests.serving import faraday_serve

__all__ = ["run"]  # the fixture

PAGE = DOCS / "memory-analytics.md"
WHO = "pat@example.org"
LINES = (
    '{"content": "Otters hold hands when they sleep.", "category": "Biology"}\n'
    '{"content": "otters hold hands when they sleep"}\n'
)


def test_the_commands_of_the_page_run_in_order(run: Run) -> None:
    lines = [line for block in blocks(PAGE, "console") for line in block.splitlines()]

    for line in lines:
        shown, _, command = line.removeprefix("$ ").partition("faraday ")
        piped = shlex.split(shown)[1] if shown.startswith("echo") else ""
        done = run(*shlex.split(command), stdin=f"{piped}\n")
        assert 0 == done.returncode, line + done.stdout + done.stderr

    assert len(lines) >= 4


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


def test_an_operator_sees_numbers_bars_and_what_to_do(run: Run) -> None:
    assert 0 == run("memories", "import", "-", "--user", WHO, stdin=LINES).returncode

    told = run("memories", "analytics", WHO, "--group", "month")
    numbers = json.loads(run("memories", "analytics", WHO, "--json").stdout)
    to_do = run("memories", "recommendations", WHO, "--kind", "duplicate")
    items = json.loads(run("memories", "recommendations", WHO, "--json").stdout)["items"]

    assert 0 == told.returncode, told.stderr
    assert "█" in told.stdout
    assert "track_activity" in told.stdout
    assert 2 == numbers["totals"]["created"]
    assert "It says the same as another one" in to_do.stdout
    assert "duplicate" == items[0]["kind"]


def test_nothing_to_tell_is_told_and_a_wrong_day_is_refused(run: Run) -> None:
    empty = run("memories", "recommendations", WHO)
    wrong = run("memories", "analytics", WHO, "--from", "2026-13-01", "--json")
    nobody = run("memories", "analytics", "nobody@example.org")

    assert (0, "There is nothing to do.\n") == (empty.returncode, empty.stdout)
    assert 1 == wrong.returncode
    assert "invalid" in json.loads(wrong.stdout)["code"]
    assert 1 == nobody.returncode
