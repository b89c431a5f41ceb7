import asyncio
import csv
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.model import UserView
    from faraday_core.roster.rows import Row

COLUMNS: Final = (
    "id",
    "full_name",
    "email",
    "username",
    "roles",
    "organization_id",
    "is_active",
    "email_verified",
    "source_system",
    "source_id",
    "created_at",
    "updated_at",
)


@click.group()
def export() -> None:
    """Give out what is here, as files for other programs."""


@export.command("users")
@click.option(
    "--columns",
    default=",".join(COLUMNS[:5]),
    show_default=True,
    help=f"Comma-separated, of {', '.join(COLUMNS)}.",
)
@click.option("--organization", help="Its id or exact name; with all below it.")
@click.option("--include-inactive", is_flag=True)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A file.")
@json_option
@data_dir_option
def export_users(
    columns: str,
    organization: str | None,
    output: Path | None,
    data_dir: Path | None,
    *,
    include_inactive: bool,
    as_json: bool,
) -> None:
    """Write people as CSV, a line each.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.people.model import UserFilter

    names = _columns(columns)

    async def write(app: "App") -> int:
        actor, count, cursor = operator_here(), 0, None
        place = await app.organizations.named(actor, organization) if organization else None
        wanted = UserFilter(place, include_inactive=include_inactive)
        with _opened(output) as file:
            writer = csv.writer(file)
            writer.writerow(names)
            while True:
                page = await app.users.list(actor, wanted, PageRequest(100, cursor))
                writer.writerows(_cells(user, names) for user in page.items)
                count += len(page.items)
                if not (cursor := page.next_cursor):
                    return count

    if as_json and output is None:
        raise click.UsageError("--json needs --output: the CSV goes to standard output.")
    count = ask(data_dir, write, as_json=as_json)
    if as_json:
        print_json({"rows": count, "path": str(output)})


@export.command("oneroster")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--organization", required=True, help="Its id or exact name; all below it.")
@click.option("--version", type=click.Choice(("1.1", "1.2")), default="1.2", show_default=True)
@json_option
@data_dir_option
def export_oneroster(
    folder: Path, organization: str, version: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Write all below an organisation as a OneRoster set, which imports again unchanged.

    What was imported into the organisation bears the ids of its source.
    """
    from adapters.rosters.writing import write_oneroster

    async def write(app: "App") -> int:
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        counted = _Counted(app.roster_export.rows(actor, place))
        rows = counted.one_by_one(asyncio.get_running_loop())
        await asyncio.to_thread(write_oneroster, rows, folder, version)
        return counted.count

    count = ask(data_dir, write, as_json=as_json)
    if as_json:
        print_json({"rows": count, "path": str(folder)})
    else:
        click.echo(f"{count} rows are in {folder}.")


class _Counted:
    """Portions that come from an event loop, handed on row by row in another thread."""

    def __init__(self, portions: "AsyncIterator[Sequence[Row]]") -> None:
        self.count = 0
        self._portions = portions

    def one_by_one(self, loop: asyncio.AbstractEventLoop) -> "Iterator[Row]":
        while True:
            portion = asyncio.run_coroutine_threadsafe(self._next(), loop).result()
            if portion is None:
                return
            self.count += len(portion)
            yield from portion

    async def _next(self) -> "Sequence[Row] | None":
        return await anext(self._portions, None)


def _columns(given: str) -> list[str]:
    names = [name.strip() for name in given.split(",")]
    if unknown := [name for name in names if name not in COLUMNS]:
        raise click.BadParameter(f"{', '.join(unknown)}: no column", param_hint="--columns")
    return names


def _opened(output: Path | None) -> Any:  # a text file, or what stands in for one
    from contextlib import nullcontext

    if output is None:
        return nullcontext(sys.stdout)
    return output.open("w", encoding="utf-8", newline="")


def _cells(user: "UserView", names: Sequence[str]) -> list[str]:
    from adapters.rosters.writing import neutral

    values = {name: getattr(user, name) for name in names}
    if "roles" in values:
        values["roles"] = " ".join(dict.fromkeys(str(held.role) for held in user.roles))
    return [neutral(_text(value)) for value in values.values()]


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
