"""On which channels somebody is told something, and when."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from attrs import evolve

from faraday_core.mail.model import URGENCY, Delivery, How, MailKind, Urgency
from faraday_core.notifications.model import Notification, Outcome
from faraday_core.preferences.model import Preferences
from faraday_core.preferences.quiet_hours import Channel, delivery

PLUGGED: Final = (Channel.PUSH, Channel.SMS)
_OVER: Final = frozenset({Outcome.SENT, Outcome.FAILED})


def planned(
    notification: Notification,
    preferences: Preferences,
    now: datetime,
    there: Collection[Channel],
) -> Notification:
    """As its reader wants it at this moment. `there`: the channels that something is plugged in
    for."""
    shown = _delivery(preferences, notification.kind, now, Channel.IN_APP)
    wanted = shown.how is not How.NEVER
    notification = evolve(notification, shown_at=(shown.at or now) if wanted else None)
    outcome = Outcome.SHOWN if wanted else Outcome.UNWANTED
    notification = notification.with_outcome(Channel.IN_APP, outcome)
    due = []
    for channel in PLUGGED:
        plan = _delivery(preferences, notification.kind, now, channel)
        if plan.how is How.NEVER:
            outcome = Outcome.UNWANTED
        elif channel not in there:
            outcome = Outcome.NOT_DELIVERABLE
        else:
            outcome = Outcome.WAITING
            due.append(plan.at or now)
        notification = notification.with_outcome(channel, outcome)
    return evolve(notification, send_at=min(due, default=None))


def planned_again(
    old: Notification, preferences: Preferences, now: datetime, there: Collection[Channel]
) -> Notification:
    """Likewise; but what is shown already stays, and what was sent is."""
    new = planned(old, preferences, now, there)
    over = {name: outcome for name, outcome in old.outcomes.items() if outcome in _OVER}
    if old.shown_at and old.shown_at <= now:
        over[Channel.IN_APP.value] = Outcome.SHOWN.value
        new = evolve(new, shown_at=old.shown_at)
    return evolve(new, outcomes={**new.outcomes, **over})


def due_at(
    preferences: Preferences, notification: Notification, now: datetime, channel: Channel
) -> datetime | None:
    """When it may go out that has waited until now; None: not at all any more."""
    plan = _delivery(preferences, notification.kind, now, channel)
    if plan.how is How.NEVER:
        return None
    # It has waited for its digest: another one it does not wait for.
    return now if plan.how is How.DIGEST else plan.at or now


def _delivery(
    preferences: Preferences, kind: MailKind, now: datetime, channel: Channel
) -> Delivery:
    """What is about an account's safety passes whatever is set, by mail and in the product; by
    other channels it takes that they are switched on, and passes quiet hours as what is urgent."""
    urgency = URGENCY[kind]
    if urgency is Urgency.SECURITY and channel in PLUGGED:
        urgency = Urgency.URGENT
    return delivery(preferences, kind, urgency, now, channel)
