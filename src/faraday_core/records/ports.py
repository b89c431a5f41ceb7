"""What is asked of storage about what is kept for a person's own sake."""

from collections.abc import Sequence
from typing import Protocol

from faraday_core.audit.ports import PersonalKeysReader, PersonalKeysUnit
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.records.model import Consent, Disclosure, Guardianship, Rectification


class Records(Protocol):
    """Of the person stood at; the newest first."""

    async def rectifications(self, page: PageRequest) -> Page[Rectification]: ...

    async def consents(self, page: PageRequest) -> Page[Consent]: ...

    async def current_consents(self, purpose: str) -> Sequence[Consent]:
        """Those for this purpose that were not withdrawn."""

    async def disclosures(self, page: PageRequest) -> Page[Disclosure]: ...


class Guardianships(Protocol):
    async def of_child(self, child_id: str) -> Sequence[Guardianship]:
        """In the tenants in sight, and of who is stood at, the oldest first."""

    async def between(self, guardian_id: str, child_id: str) -> Guardianship | None:
        """Likewise, if there is one."""

    async def unconfirmed(
        self, organization_id: str, after: str | None, limit: int
    ) -> Sequence[Guardianship]:
        """What rosters say of children at the organisation and below it, and nobody has
        confirmed; of the tenant stood at, in the order of their ids."""


class RecordsReader(PersonalKeysReader, Protocol):
    @property
    def records(self) -> Records: ...
    @property
    def guardianships(self) -> Guardianships: ...


class RecordsUnit(RecordsReader, PersonalKeysUnit, Protocol):
    """And the verbs."""


RecordsStorage = Storage[RecordsUnit, RecordsReader]
