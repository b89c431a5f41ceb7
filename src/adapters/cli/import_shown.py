"""A plan or a run as people read it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.table import Table

from adapters.cli.asking import print_json
from adapters.cli.tables import console, fields_of, table_of
from adapters.terminal_text import shown

if TYPE_CHECKING:
    from faraday_core.roster.requests import ImportView

FIRST: Final = 20  # refused rows that a terminal is given
_COUNTED: Final = ("create", "update", "unchanged", "remove", "refuse")


def brief(view: "ImportView") -> Mapping[str, Any]:  # JSON
    """As a list has it: without what has a row of its own."""
    from faraday_core.kernel.parsing import plain

    shown_whole: dict[str, Any] = plain(view)
    for name in ("refused", "held"):
        shown_whole.pop(name, None)
    return shown_whole


def refused_of(view: "ImportView") -> int:
    return sum(counts["refuse"] for counts in view.counts.values())


def exit_code_of(view: "ImportView") -> int:
    """0 all taken, 3 some rows refused, 1 nothing done."""
    refused = refused_of(view) or len(view.refused)
    if view.status == "failed" or (refused and view.mode == "strict"):
        return 1
    return 3 if refused else 0


def print_answer(view: "ImportView", *, as_json: bool) -> None:
    if as_json:
        print_json(view)
    else:
        print_import(view)


def print_import(view: "ImportView", to: Console | None = None) -> None:
    """`to`: what draws the documentation's pictures."""
    to = to or console()
    to.print(_head(view))
    if view.counts:
        to.print()
        to.print(_counts(view))
    _print_thresholds(view, to)
    _print_refused(view, to)
    _print_warnings(view, to)
    if view.held:
        held = len(view.held)
        to.print(f"\n{held} values are held back, since somebody set those fields by hand.")
    if view.problem:
        to.print("\n" + shown(view.problem["detail"]))
    elif view.status == "planned" and refused_of(view) and view.mode == "strict":
        to.print("\nApplied so, nothing would be done: --mode tolerant takes the others.")


def _head(view: "ImportView") -> Table:
    return fields_of(
        (
            ("run", view.run_id),
            ("plan", view.plan_id),
            ("status", view.status),
            ("format", f"{view.format}, {view.mode}{', full' if view.full else ''}"),
            ("read as", _encodings(view)),
            *([("mapping", _pairs(view.mapping))] if view.mapping else []),
            ("seconds", view.seconds),
            ("started", view.started_at),
            *([("applied", view.applied_at)] if view.applied_at else []),
            *([("undone", view.undone_at)] if view.undone_at else []),
        )
    )


def _counts(view: "ImportView") -> Table:
    rows = (
        (kind.replace("_", " "), *(f"{counts[name]:,}" for name in _COUNTED))
        for kind, counts in view.counts.items()
    )
    table = table_of(("kind", *_COUNTED), rows)
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _print_thresholds(view: "ImportView", to: Console) -> None:
    if not view.thresholds or view.status != "planned":
        return
    to.print("\nA large change:")
    for crossed in view.thresholds:
        to.print(f"  {crossed.said}")
    if view.awaits_acceptance:
        to.print("It is applied with --accept-large-change alone.")
    else:
        to.print("It is accepted with this plan.")


def _print_refused(view: "ImportView", to: Console) -> None:
    if not view.refused:
        return
    to.print(f"\nRefused rows, {refused_of(view):,} in all:")
    headings = ("file", "line", "column", "code", "what is wrong")
    rows = (
        (row["file"], row["line"], row["column"], row["code"], row["detail"])
        for row in view.refused[:FIRST]
    )
    to.print(table_of(headings, rows))
    if len(view.refused) > FIRST:
        to.print(
            f"and {len(view.refused) - FIRST:,} more, in full:"
            f" faraday import report {view.run_id} --csv FILE"
        )


def _print_warnings(view: "ImportView", to: Console) -> None:
    if not view.warnings:
        return
    by_code: dict[str, list[Mapping[str, Any]]] = {}
    for warning in view.warnings:
        by_code.setdefault(warning["code"], []).append(warning)
    to.print("\nWarnings:")
    rows = (
        (code, f"{len(some):,}", f"{some[0]['file']}, line {some[0]['line']}", some[0]["detail"])
        for code, some in by_code.items()
    )
    to.print(table_of(("code", "rows", "the first", "what it says"), rows))


def _encodings(view: "ImportView") -> str:
    by_encoding: dict[str, int] = {}
    for encoding in view.encoding.values():
        by_encoding[encoding] = by_encoding.get(encoding, 0) + 1
    if len(by_encoding) <= 1:
        return next(iter(by_encoding), "-")
    return _pairs(view.encoding)


def _pairs(given: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in given.items())
