"""All of it: `python -m bench [--rounds N] [--quick]`."""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import orjson
import uvloop
from attrs import asdict, frozen
from rich.console import Console

from adapters.persistence import embedded
from bench import machine, tables
from bench.connections import FEW, Held, hold
from bench.layers import Inside
from bench.machine import BARE, PRODUCT, Cores, environment, most_connections, running
from bench.rounds import Compared, compare
from bench.school import School, make_school
from bench.storm import Stormy, storms

# Wide enough for any table, wherever it is printed.
console = Console(width=240, highlight=False)


@frozen
class Size:
    rounds: int
    seconds: float  # a load and server
    storms: int
    connections: int
    holding: float  # seconds


@frozen
class Figures:
    compared: list[Compared]
    storms: list[Stormy]
    after_load: int
    inside: Inside
    held: Held


def main() -> None:
    size = _asked()
    there, told = machine.cores(), machine.description()
    os.sched_setaffinity(0, {there.others})  # and so of PostgreSQL, which it starts
    with database() as (folder, url), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        environ = environment(folder, url)
        console.print("making two schools of 200 …", style="dim")
        school = make_school(environ)
        found = _measure(environ, school, size, there, loop)
    _show(found, told)


def _asked() -> Size:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, help="of each load and server; 5, or quick 2")
    parser.add_argument("--quick", action="store_true", help="about a minute, and rough")
    given = parser.parse_args()
    if given.quick:
        return Size(given.rounds or 2, 0.7, 1, 2_000, 5.0)
    return Size(given.rounds or 5, 2.0, 3, 10_000, 15.0)


@contextmanager
def database() -> Iterator[tuple[Path, str]]:
    """A durable one, as the product embeds it, in a folder that is gone with it."""
    with tempfile.TemporaryDirectory(prefix="faraday-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # ours: PostgreSQL's user is to get in
        server = embedded.start(folder)
        try:
            yield folder, server.url
        finally:
            server.release()
            _wait_until_ended(folder)


def _wait_until_ended(folder: Path) -> None:
    import time  # noqa: PLC0415 -- here alone

    deadline = time.monotonic() + 20
    while (folder / "postgres" / "data" / "postmaster.pid").exists():
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _measure(
    environ: Mapping[str, str], school: School, size: Size, there: Cores, loop: asyncio.Runner
) -> Figures:
    count = max(most_connections(size.connections), FEW * 2)
    if count < size.connections:
        console.print(f"only {count:,} connections: more files may not be open (ulimit -n)")
    with running("faraday", PRODUCT, environ, there.server, "/readyz") as product:
        with running("bare", BARE, environ, there.server, "/livez") as bare:
            compared = loop.run(
                compare(
                    product, bare, school, rounds=size.rounds, seconds=size.seconds, tell=_tell
                )
            )
        _tell("a storm of sign-ins")
        stormy = loop.run(storms(product, school, size.storms))
        after_load = product.memory()
    _tell("the layers")
    inside = _inside(environ, school, there)
    _tell(f"{count:,} connections")
    with running("faraday", PRODUCT, environ, there.server, "/readyz") as product:
        held = loop.run(hold(product, school, count, size.holding))
    return Figures(compared, stormy, after_load, inside, held)


def _inside(environ: Mapping[str, str], school: School, there: Cores) -> Inside:
    file = Path(environ["FARADAY_DATA_DIR"]) / "school.json"
    file.write_bytes(orjson.dumps(asdict(school)))
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.layers", file], stdout=subprocess.PIPE, env=dict(environ)
    )
    os.sched_setaffinity(process.pid, {there.server})
    output, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("The layers could not be measured.")
    return Inside(**orjson.loads(output))


def _show(found: Figures, told: str) -> None:
    console.print(f"\n{told}\n")
    parts: list[tuple[str, Callable[[], object]]] = [
        ("The product beside the bare server", lambda: tables.table_of_rounds(found.compared)),
        (
            "Where the time goes, at 32 connections",
            lambda: tables.table_of_layers(found.compared, found.inside),
        ),
        ("A storm of sign-ins", lambda: tables.table_of_storms(found.storms)),
        ("Memory and connections", lambda: tables.table_of_memory(found.held, found.after_load)),
    ]
    for title, table in parts:
        console.print(f"### {title}", table(), "", sep="\n")


def _tell(what: str) -> None:
    console.print(what, style="dim")


if __name__ == "__main__":
    main()
