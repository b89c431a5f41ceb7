"""What a reader of rosters has to offer."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from attrs import field, frozen

from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.roster.rows import Row

MOST_NOTED: Final = 10_000  # refused rows, and again warnings of one code, that are written down


class Format(StrEnum):
    ONEROSTER = "oneroster"
    CANVAS_SIS = "canvas-sis"
    MS_SDS = "ms-sds"
    SHEET = "sheet"


class UnreadableSource(Invalid):
    """There is nothing to be read, or what is there would be unsafe to read."""

    def __init__(self, detail: str) -> None:
        super().__init__([Fault("/file", "unreadable_source", detail)])


@frozen
class Source:
    """Files to read. `path`: a folder, a zip, or one file. `mapping`: of a sheet, the heading of
    each of our fields. `demographics`: whether these are read too."""

    format: Format
    path: Path
    mapping: Mapping[str, str] = field(factory=dict)
    demographics: bool = False


@frozen
class FileRead:
    """One file, as it turned out to be.

    `digest`: of its bytes. `headings`: by the field of our rows, the heading's text and its
    position: so that a reference that leads nowhere can be shown where it stands. A delta says
    only what has changed.
    """

    name: str
    encoding: str
    headings: Mapping[str, tuple[str, int]]
    digest: bytes = b""
    is_delta: bool = False


@frozen
class Note:
    """A refused row, or a warning about one."""

    file: str
    line: int
    column: str | None
    code: str
    detail: str


class RosterReader(Protocol):
    """A set of files, read once, from front to end, in bounded memory.

    `files` and `warnings` are complete when the last batch has been taken; a row's `file` is an
    index of `files`, which is there before its rows are.
    """

    @property
    def files(self) -> Sequence[FileRead]: ...

    @property
    def warnings(self) -> Sequence[Note]: ...

    @property
    def rows_total(self) -> int | None:
        """About how many rows there are, where that can be told beforehand: for the progress."""

    @property
    def only_enrollments_left(self) -> bool:
        """That no row of anything else is still to come, and `files` are complete; False where
        that cannot be told."""

    def batches(self) -> Iterator[Sequence[Row]]:
        """Some thousand rows at a time, of one class each; raises UnreadableSource."""


class RosterReaders(Protocol):
    def open(self, source: Source) -> RosterReader:
        """Raises UnreadableSource."""

    def suggested(self, source: Source) -> Mapping[str, str]:
        """A mapping by which this sheet could be read: where the headings are plain."""
