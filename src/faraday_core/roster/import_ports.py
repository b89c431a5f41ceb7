"""What is asked of storage about imports, beside the import itself (`importing.py`)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.roster.runs import ImportMapping, ImportProgress, ImportRun, RunStatus

T = TypeVar("T")


class Imports(Protocol):
    async def planned(self, plan_id: str) -> tuple[str, ImportRun] | None:
        """The newest run in sight that was planned so, with its tenant."""

    async def last_applied(self, organization_id: str, source_system: str) -> ImportRun | None:
        """In the tenant stood in; None where it was none, or it was undone."""

    async def located(self, run_id: str) -> tuple[str, ImportRun, ImportProgress | None] | None:
        """One in sight, with its tenant and how far it has come."""

    async def page(
        self, nodes: Sequence[str] | None, status: RunStatus | None, page: PageRequest
    ) -> Page[ImportRun]:
        """The newest first, of what these organisations and those below them imported (None: of
        all in sight), without what was but planned, unless `status` asks for that."""

    async def of_person(self, user_id: str) -> Sequence[ImportRun]:
        """Those in sight that created or changed somebody, the newest first; ten at most."""

    async def brought_in(self, run_id: str) -> Sequence[str]:
        """The people whom a run in the tenant stood in created, in the order of their ids."""

    async def to_thin(self, before: datetime) -> Sequence[tuple[str, str]]:
        """Tenant and id of those that were begun and applied before then, of which more is kept
        than their counts: the oldest thousand."""

    async def forget_journal(self, run_id: str) -> None:
        """What it takes to undo a run in the tenant stood in."""

    async def naming(self, user_id: str, pattern: str) -> Sequence[str]:
        """The runs in the tenant stood in whose results name somebody, by their id or by texts
        that the pattern finds in whatever case."""

    async def mapping(self, organization_id: str, name: str) -> ImportMapping | None:
        """In the tenant stood in."""

    async def mappings(self, organization_id: str) -> Sequence[ImportMapping]:
        """By their names."""


class ImportsReader(PeopleReader, Protocol):
    @property
    def imports(self) -> Imports: ...


class ImportsUnit(ImportsReader, PeopleUnit, Protocol):
    """All that can be asked, and the verbs that change something."""


class ImportsStorage(Storage[ImportsUnit, ImportsReader], AddressBook, Protocol):
    """Where imports are kept."""


class Apart(Protocol):
    """Where what takes long and holds up everything else is done."""

    async def __call__(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the work, or what it raises; ended where the caller is."""
