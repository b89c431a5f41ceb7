"""A program of its own that keeps PostgreSQL running, and ends it when nobody uses it any more.

    python -I -S keeper.py FOLDER PROGRAMS SOCKETS durable|fast

Who uses it holds a shared lock, which the kernel frees with them, also after SIGKILL. Only the
standard library: it should be there at once, and weigh little.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

START_LOCK: Final = "start.lock"
USERS_LOCK: Final = "users.lock"
KEEPER_LOCK: Final = "keeper.lock"
GRACE: Final = 1.0  # seconds, in which the next command may come
STOP_TIMEOUT: Final = 12.0  # seconds for a fast stop, then an immediate one
RETRIES: Final = 40  # what is left of one that was killed goes away by itself
_PAUSE: Final = 0.25  # seconds between two looks
_LOOKS: Final = 50
_LARGEST_LOG: Final = 4 << 20
_STATUS_LINE: Final = 7  # of postmaster.pid, from nought; PostgreSQL's miscinit.h

_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    # An import writes more than a gigabyte at once, and a checkpoint amid that would write again
    # whatever it goes on to change; it begins at half of this.
    "max_wal_size": "3GB",
    "jit": "off",
    "client_connection_check_interval": "5s",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "huge_pages": "off",
}
_SMALLEST, _LARGEST = 128, 512  # MB that PostgreSQL shares; it takes them as it needs them
_PART: Final = 16  # of the machine's memory
_FAST: Final = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Installed(NamedTuple):
    """`durable`: False is for tests."""

    folder: Path
    programs: Path
    sockets: Path
    durable: bool


class Server(NamedTuple):
    """A PostgreSQL. `child`: None for one that was left running when its keeper was killed."""

    folder: Path
    pid: int
    child: "subprocess.Popen[bytes] | None" = None

    def lives(self) -> bool:
        return self.child.poll() is None if self.child else self == left_running(self.folder)


def main(installed: Installed) -> int:
    folder = installed.folder
    # At once, and not when they are needed: somebody may remove the folder in mid-run.
    keeping, users, starting = (
        opened(folder / name) for name in (KEEPER_LOCK, USERS_LOCK, START_LOCK)
    )
    if not _had(keeping):
        return 0  # another one was faster
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when nobody needs it, and not before
    server = left_running(folder) or _started(installed)
    if server is None:
        return 1
    while not _is_over(users, starting):
        if not server.lives():  # killed, or out of disk: tried again for as long as it is needed
            with suppress(OSError):  # the folder was removed: there is nothing left to run on
                server = _launched(installed) or server
        time.sleep(_PAUSE)
    _stop(server)
    if installed.sockets.parent != folder:
        with suppress(OSError):
            installed.sockets.rmdir()
    return 0  # the locks go with the process


def opened(file: Path) -> int:
    """A lock file; its owner is its folder's, so that root may come before them."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _give_to_owner(descriptor, file.parent)
    return descriptor


def left_running(folder: Path) -> Server | None:
    try:
        pid = int(_pid_file(folder)[0])
        os.kill(pid, 0)
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and os.fsencode(folder / "data") not in command.read_bytes():
            return None  # the number is another program's by now
    except (OSError, ValueError, IndexError):
        return None
    return Server(folder, pid)


def _started(installed: Installed) -> Server | None:
    """The first time: what fails for a reason of its own fails at once."""
    killed = (installed.folder / "data" / "postmaster.pid").exists()
    for _ in range(RETRIES if killed else 1):
        if server := _launched(installed):
            return server
        time.sleep(_PAUSE)
    return None


def _launched(installed: Installed) -> Server | None:
    """Ready, or (None) ended again."""
    folder = installed.folder
    settings = _SETTINGS | ({} if installed.durable else _FAST)
    settings |= {"unix_socket_directories": _quoted(installed.sockets)}
    settings |= {"shared_buffers": f"{shared_of(_memory())}MB"}
    with _log(folder) as log:
        child = subprocess.Popen(  # noqa: S603 -- PostgreSQL's own program
            [
                installed.programs / "bin" / "postgres",
                "-D",
                folder / "data",
                *(f"-c{name}={value}" for name, value in settings.items()),
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            **_unprivileged(folder),
        )
    while child.poll() is None:
        with suppress(OSError, IndexError):
            lines = _pid_file(folder)
            if (str(child.pid), "ready") == (lines[0], lines[_STATUS_LINE].strip()):
                return Server(folder, child.pid, child)
        time.sleep(0.01)
    return None


def _is_over(users: int, starting: int) -> bool:
    """Whether nobody uses it, nor came in a moment's time; from then on nobody can."""
    if not _is_free(users):
        return False
    time.sleep(GRACE)
    if not _taken(starting):
        return False  # somebody comes, and may wait for a PostgreSQL that was killed
    if _is_free(users):
        return True
    fcntl.flock(starting, fcntl.LOCK_UN)
    return False


def _is_free(lock: int) -> bool:
    if not _taken(lock):
        return False
    fcntl.flock(lock, fcntl.LOCK_UN)
    return True


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _had(lock: int) -> bool:
    """Who only looks whether there is a keeper holds the lock for a moment, too."""
    for _ in range(_LOOKS):
        if _taken(lock):
            return True
        time.sleep(0.01)
    return False


def _stop(server: Server) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
        with suppress(ProcessLookupError):
            os.kill(server.pid, number)
        deadline = time.monotonic() + STOP_TIMEOUT
        while time.monotonic() < deadline:
            if not server.lives():
                return
            time.sleep(0.02)


def _pid_file(folder: Path) -> list[str]:
    return (folder / "data" / "postmaster.pid").read_text().split("\n")


def _log(folder: Path) -> Any:  # an open file
    log = folder / "log"
    large = log.exists() and log.stat().st_size > _LARGEST_LOG
    file = log.open("wb" if large else "ab")
    _give_to_owner(file.fileno(), folder)
    return file


def _memory() -> int:
    """The machine's, in MB, or what a container is given of it."""
    there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError, ValueError):  # it may be without bounds, or no container's
        there = min(there, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return there >> 20


def shared_of(memory: int) -> int:
    """What PostgreSQL shares where there is so much, in MB."""
    return min(max(memory // _PART, _SMALLEST), _LARGEST)


def _quoted(path: Path) -> str:
    """A list of folders is separated by commas, so a name with one is quoted."""
    return '"' + str(path).replace('"', '""') + '"'


def _give_to_owner(descriptor: int, folder: Path) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _unprivileged(folder: Path) -> dict[str, Any]:  # subprocess' own
    if os.geteuid() != 0:
        return {}
    owner = folder.stat()
    return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}


if __name__ == "__main__":
    where, programs, sockets, mode = sys.argv[1:]
    sys.exit(main(Installed(Path(where), Path(programs), Path(sockets), mode == "durable")))
