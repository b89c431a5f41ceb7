from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.app import App
    from faraday_core.profiles.model import RequirementsView
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


@profiles.command("requirements")
@click.argument("organization")
@click.option(
    "--require", "required", multiple=True, metavar="FIELD", help="These, and no others."
)
@click.option("--none", "nothing", is_flag=True, help="Require nothing.")
@click.option("--badges/--no-badges", default=None, help="Show badges for what is complete.")
@json_option
@data_dir_option
def profile_requirements(
    organization: str,
    required: tuple[str, ...],
    data_dir: Path | None,
    *,
    nothing: bool,
    badges: bool | None,
    as_json: bool,
) -> None:
    """Show what ORGANIZATION asks of profiles, or set it; an id or an exact name."""
    from adapters.cli.tables import print_fields

    if required and nothing:
        raise click.UsageError("Give either --require or --none.")

    async def asked(app: "App") -> "RequirementsView":
        from faraday_core.profiles.model import RequirementFields

        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        view = await app.profile_requirements.get(actor, place)
        if not (required or nothing) and badges is None:
            return view
        wanted = {
            "required_fields": [*required] if required or nothing else [*view.required_fields],
            "badges": view.badges if badges is None else badges,
        }
        fields = app.parser.parse(RequirementFields, wanted)
        return await app.profile_requirements.replace(actor, place, fields, seen={view.tag})

    view = ask(data_dir, asked, as_json=as_json)
    if as_json:
        print_json(view)
        return
    told = {None: "as above it", True: "shown", False: "not shown"}[view.badges]
    names = ", ".join(view.required_fields) or "nothing"
    print_fields((("required", names), ("badges", told)))


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
