import asyncio
from pathlib import Path

import click

from adapters.cli.asking import data_dir_option, refusals, settings_of


@click.command()
@click.option("--demo", is_flag=True, help="On the small school of `faraday serve --demo`.")
@data_dir_option
def tui(data_dir: Path | None, *, demo: bool) -> None:
    """Open the support terminal: find somebody, and help them."""
    from adapters.compose import stored, upgrade
    from adapters.installation import opened
    from adapters.serving.demo import load_demo
    from adapters.tui.terminal import SupportTerminal

    with refusals(), opened(settings_of(data_dir)) as installation:
        upgrade(installation)
        if demo:
            load_demo(installation)

        async def run() -> None:
            async with stored(installation) as app:
                await SupportTerminal(app).run_async()

        asyncio.run(run())
