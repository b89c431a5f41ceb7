from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from attrs import evolve, field, frozen

from faraday_core.kernel.entity import Owner
from faraday_core.mail.model import MailKind
from faraday_core.preferences.quiet_hours import Channel


class Outcome(StrEnum):
    """What became of a notification on one channel."""

    SHOWN = "shown"  # in the product, from `shown_at` on
    UNWANTED = "unwanted"  # by its reader's preferences
    WAITING = "waiting"  # for the end of their quiet hours, or for their digest
    SENT = "sent"
    FAILED = "failed"
    NOT_DELIVERABLE = "not_deliverable"  # nothing is plugged in that delivers it


@frozen
class Notification:
    """Something that a person is told. `shown_at`: since when in the product, None: not there.
    `send_at`: when what waits on another channel goes out. `outcomes`: by channel."""

    owner: ClassVar = Owner.PERSON

    id: str  # the mail's that says the same
    user_id: str
    kind: MailKind
    title: str
    text: str = field(repr=False)
    created_at: datetime
    outcomes: Mapping[str, str] = field(factory=dict)
    shown_at: datetime | None = None
    send_at: datetime | None = None
    read_at: datetime | None = None
    version: int = 1

    @property
    def is_wanted(self) -> bool:
        """On some channel."""
        return any(outcome != Outcome.UNWANTED for outcome in self.outcomes.values())

    @property
    def waiting_on(self) -> "tuple[Channel, ...]":
        waiting = (name for name, outcome in self.outcomes.items() if outcome == Outcome.WAITING)
        return tuple(map(Channel, waiting))

    def with_outcome(self, channel: Channel, outcome: Outcome) -> "Notification":
        return evolve(self, outcomes={**self.outcomes, channel.value: outcome.value})


@frozen
class NotificationFilter:
    """`unread`: those alone that were not read."""

    unread: bool = False


@frozen
class NotificationView:
    id: str
    kind: MailKind
    title: str
    text: str
    shown_at: datetime
    read_at: datetime | None


def view_of(notification: Notification) -> NotificationView:
    """Of one that is shown."""
    assert notification.shown_at is not None  # as whoever asks for it has seen to
    return NotificationView(
        notification.id,
        notification.kind,
        notification.title,
        notification.text,
        notification.shown_at,
        notification.read_at,
    )
