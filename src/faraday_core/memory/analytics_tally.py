"""Counting: from what was done with memories to what there was of it each day.

What was made, changed, deleted and has expired is told by the memories themselves. What was found
and whether it helped is told by interactions, where the person lets them be kept; and otherwise by
the memories' counters alone, which know of one moment, that of the last use.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import define, field, frozen

from faraday_core.memory.analytics_model import (
    ABOUT,
    LONGEST_VALUE,
    Counted,
    Counts,
    MemoryAnalytics,
    MemoryFacts,
    analytics_id,
    day_of,
)
from faraday_core.memory.model import InteractionType, MemoryInteraction

MOST_VALUES: Final = 50  # of one name in a context, on one day
_EXACT: Final = 100  # milliseconds, up to which each is told from the next


@frozen
class Past:
    """`replaced`: of which memory an earlier version was replaced, and when. `done`: the oldest
    first."""

    facts: Sequence[MemoryFacts]
    replaced: Sequence[tuple[str, datetime]] = ()
    done: Sequence[MemoryInteraction] = ()


@define
class Tally:
    """What there was of it, in one day or in several."""

    totals: Counter[str] = field(factory=Counter)
    by_category: defaultdict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    by_hour: defaultdict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    by_context: defaultdict[str, defaultdict[str, Counter[str]]] = field(
        factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    response_times: Counter[str] = field(factory=Counter)

    def add(self, event: "Event") -> None:
        counts = {name.value: event.times for name in event.counted}
        self.totals.update(counts)
        self.by_category[event.category or ""].update(counts)
        self.by_hour[str(event.at.hour)].update(counts)
        for name, value in event.about.items():
            values = self.by_context[name]
            if value in values or len(values) < MOST_VALUES:
                values[value].update(counts)
        if event.took is not None:
            self.response_times[rounded(event.took)] += 1

    def merge(self, day: "MemoryAnalytics | Tally") -> None:
        self.totals.update(day.totals)
        for category, counts in day.by_category.items():
            self.by_category[category].update(counts)
        for hour, counts in day.by_hour.items():
            self.by_hour[hour].update(counts)
        for name, values in day.by_context.items():
            for value, counts in values.items():
                self.by_context[name][value].update(counts)
        self.response_times.update(day.response_times)


@frozen
class Event:
    at: datetime
    counted: tuple[Counted, ...]
    category: str | None
    about: Mapping[str, str]
    times: int = 1
    took: int | None = None


def tallies_of(past: Past, now: datetime, *, by_counters: bool) -> dict[datetime, Tally]:
    """By day. `by_counters`: where no interactions are kept."""
    days: defaultdict[datetime, Tally] = defaultdict(Tally)
    for event in _events(past, now, by_counters=by_counters):
        days[day_of(event.at)].add(event)
    return days


def stored_day(user_id: str, begins_at: datetime, tally: Tally, now: datetime) -> MemoryAnalytics:
    return MemoryAnalytics(
        analytics_id(user_id, begins_at),
        user_id,
        begins_at,
        now,
        dict(tally.totals),
        _plain(tally.by_category),
        _plain(tally.by_hour),
        {name: _plain(values) for name, values in tally.by_context.items()},
        dict(tally.response_times),
    )


def rounded(milliseconds: int) -> str:
    """By its two first digits, so that there are few of them however long a year is."""
    if milliseconds < _EXACT:
        return str(max(0, milliseconds))
    step = 10 ** (len(str(milliseconds)) - 2)
    return str(round(milliseconds / step) * step)


def percentile(times: Counts, share: float) -> int | None:
    """The nearest rank: the least one that at least this share does not go beyond."""
    total = sum(times.values())
    if not total:
        return None
    ranked, passed = sorted((int(took), count) for took, count in times.items()), 0
    for took, count in ranked:
        passed += count
        if passed >= share * total:
            return took
    return ranked[-1][0]


def _plain(counted: Mapping[str, Counts]) -> dict[str, Counts]:
    return {name: dict(counts) for name, counts in counted.items()}


def _events(past: Past, now: datetime, *, by_counters: bool) -> Iterator[Event]:
    known = {one.id: one for one in past.facts}
    for fact in past.facts:
        yield from _told_by(fact, now)
        if by_counters:
            yield from _counted_by(fact)
    for memory_id, at in past.replaced:
        if memory_id in known:
            yield _event(known[memory_id], at, Counted.UPDATED)
    yield from _done(past.done, known)


def _told_by(fact: MemoryFacts, now: datetime) -> Iterator[Event]:
    yield _event(fact, fact.created_at, Counted.CREATED)
    ends, gone = fact.expires_at, fact.deleted_at
    # What has ended is put into the bin by a cleanup: it was not deleted.
    if ends is not None and ends <= (gone or now):
        yield _event(fact, ends, Counted.EXPIRED)
    elif gone is not None:
        yield _event(fact, gone, Counted.DELETED)


def _counted_by(fact: MemoryFacts) -> Iterator[Event]:
    last = fact.last_accessed or fact.updated_at
    if times := fact.access_count:
        counted = (Counted.RETRIEVED, Counted.SHOWN)
        yield Event(last, counted, fact.category, fact.about, times)
    if fact.helpful:
        yield Event(last, (Counted.HELPFUL,), fact.category, fact.about, fact.helpful)
    if fact.unhelpful:
        yield Event(last, (Counted.UNHELPFUL,), fact.category, fact.about, fact.unhelpful)


def _done(done: Iterable[MemoryInteraction], known: Mapping[str, MemoryFacts]) -> Iterator[Event]:
    for one in done:
        fact = known.get(one.memory_id)
        if fact is None:
            continue
        doing = {
            name: value[:LONGEST_VALUE]
            for name in ABOUT
            if isinstance(value := one.context.get(name), str)
        }
        about = {**fact.about, **doing}
        if one.interaction_type is InteractionType.RETRIEVE:
            how = Counted.SHOWN if "query" in one.context else Counted.OPENED
            counted = (Counted.RETRIEVED, how)
            yield Event(one.created_at, counted, fact.category, about, 1, one.response_time)
        elif one.interaction_type is InteractionType.FEEDBACK:
            said = Counted.HELPFUL if one.success else Counted.UNHELPFUL
            yield Event(one.created_at, (said,), fact.category, about)


def _event(fact: MemoryFacts, at: datetime, counted: Counted) -> Event:
    return Event(at, (counted,), fact.category, fact.about)
