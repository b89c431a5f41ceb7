from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.session_model import SessionView
    from faraday_core.kernel.paging import Page


@click.group()
def sessions() -> None:
    """Where people are signed in."""


@sessions.command("list")
@click.argument("user")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@json_option
@data_dir_option
def list_sessions(user: str, limit: int, data_dir: Path | None, *, as_json: bool) -> None:
    """List a person's sessions; USER is an id or an e-mail address."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[SessionView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.support.sessions(actor, person.id, PageRequest(limit))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((s.id, s.device_name, s.ip_address, s.created_at, s.last_used_at) for s in page.items)
    headings = ("id", "device", "address", "since", "last used")
    print_table(headings, rows, empty="Not signed in anywhere.")


@sessions.command("end")
@click.argument("user")
@click.argument("session", required=False)
@click.option("--all", "all_sessions", is_flag=True, help="All of the person's sessions.")
@json_option
@data_dir_option
def end_sessions(
    user: str, session: str | None, data_dir: Path | None, *, all_sessions: bool, as_json: bool
) -> None:
    """End one session of a person, or all of them; USER is an id or an e-mail address."""
    if bool(session) == all_sessions:
        raise click.UsageError("Name one session, or say --all.")

    async def end(app: "App") -> int:
        actor = operator_here()
        person = await app.users.find(actor, user)
        if session is None:
            return await app.support.end_sessions(actor, person.id)
        await app.support.end_session(actor, person.id, session)
        return 1

    ended = ask(data_dir, end, as_json=as_json)
    if as_json:
        print_json({"ended": ended})
    else:
        click.echo(f"{ended} ended.")
