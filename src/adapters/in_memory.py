"""The product in one process, and gone with it: what tests and a library's users run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_bytes

import attrs
from attrs import frozen

from adapters.apart import in_place
from adapters.app import App, wire
from adapters.compose import parts
from adapters.jobs.subscriptions import subscriptions
from adapters.mail.memory import MemoryMailer
from adapters.media import media_in_memory
from adapters.persistence.memory import MemoryDatabase, MemoryStorage
from adapters.persistence.memory.rosters import MemoryRosters
from adapters.security.hashing import BcryptHasher
from adapters.settings import Settings
from faraday_core.kernel.secrets import Secret, Secrets
from faraday_core.mail.model import Mail


@frozen(repr=False)
class InMemoryApp(App):
    """Everything in this process, and gone with it."""

    database: MemoryDatabase
    mailer: MemoryMailer

    @property
    def sent(self) -> list[Mail]:
        """The mails that were sent so far."""
        return self.mailer.sent

    async def settle(self) -> None:
        """Let everybody hear of what has happened, until there is nothing new."""
        listeners = subscriptions(self)
        while self.database.outbox:
            event = self.database.outbox.pop(0)
            if listener := listeners.get(type(event)):
                await listener(event)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[InMemoryApp]:
    database, mailer = MemoryDatabase(), MemoryMailer()
    secrets = Secrets(Secret(token_bytes(48)))
    hasher = BcryptHasher(secrets)
    try:
        async with media_in_memory() as media:
            rosters = MemoryRosters(database)
            made = parts(settings, secrets, hasher, mailer, media, rosters, in_place, mailer)
            app = wire(MemoryStorage(database), made)
            services = {field.name: getattr(app, field.name) for field in attrs.fields(App)}
            await app.keys.load()
            yield InMemoryApp(**services, database=database, mailer=mailer)
    finally:
        hasher.close()
