from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from faraday_core.kernel.entity import Owner


@frozen
class Mail:
    """One plain-text mail to one address."""

    to: str
    subject: str
    text: str = field(repr=False)  # it may hold a token


@frozen
class QueuedMail:
    """A mail on its way. Its content is sealed, and gone once it is sent or given up."""

    owner: ClassVar = Owner.PLATFORM

    id: str
    user_id: str | None
    content: bytes | None = field(repr=False)
    created_at: datetime
    claimed_at: datetime | None = None  # by a worker that is sending it
    ended_at: datetime | None = None
    failure: str | None = None  # why it was given up
    version: int = 1


@frozen
class MailQueued:
    mail_id: str
