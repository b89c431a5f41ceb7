import os
from pathlib import Path

import click

from adapters.cli.asking import data_dir_option, json_option, print_json, refusals, settings_of


@click.group()
def config() -> None:
    """The settings, which are environment variables."""


@config.command("explain")
@click.argument("name", required=False)
@json_option
@data_dir_option
def explain_settings(name: str | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Show each setting: its value, where that comes from, its default and what it is for."""
    from adapters.cli.tables import print_fields, print_table
    from adapters.settings import explain

    with refusals(as_json=as_json):
        explained = list(explain(os.environ, settings_of(data_dir)))
    if name:
        explained = [one for one in explained if one.name == name.upper()]
        if not explained:
            raise click.UsageError(f"There is no setting {name}.")
    if as_json:
        print_json(explained)
    elif name:
        one = explained[0]
        print_fields(
            (
                ("name", one.name),
                ("value", one.value),
                ("from", one.source),
                ("default", one.default),
                ("meaning", one.help),
            )
        )
    else:
        rows = ((one.name, one.value, one.source, one.help) for one in explained)
        print_table(("name", "value", "from", "meaning"), rows, empty="")
