"""What the audit log asks of storage."""

from collections.abc import Sequence
from typing import Protocol

from faraday_core.audit.model import AuditEntry
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Reader, Storage, UnitOfWork


class AuditLog(Protocol):
    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[AuditEntry]:
        """Newest first. `nodes`: only what was done at these organisations or below them."""

    async def chains(self) -> Sequence[str]:
        """All that have an entry or a head."""

    async def unsealed_chains(self) -> Sequence[str]:
        """Those with an entry that has no place in its chain yet."""

    async def unsealed(self, limit: int) -> Sequence[AuditEntry]:
        """Of the tenant stood in, oldest first."""

    async def count_unsealed(self) -> int: ...

    async def sealed(self, after: int, limit: int) -> Sequence[AuditEntry]:
        """Of the tenant stood in, by their sequence."""


class AuditReader(Reader, Protocol):
    @property
    def audit_log(self) -> AuditLog: ...


class Seals(Protocol):
    async def set(self, entries: Sequence[AuditEntry]) -> None:
        """Give unsealed entries, at least one, their place, all by one key.

        Raises StaleVersion where one of them is sealed.
        """


class AuditUnit(AuditReader, UnitOfWork, Protocol):
    @property
    def seals(self) -> Seals: ...


AuditStorage = Storage[AuditUnit, AuditReader]
