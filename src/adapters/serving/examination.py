"""What a server needs, looked at piece by piece."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version

from attrs import frozen

from adapters.compose import stored, upgrade
from adapters.http.listening import bound_socket
from adapters.installation import CannotStart, Installation, opened
from adapters.settings import Settings, warnings_of
from faraday_core.kernel.actor import operator

_LEAST_FREE = 1 << 30  # bytes
_LEAST_FILES = 4096


@frozen
class Finding:
    ok: bool
    what: str
    detail: str


def _right(what: str, detail: str) -> Finding:
    return Finding(ok=True, what=what, detail=detail)


def _wrong(what: str, detail: str) -> Finding:
    return Finding(ok=False, what=what, detail=detail)


def examine(settings: Settings) -> list[Finding]:
    return [*_machine(settings), *_database(settings)]


def _machine(settings: Settings) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield _right("version", f"faraday {version('faraday')} on Python {python}")
    for warning in warnings_of(os.environ, settings):
        yield _wrong("settings", warning)
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 -- not on Windows

        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        detail = f"{files} open files; 10,000 connections take 16,384 (ulimit -n)"
        yield Finding(files >= _LEAST_FILES, "open files", detail)
    yield _port(settings)


def _port(settings: Settings) -> Finding:
    what = f"port {settings.port}"
    try:
        bound_socket(settings.host, settings.port).close()
    except OSError as error:
        return _right(what, f"{error.strerror}, as it is while a server runs")
    return _right(what, "is free")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with opened(settings) as installation:
            free = shutil.disk_usage(installation.data_dir).free
            detail = f"{installation.data_dir}, {free >> 30} GiB free"
            yield Finding(free >= _LEAST_FREE, "data directory", detail)
            upgrade(installation)
            where = "FARADAY_DATABASE_URL" if settings.database_url else "embedded"
            yield _right("database", f"{where}; up to date")
            yield asyncio.run(_audit(installation))
    except CannotStart as error:
        yield _wrong("database", str(error))


async def _audit(installation: Installation) -> Finding:
    async with stored(installation) as app:
        verdict = await app.audit.verify(operator("doctor"))
    if verdict.first_bad:
        detail = f"{verdict.first_bad.problem} (entry {verdict.first_bad.sequence})"
        return _wrong("audit log", detail)
    return _right("audit log", f"{verdict.entries} entries, all as they were written")
