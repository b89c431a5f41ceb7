"""The figures as tables, in Markdown, so that they can be copied into docs/performance.md."""

from collections.abc import Callable, Sequence
from statistics import median

from rich import box
from rich.table import Table

from bench.connections import FEW, RATE, Held
from bench.layers import Inside
from bench.rounds import ADD, GOALS, LIST, LIVES, ME, Compared, Goal, Round, cpu_of, rate_of
from bench.storm import SIGN_INS, Stormy

_MIB = 1 << 20
_KIB = 1 << 10


def table_of_rounds(found: Sequence[Compared]) -> Table:
    table = _table(
        "route", "connections", "req/s, of bare's", "ms p50 / p99, bare's",
        "CPU µs, bare's", "req/s ratio", "CPU ratio", "goal", "met",
    )  # fmt: skip
    for one in found:
        product, bare = one.product, one.bare
        table.add_row(
            one.load.route,
            str(one.load.connections),
            f"{_mid(product, rate_of):,.0f} of {_mid(bare, rate_of):,.0f}",
            f"{_latency(product)}, {_latency(bare)}",
            f"{_mid(product, cpu_of):.0f}, {_mid(bare, cpu_of):.0f}",
            _spread(one.ratios(rate_of)),
            _spread(one.ratios(cpu_of)),
            _goal(GOALS.get(one.load.route)),
            {True: "yes", False: "NO", None: ""}[one.meets_goal],
        )
    return table


def table_of_layers(found: Sequence[Compared], inside: Inside) -> Table:
    """Microseconds of CPU a request, at 32 connections."""
    at_32 = {one.load.route: one for one in found if one.load.connections == 32}
    http = _mid(at_32[LIVES].bare, cpu_of)
    gate = _mid(at_32[LIVES].product, cpu_of) - http
    layers = {
        "HTTP alone (aiohttp, as the bare server has it)": (http, http, http),
        "the gate: request id, origin, headers, metrics": (gate, gate, gate),
        "the token, whose signature was verified before": (inside.token,) * 3,
        "reading the body": (0.0, 0.0, inside.read_body),
        "the use case with storage, the sender proven in the same trip": (
            inside.identify,
            inside.list_users,
            inside.add,
        ),
        "writing JSON": (inside.encode_one, inside.encode_page, inside.encode_one),
    }
    routes = (ME, LIST, ADD)
    totals = [_mid(at_32[route].product, cpu_of) for route in routes]
    sums = [sum(layer[index] for layer in layers.values()) for index in range(3)]
    table = _table("layer, µs of CPU", *routes)
    for name, values in layers.items():
        table.add_row(name, *(f"{value:.1f}" for value in values))
    rest = (f"{total - known:.1f}" for total, known in zip(totals, sums, strict=True))
    table.add_row("the rest: routing, binding, headers of the answer", *rest)
    table.add_row("all, as measured from outside", *(f"{total:.1f}" for total in totals))
    table.add_row("the bare server", *(f"{_mid(at_32[r].bare, cpu_of):.1f}" for r in routes))
    table.add_row("(an empty trip to PostgreSQL and back)", *(f"{inside.trip:.1f}",) * 3)
    return table


def table_of_storms(found: Sequence[Stormy]) -> Table:
    table = _table(
        "storm", "p99 calm, ms", "p99 in the storm, ms", "ratio (goal ≤ 3)", "signed in",
        "put off (503)", "without Retry-After", "unanswered", "slowest sign-in, s",
        "slowest 503, s", "of GET /auth/me failed",
    )  # fmt: skip
    for number, one in enumerate(found, 1):
        table.add_row(
            f"{number}: {SIGN_INS} at once",
            f"{one.calm:.1f}",
            f"{one.storm:.1f}",
            f"{one.ratio:.2f}",
            str(one.signed_in),
            str(one.put_off),
            str(one.put_off_without_time),
            str(one.unanswered),
            f"{one.slowest_signed_in:.1f}",
            f"{one.slowest_put_off:.1f}",
            str(one.failed),
        )
    return table


def table_of_memory(held: Held, after_load: int) -> Table:
    table = _table("what", "measured", "goal")
    ratio = held.many / held.few
    rows = (
        ("server at rest", f"{held.at_rest / _MIB:.0f} MiB", "< 120 MB"),
        ("after all the load above", f"{after_load / _MIB:.0f} MiB", ""),
        (f"with {held.count:,} connections", f"{held.with_all / _MIB:.0f} MiB", ""),
        ("a connection, used once", f"{held.each / _KIB:.1f} KiB", "< 14 KiB"),
        (f"p99 with {FEW} connections, {RATE:.0f} req/s", f"{held.few:.1f} ms", ""),
        (f"p99 with {held.count:,}", f"{held.many:.1f} ms, {ratio:.2f} times", "≤ 2 times"),
        ("connections refused", str(held.refused), "0"),
        ("requests failed", str(held.failed), "0"),
    )
    for row in rows:
        table.add_row(*row)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=box.MARKDOWN)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _mid(rounds: Sequence[Round], of: Callable[[Round], float]) -> float:
    return median(map(of, rounds))


def _latency(rounds: Sequence[Round]) -> str:
    p50, p99 = median(one.p50 for one in rounds), median(one.p99 for one in rounds)
    return f"{p50:.1f} / {p99:.1f}"


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"


def _goal(goal: Goal | None) -> str:
    if goal is None:
        return ""
    return f"≥ {goal.rate}" + (f", CPU ≤ {goal.cpu}" if goal.cpu else "")
