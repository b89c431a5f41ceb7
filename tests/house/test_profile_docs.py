"""What the guide to profiles shows, runs."""

import shlex
import subprocess
from pathlib import Path

from faraday_core.kernel.actor import Role
from faraday_core.profiles.completion import ASKED_OF
from faraday_core.profiles.model import ProfileField
from tests.house.test_docs import DOCS, ask, blocks, remember
from tests.serving import FARADAY, environment, faraday_serve

GUIDE = DOCS / "profiles.md"


def test_the_guides_requests_and_commands_do_what_it_says(data_dir: Path) -> None:
    given: dict[str, str] = {}
    with faraday_serve("--demo", data_dir=data_dir) as server:
        for block in blocks(GUIDE, "http"):
            request, *body, expected = block.strip().splitlines()
            status, answer = ask(server.url, request, "".join(body), given)
            wanted, _, told = expected.removeprefix("→ ").partition(" ")
            assert int(wanted) == status, (block, answer)
            assert told in answer, (block, answer)
            if answer.startswith("{"):  # and is no picture
                remember(answer, given)
        lines = [line for block in blocks(GUIDE, "console") for line in block.splitlines()]
        assert len(lines) > 1
        for line in lines:
            command = shlex.split(line.removeprefix("$ faraday "))
            done = subprocess.run(
                [*FARADAY, *command],
                text=True,
                capture_output=True,
                check=False,
                env=environment(data_dir),
            )
            assert 0 == done.returncode, line + done.stderr
            assert "physics" in done.stdout


def test_the_guide_names_what_each_role_is_asked_for() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for role in (*Role, None):
        row = next(
            line
            for line in text.splitlines()
            if line.startswith("|") and f"{role or 'none'}" in line
        )
        required, optional = row.split("|")[2:4]
        asked = ASKED_OF[role]
        assert {*asked.required} == _fields(required), role
        assert {*asked.optional} - {*asked.required} == _fields(optional), role


def _fields(cell: str) -> set[ProfileField]:
    named = cell.replace("picture", "avatar_url").replace("`", "").split(",")
    return {ProfileField(name.strip()) for name in named if name.strip()}
