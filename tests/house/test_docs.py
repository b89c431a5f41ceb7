"""The documentation is true: what it shows runs, and what follows from the code follows it."""

import json
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml
from docs.generate import pages

from tests.serving import FARADAY, environment, faraday_serve

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(file: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)


def test_the_quick_start_is_two_commands_and_ci_runs_the_second() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Quick start")[1].split("\n## ")[0]
    commands = [block.strip() for block in re.findall(r"```\w*\n(.*?)```", section, re.DOTALL)]

    assert 2 == len(commands)
    assert not any("\n" in command for command in commands)
    assert commands[1] in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_generated_page_is_what_the_code_says(name: str) -> None:
    assert pages()[name] == (DOCS / name).read_text(encoding="utf-8"), "python -m docs.generate"


def test_the_readmes_python_runs() -> None:
    (code,) = blocks(ROOT / "README.md", "python")

    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "src")


@pytest.mark.parametrize("guide", ["running.md", "administration.md"])
def test_the_commands_of_a_guide_run_in_order(guide: str, data_dir: Path) -> None:
    lines = [line for block in blocks(DOCS / guide, "console") for line in block.splitlines()]
    for line in lines:
        shown, _, command = line.removeprefix("$ ").partition("faraday ")
        piped = shlex.split(shown)[1] if shown.startswith("echo") else ""
        done = subprocess.run(
            [*FARADAY, *shlex.split(command)],
            input=f"{piped}\n",
            text=True,
            capture_output=True,
            check=False,
            env=environment(data_dir),
            cwd=data_dir,
        )
        assert 0 == done.returncode, line + done.stdout + done.stderr
    assert len(lines) > 10


def test_the_requests_of_the_guide_are_answered_as_it_says(data_dir: Path) -> None:
    given: dict[str, str] = {}
    with faraday_serve("--demo", data_dir=data_dir) as server:
        for block in blocks(DOCS / "api.md", "http"):
            request, *body, expected = block.strip().splitlines()
            status, answer = ask(server.url, request, "".join(body), given)
            wanted, _, told = expected.removeprefix("→ ").partition(" ")
            assert int(wanted) == status, (block, answer)
            assert told in answer, (block, answer)
            remember(answer, given)


def ask(base: str, request: str, body: str, given: dict[str, str]) -> tuple[int, str]:
    method, path = request.split(" ")
    for name, value in given.items():
        path, body = (text.replace("{" + name + "}", value) for text in (path, body))
    asked = urllib.request.Request(base + path, method=method, data=body.encode() or None)  # noqa: S310 -- a server of ours
    if body:
        asked.add_header("Content-Type", "application/json")
    if token := given.get("access_token"):
        asked.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(asked) as response:  # noqa: S310 -- a server of ours
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def remember(answer: str, given: dict[str, str]) -> None:
    """What later examples use: the token, and the person's organisation."""
    found = json.loads(answer) if answer else {}
    given.update(
        {name: found[name] for name in ("access_token", "organization_id") if found.get(name)}
    )


def test_every_link_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_compose_and_dockerfile_can_be_read() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")

    assert {"faraday", "postgres"} == {*services}
    assert "pgvector" in services["postgres"]["image"]
    assert {"FROM", "COPY", "RUN", "USER", "ENTRYPOINT"} <= {
        line.partition(" ")[0] for line in docker.splitlines()
    }
    for name in services["faraday"]["environment"]:
        assert name.removesuffix("_FILE") in pages()["configuration.md"]


@pytest.mark.parametrize("name", ["security.md", "privacy.md"])
def test_a_page_that_promises_names_tests_that_exist(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")

    for path in re.findall(r"`(tests/[\w/.]+\.py)`", text):
        assert (ROOT / path).exists(), path
