"""What is asked of storage about all that is held about a person, whatever it is."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from faraday_core.audit.ports import AuditReader, AuditUnit
from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.privacy.holding import Personal
from faraday_core.privacy.model import Export


class Held(Protocol):
    """Of the person stood at, in whatever tenant; whosever they are, for a worker alone."""

    async def rows(self, holding: Personal, page: PageRequest) -> Page[Any]:
        """Entities of the holding's kind, the oldest first."""

    async def exports(self) -> Sequence[Export]:
        """Those that are asked for or made."""

    async def due(self, now: datetime) -> Sequence[str]:
        """Those who are to be erased by now."""

    async def expired_exports(self, now: datetime) -> Sequence[tuple[str, str]]:
        """The ids of their persons, and theirs."""

    async def count(self, holding: Personal, column: str, before: datetime) -> int:
        """How many rows, whosever they are, have a moment before this one in the column."""

    async def inactive(self, before: datetime) -> Sequence[str]:
        """Those who have not been active since then."""


class Removal(Protocol):
    async def person(self, holdings: Collection[Personal]) -> None:
        """Remove all that is the person's who is stood at: their rows, what points to them, the
        mails and the jobs that name them."""

    async def invitations(self, email_keys: Collection[str]) -> None:
        """Remove those that were sent to these addresses."""

    async def older(self, holding: Personal, column: str, before: datetime) -> int:
        """What `count` counts."""


class KeptMails(Protocol):
    """Where mails are kept that have been sent: files, in development."""

    async def forget(self, addresses: Collection[str]) -> int:
        """Remove those to these addresses, or that name them; answers how many."""


class PrivacyReader(PeopleReader, AuditReader, Protocol):
    @property
    def held(self) -> Held: ...


class PrivacyUnit(PrivacyReader, PeopleUnit, AuditUnit, Protocol):
    @property
    def removal(self) -> Removal: ...


class PrivacyStorage(Storage[PrivacyUnit, PrivacyReader], AddressBook, Protocol):
    """Where all of it is kept."""
