"""Where an embedded PostgreSQL keeps its files, and how they are made."""

import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from attrs import frozen

from adapters.persistence.embedded.locks import exclusively
from adapters.persistence.embedded.programs import (
    MAJOR,
    EmbeddedFailed,
    RunAs,
    owner_of,
    programs_for,
    run,
    unprivileged,
)

LONGEST_SOCKET: Final = 103  # bytes of a path: what macOS takes, and Linux four more
# The same for every process, whatever its TMPDIR is.
SHORT: Final = Path("/tmp")  # noqa: S108 -- a folder of one's own is made in it
ELSEWHERE: Final = Path("/var/lib")
MAKE_TIMEOUT: Final = 10.0  # seconds
DATABASE: Final = "faraday"
SUPERUSER: Final = "postgres"
_POINTER: Final = "postgres.location"
_LOCK: Final = "postgres.lock"
_FAULT: Final = re.compile(r"(?:FATAL|PANIC|ERROR|error): +(.+)")


@frozen
class Cluster:
    """The folder of one embedded PostgreSQL."""

    folder: Path
    who: RunAs

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def programs(self) -> Path:
        return programs_for(self.who, self.folder)

    @property
    def sockets(self) -> Path:
        """In the folder itself, or, where its path is too long for that, in a short one."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
            return inside
        digest = sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return SHORT / f"faraday-{digest}"

    def url(self, database: str = DATABASE) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{SUPERUSER}@/{database}?host={host}"


def cluster_in(data_dir: Path) -> Cluster:
    """That of a data directory: in it, or, where PostgreSQL's user cannot get there (as of a
    folder in root's home), in one that the data directory points to.

    Raises EmbeddedFailed.
    """
    data_dir = data_dir.resolve()
    pointer, folder = data_dir / _POINTER, data_dir / "postgres"
    try:
        if not folder.exists() and not pointer.exists():
            with exclusively(data_dir / _LOCK, timeout=MAKE_TIMEOUT):
                _make_folder(folder, pointer)
        if pointer.exists():
            folder = Path(pointer.read_text(encoding="utf-8").strip())
            if not folder.exists():
                raise EmbeddedFailed(
                    f"{pointer} says that the database is in {folder}, and that is gone: bring it "
                    f"back, or restore a backup into an empty data directory."
                )
        return Cluster(folder, owner_of(folder))
    except OSError as error:
        where = error.filename or folder
        raise EmbeddedFailed(f"{where} cannot be written: {error.strerror}.") from error


def _make_folder(folder: Path, pointer: Path) -> None:
    """Made under another name and renamed: a start that is killed half-way leaves no half."""
    who = unprivileged()
    if folder.exists() or pointer.exists():
        return  # another process was faster
    if who.reaches(folder.parent):
        new = folder.with_suffix(".new")
        _make(new, who)
        new.rename(folder)
        return
    elsewhere = ELSEWHERE / f"faraday-{token_hex(8)}"
    _make(elsewhere, who)
    new = pointer.with_suffix(".new")
    new.write_text(f"{elsewhere}\n", encoding="utf-8")
    new.rename(pointer)


def _make(folder: Path, who: RunAs) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    who.own(folder)


def initialise(cluster: Cluster, *, durable: bool) -> None:
    """Make the cluster, whole or not at all; raises EmbeddedFailed."""
    if cluster.data.exists():
        _require_version(cluster)
        return
    unfinished = cluster.folder / "data.new"
    try:
        if unfinished.exists():
            shutil.rmtree(unfinished)
        run(
            cluster.who,
            cluster.programs / "bin" / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # the folder of the socket is its owner's alone
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            *([] if durable else ["--no-sync"]),
            cwd=cluster.folder,
        )
        unfinished.rename(cluster.data)
    except subprocess.CalledProcessError as error:
        reason = first_fault(error.stderr) or f"initdb ended with {error.returncode}"
        raise EmbeddedFailed(f"No database could be made in {cluster.folder}: {reason}") from error
    except OSError as error:
        raise EmbeddedFailed(
            f"No database could be made in {cluster.folder}: {error.strerror}."
        ) from error


def first_fault(output: str) -> str:
    """The lines behind it tell of what came of it. Without one, the first line that there is."""
    found = _FAULT.search(output)
    return found[1] if found else output.partition("\n")[0]


def _require_version(cluster: Cluster) -> None:
    try:
        found = (cluster.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EmbeddedFailed(
            f"{cluster.data} is no PostgreSQL's folder, or is damaged."
        ) from error
    if found != MAJOR:
        raise EmbeddedFailed(
            f"{cluster.data} is of PostgreSQL {found}, and this version of faraday brings "
            f"{MAJOR}: back it up with the version that made it, and restore it with this one."
        )


def make_sockets(cluster: Cluster) -> None:
    """The folder of the socket, for its owner alone; raises EmbeddedFailed."""
    folder = cluster.sockets
    try:
        if not folder.exists():
            _make(folder, cluster.who)
        owner = folder.lstat().st_uid
    except OSError as error:
        raise EmbeddedFailed(f"{folder} cannot be made: {error.strerror}.") from error
    if owner != (os.geteuid() if cluster.who.uid is None else cluster.who.uid):
        raise EmbeddedFailed(
            f"{folder} is somebody else's; remove it, or use another data folder."
        )
