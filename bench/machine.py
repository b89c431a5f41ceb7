"""Processes and what they use: who runs on which core, processor time and memory."""

import os
import platform
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from adapters.http.listening import bound_socket

START_TIMEOUT: Final = 60.0  # seconds
PRODUCT: Final = ("-m", "adapters.cli.main", "serve", "--port")
BARE: Final = ("-m", "bench.bare")
_ROOT: Final = Path(__file__).parents[1]
_SPARE: Final = 1_000  # open files that are no connections
_NANO: Final = 1e9


@frozen
class Cores:
    """The server's; and that of PostgreSQL and of who asks. The same, where there is but one."""

    server: int
    others: int


def cores() -> Cores:
    there = sorted(os.sched_getaffinity(0))
    return Cores(there[0], there[-1])


@frozen
class Running:
    """A server of one process."""

    name: str
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu(self) -> float:
        """Seconds that it has used so far, with its threads and children."""
        return sum(map(_cpu_of, _tree(self.pid)))

    def memory(self) -> int:
        """Bytes that are resident, with its children."""
        return sum(map(_resident, _tree(self.pid)))


@contextmanager
def running(
    name: str, program: tuple[str, ...], environ: Mapping[str, str], core: int, ready: str
) -> Iterator[Running]:
    """A server on this core, once it answers at `ready`; its port is its last argument.

    Raises RuntimeError with what it wrote where it does not start.
    """
    with bound_socket("127.0.0.1", 0) as at:
        port: int = at.getsockname()[1]
    log = Path(environ["FARADAY_DATA_DIR"]) / f"{name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *program, str(port)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environ),
        )
    os.sched_setaffinity(process.pid, {core})
    server = Running(name, port, process.pid)
    try:
        _wait_until_ready(server.url + ready, process, log)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(data_dir: Path, database_url: str) -> dict[str, str]:
    """The product's defaults, but for what would end or refuse a bench that asks from one address
    for longer than a token lives."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FARADAY_")}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT)]),
        "FARADAY_DATA_DIR": str(data_dir),
        "FARADAY_DATABASE_URL": database_url,
        "FARADAY_AUTH_RATE_PER_MINUTE": "0",
        "FARADAY_ACCESS_TOKEN_SECONDS": "86400",
        "FARADAY_LOG_LEVEL": "warning",
    }


def most_connections(wanted: int) -> int:
    """As many as both ends may hold open, after asking for all that is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - _SPARE)


def description() -> str:
    """In general words, with the versions that matter."""
    from importlib.metadata import version  # noqa: PLC0415 -- once, at the end

    names = ("aiohttp", "psycopg", "psycopg-pool", "uvloop", "orjson", "PyJWT")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    count = len(os.sched_getaffinity(0))
    busy = os.getloadavg()[0]
    python = platform.python_version()
    return f"{count} cores, load {busy:.1f} before it began; Python {python}, {versions}"


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 -- our own, on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"It did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


def _tree(pid: int) -> list[int]:
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += map(int, (task / "children").read_text().split())
    return [pid, *(below for child in children for below in _tree(child))]


def _cpu_of(pid: int) -> float:
    """User and system time, to the nanosecond: /proc/PID/stat knows hundredths of a second."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / _NANO


def _resident(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmRSS:"))
    return int(found.split()[1]) * 1024
