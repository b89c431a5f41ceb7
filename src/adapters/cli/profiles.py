from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.app import App
    from faraday_core.profiles.views import ProfileView


@click.group()
def profiles() -> None:
    """What people tell of themselves."""


@profiles.command("show")
@click.argument("user")
@json_option
@data_dir_option
def show_profile(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show the whole profile of USER, an id or an address, and what is missing in it."""
    from adapters.cli.tables import print_fields

    async def found(app: "App") -> "ProfileView":
        actor = operator_here()
        return await app.profiles.inspect(actor, (await app.users.find(actor, user)).id)

    profile = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(profile)
    else:
        print_fields(_fields(profile))


def _fields(profile: "ProfileView") -> "Iterator[tuple[str, object]]":
    from faraday_core.profiles.model import ProfileField

    for name in ProfileField:
        value = getattr(profile, name)
        if name is ProfileField.EDUCATION:
            value = "; ".join(_school(one.institution, one.degree, one.year) for one in value)
        elif name is ProfileField.SOCIAL_LINKS:
            value = "; ".join(f"{site} {link}" for site, link in value.items())
        seen = profile.visibility[name]
        yield name.replace("_", " "), f"{value} ({seen})" if value else ""
    completion = profile.completion
    yield "complete", f"{completion.percent} %"
    yield "missing", ", ".join(completion.missing)


def _school(institution: str, degree: str | None, year: int | None) -> str:
    return ", ".join(str(part) for part in (institution, degree, year) if part)
