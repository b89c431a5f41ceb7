from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.people.invitation_model import InvitationView


@click.group()
def invitations() -> None:
    """Invitations that are open; `faraday invite` sends them."""


@invitations.command("list")
@click.argument("organization")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_invitations(
    organization: str, limit: int, cursor: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """List those to ORGANIZATION, an id or exact name, the newest first."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[InvitationView]":
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        return await app.invitations.list(actor, place, PageRequest(limit, cursor))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((i.id, i.email, i.role, i.created_at, i.expires_at) for i in page.items)
    print_table(("id", "e-mail", "role", "sent", "until"), rows, empty="None is open.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)


@invitations.command("withdraw")
@click.argument("organization")
@click.argument("invitation")
@json_option
@data_dir_option
def withdraw_invitation(
    organization: str, invitation: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """End one of them, by its id: its token gives nothing from now on."""

    async def withdraw(app: "App") -> None:
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        await app.invitations.withdraw(actor, place, invitation)

    ask(data_dir, withdraw, as_json=as_json)
    if as_json:
        print_json({"id": invitation, "withdrawn": True})
    else:
        click.echo("It is withdrawn.")
