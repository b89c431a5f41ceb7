"""Several processes on one port: each takes what the others leave it."""

import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from typing import Final

from adapters.http.metrics import FOLDER
from adapters.installation import CannotStart, Installation
from adapters.logs import configure_logs
from adapters.serving.process import Process, run

STOP_TIMEOUT: Final = 14.0  # seconds, a little more than requests under way are given


def serve(installation: Installation, at: socket.socket, started: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; raises CannotStart."""
    count = installation.settings.workers
    if count == 1:
        run(Process(installation, at, leader=True, started=started).run())
    else:
        _serve_by_many(installation, at, count, started)


def _serve_by_many(
    installation: Installation, at: socket.socket, count: int, started: Callable[[], None]
) -> None:
    stop = threading.Event()
    with _counting_together():
        context = multiprocessing.get_context("spawn")
        ready = context.Semaphore(0)
        # A spawned process is told by a signal of its own; the terminal's goes to all of them.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        processes = [
            context.Process(
                target=_work,
                args=(installation, at, number == 0, ready),
                name=f"faraday-{number}",
            )
            for number in range(count)
        ]
        for process in processes:
            process.start()
        waiting = count
        try:
            while not stop.is_set() and all(process.is_alive() for process in processes):
                if waiting and ready.acquire(timeout=0.2):
                    waiting -= 1
                    if not waiting:
                        started()
                elif not waiting:
                    stop.wait(0.5)
        finally:
            failed = [p for p in processes if not p.is_alive()]
            at.close()  # or who comes now would wait for nobody
            _stop(processes)
    if failed and not stop.is_set():
        raise CannotStart(f"{failed[0].name} has ended by itself; its own line says why.")


def _work(
    installation: Installation,
    at: socket.socket,
    leader: bool,  # noqa: FBT001 -- handed over a process's border
    ready: "multiprocessing.synchronize.Semaphore",
) -> None:
    configure_logs(installation.settings)
    _end_with_parent()
    try:
        run(Process(installation, at, leader=leader, started=ready.release).run())
    except CannotStart as error:
        print(f"faraday: {error}", file=sys.stderr)
        sys.exit(1)


def _end_with_parent() -> None:
    """Where the parent is killed, nobody else would end this one."""
    parent = multiprocessing.parent_process()
    assert parent

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _stop(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        if process.is_alive():
            process.terminate()
    for process in processes:
        process.join(STOP_TIMEOUT)
        if process.is_alive():
            process.kill()


@contextmanager
def _counting_together() -> Iterator[None]:
    """Where prometheus_client looks for it, before any process imports it."""
    with tempfile.TemporaryDirectory(prefix="faraday-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]
