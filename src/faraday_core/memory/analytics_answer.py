"""From the days of a span to the whole answer about them."""

from faraday_core.memory.analytics_patterns import patterns_of
from faraday_core.memory.analytics_shown import (
    Days,
    by_category_of,
    by_hour_of,
    effectiveness_of,
    response_times_of,
    series_of,
    totals_of,
)
from faraday_core.memory.analytics_suggestions import suggestions_of
from faraday_core.memory.analytics_views import AnalyticsView, Group


def answer_of(days: Days, group: Group, *, tracked: bool) -> AnalyticsView:
    """`tracked`: whether more is kept of what the person does than how often."""
    total = days.together
    patterns = patterns_of(days, total)
    return AnalyticsView(
        totals_of(days, total),
        by_category_of(days, total),
        by_hour_of(total),
        series_of(days, group),
        effectiveness_of(total.totals),
        patterns,
        response_times_of(total),
        suggestions_of(days, patterns, tracked=tracked),
    )
