from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import harmless

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.organizations.views import DepartmentView, TeamView


@click.group()
def departments() -> None:
    """The parts of an organisation: subjects, year groups, offices."""


@click.group()
def teams() -> None:
    """People of a department who do something together."""


@departments.command("create")
@click.option("--name", required=True)
@click.option("--organization", required=True, help="Its id or exact name.")
@click.option("--parent", help="The id of the department that it is part of.")
@json_option
@data_dir_option
def create_department(
    name: str, organization: str, parent: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Make a department."""
    from faraday_core.organizations.model import DepartmentFields

    async def create(app: "App") -> "DepartmentView":
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        return await app.departments.create(actor, DepartmentFields(name, place, parent))

    _print_made(ask(data_dir, create, as_json=as_json), as_json=as_json)


@departments.command("list")
@click.option("--organization", help="Its id or exact name; none: of all of them.")
@click.option("--query", "-q", help="The beginning of words of the name.")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_departments(
    organization: str | None,
    query: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """List departments, the oldest first."""
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.organizations.model import DepartmentFilter

    async def found(app: "App") -> "Page[DepartmentView]":
        actor = operator_here()
        place = await app.organizations.named(actor, organization) if organization else None
        wanted = DepartmentFilter(place, query)
        return await app.departments.list(actor, PageRequest(limit, cursor), wanted)

    page = ask(data_dir, found, as_json=as_json)
    _print_page(page, "organization_id", as_json=as_json)


@teams.command("create")
@click.option("--name", required=True)
@click.option("--department", required=True, help="Its id.")
@json_option
@data_dir_option
def create_team(name: str, department: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Make a team."""
    from faraday_core.organizations.model import TeamFields

    async def create(app: "App") -> "TeamView":
        return await app.teams.create(operator_here(), TeamFields(name, department))

    _print_made(ask(data_dir, create, as_json=as_json), as_json=as_json)


@teams.command("list")
@click.option("--department", help="Its id; none: of all of them.")
@click.option("--query", "-q", help="The beginning of words of the name.")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_teams(
    department: str | None,
    query: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """List teams, the oldest first."""
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.organizations.model import TeamFilter

    async def found(app: "App") -> "Page[TeamView]":
        wanted = TeamFilter(department, query)
        return await app.teams.list(operator_here(), PageRequest(limit, cursor), wanted)

    _print_page(ask(data_dir, found, as_json=as_json), "department_id", as_json=as_json)


def _print_made(made: "DepartmentView | TeamView", *, as_json: bool) -> None:
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.id}  {harmless(made.name)}")


def _print_page(
    page: "Page[DepartmentView] | Page[TeamView]", within: str, *, as_json: bool
) -> None:
    from adapters.cli.tables import print_table

    if as_json:
        print_json(page)
        return
    rows = ((node.id, node.name, getattr(node, within), node.member_count) for node in page.items)
    heading = within.removesuffix("_id")
    print_table(("id", "name", heading, "members"), rows, empty="There is none yet.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)
