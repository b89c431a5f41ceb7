from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.cli.users import users

if TYPE_CHECKING:
    from adapters.app import App
    from faraday_core.kernel.paging import Page
    from faraday_core.records.model import GuardianView
    from faraday_core.roster.held_fields import HeldFieldsView
    from faraday_core.roster.views import (
        AcademicSessionView,
        ClassView,
        CourseView,
        EnrollmentView,
    )

T = TypeVar("T")
Command = Callable[..., Any]  # whatever click makes of it


def _list_options(command: Command) -> Command:
    """Those that all lists of a roster take."""
    options = (
        click.option("--organization", help="Its id or exact name; with all below it."),
        click.option("--source-system", help="As the import was told, or the format's name."),
        click.option(
            "--source-id", help="The id that the source gives it; also what is inactive."
        ),
        click.option("--include-inactive", is_flag=True),
        click.option("--limit", type=click.IntRange(1, 100), default=100, show_default=True),
        click.option("--cursor", help="Where the page before ended: its `next_cursor`."),
        json_option,
        data_dir_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def classes() -> None:
    """Classes, and who takes part in them."""


@click.group()
def courses() -> None:
    """What may be taught again and again."""


@click.group("academic-sessions")
def academic_sessions() -> None:
    """School years, terms, grading periods."""


@classes.command("list")
@click.option("--course", help="Its id.")
@click.option("--academic-session", help="Its id.")
@_list_options
def list_classes(
    course: str | None,
    academic_session: str | None,
    organization: str | None,
    source_system: str | None,
    source_id: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    include_inactive: bool,
    as_json: bool,
) -> None:
    """List classes, the oldest first."""
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.roster.model import ClassFilter

    async def found(app: "App") -> "Page[ClassView]":
        wanted = ClassFilter(
            await _place(app, organization),
            course,
            academic_session,
            source_system,
            source_id,
            include_inactive,
        )
        return await app.classes.list(operator_here(), PageRequest(limit, cursor), wanted)

    page = ask(data_dir, found, as_json=as_json)
    rows = ((o.id, o.title, o.code, o.source_id, o.is_active) for o in page.items)
    _print_page(page, ("id", "title", "code", "source id", "active"), rows, as_json=as_json)


@classes.command("show")
@click.argument("class_id", metavar="CLASS")
@json_option
@data_dir_option
def show_class(class_id: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Show a class, by its id, and the first hundred who take part in it."""
    from adapters.cli.tables import print_fields
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.kernel.parsing import plain

    async def found(app: "App") -> "tuple[ClassView, Page[EnrollmentView]]":
        actor = operator_here()
        page = PageRequest(limit=100)
        enrolled = await app.classes.enrollments(actor, class_id, page)
        return await app.classes.get(actor, class_id), enrolled

    one, page = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(plain(one) | {"enrollments": plain(page)})
        return
    print_fields(
        (
            ("id", one.id),
            ("title", one.title),
            ("code", one.code),
            ("location", one.location),
            ("course", one.course_id),
            ("organization", one.organization_id),
            ("source", one.source_system),
            ("source id", one.source_id),
            ("active", one.is_active),
        )
    )
    rows = ((o.user_id, o.full_name, o.role, o.status) for o in page.items)
    _print_page(page, ("id", "name", "role", "status"), rows, as_json=False)


@courses.command("list")
@_list_options
def list_courses(
    organization: str | None,
    source_system: str | None,
    source_id: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    include_inactive: bool,
    as_json: bool,
) -> None:
    """List courses, the oldest first."""
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.roster.model import CourseFilter

    async def found(app: "App") -> "Page[CourseView]":
        place = await _place(app, organization)
        wanted = CourseFilter(place, source_system, source_id, include_inactive)
        return await app.courses.list(operator_here(), PageRequest(limit, cursor), wanted)

    page = ask(data_dir, found, as_json=as_json)
    rows = ((o.id, o.title, o.code, o.source_id, o.is_active) for o in page.items)
    _print_page(page, ("id", "title", "code", "source id", "active"), rows, as_json=as_json)


@academic_sessions.command("list")
@_list_options
def list_academic_sessions(
    organization: str | None,
    source_system: str | None,
    source_id: str | None,
    limit: int,
    cursor: str | None,
    data_dir: Path | None,
    *,
    include_inactive: bool,
    as_json: bool,
) -> None:
    """List school years, terms and grading periods, the oldest first."""
    from faraday_core.kernel.paging import PageRequest
    from faraday_core.roster.model import AcademicSessionFilter

    async def found(app: "App") -> "Page[AcademicSessionView]":
        place = await _place(app, organization)
        wanted = AcademicSessionFilter(place, source_system, source_id, include_inactive)
        page = PageRequest(limit, cursor)
        return await app.academic_sessions.list(operator_here(), page, wanted)

    page = ask(data_dir, found, as_json=as_json)
    rows = ((o.id, o.title, o.type, o.starts_on, o.ends_on, o.source_id) for o in page.items)
    headings = ("id", "title", "type", "from", "to", "source id")
    _print_page(page, headings, rows, as_json=as_json)


@users.command("hold")
@click.argument("user")
@click.argument("fields", metavar="[FIELD]...", nargs=-1)
@click.option("--none", "release", is_flag=True, help="Hold none of them any longer.")
@json_option
@data_dir_option
def hold_fields(
    user: str, fields: Sequence[str], data_dir: Path | None, *, release: bool, as_json: bool
) -> None:
    """Have imports leave these fields of a person as they are, and no others.

    A FIELD is full_name, given_name, middle_name, family_name, username, email, is_active, grades
    or identifier.
    """
    if bool(fields) == release:
        raise click.UsageError("Give either fields or --none.")
    from adapters.terminal_text import shown
    from faraday_core.roster.held_fields import HeldFields

    async def hold(app: "App") -> "HeldFieldsView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.held_fields.hold_of_user(actor, person.id, HeldFields([*fields]))

    held = ask(data_dir, hold, as_json=as_json)
    if as_json:
        print_json(held)
    else:
        told = ", ".join(held.fields) or "nothing"
        click.echo(shown(f"Imports leave as it is: {told}."))


@users.command("guardians")
@click.argument("user")
@json_option
@data_dir_option
def list_guardians(user: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Who a child's guardians are, and what they are to it where a roster has said so."""
    from faraday_core.kernel.paging import PageRequest

    async def found(app: "App") -> "Page[GuardianView]":
        actor = operator_here()
        person = await app.users.find(actor, user)
        return await app.guardians.list(actor, person.id, PageRequest(100))

    page = ask(data_dir, found, as_json=as_json)
    rows = ((one.guardian_id, one.relation, one.created_at) for one in page.items)
    _print_page(page, ("guardian", "is their", "confirmed"), rows, as_json=as_json)


async def _place(app: "App", organization: str | None) -> str | None:
    return await app.organizations.named(operator_here(), organization) if organization else None


def _print_page(
    page: "Page[T]",
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    as_json: bool,
) -> None:
    from adapters.cli.tables import print_table

    if as_json:
        print_json(page)
        return
    print_table(headings, rows, empty="There is none yet.")
    if page.next_cursor:
        click.echo(f"There are more: --cursor {page.next_cursor}", err=True)
