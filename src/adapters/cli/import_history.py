"""What was imported, looked at again."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from adapters.cli.asking import (
    ask,
    data_dir_option,
    fail,
    json_option,
    operator_here,
    print_json,
)
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.roster.requests import ImportView

STATUSES: Final = ("planning", "planned", "applying", "applied", "failed", "undone")


@click.command("show")
@click.argument("run_id", metavar="RUN_ID")
@json_option
@data_dir_option
def show(run_id: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show one, with its refused rows."""
    from adapters.cli.import_shown import print_answer

    view = ask(data_dir, lambda app: app.imports.get(operator_here(), run_id), as_json=as_json)
    print_answer(view, as_json=as_json)


@click.command("history")
@click.option("--organization", help="Its id or exact name; with all below it.")
@click.option("--status", type=click.Choice(STATUSES))
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def history(
    organization: str | None,
    status: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """List what was imported, the newest first."""
    from adapters.cli.import_shown import brief
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.roster.requests import ImportFilter
    from faraday_core.roster.runs import RunStatus

    async def found(app: "App") -> "Page[ImportView]":
        actor = operator_here()
        place = await app.organizations.named(actor, organization) if organization else None
        wanted = ImportFilter(place, RunStatus(status) if status else None)
        return await app.imports.list(actor, wanted, PageRequest(limit, cursor))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json({"items": [brief(o) for o in page.items], "next_cursor": page.next_cursor})
        return
    headings = ("run", "started", "format", "status", "create", "update", "remove", "refuse")
    rows = (
        (o.run_id, o.started_at, o.format, o.status, *(_sum(o, name) for name in headings[4:]))
        for o in page.items
    )
    print_table(headings, rows, empty="Nothing has been imported yet.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)


@click.command("report")
@click.argument("run_id", metavar="RUN_ID")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@data_dir_option
def report(
    run_id: str,
    csv_file: Path | None,
    html_file: Path | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write the refused rows of a run into a file for the school: where, what is wrong, what would
    be right."""
    from adapters.roster_reports import csv_report, html_report

    if not (csv_file or html_file):
        raise click.UsageError("Give --csv FILE, --html FILE, or both.")
    view = ask(data_dir, lambda app: app.imports.get(operator_here(), run_id), as_json=as_json)
    written = [(csv_file, csv_report), (html_file, html_report)]
    files = [(file, render) for file, render in written if file]
    for file, render in files:
        try:
            file.write_bytes(render(view))
        except OSError as error:
            detail = f"{file} cannot be written: {error.strerror}."
            fail("cannot_write", detail, as_json=as_json)
    if as_json:
        print_json({"run_id": view.run_id, "files": [str(file) for file, _ in files]})
    else:
        for file, _ in files:
            click.echo(shown(f"{len(view.refused)} refused rows are in {file}."))


def _sum(view: "ImportView", name: str) -> str:
    return f"{sum(counts[name] for counts in view.counts.values()):,}"
