"""A file's physical lines, in bounded memory, some thousand at a time."""

import io
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterator
from typing import IO, Final

from adapters.rosters.encodings import Survey

_BLOCK: Final = 1 << 18  # bytes: some thousand rows
LONGEST_LINE: Final = 1 << 22  # characters; of a longer line the middle is left out
_MOST_TAKEN: Final = 1 << 20  # characters of a row that goes over several lines


class TooMuch(Exception):
    """A row's quote mark has not been closed for too long."""


class Lines:
    """Lines by the block, or one by one; those taken one by one can be put back.

    `number`: of the next line, from 1. `taken`: those taken since it was last emptied.
    """

    def __init__(self, stream: IO[bytes], form: Survey) -> None:
        self.number = 1
        self.taken: list[str] = []
        self._size = 0
        self._newline = form.newline
        self._blocks = _blocks(stream, form)
        self._whole = ""
        self._lines: list[str] = []
        self._at = 0

    @property
    def left(self) -> bool:
        """Whether there are lines of the block still to be taken."""
        return bool(self._whole) or self._at < len(self._lines)

    def fill(self) -> bool:
        """Fetches the next block where nothing is left of this; false at the end."""
        if not self.left:
            self._whole = next(self._blocks, "")
        return self.left

    @property
    def whole(self) -> str:
        """The block, where nothing of it has been taken yet; else nothing."""
        return self._whole

    def take_whole(self, lines: int) -> int:
        """The number of the block's first line."""
        first = self.number
        self.number += lines
        self._whole = ""
        return first

    def begin(self) -> int:
        """Of a row: its line."""
        self.taken.clear()
        self._size = 0
        return self.number

    def put_back(self, first: int = 1) -> None:
        """The lines of the row from this one on; the line on which it begins stays taken."""
        back = self.taken[first:]
        self._split()
        self._lines = back + self._lines[self._at :]
        self._at = 0
        self.number -= len(back)
        del self.taken[first:]

    def join(self) -> None:
        """Makes what is left of the block a block of its own."""
        self._whole = self._whole or "".join(self._lines[self._at :])
        self._lines, self._at = [], 0

    def _split(self) -> None:
        if self._whole:
            self._lines = list(io.StringIO(self._whole, newline=self._newline))
            self._at = 0
            self._whole = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.fill():
            raise StopIteration
        self._split()
        line = self._lines[self._at]
        self._at += 1
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > _MOST_TAKEN and len(self.taken) > 1:
            raise TooMuch
        return line


def _blocks(stream: IO[bytes], form: Survey) -> Iterator[str]:
    decoder = getincrementaldecoder(form.codec)(form.errors)
    rest = ""
    for piece in _pieces(stream, decoder):
        end = piece.rfind(form.newline) + 1
        if end:
            yield rest + piece[:end]
            rest = piece[end:]
        elif len(rest) < LONGEST_LINE:
            rest += piece
    if rest:
        yield rest


def _pieces(stream: IO[bytes], decoder: IncrementalDecoder) -> Iterator[str]:
    while data := stream.read(_BLOCK):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)
