"""Small rosters, written and read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from adapters.rosters import FileReaders
from faraday_core.roster.reading import Format, RosterReader, Source
from faraday_core.roster.rows import Row

R = TypeVar("R")

USERS = "sourcedId,enabledUser,orgSourcedIds,role,username,givenName,familyName,email"
ENROLLMENTS = "sourcedId,classSourcedId,userSourcedId,role,primary,beginDate,endDate"
ORGS = "sourcedId,name,type,parentSourcedId"


@frozen
class Taken:
    """All that a reading has brought."""

    reader: RosterReader
    rows: Sequence[Row]

    def of(self, cls: type[R]) -> list[R]:
        return [row for row in self.rows if isinstance(row, cls)]

    def one(self, cls: type[R]) -> R:
        (row,) = self.of(cls)
        return row

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(type(row).__name__ for row in self.rows)

    @property
    def refused(self) -> list[tuple[str, int, str | None, str]]:
        """File, line, column and code."""
        names = [file.name for file in self.reader.files]
        return [
            (names[row.file], row.line, row.fault.column, row.fault.code)
            for row in self.rows
            if row.fault
        ]

    @property
    def warned(self) -> list[tuple[str, int, str | None, str]]:
        return [(note.file, note.line, note.column, note.code) for note in self.reader.warnings]


def read(
    path: Path,
    kind: Format = Format.ONEROSTER,
    mapping: Mapping[str, str] | None = None,
    *,
    demographics: bool = False,
) -> Taken:
    reader = FileReaders().open(Source(kind, path, mapping or {}, demographics))
    return Taken(reader, [row for batch in reader.batches() for row in batch])


def written(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return folder


def users(*rows: str, heading: str = USERS, end: str = "\n") -> str:
    return "".join(f"{line}{end}" for line in (heading, *rows))


def enrollments(*rows: str) -> str:
    return users(*rows, heading=ENROLLMENTS)


def person(id: str, given: str = "Ada", family: str = "Lee", email: str = "") -> str:
    return f"{id},true,S-1,student,{id.lower()},{given},{family},{email}"
