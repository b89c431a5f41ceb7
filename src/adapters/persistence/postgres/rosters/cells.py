"""Cells on their way to PostgreSQL: as CSV, by the column, for a million rows at once."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

# An empty cell is no value to PostgreSQL, and none is meant.
COPIED: Final = "format csv, delimiter E'\\t'"
_BETWEEN, _END = "\t", "\n"


def lines_of(columns: Sequence[Sequence[object]]) -> bytes:
    """Joined as they are, which is twice as fast as the csv module, and by that where there is
    anything to be quoted."""
    cells = [*map(_texts, columns)]
    lines = [*map(_BETWEEN.join, zip(*cells, strict=False))]
    text = _END.join(lines)
    plain = text.count(_BETWEEN) == len(lines) * (len(columns) - 1)
    if plain and text.count(_END) == len(lines) - 1 and '"' not in text and "\r" not in text:
        return f"{text}\n".encode()
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=_BETWEEN).writerows(zip(*columns, strict=True))
    return written.getvalue().encode()


def _texts(column: Sequence[object]) -> Iterable[str]:
    kinds = {*map(type, column)}
    if all(issubclass(kind, str) for kind in kinds):
        return column  # type: ignore[return-value]  # as was just seen
    if kinds == {type(None)}:
        return repeat("")
    if type(None) in kinds:
        return ["" if cell is None else str(cell) for cell in column]
    return map(str, column)
