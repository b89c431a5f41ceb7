"""The composition root: the one place that knows which adapter stands behind which port.

What a library user may not have installed (a web server, a database driver), and what a server has
no use for (the storage in memory), is imported by the function that needs it.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

import attrs
from attrs import evolve, frozen

from adapters.apart import in_thread
from adapters.app import App, wire
from adapters.installation import CannotStart, Installation, opened
from adapters.mail.nowhere import NoMailer, NoMails
from adapters.media import Media, media_of
from adapters.parts import Parts
from adapters.rosters import FileReaders
from adapters.security.access_tokens import JwtAccessTokens
from adapters.security.hashing import BcryptHasher, cores
from adapters.security.sealing import AesSealer, sealer_by
from adapters.security.totp import AuthenticatorCodes
from adapters.senders import senders
from adapters.settings import Settings, read_settings
from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.errors import FaradayError, Unavailable
from faraday_core.kernel.secrets import SealBroken, Secrets
from faraday_core.mail.ports import Mailer
from faraday_core.privacy.ports import KeptMails
from faraday_core.roster.import_ports import Apart
from faraday_core.roster.importing import Rosters

if TYPE_CHECKING:
    from adapters.in_memory import InMemoryApp


def in_memory(settings: Settings | None = None) -> AbstractAsyncContextManager["InMemoryApp"]:
    """The product with no server, no database and no network."""
    from adapters.in_memory import running

    return running(settings or Settings())


def parts(  # noqa: PLR0917 -- what a product is made of
    settings: Settings,
    secrets: Secrets,
    hasher: BcryptHasher,
    mailer: Mailer,
    media: Media,
    rosters: Rosters,
    apart: Apart,
    kept_mails: KeptMails = NoMails(),  # noqa: B008 -- it has no state
) -> Parts:
    return Parts(
        policy=settings.sign_in,
        secrets=secrets,
        sealer=AesSealer(secrets),
        sealer_of=sealer_by,
        hasher=hasher,
        tokens=JwtAccessTokens(time),
        totp=AuthenticatorCodes(),
        mailer=mailer,
        media=media,
        kept_mails=kept_mails,
        rosters=rosters,
        readers=FileReaders(),
        apart=apart,
        privacy=settings.privacy,
        memory=settings.memory,
        memory_weights=settings.memory_weights,
        password_min_length=settings.password_min_length,
        senders=senders(),
    )


@frozen(repr=False)
class StoredApp(App):
    """Everything in PostgreSQL. `storage_answers`: whether it does at this moment."""

    storage_answers: Callable[[], Awaitable[bool]]


@asynccontextmanager
async def postgres(url: str, *, settings: Settings | None = None) -> AsyncIterator[StoredApp]:
    """The product over this database, which is brought up to date first.

    Without `settings`, those of the environment. Raises CannotStart, WrongSetting.
    """
    settings = evolve(settings or read_settings(os.environ), database_url=url)
    with opened(settings) as installation:
        upgrade(installation)
        async with stored(installation) as app:
            yield app


@asynccontextmanager
async def embedded(
    data_dir: Path | str, *, settings: Settings | None = None
) -> AsyncIterator[StoredApp]:
    """The product over an embedded PostgreSQL in this folder; raises CannotStart, WrongSetting."""
    settings = settings or read_settings(os.environ)
    settings = evolve(settings, data_dir=Path(data_dir), database_url=None)
    with opened(settings) as installation:
        upgrade(installation)
        async with stored(installation) as app:
            yield app


def upgrade(installation: Installation) -> None:
    """Bring its database up to date; raises CannotStart."""
    from adapters.persistence import migrations

    with migrating():
        migrations.upgrade(installation.database_url)


@contextmanager
def migrating() -> Iterator[None]:
    """Turns what migrations refuse, as where no database answers, into CannotStart."""
    from adapters.persistence import migrations

    try:
        yield
    except migrations.CannotMigrate as error:
        raise CannotStart(str(error)) from error


@asynccontextmanager
async def stored(
    installation: Installation, hasher: BcryptHasher | None = None
) -> AsyncIterator[StoredApp]:
    """The product over an installation whose database is up to date; raises CannotStart.

    `hasher`: what tests hash by, who have no time to lose.
    """
    from adapters.embedding.choosing import embedding_in
    from adapters.mail.folder import MailFolder
    from adapters.persistence.postgres import Pool, PostgresStorage
    from adapters.persistence.postgres.rosters import PostgresRosters

    settings, secrets = installation.settings, installation.secrets
    pool = Pool(installation.database_url, settings.database_connections)
    hasher = hasher or BcryptHasher(secrets, threads=max(1, cores() // settings.workers))
    try:
        async with (
            media_of(installation) as media,
            embedding_in(installation.data_dir, settings.embeddings) as (embedding, vectors),
        ):
            mails = MailFolder(installation.mail_folder)
            rosters = PostgresRosters(installation.database_url)
            mailer = mailer_of(installation)
            made = parts(settings, secrets, hasher, mailer, media, rosters, in_thread, mails)
            made = evolve(made, embedding=embedding, vectors=vectors)
            app = wire(PostgresStorage(pool), made)
            services = {field.name: getattr(app, field.name) for field in attrs.fields(App)}
            await _load_keys(app)
            yield StoredApp(**services, storage_answers=pool.answers)
            with suppress(FaradayError):
                await app.memory_use.flush(WORKER)  # what storage has not heard of yet
    finally:
        hasher.close()
        pool.close()


async def _load_keys(app: App) -> None:
    try:
        await app.keys.load()
    except SealBroken as error:
        detail = (
            "The secret is not the one that this database was used with before. Set "
            "FARADAY_SECRET_KEY to that one, or add it to FARADAY_FORMER_SECRET_KEYS."
        )
        raise CannotStart(detail) from error
    except Unavailable as error:
        raise CannotStart(error.detail) from error


def mailer_of(installation: Installation) -> Mailer:
    """A mail server, where one is set; in development a folder, in production none.

    Raises CannotStart.
    """
    settings = installation.settings
    if settings.smtp_url:
        from adapters.mail.smtp import SmtpMailer, smtp_server

        try:
            return SmtpMailer(smtp_server(settings.smtp_url), settings.mail_from)
        except ValueError as error:
            raise CannotStart(f"FARADAY_SMTP_URL or FARADAY_MAIL_FROM: {error}.") from error
    if settings.in_production:
        return NoMailer()
    from adapters.mail.folder import FolderMailer

    return FolderMailer(installation.mail_folder, settings.mail_from)
