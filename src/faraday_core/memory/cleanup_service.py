from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Final

from attrs import define, evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, not_found, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.rules import Text
from faraday_core.memory.consolidation import (
    TRIVIAL_AFTER,
    TRIVIAL_BELOW,
    clusters_of,
    in_summary,
    summary_of,
)
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.layouts import keep_laid
from faraday_core.memory.model import BIN_LIFE, MemoryPolicy, MemoryState, UserMemory
from faraday_core.memory.ports import MemoryStorage, MemoryUnit, Upkeep
from faraday_core.memory.ranking.laying import Reading
from faraday_core.people.subject import meet
from faraday_core.preferences.model import may_track
from faraday_core.preferences.standing import standing_of

AT_ONCE: Final = 200  # memories of one unit
MOST_TRIVIAL: Final = 1000  # that are looked through for what belongs together


@define
class CleanupReport:
    """`expired`: memories that went into the bin. `removed`: from it, for good. `summarised`:
    into so many `summaries`. `dry_run`: nothing was done; it is what would be, and of
    `summarised` at most."""

    dry_run: bool = False
    people: int = 0
    expired: int = 0
    removed: int = 0
    summarised: int = 0
    summaries: int = 0


@frozen
class Hold:
    reason: Annotated[str, Text(1, 500)]

    __attrs_post_init__ = obey_rules


@frozen
class HoldView:
    """Since when nothing is removed, and why."""

    user_id: str
    held_since: datetime
    reason: str


@frozen
class MemoryCleanupService:
    """Forgets in time: what has ended goes into the bin, what was long in it for good, and of old
    trivial memories of one subject a summary stays.

    Never what is pinned or what another memory names, and nothing of somebody of whom all is held.
    Each step is a unit of its own: one that is broken off leaves what it has done, and the next
    time goes on.
    """

    storage: MemoryStorage
    people: KnownPeople
    policy: MemoryPolicy
    now: Clock
    new_id: NewId

    async def run(self, actor: Actor, *, dry_run: bool = False) -> CleanupReport:
        """Of everybody; a worker calls it every MEMORY_CLEANUP_INTERVAL seconds."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        now, report = self.now(), CleanupReport(dry_run)
        async with self.storage.look_everywhere(WORKER) as reader:
            due = await reader.memory_upkeep.due(
                now, now - BIN_LIFE, now - TRIVIAL_AFTER, TRIVIAL_BELOW
            )
        report.people = len(due)
        for one in due:
            if dry_run:
                _foresee(report, one)
            else:
                await self._tidy(one, report)
        return report

    async def hold(self, actor: Actor, user_id: str, hold: Hold) -> HoldView:
        """Remove nothing of somebody's from now on, as the law may ask. Raises NotFound,
        Forbidden."""
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            await unit.memory_keeping.advance()
            state = await unit.hold(MemoryState, user_id)
            since = state.held_since or self.now()
            await unit.save(evolve(state, held_since=since, hold_reason=hold.reason))
            place = subject.organization_id
            await unit.account("memory.hold", "user", user_id, organization_id=place)
        return HoldView(user_id, since, hold.reason)

    async def held(self, actor: Actor, user_id: str) -> HoldView:
        """Raises NotFound where nothing is held, Forbidden."""
        await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.look(actor, person=user_id) as reader:
            state = await reader.get(MemoryState, user_id)
        if state.held_since is None:
            raise not_found()
        return HoldView(user_id, state.held_since, state.hold_reason or "")

    async def release(self, actor: Actor, user_id: str) -> None:
        """From now on memories go as they do. Raises NotFound, Forbidden."""
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            state = await unit.hold(MemoryState, user_id)
            if state.held_since is None:
                raise not_found()
            await unit.save(evolve(state, held_since=None, hold_reason=None))
            place = subject.organization_id
            await unit.account("memory.release", "user", user_id, organization_id=place)

    async def _tidy(self, due: Upkeep, report: CleanupReport) -> None:
        async with self.storage.look(WORKER, person=due.user_id) as reader:
            try:
                home = (await reader.people.person(due.user_id)).home
            except NotFound:  # erased meanwhile
                return
        if due.binned:
            report.removed += await self._empty_bin(due.user_id, home)
        if due.expired:
            report.expired += await self._expire(due.user_id, home)
        if due.trivial:
            await self._summarise(due.user_id, home, report)

    async def _empty_bin(self, user_id: str, home: str | None) -> int:
        before, total = self.now() - BIN_LIFE, 0
        while True:
            async with self.storage.begin(WORKER, tenant=home, person=user_id) as unit:
                if await self._is_held(unit, user_id):
                    return total
                count = await unit.memory_keeping.empty_bin(before, AT_ONCE)
                if count:
                    await unit.account("memory.remove", "user", user_id, count=count)
            total += count
            if count < AT_ONCE:
                return total

    async def _expire(self, user_id: str, home: str | None) -> int:
        now, total, kept = self.now(), 0, 0
        while True:
            async with self.storage.begin(WORKER, tenant=home, person=user_id) as unit:
                number = await unit.memory_keeping.advance()
                if await self._is_held(unit, user_id):
                    return total
                found = await unit.memory_keeping.expired(now, AT_ONCE + kept)
                cited = await unit.memories.citing([one.id for one in found])
                gone = [one for one in found if one.id not in cited]
                for memory in gone:
                    await unit.save(evolve(memory, deleted_at=now, changed=number))
                if gone:
                    await unit.memory_keeping.drop_layouts([one.id for one in gone])
                    await unit.account("memory.expire", "user", user_id, count=len(gone))
            total += len(gone)
            if len(found) < AT_ONCE + kept:
                return total
            kept = len(cited)  # they are found again, and passed over again

    async def _summarise(self, user_id: str, home: str | None, report: CleanupReport) -> None:
        before = self.now() - TRIVIAL_AFTER
        async with self.storage.begin(WORKER, tenant=home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            preferences = (await standing_of(unit, user_id)).in_force.preferences
            reading = await self.people.reading(unit, user_id)
            # A summary is a memory that the system makes.
            if await self._is_held(unit, user_id) or not may_track(preferences):
                return
            found = await unit.memory_keeping.trivial(before, TRIVIAL_BELOW, MOST_TRIVIAL)
            cited = await unit.memories.citing([one.id for one in found])
            living = [m for m in found if m.id not in cited and m.is_live(self.now())]
            for cluster in clusters_of(living):
                await self._put_together(unit, cluster, number, reading)
                report.summaries += 1
                report.summarised += len(cluster)

    async def _put_together(
        self, unit: MemoryUnit, cluster: Iterable[UserMemory], number: int, reading: Reading
    ) -> None:
        memories, now = [*cluster], self.now()
        summary = summary_of(self.new_id(), memories, now, self.policy)
        summary = evolve(summary, changed=number)
        await unit.add(summary)
        for memory in memories:
            await unit.save(in_summary(memory, summary, number))
        await unit.memory_keeping.drop_layouts([memory.id for memory in memories])
        await keep_laid(unit, [summary], reading)
        user_id = summary.user_id
        await unit.account("memory.summarise", "user", user_id, count=len(memories))

    async def _is_held(self, unit: MemoryUnit, user_id: str) -> bool:
        try:
            return (await unit.get(MemoryState, user_id)).held_since is not None
        except NotFound:
            return False


def _foresee(report: CleanupReport, due: Upkeep) -> None:
    report.expired += due.expired
    report.removed += due.binned
    report.summarised += due.trivial
