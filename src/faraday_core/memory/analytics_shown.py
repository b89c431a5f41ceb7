"""From days to what is shown of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Final

from attrs import frozen

from faraday_core.memory.analytics_model import DAY, Counted, Counts, MemoryFacts
from faraday_core.memory.analytics_numbers import wilson
from faraday_core.memory.analytics_tally import Tally, percentile
from faraday_core.memory.analytics_views import (
    CategoryUse,
    Effectiveness,
    Group,
    HourUse,
    PeriodUse,
    ResponseTimes,
    Totals,
)

_SHOWN: Final = (
    Counted.CREATED,
    Counted.RETRIEVED,
    Counted.UPDATED,
    Counted.DELETED,
    Counted.EXPIRED,
)
_HOURS: Final = 24


@frozen
class Days:
    """The days of a span, those on which something was, and the memories that there are."""

    since: datetime
    until: datetime
    now: datetime
    by_day: Mapping[datetime, Tally]
    living: tuple[MemoryFacts, ...]

    @property
    def together(self) -> Tally:
        total = Tally()
        for tally in self.by_day.values():
            total.merge(tally)
        return total


def totals_of(days: Days, total: Tally) -> Totals:
    return Totals(len(days.living), *_counts(total.totals))


def by_category_of(days: Days, total: Tally) -> tuple[CategoryUse, ...]:
    """The largest first; what is in none, last."""
    held = Counter(one.category or "" for one in days.living)
    names = sorted({*held, *total.by_category}, key=lambda name: (not name, -held[name], name))
    return tuple(
        CategoryUse(name or None, held[name], *_counts(total.by_category.get(name, {})))
        for name in names
    )


def by_hour_of(total: Tally) -> tuple[HourUse, ...]:
    hours = total.by_hour
    return tuple(HourUse(hour, *_counts(hours.get(str(hour), {}))) for hour in range(_HOURS))


def series_of(days: Days, group: Group) -> tuple[PeriodUse, ...]:
    """Every period that the span touches, whether anything was in it or not."""
    periods: dict[date, Counter[str]] = {}
    for day in each_day(days.since, days.until):
        counts = periods.setdefault(_first_of(day.date(), group), Counter())
        if tally := days.by_day.get(day):
            counts.update(tally.totals)
    return tuple(PeriodUse(str(first), *_counts(counts)) for first, counts in periods.items())


def each_day(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += DAY


def effectiveness_of(counts: Counts) -> Effectiveness:
    shown, opened = counts.get(Counted.SHOWN, 0), counts.get(Counted.OPENED, 0)
    helpful = counts.get(Counted.HELPFUL, 0)
    trials = trials_of(counts)
    rate = round(helpful / trials, 4) if trials else 0.0
    return Effectiveness(shown, opened, helpful, rate, wilson(helpful, trials))


def trials_of(counts: Counts) -> int:
    """How often something could have helped: what did was seen, though by another way maybe."""
    said = counts.get(Counted.HELPFUL, 0) + counts.get(Counted.UNHELPFUL, 0)
    return max(counts.get(Counted.SHOWN, 0), said)


def response_times_of(total: Tally) -> ResponseTimes:
    return ResponseTimes(
        percentile(total.response_times, 0.5), percentile(total.response_times, 0.95)
    )


def _counts(counts: Counts) -> tuple[int, ...]:
    return tuple(counts.get(name, 0) for name in _SHOWN)


def _first_of(day: date, group: Group) -> date:
    if group is Group.WEEK:
        return day - day.weekday() * DAY
    return day.replace(day=1) if group is Group.MONTH else day
