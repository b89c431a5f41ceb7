from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.users import ROLES

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.roster.bulk_invitation_service import Invited


@click.command()
@click.argument("email", required=False)
@click.option("--organization", help="Its id or exact name.")
@click.option("--role", type=click.Choice(ROLES[1:]), help="Of the one who has this EMAIL.")
@click.option("--class", "class_id", help="Its id: all who take part in it.")
@click.option("--imported", "run_id", help="A run of an import: all whom it brought in.")
@json_option
@data_dir_option
def invite(
    email: str | None,
    organization: str | None,
    role: str | None,
    class_id: str | None,
    run_id: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Invite somebody by mail, or all of a class, an organisation or an import.

    With an EMAIL: mail a token that gives a role at an organisation, once, within 14 days. Who has
    an account accepts by it, who has none registers.

    Without one: mail those who have an account and never chose a password a token to do so by,
    within 14 days. Who has no address is left out, and who has a password.
    """
    if email is None:
        if role or sum(map(bool, (organization, class_id, run_id))) != 1:
            raise click.UsageError("Give EMAIL, or one of --class, --organization, --imported.")
        _invite_all(organization, class_id, run_id, data_dir, as_json=as_json)
        return
    if not (organization and role) or class_id or run_id:
        raise click.UsageError("With EMAIL, give --organization and --role, and nothing else.")
    _invite_one(email, organization, role, data_dir, as_json=as_json)


def _invite_one(
    email: str, organization: str, role: str, data_dir: Path | None, *, as_json: bool
) -> None:
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


def _invite_all(
    organization: str | None,
    class_id: str | None,
    run_id: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    async def send(app: "App") -> "Invited":
        from attrs import evolve

        from faraday_core.roster.bulk_invitation_service import Invited, WhomToInvite

        actor = operator_here()
        place = await app.organizations.named(actor, organization) if organization else None
        whom, done = WhomToInvite(class_id, place, run_id), Invited()
        while True:
            done = done.and_also(await app.bulk_invitations.invite(actor, whom))
            if done.next_cursor is None:
                return done
            whom = evolve(whom, cursor=done.next_cursor)

    done = ask(data_dir, send, as_json=as_json)
    if as_json:
        print_json(done)
        return
    click.echo(f"{done.invited:,} invitations are on their way.")
    click.echo(
        f"Left out: {done.without_address:,} without an e-mail address, {done.have_password:,} who"
        f" have a password, {done.deactivated:,} who may not sign in, {done.not_allowed:,} who"
        " may not be invited."
    )
