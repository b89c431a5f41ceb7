from collections.abc import Sequence

from attrs import frozen

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows, Stored
from faraday_core.audit.model import PLATFORM_CHAIN, AuditEntry, AuditHead, PersonalKey
from faraday_core.audit.ports import AuditSearch
from faraday_core.identity.model import User
from faraday_core.kernel.errors import StaleVersion
from faraday_core.kernel.paging import Page, PageRequest


@frozen
class MemoryAuditLog:
    rows: Rows

    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[AuditEntry]:
        below = None if nodes is None else MemoryOrganizations(self.rows).below(nodes)
        seen = (entry for _, entry in self.rows.in_sight(AuditEntry))
        wanted = (entry for entry in seen if below is None or entry.organization_id in below)
        return self.rows.page(AuditEntry, wanted, page, ("id",), newest_first=True)

    async def search(
        self, nodes: Sequence[str] | None, wanted: AuditSearch, page: PageRequest
    ) -> Page[AuditEntry]:
        below = None if nodes is None else MemoryOrganizations(self.rows).below(nodes)
        found = (
            entry
            for _, entry in self.rows.in_sight(AuditEntry)
            if (below is None or entry.organization_id in below) and _is_wanted(entry, wanted)
        )
        return self.rows.page(AuditEntry, found, page, ("id",), newest_first=True)

    async def chains(self) -> Sequence[str]:
        stored = [*self.rows.stored(AuditEntry), *self.rows.stored(AuditHead)]
        return sorted({row.owner for row in stored})

    async def unsealed_chains(self) -> Sequence[str]:
        unsealed = (s for s in self.rows.stored(AuditEntry) if s.row.sequence is None)
        return sorted({row.owner for row in unsealed})

    async def unsealed(self, limit: int) -> Sequence[AuditEntry]:
        unsealed = (entry for entry in self._here() if entry.sequence is None)
        return sorted(unsealed, key=lambda entry: entry.id)[:limit]

    async def count_unsealed(self) -> int:
        return sum(entry.sequence is None for entry in self._here())

    async def sealed(self, after: int, limit: int) -> Sequence[AuditEntry]:
        sealed = [entry for entry in self._here() if (entry.sequence or 0) > after]
        return sorted(sealed, key=lambda entry: entry.sequence or 0)[:limit]

    async def naming(self, ids: Sequence[str], page: PageRequest) -> Page[AuditEntry]:
        named = (e for e in self.rows.all(AuditEntry) if {e.actor_id, e.target_id} & {*ids})
        return self.rows.page(AuditEntry, named, page, ("id",))

    def _here(self) -> list[AuditEntry]:
        chain = self.rows.scope.tenant_id
        return [s.row for s in self.rows.stored(AuditEntry) if s.owner == chain]


@frozen
class MemorySeals:
    rows: Rows

    async def set(self, entries: Sequence[AuditEntry]) -> None:
        for entry in entries:
            stored: Stored = self.rows.by_id(AuditEntry)[entry.id]
            if stored.row.sequence is not None:
                raise StaleVersion("It is sealed already.")
            self.rows.put(entry.id, entry, owner=stored.owner)


@frozen
class MemoryPersonalKeys:
    rows: Rows

    async def of_people(self, user_ids: Sequence[str]) -> Sequence[PersonalKey]:
        return [key for key in self.rows.all(PersonalKey) if key.user_id in user_ids]

    async def with_pseudonyms(self, ids: Sequence[str]) -> Sequence[PersonalKey]:
        return [key for key in self.rows.all(PersonalKey) if key.id in ids]

    async def make(self, keys: Sequence[PersonalKey]) -> None:
        await self.rows.wait()
        have = {key.user_id for key in self.rows.all(PersonalKey)}
        there = {user.id for user in self.rows.all(User)}
        for key in keys:
            if key.user_id in there - have:
                self.rows.put(key.id, key)


def _is_wanted(entry: AuditEntry, wanted: AuditSearch) -> bool:
    named = wanted.named is None or {entry.actor_id, entry.target_id} & {*wanted.named}
    begun = wanted.since is None or entry.at >= wanted.since
    in_time = begun and (wanted.before is None or entry.at < wanted.before)
    return bool(named and in_time and wanted.action in {None, entry.action})


def write(rows: Rows, entry: AuditEntry) -> None:
    rows.put(entry.id, entry, owner=rows.scope.tenant_id or PLATFORM_CHAIN)
