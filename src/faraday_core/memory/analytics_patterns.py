"""What stands out in how somebody keeps and uses memories: each with the numbers that say so."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from faraday_core.memory.analytics_model import DAY, Counted, Counts, MemoryFacts
from faraday_core.memory.analytics_numbers import median, phi, wilson
from faraday_core.memory.analytics_shown import Days, trials_of
from faraday_core.memory.analytics_tally import Tally
from faraday_core.memory.analytics_views import Pattern, PatternKind

MOST_OF_A_KIND: Final = 5
LEAST_NEW: Final = 3  # memories of a topic that grows
GROWTH: Final = 2  # times as many as before
LEAST_KEPT: Final = 3  # memories of a topic that has gone quiet
QUIET_AFTER: Final = timedelta(days=28)
LEAST_VISITS: Final = 3
LEAST_USES: Final = 2  # of what is returned to
STUCK_AFTER: Final = timedelta(days=30)  # that it was not needed
LEAST_STUCK: Final = 3
LEAST_TRIALS: Final = 5  # on either side of what is compared

A = TypeVar("A")
B = TypeVar("B")
Topic = tuple[str, str]  # of which kind it is, and its name


def patterns_of(days: Days, total: Tally) -> tuple[Pattern, ...]:
    return (
        *_growing(days),
        *_quiet(days),
        *_spacing(days),
        *_sticking(days),
        *_contexts(total),
    )


def _growing(days: Days) -> Iterator[Pattern]:
    """More was kept in the later half of the span than in the earlier one."""
    middle = days.since + (days.until - days.since) / 2
    before, after = Counter[Topic](), Counter[Topic]()
    for day, tally in days.by_day.items():
        (before if day < middle else after).update(_created(tally))
    had_begun = any(
        tally.totals.get(Counted.CREATED) for day, tally in days.by_day.items() if day < middle
    )
    if not had_begun:  # of who has just begun all would grow
        return
    grown = (
        (topic, before[topic], new)
        for topic, new in after.items()
        if new >= LEAST_NEW and new >= GROWTH * before[topic]
    )
    for (kind, name), earlier, later in _by_name(sorted(grown, key=_by_growth)):
        detail = f"“{name}” grows: {later} new memories, {earlier} in the time before."
        evidence = {kind: name, "before": earlier, "after": later}
        yield Pattern(PatternKind.GROWING, detail, evidence)


def _by_name(found: Iterable[tuple[Topic, A, B]]) -> Sequence[tuple[Topic, A, B]]:
    """Once where a category and a course are called alike."""
    named: dict[str, tuple[Topic, A, B]] = {}
    for one in found:
        named.setdefault(one[0][1], one)
    return [*named.values()][:MOST_OF_A_KIND]


def _by_growth(found: tuple[Topic, int, int]) -> tuple[int, Topic]:
    topic, before, after = found
    return before - after, topic


def _created(tally: Tally) -> dict[Topic, int]:
    created = {("category", name): counts for name, counts in tally.by_category.items() if name}
    for name, values in tally.by_context.items():
        created |= {(name, value): counts for value, counts in values.items()}
    return {topic: counts.get(Counted.CREATED, 0) for topic, counts in created.items()}


def _quiet(days: Days) -> Iterator[Pattern]:
    """Of some memories none is new, and none was used, for four weeks."""
    at = min(days.now, days.until)
    kept: defaultdict[Topic, list[datetime]] = defaultdict(list)
    for fact in days.living:
        for topic in _topics_of(fact):
            kept[topic].append(fact.last_touched)
    quiet = [
        (topic, len(touched), max(touched))
        for topic, touched in kept.items()
        if len(touched) >= LEAST_KEPT and at - max(touched) >= QUIET_AFTER
    ]
    for (kind, name), count, last in _by_name(sorted(quiet, key=lambda one: (-one[1], one[0]))):
        weeks = (at - last) // (7 * DAY)
        detail = f"“{name}” has gone quiet: nothing new, and nothing used, for {weeks} weeks."
        evidence = {kind: name, "memories": count, "last": last.date().isoformat()}
        yield Pattern(PatternKind.QUIET, detail, evidence)


def _topics_of(fact: MemoryFacts) -> Iterator[Topic]:
    if fact.category is not None:
        yield "category", fact.category
    yield from fact.about.items()


def _spacing(days: Days) -> Iterator[Pattern]:
    """From one day on which somebody was there to the next one."""
    visits = sorted(day for day, tally in days.by_day.items() if _was_there(tally.totals))
    if len(visits) < LEAST_VISITS:
        return
    gaps = [(b - a).days for a, b in pairwise(visits)]
    usual, longest = median(gaps), max(gaps)
    detail = f"There are {usual:g} days from one visit to the next, {longest} at most."
    evidence = {"visits": len(visits), "median_days": usual, "longest_days": longest}
    yield Pattern(PatternKind.SPACING, detail, evidence)


def _was_there(counts: Counts) -> bool:
    did = (Counted.CREATED, Counted.RETRIEVED, Counted.UPDATED, Counted.HELPFUL)
    return any(counts.get(name) for name in did)


def _sticking(days: Days) -> Iterator[Pattern]:
    """Used more than once, said not to help by nobody, and needed no longer."""
    stuck = [
        (fact.access_count, (fact.last_accessed - fact.created_at) / DAY)
        for fact in days.living
        if fact.access_count >= LEAST_USES
        and fact.last_accessed is not None
        and days.now - fact.last_accessed >= STUCK_AFTER
        and fact.helpful >= fact.unhelpful
    ]
    if len(stuck) < LEAST_STUCK:
        return
    uses = median([count for count, _ in stuck])
    took = round(median([span for _, span in stuck]), 1)
    detail = f"Something is returned to {uses:g} times, over {took:g} days, before it sticks."
    evidence = {"memories": len(stuck), "median_uses": uses, "median_days": took}
    yield Pattern(PatternKind.STICKING, detail, evidence)


def _contexts(total: Tally) -> Iterator[Pattern]:
    """Where what is shown helps surely more, or surely less, than elsewhere."""
    helped_all, shown_all = total.totals.get(Counted.HELPFUL, 0), trials_of(total.totals)
    found: list[Pattern] = []
    for name, values in total.by_context.items():
        for value, counts in values.items():
            helped, shown = counts.get(Counted.HELPFUL, 0), trials_of(counts)
            rest = helped_all - helped, shown_all - shown
            if shown < LEAST_TRIALS or rest[1] < LEAST_TRIALS or not 0 <= rest[0] <= rest[1]:
                continue
            here, elsewhere = wilson(helped, shown), wilson(*rest)
            if here[0] <= elsewhere[1] and elsewhere[0] <= here[1]:
                continue
            more = "more" if here[0] > elsewhere[1] else "less"
            found.append(
                Pattern(
                    PatternKind.CONTEXT,
                    f"With the {name} “{value}” memories help {more} often than elsewhere.",
                    {
                        name: value,
                        "rate": round(helped / shown, 4),
                        "interval": [*here],
                        "elsewhere": [*elsewhere],
                        "phi": phi(helped, shown, *rest),
                    },
                )
            )
    yield from sorted(found, key=lambda one: -abs(one.evidence["phi"]))[:MOST_OF_A_KIND]
