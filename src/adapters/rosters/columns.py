"""A file's columns, and how a block of its rows becomes rows of the core: by the column."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from functools import partial
from itertools import compress, repeat
from operator import itemgetter
from typing import Final, TypeVar

from attrs import frozen

from adapters.rosters.cells import Warn
from adapters.rosters.records import Chunk
from adapters.rosters.values import Bad, Doubtful, Parse, Reading, text
from faraday_core.roster.reading import UnreadableSource
from faraday_core.roster.rows import (
    AcademicSessionRow,
    ClassRow,
    CourseRow,
    DemographicRow,
    DepartmentRow,
    EnrollmentRow,
    GuardianRow,
    OrganizationRow,
    RoleRow,
    Row,
    RowFault,
    Standing,
    UserRow,
)

_EXTENSION: Final = "metadata."
_STANDING: Final = 4  # the place of `standing` in each row: after file, line, raw and fault

R = TypeVar(
    "R",
    OrganizationRow,
    DepartmentRow,
    AcademicSessionRow,
    CourseRow,
    ClassRow,
    UserRow,
    RoleRow,
    GuardianRow,
    DemographicRow,
    EnrollmentRow,
)


class Need(IntEnum):
    """What must be there: nothing; the column; the cell, where there is such a column; both; and
    the cell even where the row only says that its thing is gone."""

    NOTHING = 0
    HEADING = 1
    CELL = 2
    COLUMN = 3
    ID = 4

    @property
    def of_cell(self) -> bool:
        return self >= Need.CELL

    @property
    def of_column(self) -> bool:
        return self in {Need.HEADING, Need.COLUMN, Need.ID}


@frozen
class Column:
    """`field`: of our row, or a name that its maker knows. `names`: of the heading, in any case.
    `parse`: none: the text itself. `empty`: what an empty cell stands for. `unless`: a field
    before it, which makes good for the cell."""

    field: str
    names: tuple[str, ...]
    parse: Parse | None = None
    need: Need = Need.NOTHING
    empty: object = None
    unless: str = ""

    def blank(self) -> object:
        return "" if self.need.of_cell and self.empty is None else self.empty


def column(
    name: str,
    *names: str,
    parse: Parse | None = None,
    need: Need = Need.NOTHING,
    empty: object = None,
    unless: str = "",
) -> Column:
    return Column(name, names, parse, need, empty, unless)


def standing(parse: Parse, *names: str) -> Column:
    return Column("standing", names, parse, empty=Standing.ACTIVE)


@frozen
class Heading:
    """A column where this file has it."""

    column: Column
    position: int
    text: str
    reading: Reading | None


class Batch:
    """Some thousand rows of a file, by the column."""

    def __init__(self, file: int, chunk: Chunk, warn: Warn) -> None:
        self.lines = chunk.lines
        self.size = len(chunk.rows)
        self.faults = chunk.faults
        self.values: dict[str, Sequence[object]] = {}
        self.headings: dict[str, Heading] = {}
        self.waived: set[int] = set()
        self.file = file
        self._warn = warn
        self._rows = chunk.rows
        self.raws = chunk.raws

    def read(self, heading: Heading) -> None:
        column = heading.column
        cells = list(map(itemgetter(heading.position), self._rows))
        if heading.reading is not None:
            values = list(map(heading.reading.__getitem__, cells))
            if not heading.reading.is_sound:
                self._judge(heading, values)
        elif column.need.of_cell:
            values = list(cells)
        else:
            values = [cell or None for cell in cells]
        if column.need.of_cell and (not all(cells) or any(map(str.isspace, cells))):
            self._require(heading, cells)
        self.values[column.field] = values
        self.headings[column.field] = heading

    def _judge(self, heading: Heading, values: list[object]) -> None:
        for index, value in enumerate(values):
            if isinstance(value, Bad):
                self.refuse(index, heading, value)
                values[index] = heading.column.blank()
            elif isinstance(value, Doubtful):
                values[index] = value.value
                if index not in self.faults:
                    self.warn(index, heading, value.code, value.detail)

    def _require(self, heading: Heading, cells: Sequence[str]) -> None:
        standings = self.values.get("standing")
        others = self.column(heading.column.unless)
        for index, cell in enumerate(cells):
            if cell.strip() or others[index]:
                continue
            gone = standings is not None and standings[index] is Standing.DELETED
            if gone and heading.column.need is not Need.ID:
                self.waived.add(index)
            else:
                self.refuse(index, heading, Bad("required", "is empty, and has to be filled in"))

    def refuse(self, index: int, heading: Heading, bad: Bad) -> None:
        """The first by columns stays."""
        there = self.faults.get(index)
        if there is None or heading.position < there.position:
            self.faults[index] = RowFault(bad.code, heading.text, heading.position, bad.detail)

    def warn(self, index: int, heading: Heading, code: str, detail: str) -> None:
        self._warn(self.lines[index], heading.text, code, detail)

    def column(self, name: str) -> Sequence[object]:
        """The values of a field; of one that the file has not, nothing."""
        return self.values.get(name) or [None] * self.size

    def texts(self, name: str) -> Sequence[str]:
        return [str(value) if value else "" for value in self.column(name)]

    def sound(self) -> Iterator[int]:
        return (index for index in range(self.size) if index not in self.faults)

    def rows(
        self, cls: type[R], only: Sequence[bool] | None = None, **given: Iterable[object]
    ) -> list[R]:
        """Rows of this class; those alone that are marked."""
        values: Mapping[str, Iterable[object]] = {**self.values, **given}
        faults = [self.faults.get(i) for i in range(self.size)] if self.faults else repeat(None)
        columns = [
            values.get(name) or repeat(cls._field_defaults.get(name, ""))
            for name in cls._fields[_STANDING + 1 :]
        ]
        standings = values.get("standing") or repeat(Standing.ACTIVE)
        made = zip(
            repeat(self.file), self.lines, self.raws, faults, standings, *columns, strict=False
        )
        return list(map(_maker(cls), made if only is None else compress(made, only)))

    def rows_at(self, cls: type[R], places: Sequence[int], **given: Iterable[object]) -> list[R]:
        """Sound rows of this class, one for each of these indexes, which may come again."""
        columns = [
            given.get(name) or repeat(cls._field_defaults.get(name, "")) for name in cls._fields
        ]
        columns[:_STANDING] = [
            repeat(self.file),
            map(self.lines.__getitem__, places),
            map(self.raws.__getitem__, places),
            repeat(None),
        ]
        return list(map(_maker(cls), zip(*columns, strict=False)))


def _maker(cls: type[R]) -> Callable[[Iterable[object]], R]:
    """As `_make` of a named tuple, without a frame of Python for each of a million."""
    return partial(tuple.__new__, cls)


Make = Callable[[Batch], Iterator[Sequence[Row]]]


@frozen
class Table:
    """What one kind of file holds. `name`: what it is called. `known`: headings that are left
    unread without a word. `make`: rows of the core, from a batch; of enrolments alone or not.
    `spared`: headings left unread since they tell of people what nobody here needs to know."""

    name: str
    columns: Sequence[Column]
    make: Make
    known: Collection[str] = ()
    of_enrollments: bool = False
    spared: Collection[str] = ()

    def found_in(self, headings: Sequence[str], file: str) -> Sequence[Heading]:
        """Its columns as this file has them. Raises UnreadableSource."""
        places = _places(headings, file)
        found = []
        for column in self.columns:
            position = next((places[n.lower()] for n in column.names if n.lower() in places), None)
            if position is not None:
                reading = _reading(column)
                found.append(Heading(column, position, headings[position], reading))
            elif column.need.of_column:
                raise UnreadableSource(
                    f"{file} has no column {column.names[0]}; it has {_listed(headings)}"
                )
        return found

    def spared_in(self, headings: Sequence[str]) -> Sequence[int]:
        """Their places."""
        spared = {name.lower() for name in self.spared}
        return [at for at, heading in enumerate(headings) if heading.lower() in spared]

    def unknown_in(self, headings: Sequence[str]) -> Iterator[tuple[int, str]]:
        known = {name.lower() for column in self.columns for name in column.names}
        known |= {name.lower() for name in (*self.known, *self.spared)}
        for position, heading in enumerate(headings):
            if heading.lower() not in known and not heading.lower().startswith(_EXTENSION):
                yield position, heading


def _reading(column: Column) -> Reading | None:
    if column.parse is None or column.parse is text:
        return None
    return Reading(column.parse, column.blank())


def _places(headings: Sequence[str], file: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for position, heading in enumerate(headings):
        if heading and places.setdefault(heading.lower(), position) != position:
            raise UnreadableSource(f"{file} has two columns of the name {heading[:200]}")
    return places


def _listed(headings: Sequence[str]) -> str:
    return ", ".join(heading[:50] for heading in headings[:30]) or "none"
