"""Writes the core's rows as a OneRoster bulk set, which reads back to the same rows."""

import csv
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

from adapters.rosters.cells import neutral
from adapters.rosters.layout import FILE_OF, HEADINGS, cells_of, manifest_lines
from adapters.rosters.oneroster import AT_ROOT, RELATIONS
from faraday_core.roster.rows import GuardianRow, RoleRow, Row, UserRow

__all__ = ["neutral", "write_oneroster"]

_USERS: Final = "users.csv"
_OLD: Final = "1.1"
_UNTOLD: Final = "unknown"  # of an agent of whom nobody has said what they are


def write_oneroster(rows: Iterable[Row], folder: Path, version: str = "1.2") -> None:
    """In any order, in bounded memory but for who is whose guardian; rows with a fault are left
    out.

    OneRoster 1.1 knows one role a person: the first of them is written, at all places where they
    hold it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (
        ExitStack() as stack,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as aside,
    ):
        written = _Set(folder, version, stack, aside)
        for row in rows:
            if row.fault is None:
                written.add(row)
        written.finish()
    lines = manifest_lines(version, written.names)
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


class _Set:
    """The files of a set while it is written.

    People are kept aside until all else is known: their rows name their guardians, and in 1.1
    their roles.
    """

    def __init__(self, folder: Path, version: str, stack: ExitStack, aside: IO[str]) -> None:
        self._folder = folder
        self._version = version
        self._stack = stack
        self._files: dict[str, Callable[[Iterable[str]], object]] = {}
        self._aside = aside
        self._people = csv.writer(self._aside)
        self._guardians: dict[str, list[tuple[str, str | None]]] = {}
        self._roles: dict[str, tuple[str, list[str]]] = {}
        self._with_role: set[int] = set()
        self._cells: Sequence[str] = ()

    @property
    def names(self) -> Sequence[str]:
        return list(self._files)

    def add(self, row: Row) -> None:
        if isinstance(row, GuardianRow):
            self._guardians.setdefault(row.user, []).append((row.guardian, row.relation))
        elif isinstance(row, RoleRow) and self._version == _OLD:
            role, places = self._roles.setdefault(row.user, (row.role, []))
            if row.role == role and row.organization:
                places.append(row.organization)
        elif isinstance(row, UserRow):
            cells = cells_of(row)
            self._cells = tuple(cells)
            self._people.writerow(cells.values())
        else:
            values = dict(cells_of(row))
            if isinstance(row, RoleRow):
                values["roleType"] = (
                    "secondary" if hash(row.user) in self._with_role else "primary"
                )
                self._with_role.add(hash(row.user))
            self._write(FILE_OF[type(row)], values)

    def finish(self) -> None:
        self._aside.seek(0)
        for kept in csv.reader(self._aside):
            values = dict(zip(self._cells, kept, strict=True))
            user = values["sourcedId"]
            agents = self._guardians.get(user, ())
            values["agentSourcedIds"] = ",".join(agent for agent, _ in agents)
            if any(relation for _, relation in agents):
                values[RELATIONS] = ",".join(relation or _UNTOLD for _, relation in agents)
            role, places = self._roles.get(user, ("", []))
            values |= {"role": role, "orgSourcedIds": ",".join(places)}
            if not (role and places):
                values[AT_ROOT] = "true"
            self._write(_USERS, values)

    def _write(self, name: str, values: Mapping[str, str]) -> None:
        headings = HEADINGS[self._version][name]
        writerow = self._files.get(name) or self._begin(name, headings)
        writerow([neutral(values.get(heading, "")) for heading in headings])

    def _begin(self, name: str, headings: Sequence[str]) -> Callable[[Iterable[str]], object]:
        file = self._stack.enter_context(
            (self._folder / name).open("w", encoding="utf-8", newline="")
        )
        writerow = self._files[name] = csv.writer(file).writerow
        writerow(headings)
        return writerow
