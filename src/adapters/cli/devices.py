from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.identity.session_model import DeviceView
    from faraday_core.kernel.paging import Page


@click.group()
def devices() -> None:
    """What people have signed in from; USER is an id or an e-mail address."""


@devices.command("list")
@click.argument("user")
@json_option
@data_dir_option
def list_devices(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """List a person's devices, at most ten, the one used last first."""
    from adapters.cli.tables import print_table

    async def found(app: "App") -> "Page[DeviceView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.support.devices(actor, person.id)

    page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((d.id, d.name, d.created_at, d.last_used_at, d.expires_at) for d in page.items)
    print_table(("id", "name", "since", "last used", "until"), rows, empty="There is none.")


@devices.command("name")
@click.argument("user")
@click.argument("device")
@click.argument("name")
@json_option
@data_dir_option
def name_device(
    user: str, device: str, name: str, data_dir: Path | None, *, as_json: bool
) -> None:
    """Call one of a person's devices, by its id, by a name."""

    async def call(app: "App") -> "DeviceView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.support.name_device(actor, person.id, device, name=name)

    named = ask(data_dir, call, as_json=as_json)
    if as_json:
        print_json(named)
    else:
        click.echo(shown(f"{named.id} is called {named.name}."))


@devices.command("end")
@click.argument("user")
@click.argument("device")
@json_option
@data_dir_option
def end_device(user: str, device: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Forget one of a person's devices, by its id, and end its sessions."""

    async def end(app: "App") -> None:
        actor = operator_here()
        person = await app.users.find(actor, user)
        await app.support.end_device(actor, person.id, device)

    ask(data_dir, end, as_json=as_json)
    if as_json:
        print_json({"id": device, "ended": True})
    else:
        click.echo(shown(f"{device} is forgotten, and its sessions are ended."))
