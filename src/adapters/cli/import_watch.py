import asyncio
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json
from adapters.terminal_text import harmless, shown

if TYPE_CHECKING:
    from adapters.app import App
    from adapters.roster_drops.watching import Watch
    from faraday_core.roster.drop_service import Taken

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN: Final = re.compile(r"([1-9]\d{0,5})([smhd])")


class Span(click.ParamType[float]):
    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """`value`: as it was written, or a default's number."""
        if isinstance(value, int | float):
            return float(value)
        found = _SPAN.fullmatch(value)
        if not found:
            self.fail(f"{value!r} is no time such as 30s, 15m, 2h or 1d", param, ctx)
        return float(int(found[1]) * _UNITS[found[2]])


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--organization", required=True, help="Its id or exact name.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(("oneroster", "canvas-sis", "ms-sds", "sheet")),
    required=True,
)
@click.option("--mode", type=click.Choice(("strict", "tolerant")), default="strict")
@click.option("--full", is_flag=True, help="What a set does not name is removed.")
@click.option("--source-system", help="Its name; else the format's.")
@click.option("--accept-large-change", is_flag=True, help="As of `faraday import run`.")
@click.option("--every", type=Span(), default="1d", show_default=True, help="As 15m, 2h, 1d.")
@click.option(
    "--settled",
    type=Span(),
    default="10s",
    show_default=True,
    help="How long a set does not change before it is taken.",
)
@click.option("--once", is_flag=True, help="Look once, and end.")
@json_option
@data_dir_option
def watch(
    folder: Path,
    organization: str,
    kind: str,
    mode: str,
    source_system: str | None,
    every: float,
    settled: float,
    data_dir: Path | None,
    *,
    full: bool,
    accept_large_change: bool,
    once: bool,
    as_json: bool,
) -> None:
    """Import what is laid into a folder, and move it to done/ or failed/ with a report.

    Each folder, zip or file in it is a set. Administrators are mailed where rows were refused, or
    nothing was taken. With --once the exit code is that of `faraday import run`.
    """
    from adapters.roster_drops.folder import FolderDrop
    from faraday_core.roster.reading import Format
    from faraday_core.roster.requests import ImportRequest
    from faraday_core.roster.runs import Mode

    async def look(app: "App") -> "Sequence[Taken]":
        from adapters.roster_drops.watching import Watch

        actor = operator_here()
        place = await app.organizations.named(actor, organization)
        request = ImportRequest(
            place, Format(kind), str(folder), Mode(mode), source_system, full=full
        )
        watching = Watch(
            app,
            FolderDrop(folder),
            request,
            accept_large_change=accept_large_change,
            settled_after=settled,
        )
        if once:
            return await watching.look(actor)
        while True:
            for taken in await _one_look(watching):
                _print([taken], as_json=as_json)
            await asyncio.sleep(every)

    taken = ask(data_dir, look, as_json=as_json)
    if as_json:
        print_json({"items": [_brief(one) for one in taken]})
    else:
        _print(taken, as_json=False)
    sys.exit(1 if any(one.problem for one in taken) else 3 if any(o.refused for o in taken) else 0)


async def _one_look(watching: "Watch") -> "Sequence[Taken]":
    """Where the folder or the database is away, there is another time."""
    from faraday_core.kernel.errors import Unavailable

    try:
        return await watching.look(operator_here())
    except Unavailable as error:
        click.echo(f"faraday: {harmless(error.detail)}", err=True)
        return ()


def _print(taken: "Sequence[Taken]", *, as_json: bool) -> None:
    for one in taken:
        if as_json:
            print_json(_brief(one))
        elif one.problem:
            click.echo(shown(f"{one.name}: failed: {one.problem}"))
        else:
            told = f"{one.refused} rows refused" if one.refused else "all taken"
            click.echo(shown(f"{one.name}: done, {told}"))


def _brief(one: "Taken") -> dict[str, object]:
    run_id = one.view.run_id if one.view else None
    status = one.view.status if one.view else "failed"
    return {
        "name": one.name,
        "run_id": run_id,
        "status": status,
        "refused": one.refused,
        "problem": one.problem,
    }
