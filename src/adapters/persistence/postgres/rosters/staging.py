"""Rows on their way in: a temporary table for each class of rows, filled by COPY.

A temporary table is nobody else's, costs no log, and is gone with its connection.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import define
from psycopg import AsyncConnection

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


@define
class Staging:
    """Takes rows as they come. `count`: how many there were."""

    connection: AsyncConnection
    count: int = 0

    async def open(self) -> None:
        made = [f"create temp table {STAGES[kind]} ({_declared(kind)})" for kind in STAGES]
        await self.connection.execute(";".join((*made, _FILES)))

    async def take(self, rows: Sequence[Row]) -> None:
        """All of one class."""
        if not rows:
            return
        kind = type(rows[0])
        text = io.StringIO(newline="")
        # Written in C, as a whole; an empty cell is no value to PostgreSQL, and none is meant.
        csv.writer(text).writerows(_flat(kind, rows))
        copied = f"copy {STAGES[kind]} from stdin (format csv)"
        async with self.connection.cursor() as cursor, cursor.copy(copied) as copy:
            await copy.write(text.getvalue().encode())
        self.count += len(rows)

    async def complete(self, work: Work, files: Sequence[FileRead]) -> None:
        """When all is there: where its columns stand, and what PostgreSQL has to know of it."""
        for index, file in enumerate(files):
            for field, (heading, position) in file.headings.items():
                await work.run(
                    "insert into stage_files values (%(f)s, %(name)s, %(field)s, %(h)s, %(p)s,"
                    " %(delta)s)",
                    f=index,
                    name=file.name,
                    field=_column(field),
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


def _flat(kind: type[Row], rows: Sequence[Row]) -> Sequence[Any]:  # tuples of cells
    if any(row[_FAULT] is not None for row in rows):
        rows = [_with_fault_as_text(row) if row[_FAULT] else row for row in rows]
    if kind not in _DERIVED:
        return rows
    _, derive = _DERIVED[kind]
    return [(*row, derive(row)) for row in rows]


def _with_fault_as_text(row: Row) -> Row:
    fault = row.fault
    assert fault is not None  # as the caller has found
    parts = (fault.code, fault.column or "", str(fault.position), fault.detail)
    # Of one class like the others, to be written at the same place.
    return row._replace(fault=JOIN.join(parts))  # type: ignore[arg-type]  # a cell from here on
