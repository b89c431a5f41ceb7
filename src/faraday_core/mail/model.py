from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.entity import Owner


@frozen
class Mail:
    """One plain-text mail to one address."""

    to: str
    subject: str
    text: str = field(repr=False)  # it may hold a token


class MailKind(StrEnum):
    """What a mail is about, and so what its reader may say of it in their preferences."""

    ACCOUNT = "account"  # that it is theirs and safe: tokens, new devices, other addresses
    INVITATION = "invitation"
    ROSTER = "roster"  # who joined or left a class, a team or a school
    IMPORT = "import"
    REMINDER = "reminder"
    DIGEST = "digest"  # several in one, for which their reader has waited


class Urgency(StrEnum):
    SECURITY = "security"  # passes whatever is set
    URGENT = "urgent"  # passes quiet hours, unless its reader has said that it is not to
    NORMAL = "normal"


URGENCY: Final[Mapping[MailKind, Urgency]] = {
    kind: Urgency.SECURITY if kind is MailKind.ACCOUNT else Urgency.NORMAL for kind in MailKind
}


class How(StrEnum):
    AT_ONCE = "at once"
    LATER = "later"  # when it is not quiet any more
    DIGEST = "digest"  # with what else has come until then
    NEVER = "never"


@frozen
class Delivery:
    """`at`: the moment until which it waits, where it does."""

    how: How
    at: datetime | None = None


AT_ONCE: Final = Delivery(How.AT_ONCE)
NEVER: Final = Delivery(How.NEVER)


@frozen
class QueuedMail:
    """A mail on its way. Its content is sealed, and gone once it is sent or given up.

    `due_at`: the moment for which it waits; None where it waits for nothing but a worker.
    `waited`: it has, until its moment came.
    """

    owner: ClassVar = Owner.PLATFORM

    id: str
    user_id: str | None
    content: bytes | None = field(repr=False)
    created_at: datetime
    kind: MailKind = MailKind.ACCOUNT
    due_at: datetime | None = None
    waited: bool = False
    claimed_at: datetime | None = None  # by a worker that is sending it
    ended_at: datetime | None = None
    failure: str | None = None  # why it was given up
    version: int = 1


@frozen
class MailQueued:
    mail_id: str


@frozen
class MessageTold:
    """Somebody is to be told, besides, what a mail says that holds no secret. `id`: the mail's."""

    id: str
    user_id: str
    kind: MailKind
    title: str
    text: str = field(repr=False)
    at: datetime
