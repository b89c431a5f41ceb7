"""Rows that say something again: exactly, or otherwise."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from adapters.persistence.memory.rosters.work import Work
from faraday_core.roster.reading import Format
from faraday_core.roster.rows import Kind, Row, RowFault

R = TypeVar("R", bound=Row)


def without_exact_repeats(work: Work, rows: Iterable[R]) -> list[R]:
    kept: dict[int, R] = {}
    for row in sorted(rows, key=lambda row: (row.file, row.line)):
        if row.raw in kept:
            work.warn(row, None, "repeated_row", "repeats an earlier row exactly")
        else:
            kept[row.raw] = row
    return list(kept.values())


def one_of_each(
    work: Work, kind: Kind, rows: Sequence[R], key: Sequence[str], field: str
) -> list[R]:
    """Of rows with the same key and other content the first; Canvas has the last win. `field`:
    which is told of those that lose."""
    alike = defaultdict(list)
    for row in rows:
        alike[tuple(getattr(row, part) for part in key)].append(row)
    lost = set()
    for named, several in alike.items():
        if None not in named and len(several) > 1:
            lost |= _lost(work, kind, several, field)
    return [row for row in rows if id(row) not in lost]


def _lost(work: Work, kind: Kind, several: Sequence[R], field: str) -> set[int]:
    if work.task.format is Format.CANVAS_SIS:
        detail = "stands in an earlier row with other content; this one counts"
        for row in several[1:]:
            work.warn(row, field, "repeated_id", detail)
        return {id(row) for row in several[:-1]}
    for row in several[1:]:
        heading, position = work.column(row, field)
        detail = "stands in an earlier row with other content"
        work.refuse(kind, row, RowFault("duplicate_id", heading, position, detail))
    return {id(row) for row in several[1:]}
