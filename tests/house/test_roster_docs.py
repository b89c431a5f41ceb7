"""The guide to rosters is one night that happens as it says."""

import re
import shlex
import subprocess
from pathlib import Path

from tests.house.test_docs import DOCS, blocks
from tests.roster_sets import folder_of, school
from tests.serving import FARADAY, environment

GUIDE = DOCS / "rosters.md"
_ID = re.compile(r"^(run|plan) +([0-9a-f-]{32,36}) *$", re.MULTILINE)
_CODE = re.compile(r"# exit code (\d)")


def test_the_commands_of_the_guide_do_what_it_says(data_dir: Path) -> None:
    folder_of(school(5, wrong=2), data_dir / "night")
    folder_of(school(5, wrong=2), data_dir / "incoming" / "tuesday")
    (data_dir / "pupils.csv").write_text("Post,Name\nada@hillside.example.org,Ada Lund\n")
    known: dict[str, str] = {}
    lines = [line for block in blocks(GUIDE, "console") for line in block.splitlines()]
    for line in lines:
        command = line.removeprefix("$ faraday ")
        for name, id in known.items():
            command = command.replace(f"{name.upper()}_ID", id)
        done = subprocess.run(
            [*FARADAY, *shlex.split(command, comments=True)],
            text=True,
            capture_output=True,
            check=False,
            env=environment(data_dir),
            cwd=data_dir,
        )
        code = _CODE.search(line)
        assert int(code[1] if code else 0) == done.returncode, line + done.stdout + done.stderr
        if "sheet" not in line:
            known |= dict(_ID.findall(done.stdout))
    assert len(lines) > 10
    assert "users.csv" in (data_dir / "refused.html").read_text(encoding="utf-8")
    assert 2 == len([*(data_dir / "incoming" / "done").iterdir()])
