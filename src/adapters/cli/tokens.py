import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.users import ROLES

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.token_model import TokenView
    from faraday_core.kernel.paging import Page
    from faraday_core.people.service_account_model import MadeServiceAccount, ServiceAccountView

_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


class Life(click.ParamType[timedelta]):
    """A span such as `90d`: hours, days or weeks."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is no span such as 12h, 90d or 8w.", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.group()
def tokens() -> None:
    """Tokens by which programs act: make, list, revoke them."""


@tokens.command("create")
@click.option("--service", required=True, help="What to call the program.")
@click.option("--organization", required=True, help="Its id or exact name.")
@click.option("--role", type=click.Choice(ROLES[1:]), required=True)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="A permission that the token is good for, as often as needed; '*' is all of the role's.",
)
@click.option("--expires", type=Life(), default="90d", show_default=True)
@json_option
@data_dir_option
def create_token(
    service: str,
    organization: str,
    role: str,
    scopes: tuple[str, ...],
    expires: timedelta,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Let a program act in an organisation, by a token that is shown this once."""

    async def create(app: "App") -> "MadeServiceAccount":
        from faraday_core.kernel.actor import Role
        from faraday_core.people.service_account_model import NewServiceAccount

        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        expires_at = _now() + expires
        new = NewServiceAccount(service, Role(role), list(scopes), expires_at)
        return await app.service_accounts.create(actor, place, new)

    made = ask(data_dir, create, as_json=as_json)
    if as_json:
        print_json(made)
        return
    click.echo(made.token)
    click.echo(
        f"{made.id} acts until {made.expires_at:%Y-%m-%d}. The token is not shown again.", err=True
    )


@tokens.command("list")
@click.option("--organization", help="Its id or exact name: the programs that act in it.")
@click.option(
    "--user", help="An id or e-mail address: the tokens that act in this person's stead."
)
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@json_option
@data_dir_option
def list_tokens(
    organization: str | None,
    user: str | None,
    limit: int,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """List the programs that act in an organisation, or a person's own tokens."""
    if (organization is None) == (user is None):
        raise click.UsageError("Give one of --organization and --user.")
    if user is not None:
        _list_personal(user, limit, data_dir, as_json=as_json)
    else:
        _list_programs(organization or "", limit, data_dir, as_json=as_json)


def _list_programs(organization: str, limit: int, data_dir: Path | None, *, as_json: bool) -> None:
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[ServiceAccountView]":
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        return await app.service_accounts.list(actor, place, PageRequest(limit))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((a.id, a.name, a.role, " ".join(a.scopes), a.expires_at) for a in page.items)
    print_table(("id", "name", "role", "scopes", "until"), rows, empty="No program acts there.")


def _list_personal(user: str, limit: int, data_dir: Path | None, *, as_json: bool) -> None:
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[TokenView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.support.tokens(actor, person.id, PageRequest(limit))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((t.id, t.name, " ".join(t.scopes), t.last_used_at, t.expires_at) for t in page.items)
    headings = ("id", "name", "scopes", "last used", "until")
    print_table(headings, rows, empty="They have no tokens.")


@tokens.command("end")
@click.argument("user")
@click.argument("token")
@json_option
@data_dir_option
def end_token(user: str, token: str, data_dir: Path | None, *, as_json: bool) -> None:
    """End one of a person's own tokens, by its id; USER is an id or an e-mail address."""

    async def end(app: "App") -> None:
        actor = operator_here()
        person = await app.users.find(actor, user)
        await app.support.end_token(actor, person.id, token)

    ask(data_dir, end, as_json=as_json)
    if as_json:
        print_json({"id": token, "ended": True})
    else:
        click.echo("It is good for nothing from now on.")


@tokens.command("revoke")
@click.argument("account")
@json_option
@data_dir_option
def revoke_token(account: str, data_dir: Path | None, *, as_json: bool) -> None:
    """End a program's account, by its id, and its token at once."""

    async def revoke(app: "App") -> "ServiceAccountView":
        actor = operator_here()
        found = await app.service_accounts.find(actor, account)
        await app.service_accounts.delete(actor, found.organization_id, found.id)
        return found

    ended = ask(data_dir, revoke, as_json=as_json)
    if as_json:
        print_json(ended)
    else:
        from adapters.terminal_text import shown

        click.echo(shown(f"{ended.name} acts no longer."))


def _now() -> datetime:
    from adapters.parts import utc_now

    return utc_now()
