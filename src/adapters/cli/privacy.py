import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.installation import CannotStart

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.privacy.model import RetentionReport


@click.group()
def privacy() -> None:
    """What is held about people: give it to them, and keep it only so long."""


@privacy.command("retention")
@click.option("--dry-run", is_flag=True, help="Say what would go, and leave it.")
@json_option
@data_dir_option
def retention(data_dir: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Remove what has been kept long enough (FARADAY_RETENTION); a server does so every hour."""
    from adapters.cli.tables import print_table

    async def run(app: "App") -> "RetentionReport":
        return await app.retention.run(operator_here(), dry_run=dry_run)

    report = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(report)
        return
    rows = ((kind.kind, kind.days or "as the account", kind.rows) for kind in report.kinds)
    removed = "would be removed" if dry_run else "removed"
    print_table(("kind", "days kept", removed), rows, empty="There are no rules.")


@privacy.command("export")
@click.argument("user")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@data_dir_option
def export(user: str, file: Path, data_dir: Path | None, *, as_json: bool) -> None:
    """Write all that is held about USER to FILE, a zip: for somebody who cannot sign in."""

    async def write(app: "App") -> str:
        from faraday_core.privacy.archive import Archive

        actor = operator_here()
        person = await app.users.find(actor, user)
        with Archive() as archive:
            await app.exports.write(actor, person.id, archive)
            try:
                with new_file(file) as out:
                    async for part in archive.parts():
                        out.write(part)
            except OSError as error:
                raise CannotStart(f"{file} cannot be written: {error.strerror}.") from error
        return person.id

    id = ask(data_dir, write, as_json=as_json)
    if as_json:
        print_json({"id": id, "file": str(file)})
    else:
        click.echo(f"{file} holds what is held about {id}.")


def new_file(file: Path) -> BinaryIO:
    """For its owner alone; raises OSError where it is there already."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
