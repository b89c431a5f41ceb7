"""What a tenant does to a category, done in its people's own memories: a person at a time."""

from typing import Final

from attrs import evolve, frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.ports import Clock
from faraday_core.memory.categories import categories_of
from faraday_core.memory.model import TenantCategoryChanged
from faraday_core.memory.ports import MemoryStorage

AT_ONCE: Final = 200  # people of one job; the next ones are another job's


@frozen
class CategoryMoves:
    storage: MemoryStorage
    now: Clock

    async def carry_over(self, worker: Actor, event: TenantCategoryChanged) -> int:
        """Whoever asks has asked whether they may. Answers for how many people."""
        async with self.storage.look(worker, tenant=event.tenant_id) as reader:
            people = await reader.memory_categories.having(
                event.old, event.category_id, event.after, AT_ONCE
            )
        for user_id in people:
            await self._carry_over(worker, user_id, event)
        if len(people) == AT_ONCE:
            async with self.storage.begin(worker, tenant=event.tenant_id) as unit:
                await unit.record(evolve(event, after=people[-1]))
        return len(people)

    async def _carry_over(self, worker: Actor, user_id: str, event: TenantCategoryChanged) -> None:
        async with self.storage.begin(worker, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            for own in known.own if event.removed else ():
                if own.parent_category_id == event.category_id:
                    moved = evolve(own, parent_category_id=event.into_id, updated_at=self.now())
                    await unit.save(moved)
            # One of their own, or of another school of theirs, is called alike: it is in that one.
            if known.named(event.old) is None:
                await unit.memory_keeping.rename_category(event.old, event.new, number)
