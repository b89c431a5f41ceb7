"""Backup and restore: one file, with the database as pg_dump writes it, the made-up secret, and
the objects that are kept in a folder. A bucket is backed up by whoever keeps it."""

import asyncio
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from attrs import asdict, frozen

from adapters.compose import migrating, upgrade
from adapters.installation import CannotStart, Installation, data_dir_of, make_folder, opened
from adapters.media import object_store
from adapters.objects.folder import FolderObjects
from adapters.persistence import embedded, migrations
from adapters.settings import Settings
from adapters.settings.secret_key import FILE as SECRET_FILE
from adapters.settings.secret_key import secrets_of
from faraday_core.kernel.errors import NotFound, Unavailable

_MANIFEST: Final = "manifest.json"
_DUMP: Final = "database.dump"
_OBJECTS: Final = "objects/"


@frozen
class Manifest:
    """`secret_id`: by which the secret is known that the data was sealed with."""

    faraday: str
    revision: str | None
    created_at: str
    has_secret: bool
    secret_id: str


def write_backup(installation: Installation, file: Path) -> Manifest:
    """Written under another name and renamed, so that FILE is whole or not there.

    Raises CannotStart.
    """
    with migrating():
        revision = migrations.current(installation.database_url)
    manifest = Manifest(
        version("faraday"),
        revision,
        datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        has_secret=installation.settings.secret_key is None,
        secret_id=installation.secrets.current.id,
    )
    try:
        with tempfile.TemporaryDirectory(dir=file.absolute().parent) as folder:
            dump, new = Path(folder) / _DUMP, Path(folder) / "backup"
            _run("pg_dump", "--format=custom", f"--file={dump}", installation.database_url)
            with os.fdopen(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                _pack(installation, manifest, dump, out)
            new.replace(file)
    except OSError as error:
        raise CannotStart(f"{file} cannot be written: {error.strerror}.") from error
    except Unavailable as error:
        raise CannotStart(error.detail) from error
    return manifest


def _pack(
    installation: Installation, manifest: Manifest, dump: Path, out: io.BufferedIOBase
) -> None:
    with tarfile.open(fileobj=out, mode="w") as archive:
        _add(archive, _MANIFEST, json.dumps(asdict(manifest)).encode())
        archive.add(dump, _DUMP, filter=_anonymous)
        if manifest.has_secret:
            _add(archive, SECRET_FILE, (installation.data_dir / SECRET_FILE).read_bytes())
        asyncio.run(_pack_objects(installation, archive))


async def _pack_objects(installation: Installation, archive: tarfile.TarFile) -> None:
    with object_store(installation) as objects:
        if not isinstance(objects, FolderObjects):
            return
        for name in await objects.names(""):
            with suppress(NotFound):  # replaced meanwhile: what the database says of it is older
                _add(archive, f"{_OBJECTS}{name}", await objects.get(name))


async def _unpack_objects(installation: Installation, archive: tarfile.TarFile) -> None:
    """Raises ValueError where a name is none of an object's."""
    with object_store(installation) as objects:
        for name in archive.getnames():
            if name.startswith(_OBJECTS):
                await objects.put(name.removeprefix(_OBJECTS), _read(archive, name))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def restore_backup(settings: Settings, file: Path) -> Manifest:
    """Raises CannotStart where the file is no backup, or what it would fill is not empty."""
    folder = data_dir_of(settings)
    make_folder(folder)
    try:
        with tarfile.open(file) as archive:
            manifest = Manifest(**json.loads(_read(archive, _MANIFEST)))
            with (
                _restored_secret(settings, folder, manifest, archive),
                opened(settings) as installation,
                tempfile.TemporaryDirectory() as temporary,
            ):
                dump = Path(temporary) / _DUMP
                dump.write_bytes(_read(archive, _DUMP))
                _restore_database(installation, dump)
                asyncio.run(_unpack_objects(installation, archive))
    except (tarfile.TarError, EOFError, KeyError, TypeError, ValueError) as error:
        raise CannotStart(f"{file} is no backup of faraday, or is damaged.") from error
    except Unavailable as error:
        raise CannotStart(error.detail) from error
    return manifest


@contextmanager
def _restored_secret(
    settings: Settings, folder: Path, manifest: Manifest, archive: tarfile.TarFile
) -> Iterator[None]:
    """Taken away again where the rest fails, so that it can be tried once more."""
    secret = folder / SECRET_FILE
    if secret.exists():
        raise CannotStart(f"The data directory {folder} is not empty.")
    if settings.secret_key is not None or not manifest.has_secret:
        _require_secret(settings, manifest)
        yield
        return
    content = _read(archive, SECRET_FILE)
    with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as new:
        new.write(content)
    try:
        yield
    except BaseException:
        secret.unlink(missing_ok=True)
        raise


def _require_secret(settings: Settings, manifest: Manifest) -> None:
    known = secrets_of(settings, None)
    if known.known(manifest.secret_id):
        return
    if manifest.has_secret:
        wanted = "This backup's own secret is not FARADAY_SECRET_KEY: leave that out, or"
    else:
        wanted = "This backup does not hold its secret:"
    raise CannotStart(
        f"{wanted} set FARADAY_SECRET_KEY to the one with which it was made (its id is "
        f"{manifest.secret_id})."
    )


def _restore_database(installation: Installation, dump: Path) -> None:
    with migrating():
        if migrations.current(installation.database_url) is not None:
            raise CannotStart("The database is not empty.")
        migrations.make_roles(installation.database_url)
    _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
         f"--dbname={installation.database_url}", str(dump))  # fmt: skip
    upgrade(installation)


def _run(program: str, *arguments: str) -> None:
    try:
        path = embedded.program(program)
    except embedded.EmbeddedFailed as error:
        raise CannotStart(str(error)) from error
    done = subprocess.run(  # noqa: S603 -- PostgreSQL's own program, and arguments of ours
        [path, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise CannotStart(f"{program} failed: {lines[-1] if lines else done.returncode}")


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member.read()
