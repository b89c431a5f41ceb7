import hmac
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from attrs import evolve, frozen

from faraday_core.audit.model import (
    CHAIN_STARTED,
    PLATFORM_CHAIN,
    AuditEntry,
    AuditEntryView,
    AuditFilter,
    AuditHead,
    BadEntry,
    Verdict,
    seal_of,
    signature_of,
)
from faraday_core.audit.personal import PersonalKeys, named_in
from faraday_core.audit.ports import AuditReader, AuditSearch, AuditStorage, AuditUnit
from faraday_core.kernel.access import PLATFORM, Action, require, require_somewhere
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.secrets import Secrets

_DAY: Final = timedelta(days=1)
AT_ONCE = 500  # entries sealed in one transaction, or read at a time to verify


@frozen
class AuditService:
    """Shows the audit log, chains it, and finds where a chain is broken.

    An entry is written with the act, unsealed, so that no two writers wait for each other; it gets
    its place in the chain from `seal`, which a worker calls twice a second.
    """

    storage: AuditStorage
    secrets: Secrets
    personal_keys: PersonalKeys

    async def list(
        self, actor: Actor, page: PageRequest, wanted: AuditFilter | None = None
    ) -> Page[AuditEntryView]:
        """What was done at or below the actor's nodes, newest first; raises Forbidden."""
        reach = require_somewhere(actor, Action.READ_AUDIT_LOG)
        wanted = wanted or AuditFilter()
        if reach.everywhere:
            async with self.storage.look_everywhere(actor) as reader:
                return await self._page(reader, None, page, wanted)
        async with self.storage.look_across(actor, reach.tenants) as reader:
            nodes = None if reach.whole_tenants else reach.nodes
            return await self._page(reader, nodes, page, wanted)

    async def _page(
        self,
        reader: AuditReader,
        nodes: Sequence[str] | None,
        page: PageRequest,
        wanted: AuditFilter,
    ) -> Page[AuditEntryView]:
        if wanted == AuditFilter():
            found = await reader.audit_log.page(nodes, page)
        else:
            asked = await self._search(reader, wanted)
            found = await reader.audit_log.search(nodes, asked, page)
        keys = await self.personal_keys.behind(reader, found.items)
        views = (self.personal_keys.view_of(entry, keys) for entry in found.items)
        return Page(tuple(views), found.next_cursor)

    async def _search(self, reader: AuditReader, wanted: AuditFilter) -> AuditSearch:
        """A person is named by their pseudonym, too, wherever an entry is sealed."""
        named: list[str] | None = None
        if wanted.person_id is not None:
            named = [wanted.person_id] if is_id(wanted.person_id) else []
            keys = await self.personal_keys.known(reader, named)
            named.extend(key.pseudonym for key in keys.values())
        return AuditSearch(
            named,
            wanted.action,
            _start_of(wanted.since) if wanted.since else None,
            _end_of(wanted.until) if wanted.until else None,
        )

    async def seal(self, actor: Actor) -> int:
        """Give every entry its place in its tenant's chain; answers how many were sealed."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(WORKER) as reader:
            chains = await reader.audit_log.unsealed_chains()
        if not chains:
            return 0
        count = 0
        # The platform's last, since a chain that is started leaves an entry in it.
        for chain in (*sorted({*chains} - {PLATFORM_CHAIN}), PLATFORM_CHAIN):
            count += await self._seal_chain(chain)
        return count

    async def _seal_chain(self, chain: str) -> int:
        count, started = 0, False
        while True:
            async with self.storage.begin(WORKER, tenant=chain) as unit:
                head = await _hold_head(unit, chain)
                entries = await unit.audit_log.unsealed(AT_ONCE)
                if entries:
                    await self._append(unit, chain, head, entries)
                    started = started or head is None
            count += len(entries)
            if len(entries) < AT_ONCE:
                break
        if started and chain != PLATFORM_CHAIN:
            async with self.storage.begin(WORKER) as unit:
                await unit.account(CHAIN_STARTED, "tenant", chain)
        return count

    async def _append(
        self, unit: AuditUnit, chain: str, head: AuditHead | None, entries: Sequence[AuditEntry]
    ) -> None:
        secret = self.secrets.current
        key = secret.key("audit")
        sequence, seal = (head.entries, head.seal) if head else (0, b"")
        sealed = []
        named = {id for entry in entries for id in named_in(entry)}
        keys = await self.personal_keys.of(unit, named)
        for written in entries:
            entry = self.personal_keys.protected(written, keys)
            sequence += 1
            seal = seal_of(key, chain, sequence, seal, entry)
            sealed.append(evolve(entry, sequence=sequence, seal=seal, seal_key=secret.id))
        await unit.seals.set(sealed)
        signature = signature_of(key, chain, sequence, seal)
        new = AuditHead(chain, sequence, seal, secret.id, signature, head.version if head else 1)
        await (unit.save(new) if head else unit.add(new))

    async def verify(self, actor: Actor) -> Verdict:
        """Go through every chain from its beginning; the first entry that does not fit is told."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(actor) as reader:
            chains = set(await reader.audit_log.chains())
        entries = unsealed = 0
        bad: BadEntry | None = None
        # The platform's first: it names the others, so that a chain that is gone altogether shows.
        for chain in sorted(chains | {PLATFORM_CHAIN}, key=lambda chain: chain != PLATFORM_CHAIN):
            async with self.storage.look(actor, tenant=chain) as reader:
                # The head before the entries: what is sealed meanwhile only comes on top of it.
                check = _Check(chain, self.secrets, await _head(reader, chain))
                async for entry in _sealed_entries(reader):
                    if entry.action == CHAIN_STARTED and entry.target_id not in chains:
                        missing = BadEntry(str(entry.target_id), 1, None, "the chain is gone")
                        check.bad = check.bad or missing
                    check.follow(entry)
                check.end(check.head or await _head(reader, chain))
                waiting = await reader.audit_log.count_unsealed()
            entries += check.entries + waiting
            unsealed += waiting
            bad = bad or check.bad
        return Verdict(entries, unsealed, ok=bad is None, first_bad=bad)


class _Check:
    """One chain, followed from its beginning."""

    def __init__(self, chain: str, secrets: Secrets, head: AuditHead | None) -> None:
        self.chain = chain
        self.secrets = secrets
        self.head = head
        self.entries = 0
        self.seal = b""
        self.bad: BadEntry | None = None

    def follow(self, entry: AuditEntry) -> None:
        self.entries += 1
        if self.bad is None and (problem := self._problem(entry)):
            self.bad = BadEntry(self.chain, self.entries, entry.id, problem)
        self.seal = entry.seal or b""

    def _problem(self, entry: AuditEntry) -> str | None:
        if entry.sequence != self.entries:
            return "an entry before this one is gone"
        secret = self.secrets.known(entry.seal_key or "")
        if secret is None:
            return "it was sealed with a secret that is not at hand"
        expected = seal_of(secret.key("audit"), self.chain, self.entries, self.seal, entry)
        if not hmac.compare_digest(expected, entry.seal or b""):
            return "it was changed, or stands in another's place"
        if self.head and self.entries == self.head.entries and entry.seal != self.head.seal:
            return "the chain's head is not of this chain"
        return None

    def end(self, head: AuditHead | None) -> None:
        if self.bad is None and (problem := self._end_problem(head)):
            self.bad = BadEntry(self.chain, self.entries + 1, None, problem)

    def _end_problem(self, head: AuditHead | None) -> str | None:
        if head is None:
            return "the chain's head is gone" if self.entries else None
        secret = self.secrets.known(head.seal_key)
        if secret is None:
            return "the chain's head was signed with a secret that is not at hand"
        key = secret.key("audit")
        signed = signature_of(key, self.chain, head.entries, head.seal)
        if not hmac.compare_digest(signed, head.signature):
            return "the chain's head was changed"
        return "the chain's end is cut off" if head.entries > self.entries else None


async def _sealed_entries(reader: AuditReader) -> AsyncIterator[AuditEntry]:
    after = 0
    while entries := await reader.audit_log.sealed(after, AT_ONCE):
        for entry in entries:
            yield entry
        after = entries[-1].sequence or 0


async def _head(reader: AuditReader, chain: str) -> AuditHead | None:
    try:
        return await reader.get(AuditHead, chain)
    except NotFound:
        return None


async def _hold_head(unit: AuditUnit, chain: str) -> AuditHead | None:
    try:
        return await unit.hold(AuditHead, chain)
    except NotFound:
        return None


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end_of(day: date) -> datetime:
    """When the next day begins; of the last day that there is, its last moment."""
    return datetime.combine(day, time.max, UTC) if day == date.max else _start_of(day + _DAY)
