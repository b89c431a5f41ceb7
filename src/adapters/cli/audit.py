import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.audit.model import AuditEntryView, Verdict
    from faraday_core.kernel.paging import Page

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def audit() -> None:
    """What was done, by whom, to whom."""


@audit.command("tail")
@click.option("--action", help="This one alone, as user.create.")
@click.option("--user", help="An id or e-mail address: what they did, and what was done to them.")
@click.option("--since", type=_DAY, help="The first day, in UTC.")
@click.option("--until", type=_DAY, help="The last day, in UTC.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def tail(
    action: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show the latest entries, the newest first."""
    from adapters.cli.tables import print_table
    from faraday_core.audit.model import AuditFilter
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[AuditEntryView]":
        actor = operator_here()
        person = (await app.users.find(actor, user)).id if user else None
        days = (since and since.date(), until and until.date())
        wanted = AuditFilter(action, person, *days)
        return await app.audit.list(actor, PageRequest(limit, cursor), wanted)

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
