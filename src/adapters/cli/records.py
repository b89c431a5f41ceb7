"""More of `faraday privacy`: consents, disclosures, and who is whose guardian."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from adapters.cli.asking import (
    Command,
    ask,
    data_dir_option,
    json_option,
    operator_here,
    print_json,
)
from adapters.cli.privacy import privacy
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page, PageRequest
    from faraday_core.privacy.guardian_confirmation_service import ConfirmedGuardians
    from faraday_core.records.model import ConsentView, DisclosureView, GuardianView

T = TypeVar("T")


def _of_person(command: Command) -> Command:
    """What each of them takes."""
    command = click.option("--cursor", help="Where the page before ended: its `next_cursor`.")(
        command
    )
    limit = click.IntRange(1, 100)
    command = click.option("--limit", type=limit, default=100, show_default=True)(command)
    return click.argument("user")(json_option(data_dir_option(command)))


def _page_of(
    user: str,
    page: "PageRequest",
    data_dir: Path | None,
    question: "Callable[[App, str, PageRequest], Awaitable[Page[T]]]",
    *,
    as_json: bool,
) -> "Page[T]":
    async def found(app: "App") -> "Page[T]":
        person = await app.users.find(operator_here(), user)
        return await question(app, person.id, page)

    return ask(data_dir, found, as_json=as_json)


@privacy.command("consents")
@_of_person
def list_consents(
    user: str, limit: int, cursor: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """What a person has agreed to, or a guardian for them, withdrawn or not."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App", id: str, page: "PageRequest") -> "Page[ConsentView]":
        return await app.consents.list(operator_here(), id, page)

    page = _page_of(user, PageRequest(limit, cursor), data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = (
        (c.id, c.purpose, c.text_version, c.granted_at, c.granted_by, c.withdrawn_at)
        for c in page.items
    )
    headings = ("id", "to", "text", "since", "by", "withdrawn")
    print_table(headings, rows, empty="They have agreed to nothing.")


@privacy.command("disclosures")
@_of_person
def list_disclosures(
    user: str, limit: int, cursor: str | None, data_dir: Path | None, *, as_json: bool
) -> None:
    """Who was shown what is held about a person, and what for."""
    from adapters.cli.tables import print_table
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App", id: str, page: "PageRequest") -> "Page[DisclosureView]":
        return await app.records.disclosures(operator_here(), id, page)

    page = _page_of(user, PageRequest(limit, cursor), data_dir, found, as_json=as_json)
    if as_json:
        print_json(page)
        return
    rows = ((d.at, d.reader_id or "the operator", d.what, d.purpose) for d in page.items)
    print_table(("at", "to", "what", "what for"), rows, empty="Nobody was shown anything.")


@privacy.command("confirm-guardian")
@click.argument("child")
@click.argument("guardian")
@json_option
@data_dir_option
def confirm_guardian(child: str, guardian: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Confirm that GUARDIAN is CHILD's guardian; each by id or e-mail address."""

    async def confirm(app: "App") -> "GuardianView":
        actor = operator_here()
        found = await app.users.find(actor, child)
        other = await app.users.find(actor, guardian)
        return await app.guardians.confirm(actor, found.id, other.id)

    confirmed = ask(data_dir, confirm, as_json=as_json)
    if as_json:
        print_json(confirmed)
    else:
        click.echo(shown(f"{guardian} is a guardian of {child}."))


@privacy.command("confirm-guardians")
@click.argument("organization")
@click.option("--by", required=True, help="Who confirms it: an org_admin's id or address.")
@json_option
@data_dir_option
def confirm_guardians(organization: str, by: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Confirm all guardians that rosters name of the children at ORGANIZATION and below it."""

    async def confirm(app: "App") -> "ConfirmedGuardians":
        actor = operator_here()
        at = await app.organizations.named(actor, organization)
        who = await app.users.find(actor, by)
        return await app.guardian_confirmations.confirm_all(actor, at, by=who.id)

    done = ask(data_dir, confirm, as_json=as_json)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.confirmed} confirmed.")


@privacy.command("end-guardian")
@click.argument("child")
@click.argument("guardian")
@json_option
@data_dir_option
def end_guardian(child: str, guardian: str, data_dir: Path | None, *, as_json: bool) -> None:
    """GUARDIAN is CHILD's guardian no longer; each by id or e-mail address."""

    async def end(app: "App") -> tuple[str, str]:
        actor = operator_here()
        found = await app.users.find(actor, child)
        other = await app.users.find(actor, guardian)
        await app.guardians.remove(actor, found.id, other.id)
        return found.id, other.id

    child_id, guardian_id = ask(data_dir, end, as_json=as_json)
    if as_json:
        print_json({"child_id": child_id, "guardian_id": guardian_id, "ended": True})
    else:
        click.echo(shown(f"{guardian} is a guardian of {child} no longer."))
