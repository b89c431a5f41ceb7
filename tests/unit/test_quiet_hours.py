"""When a message may reach somebody, on their own clocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as some

from faraday_core.mail.model import AT_ONCE, NEVER, Delivery, How, Urgency
from faraday_core.preferences.model import (
    Day,
    DoNotDisturb,
    FirstDay,
    Frequency,
    KindSettings,
    Notifications,
    Preferences,
)
from faraday_core.preferences.quiet_hours import (
    Channel,
    after_waiting,
    delivery,
    end_of_quiet,
    on_clocks,
)

NORMAL, URGENT, SECURITY = Urgency.NORMAL, Urgency.URGENT, Urgency.SECURITY
VIENNA = ZoneInfo("Europe/Vienna")
WEEKDAYS = tuple(Day)[:5]
NIGHT = DoNotDisturb(enabled=True, start="22:00", end="07:00")
MINUTE = timedelta(minutes=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wanting(timezone: str = "Europe/Vienna", **notifications: Any) -> Preferences:
    return Preferences(timezone=timezone, notifications=Notifications(**notifications))


def in_vienna(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA).astimezone(UTC)


def test_by_day_it_is_sent_at_once() -> None:
    wanted = wanting(do_not_disturb=NIGHT)

    assert AT_ONCE == delivery(wanted, "roster", NORMAL, in_vienna("2026-09-01T12:00"))


def test_by_night_it_waits_for_the_morning_on_the_persons_own_clocks() -> None:
    wanted = wanting(do_not_disturb=NIGHT)
    morning = Delivery(How.LATER, in_vienna("2026-09-02T07:00"))

    assert morning == delivery(wanted, "roster", NORMAL, in_vienna("2026-09-01T22:00"))
    assert morning == delivery(wanted, "roster", NORMAL, in_vienna("2026-09-02T06:59:59"))
    assert AT_ONCE == delivery(wanted, "roster", NORMAL, in_vienna("2026-09-02T07:00"))
    assert AT_ONCE == delivery(wanted, "roster", NORMAL, in_vienna("2026-09-01T21:59:59"))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    wanted = wanting(do_not_disturb=evolve(NIGHT, days=WEEKDAYS))

    # 2026-09-04 is a Friday.
    assert How.LATER is delivery(wanted, "x", NORMAL, in_vienna("2026-09-05T03:00")).how
    assert How.AT_ONCE is delivery(wanted, "x", NORMAL, in_vienna("2026-09-05T23:00")).how
    assert How.AT_ONCE is delivery(wanted, "x", NORMAL, in_vienna("2026-09-07T03:00")).how
    assert How.LATER is delivery(wanted, "x", NORMAL, in_vienna("2026-09-08T03:00")).how


def test_security_passes_whatever_is_set() -> None:
    wanted = wanting(
        email=False,
        frequency=Frequency.NEVER,
        do_not_disturb=evolve(NIGHT, urgent_passes=False),
        kinds={"account": KindSettings(email=False)},
    )

    assert AT_ONCE == delivery(wanted, "account", SECURITY, in_vienna("2026-09-02T03:00"))


def test_what_is_urgent_passes_unless_it_is_told_not_to() -> None:
    night = in_vienna("2026-09-02T03:00")
    passing = wanting(do_not_disturb=NIGHT, frequency=Frequency.WEEKLY)
    waiting = wanting(do_not_disturb=evolve(NIGHT, urgent_passes=False), frequency=Frequency.DAILY)

    assert AT_ONCE == delivery(passing, "x", URGENT, night)
    assert Delivery(How.LATER, in_vienna("2026-09-02T07:00")) == delivery(
        waiting, "x", URGENT, night
    )
    assert AT_ONCE == delivery(waiting, "x", URGENT, in_vienna("2026-09-02T12:00"))


def test_what_is_not_wanted_is_never_sent() -> None:
    noon = in_vienna("2026-09-01T12:00")
    kinds = {"digest": KindSettings(email=True), "import": KindSettings(frequency=Frequency.NEVER)}

    assert NEVER == delivery(wanting(email=False), "roster", NORMAL, noon)
    assert NEVER == delivery(wanting(frequency=Frequency.NEVER), "roster", NORMAL, noon)
    assert AT_ONCE == delivery(wanting(email=False, kinds=kinds), "digest", NORMAL, noon)
    assert NEVER == delivery(wanting(kinds=kinds), "import", NORMAL, noon)
    assert NEVER == delivery(wanting(), "roster", NORMAL, noon, Channel.SMS)
    assert AT_ONCE == delivery(wanting(sms=True), "roster", NORMAL, noon, Channel.SMS)


@pytest.mark.parametrize(
    ("often", "first", "at"),
    [
        (Frequency.HOURLY, FirstDay.MONDAY, "2026-09-01T13:00"),
        (Frequency.DAILY, FirstDay.MONDAY, "2026-09-02T07:00"),
        (Frequency.WEEKLY, FirstDay.MONDAY, "2026-09-07T07:00"),
        (Frequency.WEEKLY, FirstDay.SUNDAY, "2026-09-06T07:00"),
        (Frequency.WEEKLY, FirstDay.SATURDAY, "2026-09-05T07:00"),
    ],
)
def test_a_digest_is_gathered_until_its_moment(often: Frequency, first: FirstDay, at: str) -> None:
    wanted = evolve(wanting(frequency=often), first_day_of_week=first)
    tuesday = in_vienna("2026-09-01T12:20")

    assert Delivery(How.DIGEST, in_vienna(at)) == delivery(wanted, "x", NORMAL, tuesday)


def test_a_digest_of_the_night_waits_for_the_morning() -> None:
    wanted = wanting(frequency=Frequency.HOURLY, do_not_disturb=NIGHT)

    assert Delivery(How.DIGEST, in_vienna("2026-09-02T07:00")) == delivery(
        wanted, "x", NORMAL, in_vienna("2026-09-01T22:10")
    )


def test_what_has_waited_for_its_digest_waits_for_no_other() -> None:
    wanted = wanting(frequency=Frequency.DAILY, do_not_disturb=NIGHT)

    assert AT_ONCE == after_waiting(wanted, "x", NORMAL, in_vienna("2026-09-02T07:00"))
    assert How.DIGEST is after_waiting(wanted, "x", NORMAL, in_vienna("2026-09-02T03:00")).how
    assert NEVER == after_waiting(wanting(email=False), "x", NORMAL, utc("2026-09-02T07:00"))


def test_clocks_that_are_put_forward_shorten_a_night() -> None:
    """Vienna, 2026-03-29: from 02:00 to 03:00."""
    night = DoNotDisturb(enabled=True, start="22:00", end="02:30")

    ends = end_of_quiet(night, in_vienna("2026-03-28T23:00"), VIENNA)
    assert utc("2026-03-29T01:00") == ends
    assert "03:00" == ends.astimezone(VIENNA).strftime("%H:%M")


def test_clocks_that_are_put_back_lengthen_a_night() -> None:
    """Vienna, 2026-10-25: from 03:00 to 02:00."""
    night = DoNotDisturb(enabled=True, start="22:00", end="02:30")
    first_time, second_time = utc("2026-10-25T00:40"), utc("2026-10-25T01:10")

    assert utc("2026-10-25T01:30") == end_of_quiet(night, first_time, VIENNA)
    assert utc("2026-10-25T01:30") == end_of_quiet(night, second_time, VIENNA)


def test_a_time_that_clocks_leave_out_is_when_they_do_so() -> None:
    assert utc("2026-03-29T01:00") == on_clocks(date(2026, 3, 29), time(2, 30), VIENNA)
    apia = ZoneInfo("Pacific/Apia")  # had no 2011-12-30 at all

    assert utc("2011-12-30T10:00") == on_clocks(date(2011, 12, 30), time(12), apia)


def test_a_zone_that_is_known_no_more_is_utc() -> None:
    wanted = evolve(wanting(do_not_disturb=NIGHT), timezone="Mars/Olympus_Mons")

    assert Delivery(How.LATER, utc("2026-09-02T07:00")) == delivery(
        wanted, "x", NORMAL, utc("2026-09-02T03:00")
    )


ZONES = ["UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
         "Africa/Casablanca", "America/St_Johns", "Pacific/Apia"]  # fmt: skip
CLOCKS = some.times().map(lambda at: at.strftime("%H:%M"))
QUIETS = some.builds(
    DoNotDisturb,
    enabled=some.sampled_from([True]),
    start=CLOCKS,
    end=CLOCKS,
    days=some.lists(some.sampled_from(list(Day)), unique=True),
)
# About a change of clocks as often as not.
MOMENTS = some.one_of(
    some.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=some.just(UTC)),  # noqa: DTZ001 -- hypothesis adds it
    some.builds(
        lambda at, minutes: at + timedelta(minutes=minutes),
        some.sampled_from(
            [
                utc("2026-03-29T01:00"),
                utc("2026-10-25T01:00"),
                utc("2026-03-08T07:00"),
                utc("2026-11-01T06:00"),
                utc("2026-04-04T15:00"),
                utc("2026-10-03T15:30"),
                utc("2026-02-15T02:00"),
                utc("2026-03-22T02:00"),
            ]
        ),
        some.integers(-1500, 1500),
    ),
)


@settings(deadline=None)  # it looks at a clock nine thousand times
@given(QUIETS, MOMENTS, some.sampled_from(ZONES))
def test_quiet_ends_when_the_clocks_say_so(
    quiet: DoNotDisturb, moment: datetime, zone_name: str
) -> None:
    """Against what is found by looking at a clock every minute."""
    zone = ZoneInfo(zone_name)
    found = end_of_quiet(quiet, moment, zone)

    assert found >= moment
    assert found == end_of_quiet(quiet, found, zone)
    shown = [*quiet_minutes(quiet, moment, zone)]
    minute = moment.replace(second=0, microsecond=0)
    assert (found > moment) is (minute in shown)
    while minute in shown:
        minute += MINUTE
    assert found in {moment, minute}


def quiet_minutes(quiet: DoNotDisturb, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Of each of the nights about: from the first minute in which a clock shows it to the last."""
    if quiet.start == quiet.end:
        return
    near = [
        moment.replace(second=0, microsecond=0) + minutes * MINUTE
        for minutes in range(-3 * 1440, 3 * 1440)
    ]
    clocks = [minute.astimezone(zone).replace(tzinfo=None) for minute in near]
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    today = moment.astimezone(zone).date()
    for days in range(-2, 3):
        day = today + timedelta(days=days)
        if list(Day)[day.weekday()] in quiet.days:
            begins = datetime.combine(day, start)
            ends = datetime.combine(day + timedelta(days=int(end < start)), end)
            within = [at for at, clock in enumerate(clocks) if begins <= clock < ends]
            if within:
                yield from near[within[0] : within[-1] + 1]


@given(
    some.builds(
        Notifications,
        email=some.booleans(),
        frequency=some.sampled_from(Frequency),
        do_not_disturb=QUIETS,
    ),
    MOMENTS,
    some.sampled_from(ZONES),
    some.sampled_from([NORMAL, URGENT]),
)
def test_nothing_that_is_wanted_is_lost(
    told: Notifications, now: datetime, zone_name: str, urgency: Urgency
) -> None:
    """It is sent within a week and a night, and never into quiet hours that it has to keep."""
    wanted = Preferences(timezone=zone_name, notifications=told)
    planned = delivery(wanted, "x", urgency, now)

    if not told.email or told.frequency is Frequency.NEVER:
        assert NEVER == planned
        return
    at = planned.at or now
    assert now <= at <= now + timedelta(days=9)
    assert (planned.how is How.AT_ONCE) is (planned.at is None)
    if urgency is NORMAL or not told.do_not_disturb.urgent_passes:
        assert at == end_of_quiet(told.do_not_disturb, at, ZoneInfo(zone_name))
    assert AT_ONCE == after_waiting(wanted, "x", urgency, at)
