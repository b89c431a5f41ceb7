from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli import tree
from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import harmless

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.organizations.merge_service import MergeView
    from faraday_core.organizations.views import OrganizationView


@click.group()
def organizations() -> None:
    """Districts, schools, and whatever else people belong to."""


organizations.add_command(tree.tree)


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


@organizations.command("move")
@click.argument("organization")
@click.option("--below", required=True, help="The id or exact name of where it is to lie.")
@json_option
@data_dir_option
def move_organization(
    organization: str, below: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Move ORGANIZATION, with all below it; rights follow at once."""

    async def move(app: "App") -> "OrganizationView":
        from faraday_core.organizations.model import OrganizationFields

        actor = operator_here()
        target = await app.organizations.named(actor, below)
        return await app.organizations.change(
            actor,
            await app.organizations.named(actor, organization),
            lambda old: OrganizationFields(old.name, target, old.description),
        )

    _told(ask(data_dir, move, as_json=as_json), "is moved.", as_json=as_json)


@organizations.command("archive")
@click.argument("organization")
@json_option
@data_dir_option
def archive_organization(organization: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Take ORGANIZATION out of the lists, and close it to whatever is new."""

    async def archive(app: "App") -> "OrganizationView":
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        return await app.organizations.archive(actor, place)

    _told(ask(data_dir, archive, as_json=as_json), "is archived.", as_json=as_json)


@organizations.command("restore")
@click.argument("organization")
@json_option
@data_dir_option
def restore_organization(organization: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Open an archived ORGANIZATION again."""

    async def restore(app: "App") -> "OrganizationView":
        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        return await app.organizations.restore(actor, place)

    _told(ask(data_dir, restore, as_json=as_json), "is open again.", as_json=as_json)


@organizations.command("merge")
@click.argument("organization")
@click.option("--into", required=True, help="The id or exact name of the one that stays.")
@json_option
@data_dir_option
def merge_organization(
    organization: str, into: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Make one school of two: what ORGANIZATION has, and who belongs to it, goes to the other."""

    async def merge(app: "App") -> "MergeView":
        from faraday_core.organizations.merge_service import IntoOrganization

        actor = operator_here()
        target = IntoOrganization(await app.organizations.named(actor, into))
        place = await app.organizations.named(actor, organization)
        return await app.merges.merge(actor, place, target)

    _print_merge(ask(data_dir, merge, as_json=as_json), as_json=as_json)


@organizations.command("unmerge")
@click.argument("organization")
@json_option
@data_dir_option
def unmerge_organization(organization: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Undo the last merge of ORGANIZATION into another."""

    async def undo(app: "App") -> "MergeView":
        actor = operator_here()
        return await app.merges.undo(actor, await app.organizations.named(actor, organization))

    _print_merge(ask(data_dir, undo, as_json=as_json), as_json=as_json)


def _print_merge(merge: "MergeView", *, as_json: bool) -> None:
    from adapters.cli.tables import print_table

    if as_json:
        print_json(merge)
    else:
        heading = "moved back" if merge.undone else "moved"
        print_table(("kind", heading), sorted(merge.moved.items()), empty="")
        if merge.left_out:
            left = ", ".join(f"{kind} {count}" for kind, count in sorted(merge.left_out.items()))
            click.echo(f"Left out, since the other has the like: {left}.")


def _told(organization: "OrganizationView", what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(organization)
    else:
        click.echo(f"{harmless(organization.name)} {what}")
