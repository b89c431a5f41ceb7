"""A place that is looked at again and again, by a command or by the server."""

import asyncio
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import frozen

from adapters.app import App
from adapters.installation import CannotStart
from adapters.jobs.timers import Timer
from adapters.roster_drops.folder import FolderDrop
from adapters.roster_reports import html_report
from adapters.settings import Settings
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.roster.drop_service import Taken
from faraday_core.roster.drops import Drop
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportRequest
from faraday_core.roster.runs import Mode

SETTLED_AFTER: Final = 10.0  # seconds in which a set does not change, before it is taken


@frozen
class Watch:
    """`request`: how what is found is imported; its path is that of nothing yet."""

    app: App
    drop: Drop
    request: ImportRequest
    accept_large_change: bool = False
    settled_after: float = SETTLED_AFTER

    async def look(self, actor: Actor) -> tuple[Taken, ...]:
        """Take what lies there and is not being written any longer. Raises Forbidden,
        Unavailable."""
        seen = {one.name: one.state for one in await self.drop.waiting()}
        if not seen:
            return ()
        await asyncio.sleep(self.settled_after)
        done = await self.app.roster_drops.take(
            actor,
            self.drop,
            self.request,
            html_report,
            seen,
            accept_large_change=self.accept_large_change,
        )
        return done.taken


def drop_timers(app: App, settings: Settings) -> list[Timer]:
    """One, where FARADAY_ROSTER_DROP names a place; raises CannotStart."""
    if settings.roster_drop is None:
        return []
    if settings.roster_drop_organization is None:
        detail = "FARADAY_ROSTER_DROP needs FARADAY_ROSTER_DROP_ORGANIZATION, an id."
        raise CannotStart(detail)
    request = ImportRequest(
        settings.roster_drop_organization,
        Format(settings.roster_drop_format),
        "drop",
        Mode(settings.roster_drop_mode),
    )
    watch = Watch(app, drop_of(settings), request)
    every = float(settings.roster_drop_every)
    return [Timer("take rosters", every, lambda: watch.look(WORKER))]


def drop_of(settings: Settings) -> Drop:
    """Raises CannotStart."""
    url = settings.roster_drop or ""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderDrop(Path(unquote(parts.path)))
    try:
        from adapters.roster_drops.sftp import SftpDrop, sftp_server  # noqa: PLC0415 -- few have it
    except ImportError as error:
        detail = "FARADAY_ROSTER_DROP is a server, and asyncssh is not installed: faraday[sftp]."
        raise CannotStart(detail) from error
    if settings.roster_drop_host_key is None:
        detail = "FARADAY_ROSTER_DROP is a server, and FARADAY_ROSTER_DROP_HOST_KEY is not set."
        raise CannotStart(detail)
    try:
        server = sftp_server(
            url,
            settings.roster_drop_host_key,
            key=settings.roster_drop_key,
            password=settings.roster_drop_password,
        )
    except ValueError as error:
        raise CannotStart(f"FARADAY_ROSTER_DROP {error}.") from error
    return SftpDrop(server)
