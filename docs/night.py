"""The pictures of one night's import (`rosters.md`)."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import evolve
from rich.console import Console

from adapters.cli.import_progress import Bar, bars
from adapters.cli.import_shown import print_import
from adapters.compose import in_memory
from adapters.roster_reports import html_report
from adapters.serving.demo import load_into
from adapters.serving.demo_school import PRIMARY
from docs.terminals import terminal
from faraday_core.kernel.actor import operator
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportRequest, ImportView
from faraday_core.roster.runs import ImportProgress, Mode, Stage

SHEET = """\
email,given_name,family_name,role,source_id
ada.lund@demo.example.org,Ada,Lund,student,p-1001
ben.holt@,Ben,Holt,student,p-1002
,Cem,Aydin,student,p-1003
,Dina,Roth,pupil?,p-1004
"""


async def imported() -> tuple[dict[str, str], bytes]:
    """A night's pictures: a run with its progress, a plan that waits to be accepted, and the page
    of the report."""
    async with in_memory() as app:
        await load_into(app)
        school = await app.organizations.named(operator("docs"), PRIMARY)
        with TemporaryDirectory() as folder:
            sheet = Path(folder) / "pupils.csv"
            request = ImportRequest(school, Format.SHEET, str(sheet), Mode.TOLERANT)
            pupils = [f"pupil{n}@demo.example.org,Pupil,{n},student,q-{n}\n" for n in range(40)]
            sheet.write_text(SHEET + "".join(pupils), encoding="utf-8")
            run = dated(await app.imports.run(operator("docs"), request))
            sheet.write_text(SHEET + "".join(pupils[:31]), encoding="utf-8")
            fewer = await app.imports.plan(operator("docs"), evolve(request, full=True))
    command = "faraday import run oneroster night --mode tolerant …"
    large = "faraday import plan sheet pupils.csv --full --mode tolerant …"
    return {
        "import-progress": terminal(command, _running),
        "import-large": terminal(large, lambda to: print_import(dated(fewer), to)),
    }, html_report(run)


def _running(to: Console) -> None:
    """As it stands in the middle of a large set."""
    seconds = 0.0
    progress = bars(to, lambda: seconds)
    bar = Bar(progress)
    for second in range(20):
        seconds = float(second)
        heard = datetime(2026, 9, 1, 21, 40, second, tzinfo=UTC)
        bar(ImportProgress("", Stage.READING, heard, second * 32_000, 965_000))
    to.print(progress.get_renderable())


def dated(view: ImportView) -> ImportView:
    at = datetime(2026, 9, 1, 21, 40, tzinfo=UTC)
    applied = view.applied_at and at
    return evolve(view, started_at=at, applied_at=applied, seconds=0.021)
