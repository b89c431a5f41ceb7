import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import data_dir_option, refusals, settings_of

if TYPE_CHECKING:  # `faraday --help` does without
    from adapters.tui.terminal import SupportTerminal


@click.command()
@click.option("--demo", is_flag=True, help="On the small school of `faraday serve --demo`.")
@click.option("--server", metavar="URL", help="Work over HTTP, as in https://school.example.org.")
@data_dir_option
def tui(data_dir: Path | None, server: str | None, *, demo: bool) -> None:
    """Open the support terminal: find somebody, and help them.

    It works on the database directly, or, with --server, as any client of a server does.
    """
    if server:
        if demo or data_dir:
            raise click.UsageError("--server goes with neither --demo nor --data-dir.")
        _over_http(server)
    else:
        _on_the_database(data_dir, demo=demo)


def _over_http(server: str) -> None:
    from adapters.tui.line import Line, WrongAddress, checked
    from adapters.tui.remote_desk import RemoteEntrance
    from adapters.tui.terminal import SupportTerminal

    try:
        line = Line(checked(server))
    except WrongAddress as error:
        raise click.BadParameter(str(error), param_hint="--server") from error
    asyncio.run(_show(SupportTerminal(RemoteEntrance(line))))


async def _show(terminal: "SupportTerminal") -> None:
    """Whoever ends it, or closes the window that it runs in, finds the terminal as it was, and
    nobody signed in."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, terminal.exit)
    await terminal.run_async()


def _on_the_database(data_dir: Path | None, *, demo: bool) -> None:
    from adapters.compose import stored, upgrade
    from adapters.installation import opened
    from adapters.serving.demo import load_demo
    from adapters.tui.local_desk import LocalEntrance
    from adapters.tui.terminal import SupportTerminal

    with refusals(), opened(settings_of(data_dir)) as installation:
        upgrade(installation)
        if demo:
            load_demo(installation)

        async def run() -> None:
            async with stored(installation) as app:
                await _show(SupportTerminal(LocalEntrance(app)))

        asyncio.run(run())
