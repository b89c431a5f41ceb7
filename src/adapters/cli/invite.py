from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.users import ROLES

if TYPE_CHECKING:
    from adapters.app import App


@click.command()
@click.argument("email")
@click.option("--organization", required=True, help="Its id or exact name.")
@click.option("--role", type=click.Choice(ROLES[1:]), required=True)
@json_option
@data_dir_option
def invite(
    email: str, organization: str, role: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Mail somebody a token that gives a role at an organisation, once, within 14 days.

    Who has an account accepts by it, who has none registers.
    """

    async def send(app: "App") -> str:
        from faraday_core.kernel.actor import Role
        from faraday_core.people.invitation_model import NewInvitation

        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        await app.invitations.invite(actor, place, NewInvitation(email, Role(role)))
        return place

    place = ask(data_dir, send, as_json=as_json)
    if as_json:
        print_json({"email": email, "role": role, "organization_id": place})
    else:
        from adapters.terminal_text import shown

        click.echo(shown(f"A mail to {email} is on its way."))
