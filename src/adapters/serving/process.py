"""One process that serves: requests, jobs and timers on one event loop."""

import asyncio
import linecache
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import attrs
from attrs import frozen

from adapters.app import App
from adapters.compose import StoredApp, stored
from adapters.http.listening import listening, tls_of
from adapters.http.server import build_server
from adapters.installation import CannotStart, Installation
from adapters.jobs.subscriptions import subscriptions
from adapters.jobs.timers import running, timers_of_each, timers_of_one
from adapters.jobs.worker import Worker
from adapters.roster_drops.watching import drop_timers


@frozen
class Process:
    """`leader`: it also does what one does for all. `started`: called when it serves."""

    installation: Installation
    at: socket.socket
    leader: bool
    started: Callable[[], None]

    async def run(self) -> None:
        """Until SIGTERM or SIGINT; raises CannotStart."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        tls = self._tls()
        linecache.clearcache()  # attrs left the text of each method there that it made: 2 MB
        async with stored(self.installation) as app:
            server = build_server(
                attrs.astuple(app, recurse=False), self.installation.settings, app.storage_answers
            )
            async with self._jobs(app), listening(server, self.at, tls):
                self.started()
                await stop.wait()

    def _tls(self) -> ssl.SSLContext | None:
        try:
            return tls_of(self.installation.settings)
        except (OSError, ssl.SSLError) as error:
            detail = f"FARADAY_TLS_CERT and FARADAY_TLS_KEY cannot be used: {error}."
            raise CannotStart(detail) from error

    @asynccontextmanager
    async def _jobs(self, app: StoredApp) -> AsyncIterator[None]:
        settings = self.installation.settings
        with_mail = settings.smtp_url is not None or not settings.in_production
        worker = Worker(self.installation.database_url, subscriptions(app), with_mail=with_mail)
        timers = [*timers_of_each(app)]
        if self.leader:
            timers += timers_of_one(app, worker.recover)
            timers += drop_timers(app, settings)
        working = asyncio.create_task(worker.run())
        try:
            async with running(timers):
                yield
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            if self.leader:
                await _seal_last(app)


async def _seal_last(app: App) -> None:
    """So that nothing of this run is left without its place in the chain."""
    try:
        async with asyncio.timeout(3):
            await timers_of_one(app, _nothing)[0].act()
    except Exception:
        return


async def _nothing() -> None:
    return None


def run(main: Coroutine[Any, Any, None]) -> None:  # a coroutine that answers nothing
    """On uvloop, where it is installed."""
    factory = None
    if sys.platform != "win32":
        try:
            import uvloop  # noqa: PLC0415 -- optional

            factory = uvloop.new_event_loop
        except ImportError:
            factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)
