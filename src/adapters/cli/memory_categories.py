"""The categories that all people of a district have for their memories."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.app import App
    from faraday_core.memory.category_views import TenantCategoryView
    from faraday_core.memory.fields import CategoryFields
    from faraday_core.memory.model import TenantMemoryCategory


@click.group()
def categories() -> None:
    """Categories that all people of a district have, beside their own and the built-in ones."""


@categories.command("list")
@click.argument("organization")
@json_option
@data_dir_option
def list_categories(organization: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show the categories of ORGANIZATION, an id or a name."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Sequence[TenantCategoryView]":
        actor = operator_here()
        id = await app.organizations.named(actor, organization)
        every, page = list["TenantCategoryView"](), PageRequest(limit=100)
        while True:
            part = await app.tenant_memory_categories.list(actor, id, page)
            every += part.items
            if part.next_cursor is None:
                return sorted(every, key=lambda one: one.name)
            page = PageRequest(100, part.next_cursor)

    shown = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(shown)
        return
    names = {one.id: one.name for one in shown}
    rows = (
        (one.id, one.name, names.get(one.parent_category_id or "", ""), one.description or "")
        for one in shown
    )
    print_table(("id", "name", "below", "description"), rows, empty="There are none.")


@categories.command("create")
@click.argument("organization")
@click.argument("name")
@click.option("--below", help="The category that it lies in: an id or a name.")
@click.option("--description", help="What belongs in it.")
@json_option
@data_dir_option
def create(
    organization: str,
    name: str,
    below: str | None,
    description: str | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Give all people of ORGANIZATION a category called NAME."""
    from faraday_core.kernel.parsing import parse
    from faraday_core.memory.fields import CategoryFields

    async def run(app: "App") -> "TenantCategoryView":
        actor, service = operator_here(), app.tenant_memory_categories
        at = await app.organizations.named(actor, organization)
        parent = (await service.named(actor, at, below)).id if below else None
        given = {"name": name, "description": description, "parent_category_id": parent}
        return await service.create(actor, at, parse(CategoryFields, given))

    view = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(view)
    else:
        click.echo(f"“{view.name}” is there: {view.id}")


@categories.command("rename")
@click.argument("organization")
@click.argument("category")
@click.argument("name")
@json_option
@data_dir_option
def rename(
    organization: str, category: str, name: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Call CATEGORY, an id or a name, NAME. What people have in it stays in it."""
    from faraday_core.kernel.parsing import parse
    from faraday_core.memory.fields import CategoryFields

    def renamed(old: "TenantMemoryCategory") -> "CategoryFields":
        kept = {"description": old.description, "parent_category_id": old.parent_category_id}
        return parse(CategoryFields, {"name": name, **kept})

    async def run(app: "App") -> "TenantCategoryView":
        actor, service = operator_here(), app.tenant_memory_categories
        at = await app.organizations.named(actor, organization)
        old = await service.named(actor, at, category)
        return await service.change(actor, at, old.id, renamed)

    view = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(view)
    else:
        click.echo(f"It is called “{view.name}”.")


@categories.command("merge")
@click.argument("organization")
@click.argument("category")
@click.argument("into")
@json_option
@data_dir_option
def merge(
    organization: str, category: str, into: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Put all that people have in CATEGORY, and what lies below it, INTO another one."""

    async def run(app: "App") -> "TenantCategoryView":
        actor, service = operator_here(), app.tenant_memory_categories
        at = await app.organizations.named(actor, organization)
        old, other = [await service.named(actor, at, one) for one in (category, into)]
        return await service.merge(actor, at, old.id, other.id)

    view = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json(view)
    else:
        click.echo(f"All of it is in “{view.name}” now.")


@categories.command("delete")
@click.argument("organization")
@click.argument("category")
@json_option
@data_dir_option
def delete(organization: str, category: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Remove CATEGORY. What people have in it is in the one above, or in none; none is lost."""

    async def run(app: "App") -> str:
        actor, service = operator_here(), app.tenant_memory_categories
        at = await app.organizations.named(actor, organization)
        old = await service.named(actor, at, category)
        await service.delete(actor, at, old.id)
        return old.id

    id = ask(data_dir, run, as_json=as_json)
    if as_json:
        print_json({"id": id})
    else:
        click.echo(f"{id} is there no more.")
