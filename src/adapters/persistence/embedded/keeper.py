"""A process of its own that starts PostgreSQL, and ends it when nobody uses it any more.

    python -m adapters.persistence.embedded.keeper FOLDER PROGRAMS SOCKETS durable|fast

Who uses it holds a shared lock, which the kernel frees with them, also after SIGKILL. Only the
standard library: it should be there at once, and weigh little.
"""

import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

START_LOCK: Final = "start.lock"
USERS_LOCK: Final = "users.lock"
KEEPER_LOCK: Final = "keeper.lock"
GRACE: Final = 1.0  # seconds, in which the next command may come
STOP_TIMEOUT: Final = 12.0  # seconds for a fast stop, then an immediate one
RETRIES: Final = 40  # a quarter of a second each: what is left of one that was killed goes away
_LARGEST_LOG: Final = 4 << 20

_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "jit": "off",
    "client_connection_check_interval": "5s",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "huge_pages": "off",
}
_FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main(folder: Path, programs: Path, sockets: Path, *, durable: bool) -> int:
    keeping = os.open(folder / KEEPER_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(keeping, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0  # another one was faster
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when nobody needs it, and not before
    pid = running_pid(folder)
    server = None
    if pid is None:
        server = _start(folder, programs, sockets, durable=durable)
        if server is None:
            return 1
        pid = server.pid
    _wait_until_unused(folder, pid, server)
    return 0


def running_pid(folder: Path) -> int | None:
    """Of a PostgreSQL that was left running when its keeper was killed."""
    try:
        pid = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"postgres" not in command.read_bytes():
            return None  # the number is another program's by now
    except (OSError, ValueError):
        return None
    return pid


def _start(
    folder: Path, programs: Path, sockets: Path, *, durable: bool
) -> "subprocess.Popen[bytes] | None":
    settings = (
        _SETTINGS | ({} if durable else _FAST) | {"unix_socket_directories": _quoted(sockets)}
    )
    arguments = [f"-c{name}={value}" for name, value in settings.items()]
    for _ in range(RETRIES):
        with _log(folder) as log:
            server = subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
                [programs / "bin" / "postgres", "-D", folder / "data", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                **_unprivileged(),
            )
        # It is refused within moments, where something of one that was killed is still there.
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.25)
            continue
        return server
    return None


def _wait_until_unused(folder: Path, pid: int, server: "subprocess.Popen[bytes] | None") -> None:
    users = os.open(folder / USERS_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    while True:
        fcntl.flock(users, fcntl.LOCK_EX)  # comes when the last one has gone
        fcntl.flock(users, fcntl.LOCK_UN)
        time.sleep(GRACE)
        starting = os.open(folder / START_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(starting, fcntl.LOCK_EX)  # from here on nobody can join
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(starting)
            continue
        _stop(pid, server)
        return  # the locks go with the process


def _stop(pid: int, server: "subprocess.Popen[bytes] | None") -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + STOP_TIMEOUT
        while time.monotonic() < deadline:
            if not _lives(pid, server):
                return
            time.sleep(0.02)


def _lives(pid: int, server: "subprocess.Popen[bytes] | None") -> bool:
    if server:
        return server.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _log(folder: Path) -> Any:  # an open file
    log = folder / "log"
    large = log.exists() and log.stat().st_size > _LARGEST_LOG
    return log.open("wb" if large else "ab")


def _quoted(path: Path) -> str:
    """A list of folders is separated by commas, so a name with one is quoted."""
    return '"' + str(path).replace('"', '""') + '"'


def _unprivileged() -> dict[str, Any]:  # subprocess' own
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


if __name__ == "__main__":
    where, installed, socket_folder, mode = sys.argv[1:]
    sys.exit(main(Path(where), Path(installed), Path(socket_folder), durable=mode == "durable"))
