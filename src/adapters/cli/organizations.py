from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import harmless

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.organizations.model import OrganizationView


@click.group()
def organizations() -> None:
    """Districts, schools, and whatever else people belong to."""


@organizations.command("create")
@click.option("--name", required=True)
@click.option("--parent", help="The id or exact name of the one it is below; none: a tenant.")
@json_option
@data_dir_option
def create_organization(
    name: str, parent: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Make an organisation."""
    from faraday_core.organizations.model import OrganizationFields

    async def create(app: "App") -> "OrganizationView":
        actor = operator_here()
        above = await app.organizations.named(actor, parent) if parent else None
        return await app.organizations.create(actor, OrganizationFields(name, above))

    made = ask(data_dir, create, as_json=as_json)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made.id}  {harmless(made.name)}")


@organizations.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True)
@click.option("--cursor", help="Where the page before ended: its `next_cursor`.")
@json_option
@data_dir_option
def list_organizations(
    limit: int, cursor: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """List the organisations, the oldest first."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[OrganizationView]":
        return await app.organizations.list(operator_here(), PageRequest(limit, cursor))

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((o.id, o.name, o.parent_organization_id) for o in page.items)
    print_table(("id", "name", "below"), rows, empty="There is none yet.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)
