from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.asking import (
    Command,
    ask,
    data_dir_option,
    json_option,
    operator_here,
    print_json,
)
from adapters.cli.users import ROLES
from adapters.terminal_text import harmless

if TYPE_CHECKING:
    from rich.table import Table

    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.organizations.membership import Member

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def members() -> None:
    """Who belongs to an organisation, a department or a team, and as what."""


def _at_a_node(command: Command) -> Command:
    for name, told in (
        ("team", "A team's id."),
        ("department", "A department's id."),
        ("organization", "An organisation's id or exact name."),
    ):
        command = click.option(f"--{name}", help=told)(command)
    return command


async def _node(app: "App", at: dict[str, str | None]) -> tuple[Any, str]:  # a class of members
    """What kind of members, and of which node; raises UsageError."""
    from faraday_core.organizations.membership import (
        DepartmentMember,
        OrganizationMember,
        TeamMember,
    )

    kinds = {"department": DepartmentMember, "team": TeamMember}
    if organization := at["organization"]:
        return OrganizationMember, await app.organizations.named(operator_here(), organization)
    return next((kind, at[name] or "") for name, kind in kinds.items() if at[name])


def _require_one(at: dict[str, str | None]) -> None:
    if sum(value is not None for value in at.values()) != 1:
        raise click.UsageError("Give one of --organization, --department and --team.")


@members.command("add")
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES[1:]), required=True)
@click.option("--starts-on", type=_DAY, help="The first day, in UTC.")
@click.option("--ends-on", type=_DAY, help="The last day, in UTC; a substitute's, say.")
@click.option("--allow", multiple=True, metavar="PERMISSION", help="One beside the role's own.")
@click.option(
    "--deny", multiple=True, metavar="PERMISSION", help="One of the role's to leave out."
)
@_at_a_node
@json_option
@data_dir_option
def add_member(
    user: str,
    role: str,
    starts_on: datetime | None,
    ends_on: datetime | None,
    allow: tuple[str, ...],
    deny: tuple[str, ...],
    data_dir: Path | None,
    *,
    as_json: bool,
    **at: str | None,
) -> None:
    """Give USER, by id or e-mail address, a role at a node and all below it."""
    _require_one(at)

    async def add(app: "App") -> Any:  # a member of that kind
        from faraday_core.organizations.membership import NewMember

        actor = operator_here()
        kind, node = await _node(app, at)
        person = await app.users.find(actor, user)
        asked = {
            "user_id": person.id,
            "role": role,
            "starts_on": str(starts_on.date()) if starts_on else None,
            "ends_on": str(ends_on.date()) if ends_on else None,
            "permissions": dict.fromkeys(allow, True) | dict.fromkeys(deny, False),
        }
        return await app.members.add(actor, kind, node, app.parser.parse(NewMember, asked))

    made = ask(data_dir, add, as_json=as_json)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{harmless(made.full_name)} is {made.role} there.")


@members.command("list")
@_at_a_node
@click.option("--role", type=click.Choice(ROLES[1:]))
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_members(
    role: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
    **at: str | None,
) -> None:
    """List who belongs to a node itself."""
    from adapters.cli.tables import console
    from faraday_core.kernel.actor import Role
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.organizations.membership import MemberFilter

    _require_one(at)

    async def found(app: "App") -> "Page[Any]":  # of members of that kind
        kind, node = await _node(app, at)
        wanted = MemberFilter(Role(role) if role else None)
        page = PageRequest(limit, cursor)
        return await app.members.list(operator_here(), kind, node, page, wanted)

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    console().print(members_table(page.items) if page.items else "Nobody belongs to it.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)


def members_table(members: "Sequence[Member]") -> "Table":
    from adapters.cli.tables import table_of

    rows = ((m.full_name, m.email or m.user_id, m.role, m.starts_on, m.ends_on) for m in members)
    return table_of(("name", "e-mail, or id", "role", "from", "until"), rows)


@members.command("remove")
@click.argument("user")
@click.option("--role", type=click.Choice(ROLES[1:]), help="Only this one; none: all there.")
@_at_a_node
@json_option
@data_dir_option
def remove_member(
    user: str, role: str | None, data_dir: Path | None, *, as_json: bool, **at: str | None
) -> None:
    """Take what USER holds at a node itself."""
    _require_one(at)

    async def remove(app: "App") -> str:
        from faraday_core.kernel.actor import Role

        actor = operator_here()
        kind, node = await _node(app, at)
        person = await app.users.find(actor, user)
        await app.members.remove(actor, kind, node, person.id, Role(role) if role else None)
        return person.id

    removed = ask(data_dir, remove, as_json=as_json)
    if as_json:
        print_json({"user_id": removed, "removed": True})
    else:
        click.echo(f"{removed} holds no such role there any more.")
