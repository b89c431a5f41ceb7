"""From lines to rows: each with its place, and nothing that one row breaks reaches the next.

A block whose rows are all as they should be is taken at once, in C; any other one by one.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple
from unicodedata import normalize

from attrs import frozen

from adapters.rosters.cells import SHORT, UNFIT, Cells, is_plain, is_too_long
from adapters.rosters.lines import Lines, TooMuch
from faraday_core.roster.rows import RowFault

_READ_AGAIN: Final = 100_000  # characters of a broken row in which its cells are looked for
_QUOTED: Final = '"'


class Chunk(NamedTuple):
    """Rows of equal width; the line of each, a hash of its cells, and by its index its fault."""

    lines: Sequence[int]
    rows: Sequence[Sequence[str]]
    raws: Sequence[int]
    faults: dict[int, RowFault]


@frozen
class Records:
    """The rows below a heading."""

    lines: Lines
    delimiter: str
    cells: Cells

    def chunks(self) -> Iterator[Chunk]:
        while self.lines.fill():
            at_once = self._at_once()
            yield self._one_by_one() if at_once is None else at_once

    def _at_once(self) -> Chunk | None:
        """The block's rows, where each is one line and there is nothing to be said of any."""
        text = self.lines.whole
        if not text or not is_plain(text, self.delimiter):
            return None
        lines = _unended(text)
        if lines is None or max(map(len, lines)) > SHORT:
            return None
        if not text.isascii():
            lines = [line if line.isascii() else normalize("NFC", line) for line in lines]
        rows = self._parted(lines) if _QUOTED in text else [x.split(self.delimiter) for x in lines]
        if rows is None or set(map(len, rows)) != {len(self.cells.headings)}:
            return None
        raws = list(map(hash, lines))
        if _QUOTED in text:
            for index, line in enumerate(lines):
                if _QUOTED in line:
                    raws[index] = self._raw(rows[index])
        first = self.lines.take_whole(len(rows))
        return Chunk(range(first, first + len(rows)), rows, raws, {})

    def _parted(self, lines: Sequence[str]) -> Sequence[Sequence[str]] | None:
        """Quoted lines by the csv module; all others faster."""
        quoted = [line for line in lines if _QUOTED in line]
        try:
            parsed = list(csv.reader(quoted, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return None
        if len(parsed) != len(quoted):
            return None
        following = iter(parsed)
        return [
            next(following) if _QUOTED in line else line.split(self.delimiter) for line in lines
        ]

    def _raw(self, row: Sequence[str]) -> int:
        """The same for the same cells, quoted or not: most often the hash of the line."""
        joined = self.delimiter.join(row)
        is_plain = joined.count(self.delimiter) == len(row) - 1
        return hash(joined) if is_plain else hash(tuple(row))

    def _one_by_one(self) -> Chunk:
        lines: list[int] = []
        rows: list[list[str]] = []
        faults: dict[int, RowFault] = {}
        reader = csv.reader(self.lines, delimiter=self.delimiter, strict=True)
        while self.lines.left:
            line = self.lines.begin()
            row, fault = self._next(reader)
            if not row:
                continue
            if fault or self._needs_care():
                fault = _earlier(fault, self.cells.clean(row, line))
            if fault:
                faults[len(rows)] = fault
            lines.append(line)
            rows.append(row)
        return Chunk(lines, rows, list(map(self._raw, rows)), faults)

    def _next(self, reader: Iterator[list[str]]) -> tuple[list[str], RowFault | None]:
        width = len(self.cells.headings)
        try:
            row = next(reader)
        except (csv.Error, TooMuch):
            row, fault = self._mended()
        else:
            if not row or len(row) == width:
                return row, None
            fault = self._bad_row(f"has {len(row)} cells; the heading has {width}")
            if self._holds_a_row():
                row = self._loosely(self.lines.taken[0])
                self.lines.put_back()
        return row[:width] + [""] * (width - len(row)), fault

    def _mended(self) -> tuple[list[str], RowFault]:
        """What can be told of a row whose quotes are broken, or one cell of which never ends."""
        taken = self.lines.taken
        row = self._loosely("".join(taken)[:_READ_AGAIN])
        if row and is_too_long(row[-1]) and not self._holds_a_row():
            if len(taken) > 1:
                self._skip_cell()
            fault = self.cells.too_long(min(len(row), len(self.cells.headings)) - 1)
            return [*row[:-1], ""], fault
        row = self._loosely(taken[0][:_READ_AGAIN])
        self.lines.put_back()
        return row, self._bad_row("has a quote mark that is not closed, or not where a cell ends")

    def _holds_a_row(self) -> bool:
        """Whether the second line of this row looks like a row of its own."""
        taken = self.lines.taken
        return len(taken) > 1 and len(self._loosely(taken[1])) == len(self.cells.headings)

    def _skip_cell(self) -> None:
        """Goes on to the line on which a quoted cell of many lines ends."""
        with suppress(StopIteration):
            while True:
                self.lines.begin()
                if next(self.lines).count(_QUOTED) % 2:
                    return

    def _loosely(self, text: str) -> list[str]:
        with suppress(csv.Error, StopIteration):
            return next(csv.reader([text], delimiter=self.delimiter))
        return text.split(self.delimiter)

    def _needs_care(self) -> bool:
        taken = self.lines.taken
        text = taken[0]
        return (
            len(taken) != 1
            or len(text) > SHORT
            or not is_plain(text, self.delimiter)
            or not text.isascii()
            or "\r" in text.rstrip("\r\n")
        )

    def _bad_row(self, detail: str) -> RowFault:
        return RowFault("bad_row", None, -1, detail)


def _earlier(one: RowFault | None, other: RowFault | None) -> RowFault | None:
    if one is None or other is None:
        return one or other
    return one if one.position <= other.position else other


def heading_of(lines: Lines) -> tuple[str, Sequence[str]]:
    """The delimiter, and the heading: which is taken off the lines."""
    lines.begin()
    first = next(lines, "")
    outside = "".join(first.split(_QUOTED)[::2])
    delimiter = max(",;\t", key=outside.count)
    with suppress(csv.Error, TooMuch, StopIteration):
        lines.put_back(0)
        lines.begin()
        row = next(csv.reader(lines, delimiter=delimiter, strict=True))
        lines.join()
        return delimiter, [normalize("NFC", UNFIT.sub("", cell)).strip() for cell in row]
    return delimiter, []


def _unended(text: str) -> list[str] | None:
    """Lines without their ends; None where a carriage return stands elsewhere."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\r" in text:
            return None
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines
