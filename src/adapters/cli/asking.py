"""What commands share: where the data is, how an answer is shown, and how a refusal ends."""

import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from attrs import evolve

from adapters.app import App
from adapters.installation import CannotStart, Installation, opened
from adapters.settings import Settings, WrongSetting, read_settings, warnings_of
from adapters.terminal_text import harmless, json_text
from faraday_core.kernel.actor import Actor, operator
from faraday_core.kernel.errors import FaradayError, Invalid
from faraday_core.kernel.parsing import plain

T = TypeVar("T")
Command = Callable[..., Any]  # whatever click makes of it


def data_dir_option(command: Command) -> Command:
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Where everything is kept; the same as FARADAY_DATA_DIR.",
    )(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def operator_here() -> Actor:
    """Whoever sits at the machine's own shell."""
    try:
        return operator(getpass.getuser())
    except (KeyError, OSError):
        return operator(str(os.getuid()))


def settings_of(data_dir: Path | None) -> Settings:
    """Raises WrongSetting."""
    settings = read_settings(os.environ)
    for warning in warnings_of(os.environ, settings):
        click.echo(f"faraday: warning: {harmless(warning)}", err=True)
    return evolve(settings, data_dir=data_dir) if data_dir else settings


def ask(
    data_dir: Path | None, question: Callable[[App], Awaitable[T]], *, as_json: bool = False
) -> T:
    """What a service answers, with the operator's installation behind it; ends the program with
    one line, and exit code 1, where it refuses."""
    with refusals(as_json=as_json), opened(settings_of(data_dir)) as installation:
        return asyncio.run(_ask(installation, question))


async def _ask(installation: Installation, question: Callable[[App], Awaitable[T]]) -> T:
    from adapters.compose import stored, upgrade

    upgrade(installation)
    async with stored(installation) as app:
        return await question(app)


@contextmanager
def refusals(*, as_json: bool = False) -> Iterator[None]:
    """Turns what goes wrong into one line on stderr, or a problem on stdout, and exit code 1."""
    try:
        yield
    except FaradayError as error:
        fail(error.code, error.detail, as_json=as_json, faults=_faults(error))
    except WrongSetting as error:
        fail("wrong_setting", str(error), as_json=as_json)
    except CannotStart as error:
        fail("cannot_start", str(error), as_json=as_json)


def fail(
    code: str, detail: str, *, as_json: bool, faults: list[dict[str, str]] | None = None
) -> NoReturn:
    """A problem is RFC 9457's, without what only HTTP has."""
    if as_json:
        title = code.replace("_", " ").capitalize()
        problem = {"type": "about:blank", "title": title, "code": code, "detail": detail}
        print_json(problem | ({"errors": faults} if faults else {}))
    else:
        click.echo(f"faraday: {harmless(detail)}", err=True)
    sys.exit(1)


def _faults(error: FaradayError) -> list[dict[str, str]]:
    return plain(list(error.faults)) if isinstance(error, Invalid) else []


def print_json(value: object) -> None:
    click.echo(json_text(value))
