import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.ports import Clock
from faraday_core.memory.analytics_ports import AnalyticsStorage
from faraday_core.memory.known import Known
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.model import UserMemory
from faraday_core.memory.recommendations_model import (
    Candidate,
    MemoryRecommendation,
    RecommendationDecision,
    RecommendationFeedback,
    RecommendationKind,
    RecommendationQuery,
    Recommendations,
    RecommendationView,
)
from faraday_core.memory.recommending import (
    Shelf,
    duplicates,
    forgettable,
    outdated,
    read,
    related,
    revisits,
    shelf_of,
)
from faraday_core.memory.spacing import Review, Spacing
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.views import MemoryView, view_of
from faraday_core.records.disclosures import DisclosureLog

_UNREAD: Final = {
    RecommendationKind.REVISIT,
    RecommendationKind.FORGET,
}  # by what is known of them
AT_A_TIME: Final = 20  # that are found before others get their turn


@frozen
class MemoryRecommendationService:
    """What to look at again, what belongs together, what is outdated, doubled, or of no use: each
    with its reason, and with the request that carries it out."""

    storage: AnalyticsStorage
    people: KnownPeople
    use: MemoryUse
    spacing: Spacing
    disclosures: DisclosureLog
    now: Clock

    async def list(
        self, actor: Actor, asked: RecommendationQuery | None = None
    ) -> Recommendations:
        """Of one's own, the most urgent first. What was declined within 30 days is left out, as is
        what was taken and put together; a kind that is often declined comes later."""
        user_id, asked = require_own(actor), asked or RecommendationQuery()
        items, offered = await self._found(actor, user_id, asked, actor.home)
        known = {one.id for one in offered}
        now = self.now()
        new = [
            MemoryRecommendation(one.id, user_id, one.kind, one.memory.id, now)
            for one in items
            if one.id not in known
        ]
        if new:
            async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
                await unit.memory_activity_keeping.offer(new)
        return Recommendations(tuple(map(self._view, items)))

    async def of_person(
        self, actor: Actor, user_id: str, asked: RecommendationQuery | None = None
    ) -> Recommendations:
        """Somebody's, for the operator; it is in their disclosures, and nothing is offered to
        them by it. Raises NotFound."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look(actor, person=user_id) as reader:
            home = (await reader.people.person(user_id)).home
        await self.disclosures.note(actor, user_id, "memories", "administration")
        items, _ = await self._found(actor, user_id, asked or RecommendationQuery(), home)
        return Recommendations(tuple(map(self._view, items)))

    async def feedback(
        self, actor: Actor, recommendation_id: str, said: RecommendationFeedback
    ) -> RecommendationDecision:
        """Whether one took what was offered; said again, the latest holds. Raises NotFound."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            offered = await unit.hold(MemoryRecommendation, recommendation_id)
            await unit.save(evolve(offered, accepted=said.accepted, decided_at=now))
            await unit.account(
                "recommendation.answer",
                "memory",
                offered.memory_id,
                organization_id=actor.organization_id,
                kind=offered.kind.value,
                accepted=said.accepted,
            )
        return RecommendationDecision(
            offered.id, offered.kind, offered.memory_id, said.accepted, now
        )

    async def _found(
        self, actor: Actor, user_id: str, asked: RecommendationQuery, home: str | None
    ) -> tuple[Sequence[Candidate], Sequence[MemoryRecommendation]]:
        now = self.now()
        await self.use.flush(WORKER, user_id)
        async with self.storage.look(actor, tenant=home, person=user_id) as reader:
            known = await self.people.of(reader, user_id)
            seen = await reader.memory_activity.seen()
            offered = await reader.memory_activity.recommendations()
        told: defaultdict[str, list[Review]] = defaultdict(list)
        for one in seen:
            told[one.memory_id].append(Review(one.at, one.good))
        found = await self._candidates(known, told, asked.kind, now)
        settled = {one.id for one in offered if one.is_settled(now)}
        weights = _weights(offered)
        weighed = [
            evolve(one, score=round(one.score * weights.get(one.kind, 1.0), 4))
            for one in found
            if one.id not in settled
        ]
        weighed.sort(key=lambda one: (-one.score, one.id))
        return weighed[: asked.limit], offered

    async def _candidates(
        self,
        known: Known,
        told: Mapping[str, Sequence[Review]],
        kind: RecommendationKind | None,
        now: datetime,
    ) -> Sequence[Candidate]:
        """One of each id: what is outdated by two rules is so once."""
        shelf = shelf_of(known, now)
        if kind not in _UNREAD:
            shelf = await asyncio.to_thread(read, shelf)
        found: dict[str, Candidate] = {}
        for number, one in enumerate(self._each(shelf, told, kind), 1):
            if one is None or number % AT_A_TIME == 0:
                await asyncio.sleep(0)
            if one is not None:
                found.setdefault(one.id, one)
        return [*found.values()]

    def _each(
        self,
        shelf: Shelf,
        told: Mapping[str, Sequence[Review]],
        kind: RecommendationKind | None,
    ) -> Iterator[Candidate | None]:
        if kind in {None, RecommendationKind.DUPLICATE}:
            yield from duplicates(shelf)
        if kind in {None, RecommendationKind.OUTDATED}:
            yield from outdated(shelf)
        if kind in {None, RecommendationKind.FORGET}:
            yield from forgettable(shelf)
        if kind in {None, RecommendationKind.REVISIT}:
            yield from revisits(shelf, self.spacing, told)
        if kind in {None, RecommendationKind.RELATED}:
            yield from related(shelf)

    def _view(self, one: Candidate) -> RecommendationView:
        others = tuple(map(self._memory, one.related))
        memory = self._memory(one.memory)
        return RecommendationView(
            one.id, one.kind, memory, others, one.score, one.reason, one.action
        )

    def _memory(self, memory: UserMemory) -> MemoryView:
        return view_of(memory, *self.use.pending(memory.user_id, memory.id))


def _weights(offered: Sequence[MemoryRecommendation]) -> Mapping[RecommendationKind, float]:
    """By what was said of a kind: 1 where nothing was declined, less the more was."""
    taken = Counter(one.kind for one in offered if one.accepted)
    declined = Counter(one.kind for one in offered if one.accepted is False)
    return {
        kind: (taken[kind] + 2) / (taken[kind] + declined[kind] + 2) for kind in RecommendationKind
    }
