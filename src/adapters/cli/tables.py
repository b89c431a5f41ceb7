"""Answers as tables for people."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from adapters.terminal_text import shown


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """`empty`: what is said where there are no rows."""
    table = table_of(headings, rows)
    console().print(table if table.rows else empty)


def table_of(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    table = Table(header_style="bold", box=None, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*map(shown, row))
    return table


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """One thing, a field a line."""
    console().print(fields_of(fields))


def fields_of(fields: Iterable[tuple[str, object]]) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(name, shown(value))
    return table


def console() -> Console:
    """Without markup, so that nobody's name is read as such; wide where nobody looks."""
    found = Console(highlight=False, markup=False, emoji=False)
    return (
        found
        if found.is_terminal
        else Console(highlight=False, markup=False, emoji=False, width=200)
    )
