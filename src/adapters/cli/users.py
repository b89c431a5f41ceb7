import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from adapters.cli.asking import (
    ask,
    data_dir_option,
    json_option,
    operator_here,
    print_json,
)

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.model import UserView

T = TypeVar("T")
ROLES = (
    "platform_admin",
    "org_admin",
    "support",
    "department_head",
    "teacher",
    "guardian",
    "student",
)


@click.group()
def users() -> None:
    """People's accounts: make, find, unlock, end them."""


@users.command("create")
@click.option("--email", required=True)
@click.option("--full-name", required=True)
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--organization", help="Its id or exact name; not for a platform_admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
@data_dir_option
def create_user(
    email: str,
    full_name: str,
    role: str,
    organization: str | None,
    data_dir: Path | None,
    *,
    password_stdin: bool,
    as_json: bool,
) -> None:
    """Make an account. Without a password its person is invited by mail to choose one."""
    if (role == "platform_admin") == bool(organization):
        wanted = "is not for a platform_admin" if organization else "is needed for this role"
        raise click.UsageError(f"--organization {wanted}.")
    if role == "platform_admin" and not password_stdin:
        raise click.UsageError("--password-stdin is needed for a platform_admin.")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None

    async def create(app: "App") -> "UserView":
        from faraday_core.kernel.actor import Role
        from faraday_core.people.model import NewUser

        actor = operator_here()
        if organization is None:
            return await app.users.create_platform_admin(
                actor, email=email, full_name=full_name, password=password or ""
            )
        place = await app.organizations.named(actor, organization)
        new = NewUser(email, full_name, place, Role(role), password)
        return await app.users.create(actor, new)

    made = ask(data_dir, create, as_json=as_json)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.id}  {made.email}  {role}")


@users.command("list")
@click.option("--query", "-q", help="The beginning of words of the name, or of the address.")
@click.option("--organization", help="Its id or exact name.")
@click.option("--role", type=click.Choice(ROLES[1:]))
@click.option("--source-system", help="The source that brought them, as the import was told.")
@click.option("--source-id", help="The id that their source gives them; also who is inactive.")
@click.option("--include-inactive", is_flag=True)
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_users(
    query: str | None,
    organization: str | None,
    role: str | None,
    source_system: str | None,
    source_id: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    include_inactive: bool,
    as_json: bool,
) -> None:
    """List people, or find them."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.actor import Role
    from faraday_core.kernel.paging import Page, PageRequest
    from faraday_core.people.model import UserFilter

    async def found(app: "App") -> "Page[UserView]":
        actor = operator_here()
        place = await app.organizations.named(actor, organization) if organization else None
        wanted = UserFilter(
            place,
            Role(role) if role else None,
            query,
            include_inactive=include_inactive,
            source_system=source_system,
            source_id=source_id,
        )
        return await app.users.list(actor, wanted, PageRequest(limit, cursor))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = (
        (user.id, user.full_name, user.email, _roles(user), user.is_active) for user in page.items
    )
    print_table(("id", "name", "e-mail", "roles", "active"), rows, empty="Nobody is found.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)


@users.command("show")
@click.argument("user")
@json_option
@data_dir_option
def show_user(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show one person, by id or e-mail address, with the state of their account."""
    from adapters.cli.tables import print_fields
    from faraday_core.kernel.parsing import plain
    from faraday_core.people.model import Account

    async def found(app: "App") -> "tuple[UserView, Account]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return person, await app.support.account(actor, person.id)

    person, account = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(plain(person) | {"account": plain(account)})
        return
    print_fields(
        (
            ("id", person.id),
            ("name", person.full_name),
            ("e-mail", person.email),
            ("verified", person.email_verified),
            ("active", person.is_active),
            ("roles", _roles(person)),
            ("locked until", account.locked_until),
            ("password", account.has_password),
            ("second factor", account.has_second_factor),
            ("created", person.created_at),
        )
    )


@users.command("unlock")
@click.argument("user")
@json_option
@data_dir_option
def unlock_user(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Set the count of a person's wrong sign-ins to 0."""
    person = _with(
        user, data_dir, lambda app, id: app.support.unlock(operator_here(), id), as_json=as_json
    )
    _told(person, f"{person.full_name} can sign in again.", as_json=as_json)


@users.command("deactivate")
@click.argument("user")
@json_option
@data_dir_option
def deactivate_user(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Refuse a person's sign-in from now on, and end their sessions."""
    person = _with(
        user, data_dir, lambda app, id: app.users.deactivate(operator_here(), id), as_json=as_json
    )
    _told(person, f"{person.full_name} is deactivated and signed out.", as_json=as_json)


@users.command("activate")
@click.argument("user")
@json_option
@data_dir_option
def activate_user(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Let a person sign in again who was deactivated."""
    person = _with(
        user, data_dir, lambda app, id: app.users.activate(operator_here(), id), as_json=as_json
    )
    _told(person, f"{person.full_name} is active again.", as_json=as_json)


@users.command("send-reset")
@click.argument("user")
@json_option
@data_dir_option
def send_reset(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Mail a person a token to set a password by."""
    person = _with(
        user,
        data_dir,
        lambda app, id: app.support.send_reset(operator_here(), id),
        as_json=as_json,
    )
    _told(person, f"A mail to {person.email} is on its way.", as_json=as_json)


@users.command("erase")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do it without asking; it cannot be undone.")
@json_option
@data_dir_option
def erase_user(user: str, data_dir: Path | None, *, yes: bool, as_json: bool) -> None:
    """Remove a person and all that is held about them, now and for good."""
    if not yes:
        click.confirm(f"Remove {user} and all that is held about them, for good?", abort=True)

    async def erase(app: "App") -> "UserView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        await app.erasures.erase(actor, person.id)
        return person

    person = ask(data_dir, erase, as_json=as_json)
    if as_json:
        print_json({"id": person.id, "erased": True})
    else:
        click.echo(f"{person.id} is erased.")


@users.command("restore")
@click.argument("user")
@json_option
@data_dir_option
def restore_user(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Call an erasure off that a person has asked for: they can sign in again."""
    person = _with(
        user,
        data_dir,
        lambda app, id: app.erasures.restore(operator_here(), id),
        as_json=as_json,
    )
    _told(person, f"{person.full_name} is not erased, and can sign in again.", as_json=as_json)


def _with(
    user: str,
    data_dir: Path | None,
    act: "Callable[[App, str], Awaitable[object]]",
    *,
    as_json: bool,
) -> "UserView":
    """Find a person by id or address, act, and answer them as they are then."""

    async def acted(app: "App") -> "UserView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        await act(app, person.id)
        return await app.users.get(actor, person.id)

    return ask(data_dir, acted, as_json=as_json)


def _told(person: "UserView", sentence: str, *, as_json: bool) -> None:
    from adapters.terminal_text import shown

    if as_json:
        print_json(person)
    else:
        click.echo(shown(sentence))


def _roles(user: "UserView") -> str:
    return ", ".join(dict.fromkeys(str(held.role) for held in user.roles)) or "none"
