"""How a process comes to the embedded PostgreSQL of a data directory, and leaves it."""

import fcntl
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import psycopg
from attrs import frozen

from adapters.persistence.embedded import keeper
from adapters.persistence.embedded.cluster import (
    DATABASE,
    Cluster,
    cluster_in,
    initialise,
    make_sockets,
)
from adapters.persistence.embedded.locks import exclusively, taken
from adapters.persistence.embedded.programs import EmbeddedFailed

START_TIMEOUT: Final = 60.0  # seconds; after a crash its log is read first
_LOOK_EVERY: Final = 0.02


@frozen
class EmbeddedPostgres:
    """`url`: a superuser's, from this machine. It runs until it is released, or longer, where
    others use it too."""

    url: str
    _lock: int
    _cluster: Cluster
    _durable: bool

    def release(self) -> None:
        with suppress(OSError):  # the folder may be gone by now
            if not _is_kept(self._cluster) and keeper.left_running(self._cluster.folder):
                # Its keeper was killed: another one is to end it.
                _leave(_keep(self._cluster, durable=self._durable))
        os.close(self._lock)


def start(data_dir: Path, *, durable: bool = True) -> EmbeddedPostgres:
    """Start the PostgreSQL of this folder, or join those who use it already.

    `durable`: False is for tests, which lose nothing of worth. Raises EmbeddedFailed.
    """
    cluster = cluster_in(data_dir)
    try:
        with exclusively(cluster.folder / keeper.START_LOCK, timeout=START_TIMEOUT):
            users = keeper.opened(cluster.folder / keeper.USERS_LOCK)
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                _begin(cluster, durable=durable)
                _make_database(cluster)
            except BaseException:
                os.close(users)
                raise
    except TimeoutError as error:
        raise EmbeddedFailed(
            f"Another process has been starting {cluster.folder} for too long."
        ) from error
    except OSError as error:
        raise EmbeddedFailed(f"{cluster.folder} cannot be used: {error.strerror}.") from error
    return EmbeddedPostgres(cluster.url(), users, cluster, durable)


def _begin(cluster: Cluster, *, durable: bool) -> None:
    """See that it is kept, and wait until it answers."""
    keeping = None
    deadline = time.monotonic() + START_TIMEOUT
    while not (_is_kept(cluster) and _accepts(cluster)):
        if keeping is None and not _is_kept(cluster):
            initialise(cluster, durable=durable)
            make_sockets(cluster)
            keeping = _keep(cluster, durable=durable)
        ended = keeping is not None and keeping.poll() is not None and not _is_kept(cluster)
        if ended or time.monotonic() > deadline:
            raise EmbeddedFailed(f"PostgreSQL did not start in {cluster.folder}: {_last(cluster)}")
        time.sleep(_LOOK_EVERY)
    if keeping:
        _leave(keeping)


def _is_kept(cluster: Cluster) -> bool:
    """Whether a keeper watches over it: the one who starts it, and ends it after the last."""
    descriptor = keeper.opened(cluster.folder / keeper.KEEPER_LOCK)
    try:
        return not taken(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)


def _keep(cluster: Cluster, *, durable: bool) -> "subprocess.Popen[bytes]":
    """In a session of its own, so that what ends this process, by Ctrl-C or by force, does not end
    PostgreSQL under it."""
    return subprocess.Popen(  # noqa: S603 -- this very program
        [
            sys.executable,
            *("-I", "-S"),  # the standard library is all that it needs
            keeper.__file__,
            str(cluster.folder),
            str(cluster.programs),
            str(cluster.sockets),
            "durable" if durable else "fast",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
    )


def _leave(keeping: "subprocess.Popen[bytes]") -> None:
    """It outlives this process: nobody here waits for it."""
    keeping.returncode = 0


def _accepts(cluster: Cluster) -> bool:
    try:
        psycopg.connect(cluster.url("postgres"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_database(cluster: Cluster) -> None:
    try:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            found = connection.execute("select from pg_database where datname = %s", (DATABASE,))
            if not found.rowcount:
                connection.execute(f"create database {DATABASE}")
    except psycopg.OperationalError as error:
        detail = f"PostgreSQL in {cluster.folder} does not answer: {_last(cluster)}"
        raise EmbeddedFailed(detail) from error


def _last(cluster: Cluster) -> str:
    """What its log says last of a fault."""
    try:
        lines = cluster.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "ERROR" in line]
    return ([*lines[-1:], *telling[-1:]] or ["its log is empty"])[-1]
