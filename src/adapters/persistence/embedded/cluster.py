"""Where an embedded PostgreSQL keeps its files, and how they are made."""

import os
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Final
from urllib.parse import quote

from attrs import frozen

from adapters.persistence.embedded.programs import (
    MAJOR,
    RunAs,
    programs_for,
    run,
    run_as,
)

LONGEST_SOCKET: Final = 107  # bytes of a path, on Linux and macOS alike
ELSEWHERE: Final = Path("/var/lib")
DATABASE: Final = "faraday"
SUPERUSER: Final = "postgres"
_POINTER: Final = "postgres.location"


class EmbeddedFailed(Exception):
    """One line: why the embedded PostgreSQL does not run, and what can be done."""


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
        return Path(tempfile.gettempdir()) / f"faraday-{digest}"

    def url(self, database: str = DATABASE) -> str:
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{SUPERUSER}@/{database}?host={host}"


def cluster_in(data_dir: Path) -> Cluster:
    """That of a data directory: in it, or, where PostgreSQL's user cannot get there (as of a
    folder in root's home), in one that the data directory points to.

    Raises EmbeddedFailed.
    """
    who, folder = run_as(), data_dir / "postgres"
    pointer = data_dir / _POINTER
    try:
        if pointer.exists():
            folder = Path(pointer.read_text(encoding="utf-8").strip())
        elif not who.reaches(data_dir):
            folder = ELSEWHERE / f"faraday-{token_hex(8)}"
            pointer.write_text(f"{folder}\n", encoding="utf-8")
        _make(folder, who)
    except OSError as error:
        where = error.filename or folder
        raise EmbeddedFailed(f"{where} cannot be written: {error.strerror}.") from error
    return Cluster(folder, who)


def initialise(cluster: Cluster) -> None:
    """Make the cluster, whole or not at all; raises EmbeddedFailed."""
    if cluster.data.exists():
        _require_version(cluster)
        return
    unfinished = cluster.folder / "data.new"
    try:
        _remove(unfinished)
        run(
            cluster.who,
            cluster.programs / "bin" / "initdb",
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            "--auth=trust",  # the folder of the socket is its owner's alone
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
            cwd=cluster.folder,
        )
        unfinished.rename(cluster.data)
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["it does not say why"]
        detail = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise EmbeddedFailed(f"No database could be made in {cluster.folder}: {detail}") from error
    except OSError as error:
        raise EmbeddedFailed(
            f"No database could be made in {cluster.folder}: {error.strerror}."
        ) from error


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


def _make(folder: Path, who: RunAs) -> None:
    if folder.exists():
        return
    folder.mkdir(mode=0o700)
    who.own(folder)


def make_sockets(cluster: Cluster) -> None:
    """The folder of the socket, for its owner alone; raises EmbeddedFailed."""
    folder = cluster.sockets
    try:
        if not folder.exists():
            folder.mkdir(mode=0o700)
            cluster.who.own(folder)
        owner = folder.lstat().st_uid
    except OSError as error:
        raise EmbeddedFailed(f"{folder} cannot be made: {error.strerror}.") from error
    if owner != (os.geteuid() if cluster.who.uid is None else cluster.who.uid):
        raise EmbeddedFailed(
            f"{folder} is somebody else's; remove it, or use another data folder."
        )


def _remove(folder: Path) -> None:
    import shutil  # noqa: PLC0415 -- of use after a start that was killed, and never else

    if folder.exists():
        shutil.rmtree(folder)
