"""What mail asks of the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from faraday_core.kernel.ports import Reader, Storage, UnitOfWork
from faraday_core.mail.model import Delivery, Mail, MailKind, QueuedMail


class MailUndelivered(Exception):
    """Not this time: the server was away, stalled, dropped the line or asked to try later."""


class MailRefused(Exception):
    """Not ever: the server will not take this mail."""


class Mailer(Protocol):
    async def send(self, mail: Mail, message_id: str) -> None:
        """Hand it to the mail server; done when the server has accepted it.

        `message_id`: the same for each try, so that a mail which arrives twice is known as one
        (RFC 5322, 3.6.4). Raises MailUndelivered or MailRefused.
        """


class Wishes(Protocol):
    """What people want of the mails that they get."""

    async def delivery(self, user_id: str, kind: MailKind, *, waited: bool) -> Delivery:
        """Whether a mail of the kind is to reach somebody now. `waited`: it has done so once."""


class MailQuestions(Protocol):
    async def due(self, now: datetime, limit: int) -> Sequence[QueuedMail]:
        """Those whose moment has come, the first first."""

    async def waiting(self, user_id: str) -> Sequence[QueuedMail]:
        """A person's, whose moment may yet come."""

    async def forget_ended(self, before: datetime) -> int:
        """Remove what was sent or given up before then; answers how many."""


class MailUnit(UnitOfWork, Protocol):
    @property
    def mails(self) -> MailQuestions: ...


MailStorage = Storage[MailUnit, Reader]
