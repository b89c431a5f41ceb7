"""Rosters of a district, in and out again: `python -m bench.rosters [--pupils 10000 100000]`.

By the command that administrators use, as a process of its own, beside a server on the same
database; and the same rows by COPY into bare tables, in the same run.
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
from time import perf_counter
from typing import Final

import psycopg
import uvloop
from attrs import frozen
from rich import box
from rich.table import Table

from adapters.rosters.writing import write_oneroster
from bench import machine
from bench.__main__ import _database, console
from bench.load import Paced, get, in_turn
from bench.machine import PRODUCT, Running, environment, running
from bench.roster_set import changed, rows_of
from bench.school import make_school

RATE: Final = 20.0  # requests a second of those who are signed in, meanwhile


@frozen
class Taken:
    """`seconds`, and `megabytes` resident at most, of one command."""

    what: str
    seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.rosters", description=__doc__)
    parser.add_argument("--pupils", type=int, nargs="+", default=[10_000, 100_000])
    sizes = parser.parse_args().pupils
    console.print(f"\n{machine.description()}\n")
    for pupils in sizes:
        _measure(pupils)


def _measure(pupils: int) -> None:
    with _files(pupils) as (full, delta), _database() as (folder, url):
        environ = environment(folder, url)
        school = make_school(environ)
        cores = machine.cores()
        with running("faraday", PRODUCT, environ, cores.server, "/readyz") as server:
            meanwhile = _Meanwhile(server, school.tokens[:50])
            with meanwhile:
                taken = [*_imports(environ, full, delta)]
            bare = _bare(url, full)
        _show(pupils, taken, bare, meanwhile.p99)


def _imports(environ: Mapping[str, str], full: Path, delta: Path) -> Iterator[Taken]:
    place = _faraday(environ, "organizations", "create", "--name", "District")[0]["id"]
    run = ("import", "run", "oneroster", str(full), "--organization", place)
    first, taken = _timed(environ, "the first import", *run)
    yield taken
    yield _timed(environ, "the same files again", *run)[1]
    _faraday(environ, "organizations", "create", "--name", "Another", "--parent", place)
    yield _timed(environ, "the same again, something else having changed", *run)[1]
    some = ("import", "run", "oneroster", str(delta), "--organization", place)
    second, taken = _timed(environ, "a delta of 1 %", *some)
    yield taken
    yield _timed(environ, "the delta taken back", "import", "undo", second["run_id"])[1]
    yield _timed(environ, "the first import taken back", "import", "undo", first["run_id"])[1]


def _timed(environ: Mapping[str, str], what: str, *arguments: str) -> tuple[dict[str, str], Taken]:
    console.print(what, style="dim")
    began = perf_counter()
    found, megabytes = _faraday(environ, *arguments)
    return found, Taken(what, perf_counter() - began, megabytes)


def _faraday(environ: Mapping[str, str], *arguments: str) -> tuple[dict[str, str], float]:
    """What it answers, and the most memory that it held."""
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
    return json.loads(answer), usage.ru_maxrss / 1024


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
    """Those who are signed in, and go on working. `p99`: of GET /auth/me, ms."""

    def __init__(self, server: Running, tokens: Sequence[str]) -> None:
        self._server, self._tokens = server, tokens
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.p99 = 0.0

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
            self.p99 = loop.run(self._ask())

    async def _ask(self) -> float:
        paced = Paced(in_turn([get("/api/v1/auth/me", token) for token in self._tokens]))
        await paced.connect(self._server.port, 8)
        await paced.use_each_once()
        measured = await paced.run(RATE, lambda _: not self._done.is_set())
        paced.close()
        return measured.percentile(0.99)


_GOALS: Final = {
    "the first import": 60,
    "the same files again": 15,
    "the same again, something else having changed": 15,
    "a delta of 1 %": 5,
    "the first import taken back": 60,
}


def _show(pupils: int, taken: Sequence[Taken], bare: float, p99: float) -> None:
    table = Table("what", "seconds", "of bare COPY", "MB at most", "goal", "met", box=box.MARKDOWN)
    for one in taken:
        goal = _GOALS.get(one.what)
        met = "" if goal is None else _met(one.seconds < goal and one.megabytes < 300)
        table.add_row(
            one.what,
            f"{one.seconds:.1f}",
            f"{one.seconds / bare:.1f}",
            f"{one.megabytes:.0f}",
            f"< {goal} s, 300 MB" if goal else "",
            met,
        )
    console.print(f"### {pupils:,} pupils", table, "", sep="\n")
    console.print(
        f"COPY into bare tables: {bare:.1f} s. GET /auth/me meanwhile: 99th percentile"
        f" {p99:.0f} ms (goal < 250: {_met(p99 < 250)}).\n"
    )


def _met(goal: bool) -> str:  # noqa: FBT001 -- what it is about
    return "yes" if goal else "NO"


if __name__ == "__main__":
    main()
