"""Rosters of a district, in and out again: `python -m bench.rosters [--pupils 10000 100000]`.

By the command that administrators use, as a process of its own, beside a server on the same
database; and the same rows by COPY into bare tables, in the same run. A hundred thousand pupils
take some five minutes.
"""

import argparse
import asyncio
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import psycopg
import uvloop
from attrs import frozen
from rich import box
from rich.table import Table

from adapters.rosters.writing import write_oneroster
from bench import machine
from bench.__main__ import console, database
from bench.load import Measured, Paced, get, in_turn
from bench.machine import PRODUCT, Running, environment, running
from bench.roster_set import changed, rows_of
from bench.school import make_school
from bench.search_box import keystrokes

RATE: Final = 20.0  # requests a second of those who are signed in, meanwhile


@frozen
class Taken:
    """One command: seconds, those of its own CPU, and what was resident of it at most; or of the
    bench, if that is more, of which it is a copy when it begins."""

    what: str
    seconds: float
    cpu: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rosters", description=__doc__)
    parser.add_argument("--pupils", type=int, nargs="+", default=[10_000, 100_000])
    sizes = parser.parse_args().pupils
    console.print(f"\n{machine.description()}\n")
    for pupils in sizes:
        _measure(pupils)


def _measure(pupils: int) -> None:
    with _files(pupils) as (full, delta), database() as (folder, url):
        environ = environment(folder, url)
        school = make_school(environ)
        cores = machine.cores()
        with running("faraday", PRODUCT, environ, cores.server, "/readyz") as server:
            made = _faraday(environ, "organizations", "create", "--name", "District")
            place = made.said["id"]
            meanwhile = _Meanwhile(server, school.tokens[:50])
            with meanwhile:
                first, taken = _imports(environ, place, full, delta)
                console.print("the search box", style="dim")
                keys = keystrokes(environ, server, place)
                back = "import", "undo", first
                taken.append(_timed(environ, "the first import taken back", *back)[1])
        console.print("COPY into bare tables", style="dim")
        _show(pupils, taken, _bare(url, full))
        _show_beside(meanwhile, keys)


def _imports(
    environ: Mapping[str, str], place: str, full: Path, delta: Path
) -> tuple[str, list[Taken]]:
    """The run that brought all in, with what each took."""
    at = ("--organization", place)
    run, some = (("import", "run", "oneroster", str(files), *at) for files in (full, delta))
    first, took = _timed(environ, "the first import", *run)
    again = _timed(environ, "the same files again", *run)[1]
    _faraday(environ, "organizations", "create", "--name", "Another", "--parent", place)
    changed_else = "the same again, something else having changed"
    in_full = _timed(environ, changed_else, *run)[1]
    second, delta_took = _timed(environ, "a delta of 1 %", *some)
    undo = ("import", "undo", second["run_id"])
    undone = _timed(environ, "the delta taken back", *undo)[1]
    return first["run_id"], [took, again, in_full, delta_took, undone]


@frozen
class _Ended:
    """A command: what it said, and what it took."""

    said: Any  # JSON
    cpu: float
    megabytes: float


def _timed(environ: Mapping[str, str], what: str, *arguments: str) -> tuple[Any, Taken]:
    console.print(what, style="dim", end=" … ")
    began = perf_counter()
    ended = _faraday(environ, *arguments)
    taken = Taken(what, perf_counter() - began, ended.cpu, ended.megabytes)
    console.print(f"{taken.seconds:.1f} s", style="dim")
    return ended.said, taken


def _faraday(environ: Mapping[str, str], *arguments: str) -> _Ended:
    command = [sys.executable, "-m", "adapters.cli.main", *arguments, "--json"]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, env=dict(environ), stdout=out, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        answer, said = out.read(), errors.read()
    if process.returncode:
        raise SystemExit(f"{arguments}: {answer.decode()} {said.decode()}")
    cpu = usage.ru_utime + usage.ru_stime
    return _Ended(json.loads(answer), cpu, usage.ru_maxrss / 1024)


@contextmanager
def _files(pupils: int) -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        full, delta = Path(folder) / "full", Path(folder) / "delta"
        write_oneroster(rows_of(pupils), full, "1.1")
        write_oneroster(changed(pupils), delta, "1.1")
        manifest = delta / "manifest.csv"
        manifest.write_text(manifest.read_text().replace(",bulk", ",delta"))
        yield full, delta


def _bare(url: str, full: Path) -> float:
    """Seconds that the same files take by COPY into tables without a key."""
    began = perf_counter()
    with psycopg.connect(url) as connection:
        for file in sorted(full.glob("*.csv")):
            with file.open(newline="", encoding="utf-8") as rows:
                reader = csv.reader(rows)
                heading = next(reader)
                columns = ", ".join(f"c{n} text" for n in range(len(heading)))
                connection.execute(f"create table bare_{file.stem} ({columns})".encode())
                copied = f"copy bare_{file.stem} from stdin (format csv)"
                with connection.cursor().copy(copied.encode()) as copy:
                    while part := [row for _, row in zip(range(5000), reader, strict=False)]:
                        text = io.StringIO(newline="")
                        csv.writer(text).writerows(part)
                        copy.write(text.getvalue())
    return perf_counter() - began


class _Meanwhile:
    """Those who are signed in, and go on working. `p99`: of GET /auth/me, ms; of so many `asked`
    so many `failed`."""

    def __init__(self, server: Running, tokens: Sequence[str]) -> None:
        self._server, self._tokens = server, tokens
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.p99, self.asked, self.failed = 0.0, 0, 0

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            measured = loop.run(self._ask())
        self.p99, self.failed = measured.percentile(0.99), measured.failed
        self.asked = len(measured.latencies)

    async def _ask(self) -> Measured:
        paced = Paced(in_turn([get("/api/v1/auth/me", token) for token in self._tokens]))
        await paced.connect(self._server.port, 8)
        await paced.use_each_once()
        measured = await paced.run(RATE, lambda _: not self._done.is_set())
        paced.close()
        return measured


_GOALS: Final = {
    "the first import": 60,
    "the same files again": 15,
    "the same again, something else having changed": 15,
    "a delta of 1 %": 5,
    "the first import taken back": 60,
}


def _show(pupils: int, taken: Sequence[Taken], bare: float) -> None:
    columns = "what", "seconds", "own CPU, s", "of bare COPY", "MB at most", "goal", "met"
    table = Table(*columns, box=box.MARKDOWN)
    for one in taken:
        goal = _GOALS.get(one.what)
        met = "" if goal is None else _met(one.seconds < goal and one.megabytes < 300)
        table.add_row(
            one.what,
            f"{one.seconds:.1f}",
            f"{one.cpu:.1f}",
            f"{one.seconds / bare:.1f}",
            f"{one.megabytes:.0f}",
            f"< {goal} s, 300 MB" if goal else "",
            met,
        )
    console.print(f"### {pupils:,} pupils", table, "", sep="\n")
    console.print(f"COPY into bare tables: {bare:.1f} s.")


def _show_beside(meanwhile: _Meanwhile, keys: Sequence[float]) -> None:
    console.print(
        f"GET /auth/me meanwhile: 99th percentile {meanwhile.p99:.0f} ms of {meanwhile.asked:,},"
        f" {meanwhile.failed} failed (goal < 250: {_met(meanwhile.p99 < 250)})."
    )
    console.print(
        f"A key in the terminal's search box: {median(keys):.0f} ms, at most {max(keys):.0f}"
        f" (goal < 100: {_met(max(keys) < 100)}).\n"
    )


def _met(goal: bool) -> str:  # noqa: FBT001 -- what it is about
    return "yes" if goal else "NO"


if __name__ == "__main__":
    main()
