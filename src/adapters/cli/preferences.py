import json
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.preferences.views import DefaultsView, PreferencesView


@click.group()
def preferences() -> None:
    """What people prefer, and what their organisations set for them."""


@preferences.command("show")
@click.argument("user")
@json_option
@data_dir_option
def show_preferences(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show what is in force for somebody, and why; USER is an id or an e-mail address."""
    from adapters.cli.tables import print_table

    async def found(app: "App") -> "PreferencesView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.preferences.of(actor, person.id)

    view = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(view)
        return
    print_table(("preference", "value", "set by", ""), _rows(view), empty="There is none.")


@preferences.command("defaults")
@click.argument("organization")
@click.option("--set", "set_", multiple=True, metavar="POINTER=VALUE", help="As /theme=dark.")
@click.option("--unset", multiple=True, metavar="POINTER", help="Set no longer.")
@click.option("--lock", multiple=True, metavar="POINTER", help="Nobody below sets it otherwise.")
@click.option("--unlock", multiple=True, metavar="POINTER", help="Whoever wants to, may.")
@json_option
@data_dir_option
def show_defaults(
    organization: str,
    set_: tuple[str, ...],
    unset: tuple[str, ...],
    lock: tuple[str, ...],
    unlock: tuple[str, ...],
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show what ORGANIZATION sets for its people, or change it; an id or an exact name.

    A VALUE is JSON, or else a text: --set /notifications/sms=false --set /language=de
    """
    from adapters.cli.tables import print_table

    wanted = [_pair(text) for text in set_]
    for pointer in (*unset, *lock, *unlock):
        _require_pointer(pointer, pointer)

    async def found(app: "App") -> "DefaultsView":
        actor = operator_here()
        id = await app.organizations.named(actor, organization)
        view = await app.preference_defaults.get(actor, id)
        if not (wanted or unset or lock or unlock):
            return view
        values: dict[str, Any] = deepcopy({**view.values})
        for pointer in unset:
            _take_away(values, pointer)
        for pointer, value in wanted:
            _put(values, pointer, value)
        document = {"values": values, "locked": sorted({*view.locked, *lock} - {*unlock})}
        return await app.preference_defaults.replace(actor, id, document, seen={view.tag})

    view = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(view)
        return
    from faraday_core.preferences.layers import is_locked, layer_of

    layer = layer_of(view.values)
    pointers = sorted({*layer, *view.locked})
    rows = (
        (at, _told(layer.get(at)), "locked" if is_locked(at, view.locked) else "")
        for at in pointers
    )
    print_table(("preference", "value", ""), rows, empty="It sets none itself.")


def _rows(view: "PreferencesView") -> list[tuple[str, str, str, str]]:
    from faraday_core.kernel.parsing import plain
    from faraday_core.preferences.layers import is_locked, layer_of

    names = {pointer.split("/")[1] for pointer in view.sources}
    layer = layer_of({name: value for name, value in plain(view).items() if name in names})
    return [
        (at, _told(layer.get(at)), source, "locked" if is_locked(at, view.locked) else "")
        for at, source in view.sources.items()
    ]


def _told(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _pair(text: str) -> tuple[str, object]:
    pointer, is_one, value = text.partition("=")
    if not is_one:
        raise click.BadParameter(f"{text!r} is no pointer with a value, as /theme=dark is one")
    _require_pointer(pointer, text)
    try:
        return pointer, json.loads(value)
    except ValueError:
        return pointer, value


def _require_pointer(pointer: str, text: str) -> None:
    if not pointer.startswith("/"):
        raise click.BadParameter(f"{text!r} does not begin with a pointer, as /theme is one")


def _put(document: dict[str, Any], pointer: str, value: object) -> None:
    *groups, name = pointer.split("/")[1:]
    for group in groups:
        if not isinstance(document.get(group), dict):
            document[group] = {}
        document = document[group]
    document[name] = value


def _take_away(document: dict[str, Any], pointer: str) -> None:
    *groups, name = pointer.split("/")[1:]
    for group in groups:
        inner = document.get(group)
        if not isinstance(inner, dict):
            return
        document = inner
    document.pop(name, None)
