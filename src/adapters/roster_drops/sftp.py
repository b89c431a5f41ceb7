"""A folder on a server that speaks SFTP, whose key is known beforehand (RFC 4251, 4.1)."""

import hashlib
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncssh
from attrs import field, frozen

from adapters.roster_drops.folder import DONE, FAILED, filed_as, is_set
from faraday_core.kernel.errors import Unavailable
from faraday_core.roster.drops import Report, Waiting
from faraday_core.roster.reading import UnreadableSource

MOST_BYTES: Final = 4 << 30  # of one set
MOST_FILES: Final = 1000
_TIMEOUT: Final = 15  # seconds
_PORT: Final = 22


@frozen
class SftpServer:
    """`host_key`: as in a line of `known_hosts`, without the names: "ssh-ed25519 AAAA…". `key`:
    the file of the private key that one signs in by; else `password`."""

    host: str
    port: int
    user: str
    folder: str
    host_key: str
    key: Path | None = None
    password: str | None = field(default=None, repr=False)


def sftp_server(
    url: str, host_key: str, *, key: Path | None = None, password: str | None = None
) -> SftpServer:
    """From `sftp://user@host[:port]/folder`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username:
        raise ValueError("is not sftp://user@host[:port]/folder")
    if parts.password:
        raise ValueError("names a password, which is a setting of its own")
    try:
        asyncssh.import_public_key(host_key)
    except asyncssh.KeyImportError:
        raise ValueError("comes with a host key that is none") from None
    folder = unquote(parts.path) or "."
    port = parts.port or _PORT
    return SftpServer(
        parts.hostname, port, unquote(parts.username), folder, host_key, key, password
    )


@frozen
class SftpDrop:
    server: SftpServer

    async def waiting(self) -> Sequence[Waiting]:
        async with self._folder() as (client, home):
            found = []
            for entry in sorted(await client.readdir(home), key=lambda entry: str(entry.filename)):
                name, mode = str(entry.filename), entry.attrs.permissions or 0
                if not stat.S_ISLNK(mode) and is_set(name, is_folder=stat.S_ISDIR(mode)):
                    found.append(Waiting(name, await _state(client, home / name, entry.attrs)))
            return found

    async def fetch(self, name: str, into: Path) -> Path:
        """Copied file by file: no name there leads out of `into`, and no link is followed."""
        async with self._folder() as (client, home):
            source, target = home / name, into / PurePosixPath(name).name
            attributes = await client.lstat(source)
            if not stat.S_ISDIR(attributes.permissions or 0):
                _require_size(attributes.size or 0)
                await client.get(source, target)
                return target
            target.mkdir()
            files = [entry for entry in await client.readdir(source) if _is_file(entry)]
            if len(files) > MOST_FILES:
                raise UnreadableSource(f"{name} holds more than {MOST_FILES} files")
            _require_size(sum(entry.attrs.size or 0 for entry in files))
            for entry in files:
                plain = PurePosixPath(str(entry.filename)).name
                await client.get(source / plain, target / plain)
            return target

    async def file_away(self, name: str, *, done: bool, report: Report) -> None:
        async with self._folder() as (client, home):
            where = home / (DONE if done else FAILED)
            if not await client.exists(where):
                await client.mkdir(where)
            kept = filed_as(name, datetime.now(UTC))
            await client.rename(home / name, where / kept)
            async with client.open(where / f"{kept}{report.suffix}", "wb") as file:
                await file.write(report.content)

    @asynccontextmanager
    async def _folder(self) -> AsyncIterator[tuple[asyncssh.SFTPClient, PurePosixPath]]:
        server = self.server
        known = asyncssh.import_known_hosts(
            f"[{server.host}]:{server.port} {server.host_key}\n"
            if server.port != _PORT
            else f"{server.host} {server.host_key}\n"
        )
        try:
            async with (
                asyncssh.connect(
                    server.host,
                    server.port,
                    username=server.user,
                    known_hosts=known,
                    client_keys=[str(server.key)] if server.key else [],
                    password=server.password,
                    agent_path=None,
                    config=None,
                    connect_timeout=_TIMEOUT,
                    login_timeout=_TIMEOUT,
                ) as connection,
                connection.start_sftp_client() as client,
            ):
                yield client, PurePosixPath(server.folder)
        except asyncssh.HostKeyNotVerifiable as error:
            detail = (
                "The SFTP server shows another key than the one that is set: nothing was sent."
            )
            raise Unavailable(detail, retry_after=3600) from error
        except (asyncssh.Error, OSError, TimeoutError) as error:
            reason = type(error).__name__
            raise Unavailable(
                f"The SFTP server does not do it: {reason}.", retry_after=60
            ) from error


async def _state(
    client: asyncssh.SFTPClient, path: PurePosixPath, attributes: asyncssh.SFTPAttrs
) -> str:
    digest = hashlib.sha256(f"{attributes.size} {attributes.mtime}\n".encode())
    if stat.S_ISDIR(attributes.permissions or 0):
        entries = await client.readdir(path)
        for entry in sorted(entries, key=lambda entry: str(entry.filename)):
            if _is_file(entry):
                known = f"{entry.filename!s} {entry.attrs.size} {entry.attrs.mtime}\n"
                digest.update(known.encode())
    return digest.hexdigest()


def _is_file(entry: asyncssh.SFTPName) -> bool:
    return stat.S_ISREG(entry.attrs.permissions or 0) and not str(entry.filename).startswith(".")


def _require_size(size: int) -> None:
    if size > MOST_BYTES:
        raise UnreadableSource(f"The set is larger than {MOST_BYTES >> 30} GiB")
