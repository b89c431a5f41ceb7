"""How far an import has come: bars on a terminal, plain lines where there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from faraday_core.roster.runs import ImportProgress

Report = Callable[["ImportProgress"], None]
LINE_EVERY: Final = 5.0  # seconds, of plain lines


@contextmanager
def reporting(*, quiet: bool, as_json: bool) -> Iterator[Report | None]:
    """On stderr, so that what is printed as the answer stays alone.

    `as_json`: a program reads it, so lines are of use to nobody.
    """
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if quiet or (as_json and not console.is_terminal):
        yield None
        return
    if not console.is_terminal:
        yield _Lines()
        return
    with bars(console) as progress:
        yield Bar(progress)


def bars(console: Console, get_time: Callable[[], float] = monotonic) -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<10}"),
        BarColumn(bar_width=None),
        _Rows(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, expand=True, get_time=get_time)


class Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=None)

    def __call__(self, heard: "ImportProgress") -> None:
        reading = heard.stage == "reading"
        # What the database does at once has no parts that could be counted.
        total = heard.total if reading else None
        self._progress.update(
            self._task, description=str(heard.stage), completed=heard.done, total=total
        )


class _Rows(ProgressColumn):
    def render(self, task: Task) -> Text:
        of = f" of {int(task.total):,}" if task.total else ""
        return Text(f"{int(task.completed):,}{of} rows")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{int(rate):,}/s" if rate and task.total else "")


class _Lines:
    def __init__(self) -> None:
        self._begun = self._told = monotonic()
        self._stage = ""

    def __call__(self, heard: "ImportProgress") -> None:
        now = monotonic()
        if heard.stage == self._stage and now - self._told < LINE_EVERY:
            return
        self._told, self._stage = now, heard.stage
        click.echo(f"faraday: {self._line(heard, now - self._begun)}", err=True)

    def _line(self, heard: "ImportProgress", seconds: float) -> str:
        of = f" of about {heard.total:,}" if heard.total else ""
        rows = f"{heard.stage}: {heard.done:,}{of} rows"
        rate = heard.done / seconds if seconds else 0
        if heard.stage != "reading" or not rate:
            return f"{rows}, {seconds:.0f} s"
        left = max(0, (heard.total or 0) - heard.done) / rate
        return f"{rows}, {rate:,.0f} a second, about {left:.0f} s left"
