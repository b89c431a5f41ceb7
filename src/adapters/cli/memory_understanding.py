"""What is understood of somebody's memories, and what is recommended to do with them."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from adapters.cli.asking import ask, data_dir_option, json_option, operator_here, print_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from adapters.app import App
    from faraday_core.memory.analytics_views import AnalyticsView
    from faraday_core.memory.recommendations_model import Recommendations

_WIDEST: Final = 20  # cells of each half of a bar
_SHOWN: Final = 60  # characters of a memory


@click.command("analytics")
@click.argument("user")
@click.option("--from", "since", help="The first day, as 2026-09-01; 30 days before the last.")
@click.option("--to", "until", help="The last day; today.")
@click.option(
    "--group", type=click.Choice(["day", "week", "month"]), default="day", show_default=True
)
@json_option
@data_dir_option
def analytics(
    user: str,
    since: str | None,
    until: str | None,
    group: str,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    """Show what the memories of USER, an id or an address, were used for and when."""
    from adapters.cli.tables import console
    from faraday_core.memory.analytics_views import AnalyticsQuery, Group

    async def found(app: "App") -> "AnalyticsView":
        actor = operator_here()
        person = await app.users.find(actor, user)
        query = AnalyticsQuery(since, until, Group(group))
        return await app.memory_analytics.of_person(actor, person.id, query)

    view = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(view)
    else:
        console().print(*drawn(view), sep="\n")


@click.command("recommendations")
@click.argument("user")
@click.option(
    "--kind", type=click.Choice(["revisit", "related", "outdated", "duplicate", "forget"])
)
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@json_option
@data_dir_option
def recommendations(
    user: str, kind: str | None, limit: int, data_dir: Path | None, *, as_json: bool
) -> None:
    """Show what USER could do with their memories, the most urgent first."""
    from adapters.cli.tables import print_table
    from faraday_core.memory.recommendations_model import (
        RecommendationKind,
        RecommendationQuery,
    )

    async def found(app: "App") -> "Recommendations":
        actor = operator_here()
        person = await app.users.find(actor, user)
        query = RecommendationQuery(RecommendationKind(kind) if kind else None, limit)
        return await app.memory_recommendations.of_person(actor, person.id, query)

    result = ask(data_dir, found, as_json=as_json)
    if as_json:
        print_json(result)
        return
    rows = (
        (one.kind.value, f"{one.score:.2f}", _short(one.memory.content), one.reason)
        for one in result.items
    )
    print_table(("kind", "score", "memory", "because"), rows, empty="There is nothing to do.")


def drawn(view: "AnalyticsView") -> "Iterator[RenderableType]":
    """As a person reads it: numbers, a bar for each period, and what stands out."""
    from adapters.cli.tables import table_of

    totals, helped, took = view.totals, view.effectiveness, view.response_time_ms
    low, high = helped.interval
    names = ("memories", "created", "retrieved", "updated", "deleted", "expired")
    yield table_of(names, [tuple(getattr(totals, name) for name in names)])
    sure = f"in truth {low:.0%} to {high:.0%}, most likely"
    yield f"\nHelpful: {helped.rate:.0%} of {helped.shown} shown; {sure}."
    if took.p50 is not None:
        yield f"Found in {took.p50} ms as a rule, 95 of 100 in {took.p95} ms or less."
    yield ""
    used = [one for one in view.series if one.created or one.retrieved]
    most = max((max(one.created, one.retrieved) for one in used), default=0)
    yield table_of(
        ("period", "created", "retrieved", "█ created  ▒ retrieved"),
        (
            (one.period, one.created, one.retrieved, bar(one.created, one.retrieved, most))
            for one in used
        ),
    )
    told = [(one.kind.value, one.detail) for one in view.patterns]
    told += [(one.kind, one.detail) for one in view.suggestions]
    if told:
        yield ""
        yield table_of(("kind", "what stands out"), told)


def bar(created: int, retrieved: int, most: int) -> str:
    """What is more than nothing shows."""
    full, half = _cells(created, most), _cells(retrieved, most)
    return "█" * full + "▒" * half


def _cells(count: int, most: int) -> int:
    return max(1, round(count / most * _WIDEST)) if count else 0


def _short(content: str) -> str:
    line = " ".join(content.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
