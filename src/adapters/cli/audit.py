import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.audit.model import AuditEntryView, Verdict
    from faraday_core.kernel.paging import Page


@click.group()
def audit() -> None:
    """What was done, by whom, to whom."""


@audit.command("tail")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@json_option
@data_dir_option
def tail(limit: int, data_dir: Path | None, *, as_json: bool) -> None:
    """Show the latest entries, the newest first."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[AuditEntryView]":
        return await app.audit.list(operator_here(), PageRequest(limit))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = (
        (e.at, e.action, e.actor_id or e.details.get("by"), e.target_type, e.target_id)
        for e in page.items
    )
    headings = ("at", "action", "by", "on", "id")
    print_table(headings, rows, empty="Nothing has been done yet.")


@audit.command("verify")
@json_option
@data_dir_option
def verify(data_dir: Path | None, *, as_json: bool) -> None:
    """Go through every chain; exit code 1 where an entry was changed, removed or moved."""

    async def verdict_of(app: "App") -> "Verdict":
        return await app.audit.verify(operator_here())

    verdict = ask(data_dir, verdict_of, as_json=as_json)
    if as_json:
        print_json(verdict)
    elif verdict.first_bad:
        bad = verdict.first_bad
        where = f"entry {bad.sequence} of the chain {bad.chain}"
        click.echo(f"The audit log does not hold: {where}: {bad.problem}.", err=True)
    else:
        click.echo(f"{verdict.entries} entries, all as they were written.")
    sys.exit(0 if verdict.ok else 1)
