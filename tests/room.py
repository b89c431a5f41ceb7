"""A disk that is full, without a disk of one's own: no file may grow beyond a size any more.

The kernel refuses the write itself (RLIMIT_FSIZE, setrlimit(2)), so that what runs meets a real
failure; and it can be set on what runs already, and taken off again, without being root.
"""

import re
import resource
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from adapters.persistence.embedded.cluster import SUPERUSER, Cluster, cluster_in
from adapters.persistence.embedded.programs import run

MEBIBYTE: Final = 1 << 20
SEGMENT: Final = 2 * MEBIBYTE  # of the log that is written ahead; sixteen is PostgreSQL's own


def cluster_of_small_files(data_dir: Path) -> Cluster:
    """An embedded PostgreSQL's folder, before its first start. Its log comes in files of
    `SEGMENT`, so that a table can be too large while the log is not."""
    cluster = cluster_in(data_dir)
    made = cluster.folder / "data.made"
    run(
        cluster.who,
        cluster.programs / "bin" / "initdb",
        f"--pgdata={made}",
        f"--username={SUPERUSER}",
        *("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        f"--wal-segsize={SEGMENT // MEBIBYTE}",
        cwd=cluster.folder,
    )
    made.rename(cluster.data)
    return cluster


@contextmanager
def no_file_beyond(size: int, pids: Sequence[int]) -> Iterator[None]:
    """For these processes and all that they start from now on."""
    _limit(pids, size)
    try:
        yield
    finally:
        # What they have started meanwhile has it from them, and starts something at this moment.
        while limited := [pid for pid in _with_children(pids) if _is_limited(pid)]:
            _limit(limited, None)


def _with_children(pids: Sequence[int]) -> set[int]:
    return {pid for begun in pids for pid in (begun, *children(begun))}


def _is_limited(pid: int) -> bool:
    """A zombie has no limits any more, and what has limited itself for good is left so."""
    with suppress(OSError):
        told = Path(f"/proc/{pid}/limits").read_text()
        return re.search(r"^Max file size +\d+ +unlimited", told, re.MULTILINE) is not None
    return False


def children(pid: int) -> list[int]:
    """And theirs."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and parent(int(entry.name)) == pid:
                found += [int(entry.name), *children(int(entry.name))]
    return found


def parent(pid: int) -> int:
    # The name of a program, which may have blanks, is in brackets.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _limit(pids: Sequence[int], size: int | None) -> None:
    """By whoever each process belongs to, who alone may: root in a container may not."""
    soft = resource.RLIM_INFINITY if size is None else size
    for pid in pids:

        def set_it(pid: int = pid) -> None:
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, resource.RLIM_INFINITY))

        with suppress(FileNotFoundError):  # it has ended by itself
            owner = Path(f"/proc/{pid}").stat()
            subprocess.run(
                ["true"],
                user=owner.st_uid,
                group=owner.st_gid,
                preexec_fn=set_it,
                check=True,
            )
