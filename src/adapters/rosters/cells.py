"""What a cell may hold: characters, length, and what a spreadsheet would take for a formula."""

import re
from collections.abc import Callable, Sequence
from typing import Final
from unicodedata import normalize

from attrs import frozen

from faraday_core.roster.rows import LONGEST_CELL, RowFault

_MOST_BYTES_A_CHARACTER: Final = 4
SHORT: Final = LONGEST_CELL // _MOST_BYTES_A_CHARACTER  # so many characters are never too many

# Controls but tab and line ends, halves of pairs and what stands for bytes that were no text.
UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_LINE_END: Final = re.compile("\r\n|[\r\n]")
_RISKY: Final = re.compile("'*[=+\\-@\t\r]")
_NEUTRAL: Final = re.compile("'+[=+\\-@\t\r]")
_GREEK_QUESTION_MARK: Final = "\u037e"  # NFC makes it a semicolon, which may part cells
_OPENING: Final = "=@'"

Warn = Callable[[int, str | None, str, str], None]  # line, column, code, detail


def neutral(cell: str) -> str:
    """The cell as a spreadsheet shows it, and never runs it: with a quote mark before it."""
    return f"'{cell}" if _RISKY.match(cell) else cell


def as_meant(cell: str) -> str:
    """The cell without what `neutral` has put before it."""
    return cell[1:] if _NEUTRAL.match(cell) else cell


def is_plain(text: str, delimiter: str) -> bool:
    """Whether no cell of this text, of short lines, needs a second look: cheap, and careful."""
    if _has_unfit(text) or _GREEK_QUESTION_MARK in text or text[:1] in _OPENING:
        return False
    return not any(
        f"{before}{mark}" in text
        for mark in _OPENING
        if mark in text
        for before in (delimiter, '"', "\n", "\r")
    )


def _has_unfit(text: str) -> bool:
    if text.isascii() and text.replace("\n", "").isprintable():
        return False  # which is told several times as fast
    return UNFIT.search(text) is not None


@frozen
class Cells:
    """The cells of one file. `used`: the positions of what is read of it."""

    headings: Sequence[str]
    used: frozenset[int]
    warn: Warn

    def clean(self, row: list[str], line: int) -> RowFault | None:
        """Makes a row's cells fit to be kept; the first that cannot be is told."""
        first: RowFault | None = None
        for position, cell in enumerate(row):
            fault = self._unfit(position, cell)
            first = first or fault
            row[position] = self._fit(position, cell, line) if fault is None else _remains(cell)
        return first

    def heading(self, position: int) -> str | None:
        return self.headings[position] if 0 <= position < len(self.headings) else None

    def too_long(self, position: int) -> RowFault:
        detail = f"takes at most {LONGEST_CELL} bytes"
        return RowFault("too_long", self.heading(position), position, detail)

    def _unfit(self, position: int, cell: str) -> RowFault | None:
        if is_too_long(cell):
            return self.too_long(position)
        if found := UNFIT.search(cell):
            detail = f"holds a character that is no text: {_named(found.group())}"
            return RowFault("invalid_character", self.heading(position), position, detail)
        return None

    def _fit(self, position: int, cell: str, line: int) -> str:
        used = position in self.used
        if used and cell.startswith(("=", "@")):
            detail = "looks like a formula, and is taken as text"
            self.warn(line, self.heading(position), "formula_text", detail)
        cell = as_meant(normalize("NFC", cell))
        joined = _LINE_END.sub(" ", cell)
        if used and joined != cell:
            detail = "holds a line break, which is kept as a blank"
            self.warn(line, self.heading(position), "line_break", detail)
        return joined


def is_too_long(cell: str) -> bool:
    return len(cell) > SHORT and len(cell.encode("utf-8", "surrogatepass")) > LONGEST_CELL


def _remains(cell: str) -> str:
    return "" if is_too_long(cell) else _LINE_END.sub(" ", UNFIT.sub("", normalize("NFC", cell)))


def _named(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return f"the byte 0x{ord(character) - 0xDC00:02X}"
    return f"U+{ord(character):04X}"
