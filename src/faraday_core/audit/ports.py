"""What the audit log asks of storage."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from faraday_core.audit.model import AuditEntry, PersonalKey
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Reader, Storage, UnitOfWork


@frozen
class AuditSearch:
    """What is looked for. `named`: what these ids have done, or had done to them; None: all."""

    named: Sequence[str] | None = None
    action: str | None = None
    since: datetime | None = None
    before: datetime | None = None


class AuditLog(Protocol):
    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[AuditEntry]:
        """Newest first. `nodes`: only what was done at these organisations or below them."""

    async def search(
        self, nodes: Sequence[str] | None, wanted: AuditSearch, page: PageRequest
    ) -> Page[AuditEntry]:
        """As `page`, what is looked for alone."""

    async def chains(self) -> Sequence[str]:
        """All that have an entry or a head."""

    async def unsealed_chains(self) -> Sequence[str]:
        """Those with an entry that has no place in its chain yet."""

    async def unsealed(self, limit: int) -> Sequence[AuditEntry]:
        """Of the tenant stood in, oldest first."""

    async def count_unsealed(self) -> int: ...

    async def sealed(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """Of the tenant stood in, by their sequence."""

    async def naming(self, ids: Sequence[str], page: PageRequest) -> Page[AuditEntry]:
        """Of all chains in sight, what these people did or had done to them, the oldest first.
        `ids`: theirs and their pseudonyms."""


class PersonalKeysQuestions(Protocol):
    async def of_people(self, user_ids: Sequence[str]) -> Sequence[PersonalKey]: ...

    async def with_pseudonyms(self, ids: Sequence[str]) -> Sequence[PersonalKey]: ...


class PersonalKeysReader(Reader, Protocol):
    @property
    def personal_keys(self) -> PersonalKeysQuestions: ...


class AuditReader(PersonalKeysReader, Protocol):
    @property
    def audit_log(self) -> AuditLog: ...


class Seals(Protocol):
    async def set(self, entries: Sequence[AuditEntry]) -> None:
        """Give unsealed entries, at least one, their place, all by one key.

        Raises StaleVersion where one of them is sealed.
        """


class KeyMaking(Protocol):
    async def make(self, keys: Sequence[PersonalKey]) -> None:
        """Keep those whose person has an account, and no key yet."""


class PersonalKeysUnit(PersonalKeysReader, UnitOfWork, Protocol):
    @property
    def key_making(self) -> KeyMaking: ...


class AuditUnit(AuditReader, PersonalKeysUnit, Protocol):
    @property
    def seals(self) -> Seals: ...


AuditStorage = Storage[AuditUnit, AuditReader]
