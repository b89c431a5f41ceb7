"""What is asked about the use of memories, and what is answered."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules
from faraday_core.memory.analytics_model import DAY, day_of
from faraday_core.memory.moments import begin_of, end_of
from faraday_core.memory.searching import Moment

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 1100  # three years


class Group(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@frozen
class AnalyticsQuery:
    """`from_`, `to`: whole days in UTC, both included; the last 30 where they are left out."""

    from_: Moment | None = None
    to: Moment | None = None
    group: Group = Group.DAY

    __attrs_post_init__ = obey_rules

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """When its first day begins, and when its last one has ended. Raises Invalid."""
        tomorrow = day_of(now) + DAY
        try:
            end = end_of(self.to)
            until = tomorrow if end is None else day_of(end - timedelta(microseconds=1)) + DAY
            begin = begin_of(self.from_)
            since = until - USUAL_DAYS * DAY if begin is None else day_of(begin)
        except OverflowError:
            raise Invalid([Fault("?to", "invalid_value", "is too far away")]) from None
        if since >= until:
            raise Invalid([Fault("?from", "invalid_value", "comes after `to`")])
        if until - since > MOST_DAYS * DAY:
            detail = f"is more than {MOST_DAYS} days before `to`"
            raise Invalid([Fault("?from", "invalid_value", detail)])
        return since, until


@frozen
class Totals:
    """`memories`: that there are now. The others: in the span that was asked about."""

    memories: int
    created: int
    retrieved: int
    updated: int
    deleted: int
    expired: int


@frozen
class CategoryUse:
    """`category`: null of those that are in none."""

    category: str | None
    memories: int
    created: int
    retrieved: int
    updated: int
    deleted: int
    expired: int


@frozen
class HourUse:
    """Of all days together; `hour`: 0 to 23, in UTC."""

    hour: int
    created: int
    retrieved: int
    updated: int
    deleted: int
    expired: int


@frozen
class PeriodUse:
    """`period`: its first day."""

    period: str
    created: int
    retrieved: int
    updated: int
    deleted: int
    expired: int


@frozen
class Effectiveness:
    """`rate`: helpful by shown. `interval`: where its true value lies, at 95 percent."""

    shown: int
    opened: int
    helpful: int
    rate: float
    interval: tuple[float, ...]


class PatternKind(StrEnum):
    GROWING = "growing"  # a topic of which more is kept than before
    QUIET = "quiet"  # a topic that nothing has come to, and nothing was used of, for weeks
    SPACING = "spacing"  # how long it is from one visit to the next
    STICKING = "sticking"  # how often something is returned to before it sticks
    CONTEXT = "context"  # where memories help more, or less, than elsewhere


@frozen
class Pattern:
    kind: PatternKind
    detail: str
    evidence: Mapping[str, Any]  # as in JSON


@frozen
class ResponseTimes:
    """Milliseconds; null where none are kept."""

    p50: int | None
    p95: int | None


@frozen
class Call:
    """A request that does it, as it stands."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None  # as in JSON


@frozen
class Suggestion:
    kind: str
    detail: str
    action: Call


@frozen
class AnalyticsView:
    totals: Totals
    by_category: tuple[CategoryUse, ...]
    by_hour: tuple[HourUse, ...]
    series: tuple[PeriodUse, ...]
    effectiveness: Effectiveness
    patterns: tuple[Pattern, ...]
    response_time_ms: ResponseTimes
    suggestions: tuple[Suggestion, ...]
