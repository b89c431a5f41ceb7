from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import evolve, frozen

from adapters.persistence.memory.memory_sketch import sketch_of
from adapters.persistence.memory.rows import Rows
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.model import (
    MemoryGrant,
    MemoryInteraction,
    MemoryLayout,
    MemoryState,
    MemoryVector,
    MemoryVersion,
    UserMemory,
)
from faraday_core.memory.ports import Changes, Kept, Upkeep, Uses, Wanted
from faraday_core.memory.ranking.sketch import Sketch
from faraday_core.memory.ranking.sketch import Wanted as Sketched
from faraday_core.memory.recommendations_model import MemoryRecommendation


@frozen
class MemoryMemories:
    rows: Rows

    async def page(self, wanted: Wanted, page: PageRequest) -> Page[UserMemory]:
        found = [row for row in self.rows.own(UserMemory) if _is_wanted(row, wanted)]
        return self.rows.page(UserMemory, found, page, ("id",), newest_first=True)

    async def bin(self, page: PageRequest) -> Page[UserMemory]:
        found = [row for row in self.rows.own(UserMemory) if row.deleted_at]
        return self.rows.page(UserMemory, found, page, ("id",), newest_first=True)

    async def number(self) -> int:
        states = self.rows.own(MemoryState)
        return states[0].changed if states else 0

    async def changes(self, since: int) -> Changes:
        number = await self.number()
        if number == since:
            return Changes(number, ())
        found = [row for row in self.rows.own(UserMemory) if row.changed > since]
        if not since:
            found = [row for row in found if row.deleted_at is None]
        vectors = [row for row in self.rows.own(MemoryVector) if row.changed > since]
        return Changes(number, sorted(found, key=lambda row: row.changed), vectors)

    async def few_changes(self, since: int, most: int) -> Changes | None:
        changes = await self.changes(since)
        count = max(len(changes.memories), len(changes.vectors))
        return None if count > most else changes

    async def kept(self, after: str | None, limit: int) -> Sequence[Kept]:
        own = sorted(self.rows.own(UserMemory), key=lambda row: row.id)
        return [self._kept(row) for row in own if _is_listed(row) and row.id > (after or "")][
            :limit
        ]

    def _kept(self, row: UserMemory) -> Kept:
        layout = self.rows.find(MemoryLayout, row.id)
        is_of_it = layout is not None and layout.said == row.version
        return Kept(row, layout if is_of_it else None, self.rows.find(MemoryVector, row.id))

    async def sketch(self, wanted: Sketched) -> Sketch:
        return sketch_of(self.rows, wanted)

    async def saying(self, text_hashes: Collection[bytes]) -> Sequence[UserMemory]:
        listed = (row for row in self.rows.own(UserMemory) if _is_listed(row))
        return [row for row in listed if row.text_hash in text_hashes]

    async def some(self, memory_ids: Collection[str]) -> Sequence[UserMemory]:
        return [row for id in memory_ids if (row := self.rows.find(UserMemory, id))]

    async def without_vector(self, model: str, limit: int) -> Sequence[UserMemory]:
        having = {row.id for row in self.rows.own(MemoryVector) if row.model == model}
        own = sorted(self.rows.own(UserMemory), key=lambda row: row.id)
        return [row for row in own if _is_listed(row) and row.id not in having][:limit]

    async def count(self) -> int:
        return len(self.rows.own(UserMemory))

    async def citing(self, memory_ids: Collection[str]) -> frozenset[str]:
        there = [row for row in self.rows.own(UserMemory) if row.deleted_at is None]
        named = {id for row in there for id in (row.supersedes, row.summary_id) if id}
        return frozenset(named & {*memory_ids})

    async def versions(self, memory_id: str, page: PageRequest) -> Page[MemoryVersion]:
        found = [row for row in self.rows.own(MemoryVersion) if row.memory_id == memory_id]
        return self.rows.page(MemoryVersion, found, page, ("id",), newest_first=True)

    async def interactions(self, memory_id: str, page: PageRequest) -> Page[MemoryInteraction]:
        found = [row for row in self.rows.own(MemoryInteraction) if row.memory_id == memory_id]
        return self.rows.page(MemoryInteraction, found, page, ("id",), newest_first=True)


@frozen
class MemoryMemoryGrants:
    rows: Rows

    async def page(self, page: PageRequest) -> Page[MemoryGrant]:
        own = self.rows.own(MemoryGrant)
        return self.rows.page(MemoryGrant, own, page, ("id",), newest_first=True)

    async def to(self, grantee_id: str, now: datetime) -> Sequence[MemoryGrant]:
        own = (row for row in self.rows.own(MemoryGrant) if row.grantee_id == grantee_id)
        living = (row for row in own if row.expires_at > now)
        return sorted(living, key=lambda row: row.id, reverse=True)


@frozen
class MemoryMemoryKeeping:
    rows: Rows

    async def advance(self) -> int:
        await self.rows.wait()
        user_id = self.rows.scope.user_id or ""
        states = self.rows.own(MemoryState)
        state = states[0] if states else MemoryState(user_id, user_id)
        self.rows.change_quietly(state, changed=state.changed + 1)
        return state.changed + 1

    async def add_all(self, memories: Sequence[UserMemory]) -> None:
        for memory in memories:
            self.rows.write(memory, memory)

    async def rename_category(self, old: str, new: str | None, number: int) -> int:
        found = [row for row in self.rows.own(UserMemory) if row.category == old]
        await self.drop_layouts([row.id for row in found])
        for row in found:
            self.rows.change_quietly(row, category=new, changed=number, version=row.version + 1)
        return len(found)

    async def put_vectors(self, vectors: Sequence[MemoryVector]) -> None:
        for vector in vectors:
            if self.rows.find(UserMemory, vector.id):
                self.rows.write(vector, vector)

    async def put_layouts(self, layouts: Sequence[MemoryLayout]) -> None:
        for layout in layouts:
            held = self.rows.find(MemoryLayout, layout.id)
            if self.rows.find(UserMemory, layout.id) and (not held or held.said <= layout.said):
                self.rows.write(layout, layout)

    async def drop_layouts(self, memory_ids: Collection[str]) -> None:
        for id in memory_ids:
            self.rows.drop(MemoryLayout, id)

    async def drop_vector(self, memory_id: str) -> None:
        self.rows.drop(MemoryVector, memory_id)

    async def note_uses(self, uses: Sequence[Uses]) -> None:
        for one in uses:
            if row := self.rows.find(UserMemory, one.memory_id):
                last = max(one.last, row.last_accessed or one.last)
                count = row.access_count + one.count
                self.rows.change_quietly(
                    row, access_count=count, last_accessed=last, importance_score=one.importance
                )

    async def note_feedback(self, memory: UserMemory) -> None:
        if row := self.rows.find(UserMemory, memory.id):
            self.rows.change_quietly(
                row,
                helpful=memory.helpful,
                unhelpful=memory.unhelpful,
                importance_score=memory.importance_score,
                changed=memory.changed,
            )

    async def add_interactions(self, done: Sequence[MemoryInteraction]) -> None:
        for one in done:
            if self.rows.find(UserMemory, one.memory_id):
                self.rows.write(one, one)

    async def expired(self, now: datetime, limit: int) -> Sequence[UserMemory]:
        own = sorted(self.rows.own(UserMemory), key=lambda row: row.id)
        return [row for row in own if _is_expired(row, now)][:limit]

    async def trivial(self, before: datetime, below: float, limit: int) -> Sequence[UserMemory]:
        own = sorted(self.rows.own(UserMemory), key=lambda row: row.id)
        return [row for row in own if _is_trivial(row, before, below)][:limit]

    async def empty_bin(self, before: datetime, limit: int) -> int:
        own = self.rows.own(UserMemory)
        there = {row.id: row for row in own if row.deleted_at is None}
        cited = {row.supersedes for row in there.values()}
        gone = [
            row
            for row in own
            if row.deleted_at
            and row.deleted_at <= before
            and row.id not in cited
            and row.summary_id not in there
        ][:limit]
        for row in gone:
            self._remove(row)
        return len(gone)

    def _remove(self, memory: UserMemory) -> None:
        """With what hangs on it."""
        versions, done = self.rows.own(MemoryVersion), self.rows.own(MemoryInteraction)
        hanging: list[MemoryVersion | MemoryInteraction] = [*versions, *done]
        for row in hanging:
            if row.memory_id == memory.id:
                self.rows.drop(type(row), row.id)
        for offered in self.rows.own(MemoryRecommendation):
            if offered.memory_id == memory.id:
                self.rows.drop(MemoryRecommendation, offered.id)
        self.rows.drop(MemoryLayout, memory.id)
        self.rows.drop(MemoryVector, memory.id)
        self.rows.drop(UserMemory, memory.id)


@frozen
class MemoryMemoryUpkeep:
    rows: Rows

    async def due(
        self, now: datetime, bin_before: datetime, trivial_before: datetime, below: float
    ) -> Sequence[Upkeep]:
        held = {row.user_id for row in self.rows.all(MemoryState) if row.held_since}
        people: dict[str, Upkeep] = {}
        for row in self.rows.all(UserMemory):
            known = people.get(row.user_id, Upkeep(row.user_id, 0, 0, 0))
            people[row.user_id] = evolve(
                known,
                expired=known.expired + _is_expired(row, now),
                binned=known.binned + _is_old(row, bin_before),
                trivial=known.trivial + _is_trivial(row, trivial_before, below),
            )
        return [
            one
            for user_id, one in sorted(people.items())
            if user_id not in held and (one.expired or one.binned or one.trivial)
        ]

    async def without_vectors(self, model: str, limit: int) -> Sequence[str]:
        having = {row.id for row in self.rows.all(MemoryVector) if row.model == model}
        rows = (row for row in self.rows.all(UserMemory) if row.deleted_at is None)
        return sorted({row.user_id for row in rows if row.id not in having})[:limit]


def _is_listed(row: UserMemory) -> bool:
    return row.deleted_at is None and row.summary_id is None


def _is_wanted(row: UserMemory, wanted: Wanted) -> bool:
    content = row.content.lower()
    return (
        _is_listed(row)
        and (wanted.categories is None or row.category in wanted.categories)
        and (wanted.tag is None or wanted.tag in row.tags)
        and (wanted.min_importance is None or row.importance_score >= wanted.min_importance)
        and all(word.lower() in content for word in wanted.words)
        and (wanted.now is None or not row.has_expired(wanted.now))
    )


def _is_expired(row: UserMemory, now: datetime) -> bool:
    return row.deleted_at is None and row.has_expired(now) and not row.pinned


def _is_old(row: UserMemory, bin_before: datetime) -> bool:
    return row.deleted_at is not None and row.deleted_at <= bin_before


def _is_trivial(row: UserMemory, before: datetime, below: float) -> bool:
    last = max(row.updated_at, row.last_accessed or row.updated_at)
    return _is_listed(row) and not row.pinned and row.importance_score < below and last < before
