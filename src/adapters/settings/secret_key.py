"""The secret that development makes once, and keeps in the data directory."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.settings.model import Settings
from faraday_core.kernel.secrets import Secret, Secrets

FILE: Final = "secret_key"


def secrets_of(settings: Settings, data_dir: Path | None) -> Secrets:
    """Those of the settings, or the one in the data directory; raises OSError."""
    former = tuple(map(Secret, settings.former_secret_keys))
    if settings.secret_key:
        return Secrets(Secret(settings.secret_key), former)
    if data_dir is None:
        return Secrets(Secret(secrets.token_bytes(48)), former)
    return Secrets(Secret(_kept(data_dir / FILE)), former)


def _kept(file: Path) -> bytes:
    """Written under another name and linked to its own, so that two who start at once agree."""
    with suppress(FileNotFoundError):
        return file.read_bytes()
    new = file.with_name(f"{FILE}.{os.getpid()}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(secrets.token_urlsafe(48).encode())
            opened.flush()
            os.fsync(opened.fileno())
        with suppress(FileExistsError):
            os.link(new, file)
    finally:
        new.unlink()
    return file.read_bytes()
