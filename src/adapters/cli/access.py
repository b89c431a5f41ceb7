from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from adapters.app import App
    from faraday_core.people.model import AccessView


@click.group()
def access() -> None:
    """Who may do what, and why."""


@access.command("explain")
@click.argument("user")
@click.argument("action")
@click.argument("resource")
@json_option
@data_dir_option
def explain(
    user: str, action: str, resource: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Say why USER may do ACTION to RESOURCE, or that they may not.

    ACTION is a permission, such as users.read; RESOURCE the id of an organisation, a department, a
    team or a person, or "platform".
    """
    from adapters.cli.tables import console
    from faraday_core.people.model import AccessQuestion

    async def asked(app: "App") -> "AccessView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        given = {"action": action, "resource": resource}
        return await app.access.explain(actor, person.id, app.parser.parse(AccessQuestion, given))

    answer = ask(data_dir, asked, as_json=as_json)
    if as_json:
        print_json(answer)
        return
    for part in explained(action, answer):
        console().print(part)


def explained(action: str, answer: "AccessView") -> "list[str | Table]":
    """Whether, and by which roles."""
    from adapters.cli.tables import table_of

    told = f"{'Allowed' if answer.allowed else 'Not allowed'}: {action}"
    if not answer.because:
        return [told, "No role of theirs gives it there."]
    rows = ((one.role, one.scope_type, one.scope_id) for one in answer.because)
    return [told, table_of(("role", "held at", "id"), rows)]
