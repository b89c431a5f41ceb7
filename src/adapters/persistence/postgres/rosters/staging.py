"""Rows on their way in: a temporary table for each class of rows, filled by COPY.

A temporary table is nobody else's, costs no log, and is gone with its connection.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from tempfile import SpooledTemporaryFile
from typing import Any, Final

import psycopg
from attrs import define, field
from psycopg import AsyncConnection, AsyncCopy

from adapters.persistence.postgres.rosters.cells import COPIED, lines_of
from adapters.persistence.postgres.rosters.work import Work
from faraday_core.identity.addresses import email_key
from faraday_core.kernel.words import key_of
from faraday_core.roster.reading import FileRead
from faraday_core.roster.rows import (
    JOIN,
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
    UserRow,
)

STAGES: Final[Mapping[type[Row], str]] = {
    OrganizationRow: "stage_organizations",
    DepartmentRow: "stage_departments",
    AcademicSessionRow: "stage_academic_sessions",
    CourseRow: "stage_courses",
    ClassRow: "stage_classes",
    UserRow: "stage_users",
    RoleRow: "stage_roles",
    GuardianRow: "stage_guardians",
    DemographicRow: "stage_demographics",
    EnrollmentRow: "stage_enrollments",
}
_FAULT: Final = 3  # its place in every row
_WAITING: Final = 1 << 20  # bytes of a class, for which another one's COPY is ended
_IN_MEMORY: Final = 1 << 22  # bytes of what is set aside; the rest goes to a file
_AT_ONCE: Final = 1 << 18  # bytes
_TYPES: Final[Mapping[str, str]] = {
    "file": "smallint",
    "line": "integer",
    "raw": "bigint",
    "inline": "boolean",
    "is_primary": "boolean",
}
# What is found out about a row here, since PostgreSQL would find it out differently.
_DERIVED: Final[Mapping[type[Row], tuple[str, Callable[[Any], str | None]]]] = {
    OrganizationRow: ("name_key", lambda row: key_of(row.name)),
    DepartmentRow: ("name_key", lambda row: key_of(row.name)),
    UserRow: ("email_key", lambda row: email_key(row.email) if row.email else None),
}
_FILES: Final = """
create temp table stage_files (
  file smallint, name text, field text, heading text, position smallint, is_delta boolean);
create temp table dropped (stage text, file smallint, line integer);
create temp table refusals (
  kind text, file smallint, line integer, heading text, code text, detail text);
create temp table warnings (
  file smallint, line integer, heading text, code text, detail text);
"""


class _Abandoned(Exception):
    """What was begun is not to be taken."""


@define
class Staging:
    """Takes rows as they come. The COPY of one class stays open, so that PostgreSQL takes in what
    it has while more is read; rows of other classes wait until there are many of them."""

    connection: AsyncConnection
    _opened: AsyncExitStack = field(factory=AsyncExitStack)
    _copy: AsyncCopy | None = None
    _kind: type[Row] | None = None
    _waiting: dict[type[Row], list[bytes]] = field(factory=dict)
    _aside: SpooledTemporaryFile[bytes] | None = None

    async def open(self) -> None:
        made = [f"create temp table {STAGES[kind]} ({_declared(kind)})" for kind in STAGES]
        await self.connection.execute(";".join((*made, _FILES)))

    async def take(self, rows: Sequence[Row]) -> None:
        """All of one class."""
        if not rows:
            return
        kind = type(rows[0])
        lines = lines_of(_columns(kind, rows))
        if kind is self._kind and self._copy is not None:
            await self._copy.write(lines)
            return
        waiting = self._waiting.setdefault(kind, [])
        waiting.append(lines)
        if self._copy is None or sum(map(len, waiting)) > _WAITING:
            await self._turn_to(kind)

    async def _turn_to(self, kind: type[Row]) -> None:
        await self._opened.aclose()
        self._kind, copied = kind, f"copy {STAGES[kind]} from stdin ({COPIED})"
        cursor = await self._opened.enter_async_context(self.connection.cursor())
        self._copy = await self._opened.enter_async_context(cursor.copy(copied))
        for lines in self._waiting.pop(kind, []):
            await self._copy.write(lines)

    def set_aside(self, rows: Sequence[EnrollmentRow]) -> None:
        """Rows for which the connection is not free at the moment."""
        if self._aside is None:
            self._aside = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 -- by `abandon`
        self._aside.write(lines_of(_columns(EnrollmentRow, rows)))

    async def fetch_aside(self) -> None:
        """As often as it takes."""
        if self._aside is None:
            return
        self._aside.seek(0)
        stage = STAGES[EnrollmentRow]
        async with self.connection.cursor() as cursor:
            async with cursor.copy(f"copy {stage} from stdin ({COPIED})") as copy:
                while lines := self._aside.read(_AT_ONCE):
                    await copy.write(lines)
            await cursor.execute(f"analyze {stage}")

    async def abandon(self) -> None:
        """Whatever is under way, so that the connection is free to be closed."""
        if self._aside is not None:
            self._aside.close()
        with suppress(psycopg.Error, _Abandoned):
            await self._opened.__aexit__(_Abandoned, _Abandoned(), None)

    async def complete(self, work: Work, files: Sequence[FileRead]) -> None:
        """When all is there: where its columns stand, and what PostgreSQL has to know of it."""
        for kind in [*self._waiting]:
            await self._turn_to(kind)
        await self._opened.aclose()
        self._copy = None
        for index, file in enumerate(files):
            for name, (heading, position) in file.headings.items():
                await work.run(
                    "insert into stage_files values (%(f)s, %(name)s, %(field)s, %(h)s, %(p)s,"
                    " %(delta)s)",
                    f=index,
                    name=file.name,
                    field=_column(name),
                    h=heading,
                    p=position,
                    delta=file.is_delta,
                )
        for stage in (*STAGES.values(), "stage_files"):
            await work.run(f"analyze {stage}")


def _declared(kind: type[Row]) -> str:
    names = [*kind._fields, *([_DERIVED[kind][0]] if kind in _DERIVED else [])]
    return ", ".join(f"{_column(name)} {_TYPES.get(name, 'text')}" for name in names)


def _column(field: str) -> str:
    """`user` is a word of SQL's own."""
    return "user_" if field == "user" else field


def _columns(kind: type[Row], rows: Sequence[Row]) -> list[Sequence[object]]:
    if any(row[_FAULT] is not None for row in rows):
        rows = [_with_fault_as_text(row) if row[_FAULT] else row for row in rows]
    columns: list[Sequence[object]] = [*zip(*rows, strict=True)]
    if kind in _DERIVED:
        columns.append([*map(_DERIVED[kind][1], rows)])
    return columns


def _with_fault_as_text(row: Row) -> Row:
    fault = row.fault
    assert fault is not None  # as the caller has found
    parts = (fault.code, fault.column or "", str(fault.position), fault.detail)
    # Of one class like the others, to be written at the same place.
    return row._replace(fault=JOIN.join(parts))  # type: ignore[arg-type]  # a cell from here on
