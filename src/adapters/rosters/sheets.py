"""Any table of people, CSV or XLSX: a mapping says in which column each of our fields stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import Final

from adapters.rosters import roles
from adapters.rosters.cells import Cells
from adapters.rosters.columns import Batch, Column, Heading, Table
from adapters.rosters.making import firsts, inline_roles, users
from adapters.rosters.notes import Notes
from adapters.rosters.places import Entry
from adapters.rosters.reader import Part, TablesReader, opened, reading
from adapters.rosters.records import Chunk
from adapters.rosters.values import Addresses, Bad, Parse, many, meaning
from adapters.rosters.workbooks import opened_workbook
from faraday_core.roster.reading import RosterReader, Source, UnreadableSource
from faraday_core.roster.rows import (
    ClassRow,
    DepartmentRow,
    EnrollmentRow,
    Row,
    Standing,
)

_TABLES: Final = (".csv", ".tsv", ".txt")
_WORKBOOKS: Final = (".xlsx", ".xlsm")
_IDENTITY: Final = ("source_id", "email", "username")
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")

# By our field, the plain headings: in small letters, without blanks and marks.
FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "email": frozenset({"email", "emailaddress", "mail", "emailadress", "schoolemail"}),
    "given_name": frozenset({"givenname", "firstname", "forename", "first", "given"}),
    "family_name": frozenset({"familyname", "lastname", "surname", "last", "family"}),
    "full_name": frozenset({"fullname", "name", "displayname", "studentname", "pupilname"}),
    "role": frozenset({"role", "type", "usertype", "userrole"}),
    "source_id": frozenset(
        {"sourceid", "sourcedid", "id", "studentid", "userid", "sisid", "pupilid", "personid",
         "studentnumber", "externalid"}
    ),
    "username": frozenset({"username", "login", "loginid", "user", "account"}),
    "class": frozenset({"class", "classname", "course", "section", "group", "classgroup"}),
    "department": frozenset({"department", "dept", "departmentname", "faculty"}),
    "grade": frozenset({"grade", "gradelevel", "year", "yeargroup", "level"}),
}  # fmt: skip
_INNER: Final = {"class": "class_name", "grade": "grades"}  # what a field is called in a batch


def open_sheet(source: Source, entries: Sequence[Entry]) -> RosterReader:
    """Raises UnreadableSource."""
    part = _WithoutBlanks(_part(entries))
    mapping = dict(source.mapping) or _plain(part.headings)
    _check(mapping, part)
    table = _Sheet(mapping).table(part.name)
    return TablesReader([reading(part, table)], Notes())


def suggested_mapping(entries: Sequence[Entry]) -> Mapping[str, str]:
    """Raises UnreadableSource."""
    return _plain(_part(entries).headings)


def _part(entries: Sequence[Entry]) -> Part:
    tables = [entry for entry in entries if entry.plain_name.endswith(_TABLES + _WORKBOOKS)]
    if len(tables) != 1:
        found = ", ".join(entry.name[:60] for entry in entries[:20]) or "nothing"
        raise UnreadableSource(f"A sheet is one CSV or XLSX file; found {found}")
    entry = tables[0]
    return opened_workbook(entry) if entry.plain_name.endswith(_WORKBOOKS) else opened(entry)


def _plain(headings: Sequence[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for heading in headings:
        letters = _NOT_A_LETTER.sub("", heading).lower()
        for name, plain in FIELDS.items():
            if letters in plain and name not in mapping:
                mapping[name] = heading
    return mapping


def _check(mapping: Mapping[str, str], part: Part) -> None:
    there = {heading.lower() for heading in part.headings}
    shown = ", ".join(part.headings)[:500]
    for name, heading in mapping.items():
        if name not in FIELDS:
            raise UnreadableSource(f"There is no field {name[:50]}: {', '.join(FIELDS)}")
        if heading.lower() not in there:
            raise UnreadableSource(
                f"{part.name} has no column {heading[:100]} for {name}; it has {shown}"
            )
    if not any(name in mapping for name in _IDENTITY):
        raise UnreadableSource(
            f"{part.name}: say which column holds {' or '.join(_IDENTITY)}; it has {shown}"
        )


class _Sheet:
    """People, and what they name: classes and departments are known by their names."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping
        self._addresses = Addresses()
        self._classes: set[str] = set()
        self._departments: set[str] = set()

    def table(self, name: str) -> Table:
        parses: dict[str, Parse] = {
            "email": self._addresses.parse,
            "role": meaning(roles.SHEET),
            "grade": many,
        }
        columns = [
            Column(_INNER.get(field, field), (heading,), parses.get(field))
            for field, heading in self._mapping.items()
        ]
        return Table("the mapping", columns, self._make)

    def _make(self, batch: Batch) -> Iterator[Sequence[Row]]:
        self._identify(batch)
        batch.values["organizations"] = departments = batch.column("department")
        words = [str(word or roles.STUDENT) for word in batch.column("role")]
        batch.values["role"] = words
        yield batch.rows(
            DepartmentRow,
            firsts(departments, self._departments, batch),
            source_id=departments,
            name=departments,
        )
        classes = batch.column("class_name")
        yield batch.rows(
            ClassRow,
            firsts(classes, self._classes, batch),
            source_id=classes,
            title=classes,
            grades=repeat(None),
        )
        yield users(batch, self._addresses)
        yield inline_roles(batch)
        yield self._enrollments(batch, classes, words)

    def _identify(self, batch: Batch) -> None:
        """A person is known by the id, else by the address, else by the user name."""
        headings = [batch.headings[name] for name in _IDENTITY if name in batch.headings]
        columns = [batch.texts(heading.column.field) for heading in headings]
        ids = [next(filter(None, found), "") for found in zip(*columns, strict=True)]
        for index, id in enumerate(ids):
            if not id.strip():
                self._require(batch, index, headings[0])
        batch.values["source_id"] = ids

    def _require(self, batch: Batch, index: int, heading: Heading) -> None:
        batch.refuse(index, heading, Bad("required", "is empty, and has to be filled in"))

    def _enrollments(
        self, batch: Batch, classes: Sequence[object], words: Sequence[str]
    ) -> Sequence[Row]:
        """Guardians are in no class."""
        people = batch.texts("source_id")
        at = [
            index
            for index in batch.sound()
            if classes[index] and roles.granted(words[index]) != roles.GUARDIAN
        ]
        return batch.rows_at(
            EnrollmentRow,
            at,
            standing=repeat(Standing.ACTIVE),
            source_id=repeat(None),
            class_=[classes[index] for index in at],
            user=[people[index] for index in at],
            role=[words[index] for index in at],
        )


class _WithoutBlanks:
    """A part whose rows without a single filled cell are left out: sheets end in them."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.name = part.name
        self.headings = part.headings
        self.encoding = part.encoding
        self.digest = part.digest
        self.rows_total = part.rows_total
        self.heading_line = part.heading_line

    def chunks(self, cells: Cells) -> Iterator[Chunk]:
        for chunk in self._part.chunks(cells):
            filled = list(map(any, chunk.rows))
            yield chunk if all(filled) else _only(chunk, filled)


def _only(chunk: Chunk, marks: Sequence[bool]) -> Chunk:
    kept = [index for index, mark in enumerate(marks) if mark]
    return Chunk(
        list(compress(chunk.lines, marks)),
        list(compress(chunk.rows, marks)),
        list(compress(chunk.raws, marks)),
        {new: chunk.faults[old] for new, old in enumerate(kept) if old in chunk.faults},
    )
