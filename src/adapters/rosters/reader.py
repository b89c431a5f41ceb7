"""A set of CSV files that is read by tables: what each of its files holds, and in which order."""

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from attrs import frozen

from adapters.rosters.cells import Cells
from adapters.rosters.columns import Batch, Heading, Table
from adapters.rosters.encodings import Survey, survey
from adapters.rosters.lines import Lines
from adapters.rosters.notes import Notes
from adapters.rosters.places import Entry, readable
from adapters.rosters.records import Chunk, Records, heading_of
from faraday_core.roster.reading import FileRead, Note, UnreadableSource
from faraday_core.roster.rows import Row

# What a row of ours gets from a column of another name: of inline roles, and of made-up classes.
_MEANT: Final = {
    "organizations": "organization",
    "department": "organization",
    "class_name": "class_",
    "course": "class_",
}


class Part(Protocol):
    """One file, opened: its heading is read, its rows are not yet."""

    @property
    def name(self) -> str: ...
    @property
    def headings(self) -> Sequence[str]: ...
    @property
    def encoding(self) -> str: ...
    @property
    def digest(self) -> bytes: ...
    @property
    def rows_total(self) -> int | None: ...
    @property
    def heading_line(self) -> int: ...

    def chunks(self, cells: Cells) -> Iterator[Chunk]: ...


@frozen
class CsvPart:
    entry: Entry
    form: Survey
    delimiter: str
    headings: Sequence[str]

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def encoding(self) -> str:
        return self.form.encoding

    @property
    def digest(self) -> bytes:
        return self.form.digest

    @property
    def rows_total(self) -> int:
        return max(0, self.form.lines - 2)

    @property
    def heading_line(self) -> int:
        return 1

    def chunks(self, cells: Cells) -> Iterator[Chunk]:
        with readable(self.name), self.entry.open() as stream:
            lines = Lines(stream, self.form)
            heading_of(lines)
            yield from Records(lines, self.delimiter, cells).chunks()


def opened(entry: Entry) -> CsvPart:
    """Raises UnreadableSource."""
    form = survey(entry)
    with readable(entry.name), entry.open() as stream:
        delimiter, headings = heading_of(Lines(stream, form))
    if not any(headings):
        raise UnreadableSource(f"{entry.name} has no heading in its first line")
    return CsvPart(entry, form, delimiter, headings)


@frozen
class Reading:
    """A file with the table that it is read by."""

    part: Part
    table: Table
    found: Sequence[Heading]
    is_delta: bool = False


def reading(part: Part, table: Table, *, is_delta: bool = False) -> Reading:
    """Raises UnreadableSource."""
    return Reading(part, table, table.found_in(part.headings, part.name), is_delta)


class TablesReader:
    """Fulfils RosterReader."""

    def __init__(self, readings: Sequence[Reading], notes: Notes) -> None:
        self._readings = readings
        self._notes = notes
        self._files = [_file_read(reading) for reading in readings]
        self._at = 0  # the one that is being read
        for each in readings:
            self._note_file(each)

    @property
    def files(self) -> Sequence[FileRead]:
        return self._files

    @property
    def warnings(self) -> Sequence[Note]:
        return self._notes.taken

    @property
    def rows_total(self) -> int | None:
        totals = [reading.part.rows_total for reading in self._readings]
        known = [total for total in totals if total is not None]
        return sum(known) if len(known) == len(totals) else None

    @property
    def only_enrollments_left(self) -> bool:
        return all(reading.table.of_enrollments for reading in self._readings[self._at :])

    def batches(self) -> Iterator[Sequence[Row]]:
        for index, each in enumerate(self._readings):
            self._at = index
            warn = self._notes.of(each.part.name)
            used = frozenset(heading.position for heading in each.found)
            spared = each.table.spared_in(each.part.headings)
            left: set[int] = set()
            for chunk in each.part.chunks(Cells(each.part.headings, used, warn)):
                if chunk.rows:
                    batch = Batch(index, chunk, warn)
                    for heading in each.found:
                        batch.read(heading)
                    yield from filter(None, each.table.make(batch))
                    left |= {at for at in spared if any(row[at] for row in chunk.rows)}
            if left:
                names = ", ".join(each.part.headings[at] for at in sorted(left))
                detail = f"is read for birth dates alone; left unread: {names}"
                warn(each.part.heading_line, None, "unread_column", detail)

    def _note_file(self, each: Reading) -> None:
        part, warn = each.part, self._notes.of(each.part.name)
        if part.encoding not in {"utf-8", "utf-8-sig"}:
            warn(1, None, "encoding", f"is not UTF-8, and is read as {part.encoding}")
        for position, heading in each.table.unknown_in(part.headings):
            shown = heading or f"number {position + 1}, without a heading,"
            detail = f"the column {shown[:200]} is not read: {each.table.name} has none such"
            warn(part.heading_line, heading or None, "unknown_column", detail)


def _file_read(each: Reading) -> FileRead:
    headings = {h.column.field: (h.text, h.position) for h in each.found}
    for name, meant in _MEANT.items():
        if name in headings:
            headings.setdefault(meant, headings[name])
    return FileRead(each.part.name, each.part.encoding, headings, each.part.digest, each.is_delta)
