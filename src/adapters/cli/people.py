"""More of `faraday users`: what is corrected in an account, and where its person takes part."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.users import users
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.model import User, UserView
    from faraday_core.kernel.paging import Page
    from faraday_core.people.model import UserFields
    from faraday_core.privacy.model import BirthDateFields
    from faraday_core.roster.views import UserClassView


@users.command("change")
@click.argument("user")
@click.option("--full-name", "--name", help="What they are called.")
@click.option("--email", help="Their new address; it ends all by which they are signed in.")
@json_option
@data_dir_option
def change_user(
    user: str, full_name: str | None, email: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Correct a person's name, or give them another address; both addresses are sent a mail."""
    if full_name is None and email is None:
        raise click.UsageError("Give --full-name, --email, or both.")

    async def change(app: "App") -> "UserView":
        from faraday_core.people.model import UserFields

        def onto(old: "User") -> "UserFields":
            asked = {
                "full_name": full_name or old.full_name,
                "is_active": old.is_active,
                "email": email,
            }
            return app.parser.parse(UserFields, asked)

        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.users.change(actor, person.id, onto)

    changed = ask(data_dir, change, as_json=as_json)
    if as_json:
        print_json(changed)
    else:
        click.echo(shown(f"{changed.id}  {changed.full_name}  {changed.email}"))


@users.command("resend-invitation")
@click.argument("user")
@json_option
@data_dir_option
def resend_invitation(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Mail a person who has no password yet another token to choose one by."""

    async def resend(app: "App") -> "UserView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        await app.support.resend_invitation(actor, person.id)
        return person

    person = ask(data_dir, resend, as_json=as_json)
    if as_json:
        print_json(person)
    else:
        click.echo(shown(f"A mail to {person.email} is on its way."))


@users.command("born")
@click.argument("user")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@json_option
@data_dir_option
def set_birth_date(user: str, day: datetime, data_dir: Path | None, *, as_json: bool) -> None:
    """Say on which DAY a person was born, by which they are a child or not."""

    async def say(app: "App") -> "BirthDateFields":
        from faraday_core.privacy.model import BirthDateFields

        actor = operator_here()
        person = await app.users.find(actor, user)
        fields = BirthDateFields(day.date())
        return await app.records.set_birth_date(actor, person.id, fields)

    said = ask(data_dir, say, as_json=as_json)
    if as_json:
        print_json(said)
    else:
        click.echo(f"Born on {said.born_on}.")


@users.command("classes")
@click.argument("user")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_classes(
    user: str, limit: int, cursor: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """The classes that a person takes part in, and as what."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[UserClassView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.classes.of_user(actor, person.id, PageRequest(limit, cursor))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((c.id, c.title, c.role, c.organization_id) for c in page.items)
    print_table(("id", "title", "as", "organization"), rows, empty="There is none.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)
