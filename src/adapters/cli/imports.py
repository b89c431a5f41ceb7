"""`faraday import`: rosters from files, planned, applied and taken back."""

import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click
from attrs import evolve

from adapters.cli import import_history, import_watch
from adapters.cli.asking import (
    ask,
    data_dir_option,
    json_option,
    operator_here,
)

if TYPE_CHECKING:
    from adapters.app import App
    from adapters.cli.import_progress import Report
    from faraday_core.roster.requests import ImportRequest, ImportView

FORMATS: Final = ("oneroster", "canvas-sis", "ms-sds", "sheet")
MODES: Final = ("strict", "tolerant")
Command = Callable[..., Any]  # whatever click makes of it
Given = dict[str, Any]  # options, each of its own kind


@click.group("import")
def imports() -> None:
    """Rosters from files: plan, apply, undo.

    FORMAT is oneroster, canvas-sis, ms-sds or sheet. PATH is a folder, a zip or one file.
    """


for _command in (
    import_history.show,
    import_history.history,
    import_history.report,
    import_watch.watch,
):
    imports.add_command(_command)


def source_options(command: Command) -> Command:
    """Those that say what is read, and how."""
    options = (
        click.option("--organization", required=True, help="Its id or exact name."),
        click.option(
            "--mode",
            type=click.Choice(MODES),
            default="strict",
            show_default=True,
            help="Whether one refused row stops all, or is left out.",
        ),
        click.option("--full", is_flag=True, help="What the set does not name is removed."),
        click.option("--source-system", help="Its name; else the format's."),
        click.option(
            "--map",
            "headings",
            multiple=True,
            metavar="FIELD=HEADING",
            help="Of a sheet: which column a field is in.",
        ),
        click.option("--mapping", help="Of a sheet: a mapping that was saved by this name."),
        click.option("--save-mapping", help="Of a sheet: save its mapping by this name."),
        click.option("--demographics", is_flag=True, help="Read birth dates, too."),
    )
    for option in reversed(options):
        command = option(command)
    return command


large_option = click.option(
    "--accept-large-change",
    is_flag=True,
    help="Even where more than 10 % of a kind are removed, or 75 % changed.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Tell nothing of the progress.")


@imports.command("plan")
@click.argument("kind", type=click.Choice(FORMATS), metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@source_options
@large_option
@quiet_option
@json_option
@data_dir_option
def plan(
    kind: str,
    path: Path,
    data_dir: Path | None,
    *,
    accept_large_change: bool,
    quiet: bool,
    as_json: bool,
    **given: Any,  # of `source_options`
) -> None:
    """Read everything, and say what would happen; nothing is changed.

    A large change that is accepted here need not be when the plan is applied.
    """
    here = os.path.abspath(path)

    async def work(app: "App", report: "Report | None") -> "ImportView":
        request = await _request(app, kind, here, given)
        view = await app.imports.plan(
            operator_here(), request, accept_large_change=accept_large_change, report=report
        )
        await _keep_mapping(app, view, given)
        return view

    _end(_watched(data_dir, work, quiet=quiet, as_json=as_json), as_json=as_json)


@imports.command("run")
@click.argument("kind", type=click.Choice(FORMATS), metavar="FORMAT")
@click.argument("path", type=click.Path(path_type=Path))
@source_options
@large_option
@quiet_option
@json_option
@data_dir_option
def run(
    kind: str,
    path: Path,
    data_dir: Path | None,
    *,
    accept_large_change: bool,
    quiet: bool,
    as_json: bool,
    **given: Any,  # of `source_options`
) -> None:
    """Plan and apply in one."""
    here = os.path.abspath(path)

    async def work(app: "App", report: "Report | None") -> "ImportView":
        request = await _request(app, kind, here, given)
        view = await app.imports.run(
            operator_here(), request, accept_large_change=accept_large_change, report=report
        )
        await _keep_mapping(app, view, given)
        return view

    _end(_watched(data_dir, work, quiet=quiet, as_json=as_json), as_json=as_json)


@imports.command("apply")
@click.argument("plan_id", metavar="PLAN_ID")
@large_option
@quiet_option
@json_option
@data_dir_option
def apply(
    plan_id: str, data_dir: Path | None, *, accept_large_change: bool, quiet: bool, as_json: bool
) -> None:
    """Do exactly what was planned, or nothing where something has changed since."""

    async def work(app: "App", report: "Report | None") -> "ImportView":
        return await _applied(app, plan_id, report, accept_large=accept_large_change)

    _end(_watched(data_dir, work, quiet=quiet, as_json=as_json), as_json=as_json)


@imports.command("undo")
@click.argument("run_id", metavar="RUN_ID")
@json_option
@data_dir_option
def undo(run_id: str, data_dir: Path | None, *, as_json: bool) -> None:
    """Have all as it was before a run."""
    from adapters.cli.import_shown import print_answer

    view = ask(data_dir, lambda app: app.imports.undo(operator_here(), run_id), as_json=as_json)
    print_answer(view, as_json=as_json)


async def _applied(
    app: "App", plan_id: str, report: "Report | None", *, accept_large: bool
) -> "ImportView":
    """A strict plan with refused rows is not refused as such: it says which."""
    from faraday_core.kernel.errors import Conflict
    from faraday_core.roster.runs import RunStatus

    actor = operator_here()
    try:
        return await app.imports.apply(
            actor, plan_id, accept_large_change=accept_large, report=report
        )
    except Conflict as error:
        if error.code != "rows_refused":
            raise
        view = await app.imports.get(actor, plan_id)
        return evolve(view, status=RunStatus.FAILED)


async def _request(app: "App", kind: str, path: str, given: Given) -> "ImportRequest":
    from faraday_core.roster.reading import Format
    from faraday_core.roster.requests import ImportRequest
    from faraday_core.roster.runs import Mode

    actor = operator_here()
    place = await app.organizations.named(actor, given["organization"])
    mapping = headings_of(given["headings"])
    if name := given["mapping"]:
        mapping = {**await app.import_mappings.named(actor, place, name), **mapping}
    return ImportRequest(
        place,
        Format(kind),
        path,
        Mode(given["mode"]),
        given["source_system"],
        mapping,
        given["full"],
        given["demographics"],
    )


def headings_of(pairs: Sequence[str]) -> dict[str, str]:
    split = [pair.partition("=") for pair in pairs]
    for pair, (field, mark, heading) in zip(pairs, split, strict=True):
        if not (mark and field.strip() and heading.strip()):
            raise click.BadParameter(f"{pair!r} is not FIELD=HEADING", param_hint="--map")
    return {field.strip(): heading for field, _, heading in split}


async def _keep_mapping(app: "App", view: "ImportView", given: Given) -> None:
    from faraday_core.roster.import_mapping_service import ImportMappingFields, SheetColumn

    if name := given["save_mapping"]:
        columns = [SheetColumn(field, heading) for field, heading in view.mapping.items()]
        fields = ImportMappingFields(name, columns, view.organization_id)
        await app.import_mappings.put(operator_here(), fields)


def _watched(
    data_dir: Path | None,
    work: "Callable[[App, Report | None], Awaitable[ImportView]]",
    *,
    quiet: bool,
    as_json: bool,
) -> "ImportView":
    from adapters.cli.import_progress import reporting

    async def watched(app: "App") -> "ImportView":
        with reporting(quiet=quiet, as_json=as_json) as report:
            return await work(app, report)

    return ask(data_dir, watched, as_json=as_json)


def _end(view: "ImportView", *, as_json: bool) -> NoReturn:
    from adapters.cli.import_shown import exit_code_of, print_answer

    print_answer(view, as_json=as_json)
    sys.exit(exit_code_of(view))
