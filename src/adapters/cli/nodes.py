"""What organisations, departments and teams have in common: to be shown, changed, archived,
restored and deleted, each below its own group."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click
from attrs import frozen

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.departments import departments, teams
from adapters.cli.organizations import organizations
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from adapters.app import App

View = Any  # an OrganizationView, a DepartmentView or a TeamView
Act = Callable[["App", str], Awaitable[View]]


@frozen
class Nodes:
    """A group of commands about one kind of nodes. `above`: the field that says what one lies
    below. `by_name`: they are named by an exact name, too."""

    group: click.Group
    kind: str
    above: str
    by_name: bool = False

    def service(self, app: "App") -> Any:  # of three, all with the same verbs
        return getattr(app, self.group.name or "")

    def add(self, name: str, told: str, act: Act) -> None:
        """A command that takes a NODE and nothing else, unless the group has one."""
        if name in self.group.commands:
            return
        what = "an id or exact name" if self.by_name else "an id"

        @self.group.command(name, help=f"{told} NODE, {what} of {self.kind}.")
        @click.argument("node")
        @json_option
        @data_dir_option
        def command(node: str, data_dir: Path | None, *, as_json: bool) -> None:
            view = self.answer(node, act, data_dir, as_json=as_json)
            if as_json:
                print_json(view)
            else:
                _print(view)

    def answer(self, node: str, act: Act, data_dir: Path | None, *, as_json: bool) -> View:
        async def acted(app: "App") -> View:
            if self.by_name:
                return await act(app, await app.organizations.named(operator_here(), node))
            return await act(app, node)

        return ask(data_dir, acted, as_json=as_json)

    def fields(self) -> Any:  # the class of what a caller writes
        from faraday_core.organizations import model

        return {
            "organizations": model.OrganizationFields,
            "departments": model.DepartmentFields,
            "teams": model.TeamFields,
        }[self.group.name or ""]


def _add_all(nodes: Nodes) -> None:
    async def show(app: "App", id: str) -> View:
        return await nodes.service(app).get(operator_here(), id)

    async def archive(app: "App", id: str) -> View:
        return await nodes.service(app).archive(operator_here(), id)

    async def restore(app: "App", id: str) -> View:
        return await nodes.service(app).restore(operator_here(), id)

    async def delete(app: "App", id: str) -> View:
        view = await show(app, id)
        await nodes.service(app).delete(operator_here(), id)
        return view

    nodes.add("show", "Show", show)
    nodes.add("archive", "Close to whatever is new", archive)
    nodes.add("restore", "Open again", restore)
    nodes.add("delete", "Remove, where nothing is in it,", delete)
    _add_change(nodes)


def _add_change(nodes: Nodes) -> None:
    @nodes.group.command("change", help=f"Rename, describe or move NODE, {nodes.kind}.")
    @click.argument("node")
    @click.option("--name", help="What it is called.")
    @click.option("--description", help="What it is.")
    @click.option("--below", help="The id of what it is to lie below.")
    @json_option
    @data_dir_option
    def change(
        node: str,
        name: str | None,
        description: str | None,
        below: str | None,
        data_dir: Path | None,
        *,
        as_json: bool,
    ) -> None:
        given = {"name": name, "description": description, nodes.above: below}
        changes = {field: value for field, value in given.items() if value is not None}
        if not changes:
            raise click.UsageError("Give --name, --description or --below.")

        async def changed(app: "App", id: str) -> View:
            fields = nodes.fields()

            def onto(old: Any) -> Any:  # from the entity, its fields
                former = {one.name: getattr(old, one.name) for one in attrs.fields(fields)}
                return app.parser.parse(fields, former | changes)

            return await nodes.service(app).change(operator_here(), id, onto)

        view = nodes.answer(node, changed, data_dir, as_json=as_json)
        if as_json:
            print_json(view)
        else:
            _print(view)


def _print(view: View) -> None:
    from adapters.cli.tables import print_fields

    names = (field.name for field in attrs.fields(type(view)) if not field.name.startswith("_"))
    print_fields((name.replace("_", " "), shown(getattr(view, name))) for name in names)


ALL: Final = (
    Nodes(organizations, "an organisation", "parent_organization_id", by_name=True),
    Nodes(departments, "a department", "parent_department_id"),
    Nodes(teams, "a team", "department_id"),
)
for one in ALL:
    _add_all(one)
