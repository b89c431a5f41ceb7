"""When a message may reach somebody: by what they want to hear of, how often, and when not at all.

All of it in the person's own time zone, over midnight and over the days on which clocks change.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from faraday_core.mail.model import AT_ONCE, NEVER, Delivery, How, Urgency
from faraday_core.preferences.model import (
    Day,
    DoNotDisturb,
    Frequency,
    KindSettings,
    Notifications,
    Preferences,
)

DIGEST_AT: Final = time(7)  # on the person's clocks: what was gathered is there before school
_DAY: Final = timedelta(days=1)
_DAYS: Final = list(Day)


class Channel(StrEnum):
    EMAIL = "email"
    PUSH = "push"
    SMS = "sms"
    IN_APP = "in_app"


def delivery(
    preferences: Preferences,
    kind: str,
    urgency: Urgency,
    now: datetime,
    channel: Channel = Channel.EMAIL,
) -> Delivery:
    """At once, at a moment, gathered with others until a moment, or never.

    What has to do with the safety of an account passes whatever is set. What is urgent waits for
    no digest, and for the end of the quiet hours only where `urgent_passes` is off.
    """
    if urgency is Urgency.SECURITY:
        return AT_ONCE
    wanted = preferences.notifications
    special = wanted.kinds.get(kind, KindSettings())
    on = getattr(special, channel)
    often = special.frequency or wanted.frequency
    if not (getattr(wanted, channel) if on is None else on) or often is Frequency.NEVER:
        return NEVER
    zone = zone_of(preferences)
    if urgency is Urgency.URGENT:
        if wanted.do_not_disturb.urgent_passes:
            return AT_ONCE
        often = Frequency.IMMEDIATE
    moment = _next_digest(often, preferences, now, zone)
    at = end_of_quiet(wanted.do_not_disturb, moment, zone)
    if often is not Frequency.IMMEDIATE:
        return Delivery(How.DIGEST, at)
    return AT_ONCE if at <= now else Delivery(How.LATER, at)


def after_waiting(
    preferences: Preferences, kind: str, urgency: Urgency, now: datetime
) -> Delivery:
    """As `delivery`, for what has waited until its moment: it waits for no further digest."""
    settings: Notifications = preferences.notifications
    planned = delivery(preferences, kind, urgency, now)
    if planned.how is not How.DIGEST:
        return planned
    at = end_of_quiet(settings.do_not_disturb, now, zone_of(preferences))
    return AT_ONCE if at <= now else Delivery(How.DIGEST, at)


def end_of_quiet(quiet: DoNotDisturb, moment: datetime, zone: tzinfo) -> datetime:
    """The first moment from then on that is not quiet."""
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    if not quiet.enabled or start == end:
        return moment
    for begins, ends in _windows(quiet, start, end, moment, zone):
        if begins <= moment < ends:
            moment = ends
    return moment


def zone_of(preferences: Preferences) -> tzinfo:
    """UTC where this machine does not know the person's zone any more."""
    try:
        return ZoneInfo(preferences.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _windows(
    quiet: DoNotDisturb, start: time, end: time, moment: datetime, zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    """Those that may hold the moment, or what comes of it: one may begin as another one ends,
    where clocks leave out what is between the two."""
    today = moment.astimezone(zone).date()
    for days in range(-2, 4):
        day = today + days * _DAY
        if _DAYS[day.weekday()] in quiet.days:
            last = day if start < end else day + _DAY
            yield on_clocks(day, start, zone), on_clocks(last, end, zone, again=True)


def on_clocks(day: date, at: time, zone: tzinfo, *, again: bool = False) -> datetime:
    """When clocks show it. Where they show it twice: the first time, or `again`; where they leave
    it out: when they do so."""
    shown = datetime.combine(day, at, tzinfo=zone).replace(fold=int(again))
    moment = shown.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
        return moment
    # Left out. By the clocks from after the change it lies before that, by those from before it
    # lies after; the change is in between.
    low = shown.replace(fold=1).astimezone(UTC)
    high = shown.replace(fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _next_digest(
    often: Frequency, preferences: Preferences, now: datetime, zone: tzinfo
) -> datetime:
    """When what is gathered goes out; now, where nothing is."""
    if often is Frequency.HOURLY:
        # By what has passed and not by the clock, which leaves an hour out or shows it twice.
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if often not in {Frequency.DAILY, Frequency.WEEKLY}:
        return now
    first = _DAYS.index(Day(preferences.first_day_of_week))
    day = now.astimezone(zone).date()
    while True:
        moment = on_clocks(day, DIGEST_AT, zone)
        if moment > now and (often is Frequency.DAILY or day.weekday() == first):
            return moment
        day += _DAY
