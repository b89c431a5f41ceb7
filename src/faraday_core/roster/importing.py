"""What an import asks of storage: to compare a set of rows with what is there, to take it over in
one transaction, and to take that back."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Final, Protocol

from attrs import asdict, frozen

from faraday_core.kernel.actor import Actor, Role
from faraday_core.roster.reading import FileRead, Note
from faraday_core.roster.rows import Kind, Row
from faraday_core.roster.runs import ImportRun

LOCK_SECONDS: Final = 30  # that an import waits for another one of its tenant
# Whoever holds one of these is nobody whom a file may change.
PROTECTED: Final = (Role.PLATFORM_ADMIN, Role.ORG_ADMIN, Role.SUPPORT, Role.DEPARTMENT_HEAD)


@frozen
class Counts:
    """Of one kind: distinct things, and of `refuse` rows. `known`: how many of this source were
    there, in use, before."""

    create: int = 0
    update: int = 0
    unchanged: int = 0
    remove: int = 0
    refuse: int = 0
    known: int = 0

    @property
    def shown(self) -> Mapping[str, int]:
        return {name: n for name, n in asdict(self).items() if name != "known"}


@frozen
class HeldBack:
    """A value of the source that is not taken, since somebody holds the field."""

    kind: Kind
    id: str
    source_id: str
    field: str
    value: str | None


@frozen
class Comparison:
    """What a set of rows would do. `state`: a digest of all that it was compared with."""

    counts: Mapping[Kind, Counts]
    refused: Sequence[Note]
    warnings: Sequence[Note]
    held: Sequence[HeldBack]
    state: str

    @property
    def changes_nothing(self) -> bool:
        return not any(c.create or c.update or c.remove for c in self.counts.values())


class Intake(Protocol):
    """One set of rows, on its way in."""

    async def stage(self, rows: Sequence[Row]) -> None:
        """Rows of one class."""

    async def compare_first(self, files: Sequence[FileRead]) -> None:
        """When but enrolments are still to be staged: all else may be compared from now on, while
        they are read. It need not be called."""

    async def compare(self, files: Sequence[FileRead]) -> Comparison:
        """When all rows are staged. Nothing has been changed so far."""

    async def apply(self, run: ImportRun, now: datetime) -> ImportRun:
        """Do what was found, with the run that says so, in one transaction; answers the run, with
        the state that it leaves as its result's `after`.

        Raises Conflict (`plan_stale`) where somebody changed something meanwhile.
        """

    async def state(self) -> str:
        """That a comparison would be made with now."""

    async def note(self, run: ImportRun, now: datetime) -> None:
        """A run that has nothing to do, and has staged nothing."""


@frozen
class Obstacle:
    """What stands against taking a run back: so many things of a table, one of them by its id."""

    table: str
    count: int
    example: str
    reason: str  # `changed`, or `in_use`

    @property
    def said(self) -> str:
        what = f"{self.count} of {self.table}"
        if self.reason == "changed":
            return f"{what} have been changed since (as {self.example})"
        return f"{what} stand on what it brought in (as on {self.example})"


class Rosters(Protocol):
    """Where rosters are imported into."""

    def intake(
        self, actor: Actor, tenant: str, run: ImportRun, *, to_apply: bool
    ) -> AbstractAsyncContextManager[Intake]:
        """`to_apply`: one a tenant at a time; raises Conflict (`import_running`), Unavailable."""

    async def undo(self, actor: Actor, tenant: str, run: ImportRun) -> Sequence[Obstacle]:
        """Take back what the run did, and save it as given; or, where something stands against it,
        nothing. Raises Conflict (`import_running`), Unavailable."""
