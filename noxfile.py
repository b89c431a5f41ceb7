"""`nox`: all that a change has to pass. Each session can be run alone, as `nox -s tests`."""

import tomllib
from pathlib import Path

import nox

PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = [
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["classifiers"]
    if classifier.startswith("Programming Language :: Python :: 3.")
]

nox.options.sessions = ["lint", "types", "layers", "tests", "docs"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def lint(session: nox.Session) -> None:
    session.install("-e", ".[all,dev]")
    session.run("ruff", "format", "--check")
    session.run("ruff", "check")


@nox.session
def types(session: nox.Session) -> None:
    session.install("-e", ".[all,dev]")
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    session.install("-e", ".[all,dev]")
    session.run("lint-imports")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    session.install("-e", ".[all,dev]")
    session.run("pytest", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Write the generated pages anew; the tests refuse them where they are not what they say."""
    session.install("-e", ".[all,dev]")
    session.run("python", "-m", "docs.generate")


@nox.session
def bench(session: nox.Session) -> None:
    session.install("-e", ".[all,dev]")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def audit(session: nox.Session) -> None:
    """Known vulnerabilities in what is installed; needs the network."""
    session.install("-e", ".[all,dev]")
    session.run("pip-audit", "--skip-editable")
