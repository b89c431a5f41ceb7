"""The first sheet of a spreadsheet's file (XLSX), row by row.

Rows are streamed: a library that lays a sheet out in memory can be made to take all of it by a
file of a kilobyte, with one cell in the last row and column.
"""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, time
from typing import Final

from attrs import frozen

from adapters.rosters.cells import Cells
from adapters.rosters.places import Entry, readable, unpacked_size
from adapters.rosters.records import Chunk
from faraday_core.roster.reading import UnreadableSource
from faraday_core.roster.rows import RowFault

_LARGEST: Final = 64 << 20  # bytes: it is held in memory, and so are its texts
_MOST_UNPACKED: Final = 256 << 20
_ROWS_AT_ONCE: Final = 5000
_WIDEST: Final = 1000  # columns; a sheet can have 16,384
# What openpyxl lets through of a file that is not as it should be.
_BROKEN: Final = (
    KeyError, ValueError, TypeError, IndexError, AttributeError, SyntaxError, zipfile.BadZipFile,
)  # fmt: skip


@frozen
class WorkbookPart:
    """Fulfils Part."""

    name: str
    content: bytes
    heading_line: int
    headings: Sequence[str]
    digest: bytes
    encoding: str = "utf-8"

    @property
    def rows_total(self) -> None:
        """Which a sheet does not tell before its end."""

    def chunks(self, cells: Cells) -> Iterator[Chunk]:
        width = len(self.headings)
        lines: list[int] = []
        rows: list[list[str]] = []
        faults: dict[int, RowFault] = {}
        for line, found in _numbered(self.name, self.content):
            if line <= self.heading_line:
                continue
            row = (found + [""] * width)[:width]
            if fault := cells.clean(row, line):
                faults[len(rows)] = fault
            lines.append(line)
            rows.append(row)
            if len(rows) >= _ROWS_AT_ONCE:
                yield _chunk(lines, rows, faults)
                lines, rows, faults = [], [], {}
        if rows:
            yield _chunk(lines, rows, faults)


def opened_workbook(entry: Entry) -> WorkbookPart:
    """Raises UnreadableSource."""
    if entry.size > _LARGEST:
        raise UnreadableSource(f"{entry.name} is larger than {_LARGEST >> 20} MiB; save it as CSV")
    with readable(entry.name), entry.open() as stream:
        content = stream.read(entry.size)
        if unpacked_size(io.BytesIO(content)) > _MOST_UNPACKED:
            raise UnreadableSource(f"{entry.name} unpacks to more than {_MOST_UNPACKED >> 20} MiB")
    digest = hashlib.sha256(content).digest()
    for line, row in _numbered(entry.name, content):
        headings = [cell.strip() for cell in row]
        return WorkbookPart(entry.name, content, line, headings, digest)
    raise UnreadableSource(f"{entry.name} is empty: its first sheet has not even a heading")


def _numbered(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with its number as the spreadsheet shows it."""
    from openpyxl import load_workbook  # noqa: PLC0415 -- few read sheets, and it is slow to load

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # a sheet may claim any
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if any(cell is not None for cell in row[_WIDEST:]):
                raise UnreadableSource(f"{name}: line {number} has more than {_WIDEST} columns")
            if any(cell is not None for cell in row):
                yield number, _unpadded([_as_text(cell) for cell in row])
    except _BROKEN as error:
        raise UnreadableSource(f"{name} is no workbook that can be read") from error


def _unpadded(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _as_text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def _chunk(lines: list[int], rows: list[list[str]], faults: dict[int, RowFault]) -> Chunk:
    return Chunk(lines, rows, [hash(tuple(row)) for row in rows], faults)
