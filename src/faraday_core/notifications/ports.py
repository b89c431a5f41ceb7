"""What notifications ask of the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from faraday_core.identity.model import User
from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.notifications.model import Notification
from faraday_core.preferences.ports import PreferencesReader, PreferencesUnit


class Undelivered(Exception):
    """A sender could not deliver it, and is not to be asked again."""


class Sender(Protocol):
    """What a deployment plugs in for `push` or `sms`. It knows by itself where a person is reached
    on its channel: the product keeps no telephone numbers and no devices' addresses for that."""

    async def send(self, notification: Notification, to: User) -> None:
        """Once for each notification, but for a worker that ends in between: then again with the
        same id. Raises Undelivered; whatever else it raises has it tried again."""


class NotificationQuestions(Protocol):
    """Of the person stood at; whosever they are, for a worker alone."""

    async def page(self, now: datetime, page: PageRequest, *, unread: bool) -> Page[Notification]:
        """Those that are shown by now, the newest first."""

    async def waiting(self, now: datetime) -> Sequence[Notification]:
        """Those that are shown later, or wait on another channel."""

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        """The ids of persons, and of what is to be sent to them by now."""


class NotificationsReader(PreferencesReader, Protocol):
    @property
    def notifications(self) -> NotificationQuestions: ...


class NotificationsUnit(NotificationsReader, PreferencesUnit, Protocol):
    """And the verbs."""


class NotificationsStorage(Storage[NotificationsUnit, NotificationsReader], AddressBook, Protocol):
    """Where they are kept, beside people and what they prefer."""
