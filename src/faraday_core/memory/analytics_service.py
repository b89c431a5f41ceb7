import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from faraday_core.kernel.access import PLATFORM, Action, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.memory.analytics_answer import answer_of
from faraday_core.memory.analytics_model import DAY, MemoryAnalytics, day_of
from faraday_core.memory.analytics_ports import AnalyticsReader, AnalyticsStorage, AnalyticsUnit
from faraday_core.memory.analytics_shown import Days
from faraday_core.memory.analytics_tally import Tally, stored_day, tallies_of
from faraday_core.memory.analytics_views import AnalyticsQuery, AnalyticsView
from faraday_core.memory.uses import MemoryUse
from faraday_core.preferences.model import may_track
from faraday_core.preferences.standing import standing_of
from faraday_core.records.disclosures import DisclosureLog

ACTIVE_WITHIN: Final = 2 * DAY
# A day is written again for a day after its end: what was done in it may come late.
OPEN_FOR: Final = timedelta(days=1)


@frozen
class MemoryAnalyticsService:
    """What a person's memories are used for, when, and how much they help.

    Days that are over are stored, where the person lets their activity be kept, so that a year is
    one small read. The days since are counted when they are asked for: an answer is never late.
    """

    storage: AnalyticsStorage
    use: MemoryUse
    disclosures: DisclosureLog
    now: Clock

    async def get(self, actor: Actor, asked: AnalyticsQuery | None = None) -> AnalyticsView:
        """Of one's own. Raises Invalid."""
        return await self._view(actor, require_own(actor), asked or AnalyticsQuery())

    async def of_person(
        self, actor: Actor, user_id: str, asked: AnalyticsQuery | None = None
    ) -> AnalyticsView:
        """Somebody's, for the operator; it is in their disclosures. Raises NotFound, Invalid."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        asked = asked or AnalyticsQuery()
        asked.span(self.now())
        async with self.storage.look(actor, person=user_id) as reader:
            await reader.people.person(user_id)
        await self.disclosures.note(actor, user_id, "memory_analytics", "administration")
        return await self._view(actor, user_id, asked)

    async def roll_up(self, actor: Actor) -> int:
        """Store the days of who has done something lately; answers of how many people.

        Done twice it is done once: each day is counted anew and put in place of what was there.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(WORKER) as reader:
            active = await reader.memory_activity.active(self.now() - ACTIVE_WITHIN)
        return sum([await self._roll_up(user_id) for user_id in active])

    async def _roll_up(self, user_id: str) -> bool:
        now = self.now()
        try:
            async with self.storage.look(WORKER, person=user_id) as reader:
                home = (await reader.people.person(user_id)).home
            async with self.storage.begin(WORKER, tenant=home, person=user_id) as unit:
                if not await self._is_tracked(unit, user_id):
                    return False
                await self._store_days(unit, user_id, now)
        except NotFound:  # erased meanwhile
            return False
        return True

    async def _store_days(self, unit: AnalyticsUnit, user_id: str, now: datetime) -> None:
        open_since = _open_since(await unit.memory_activity.latest())
        past = await unit.memory_activity.past(open_since)
        tallies = await asyncio.to_thread(tallies_of, past, now, by_counters=False)
        counted = (
            stored_day(user_id, day, tally, now)
            for day, tally in sorted(tallies.items())
            if open_since is None or day >= open_since
        )
        await unit.memory_activity_keeping.put_days([*counted])

    async def _view(self, actor: Actor, user_id: str, asked: AnalyticsQuery) -> AnalyticsView:
        now = self.now()
        since, until = asked.span(now)
        await self.use.flush(WORKER, user_id)
        home = actor.home if actor.user_id == user_id else await self._home_of(actor, user_id)
        async with self.storage.look(actor, tenant=home, person=user_id) as reader:
            tracked = await self._is_tracked(reader, user_id)
            latest = await reader.memory_activity.latest()
            stored = await reader.memory_activity.days(since, until)
            past = await reader.memory_activity.past(_open_since(latest))

        def answer() -> AnalyticsView:
            found = tallies_of(past, now, by_counters=not tracked and latest is None)
            by_day = _each_once(found, stored, _open_since(latest))
            by_day = {day: tally for day, tally in by_day.items() if since <= day < until}
            living = tuple(fact for fact in past.facts if fact.is_living(now))
            return answer_of(Days(since, until, now, by_day, living), asked.group, tracked=tracked)

        # Of ten thousand memories it takes longer than others should wait.
        return await asyncio.to_thread(answer)

    async def _home_of(self, actor: Actor, user_id: str) -> str | None:
        async with self.storage.look(actor, person=user_id) as reader:
            return (await reader.people.person(user_id)).home

    async def _is_tracked(self, reader: AnalyticsReader, user_id: str) -> bool:
        return may_track((await standing_of(reader, user_id)).in_force.preferences)


def _open_since(latest: datetime | None) -> datetime | None:
    return None if latest is None else day_of(latest - OPEN_FOR)


def _each_once(
    counted: Mapping[datetime, Tally],
    stored: Sequence[MemoryAnalytics],
    open_since: datetime | None,
) -> Mapping[datetime, Tally]:
    """Each day from one source: one that is stored and over as it was stored, any other as it is
    counted now."""
    by_day = {**counted}
    for day in stored:
        if open_since is None or day.begins_at < open_since:
            by_day[day.begins_at] = tally = Tally()
            tally.merge(day)
    return dict(sorted(by_day.items()))
