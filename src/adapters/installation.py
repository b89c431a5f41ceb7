"""One installation: its settings, its folder, its secrets and the database behind it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from adapters.settings import Settings, read_settings
from adapters.settings.secret_key import secrets_of
from faraday_core.kernel.secrets import Secrets


class CannotStart(Exception):
    """One line: what stands in the way, and what to do about it."""


@frozen
class Installation:
    settings: Settings
    data_dir: Path
    secrets: Secrets
    database_url: str

    @property
    def objects_folder(self) -> Path:
        return self.data_dir / "objects"

    @property
    def mail_folder(self) -> Path:
        return self.data_dir / "mail"


def data_dir_of(settings: Settings) -> Path:
    """The folder of the settings, or the user's own data directory."""
    if settings.data_dir:
        return settings.data_dir.absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 -- a library user may not have it

    return user_data_path("faraday", appauthor=False)


@contextmanager
def opened(
    settings: Settings | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[Installation]:
    """With its database running, for as long as the block does.

    Raises CannotStart, WrongSetting.
    """
    settings = settings or read_settings(environ)
    folder = data_dir_of(settings)
    with ExitStack() as stack:
        make_folder(folder)
        try:
            secrets = secrets_of(settings, folder)
        except OSError as error:
            raise _unusable(folder, error) from error
        url = settings.database_url or stack.enter_context(_embedded(folder))
        yield Installation(settings, folder, secrets, url)


def make_folder(folder: Path) -> None:
    """For its owner alone, where it is not there yet; raises CannotStart."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotStart(f"The data directory {folder} is not writable for you.")


@contextmanager
def _embedded(folder: Path) -> Iterator[str]:
    from adapters.persistence import embedded  # noqa: PLC0415 -- not needed with a server

    try:
        database = embedded.start(folder)
    except embedded.EmbeddedFailed as error:
        raise CannotStart(str(error)) from error
    try:
        yield database.url
    finally:
        database.release()


def _unusable(folder: Path, error: OSError) -> CannotStart:
    reason = error.strerror or str(error)
    return CannotStart(f"The data directory {folder} cannot be used: {reason}.")
