"""How a new memory comes into storage: the one way, for one and for many."""

from collections.abc import Sequence

from attrs import evolve, frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Fault, Invalid
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.categories import category_for
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.fields import MemoryFields
from faraday_core.memory.known_people import MOST_CHANGES
from faraday_core.memory.layouts import keep_laid
from faraday_core.memory.model import InteractionType, MemoryPolicy, UserMemory
from faraday_core.memory.nearby import Nearby
from faraday_core.memory.neighbours import Neighbours, OnDuplicate, similar_to
from faraday_core.memory.ports import MemoryUnit
from faraday_core.memory.ranking.laying import Reading
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.views import Similar
from faraday_core.memory.writing import new_memory, said_again, version_of


class DuplicateMemory(Conflict):
    """`existing_id`: the one that says it already."""

    code = "duplicate_memory"

    def __init__(self, existing_id: str) -> None:
        super().__init__("A memory of yours says the same already.")
        self.existing_id = existing_id


@frozen
class Stored:
    """`is_new`: False where it became one with a memory that was there."""

    memory: UserMemory
    similar: Sequence[Similar]
    is_new: bool


@frozen
class Storing:
    policy: MemoryPolicy
    use: MemoryUse
    embedding: Embedding
    now: Clock
    new_id: NewId

    async def store(  # noqa: PLR0917 -- what a new memory comes with
        self,
        unit: MemoryUnit,
        actor: Actor,
        user_id: str,
        fields: MemoryFields,
        near: Nearby,
        on_duplicate: OnDuplicate,
    ) -> Stored:
        """The unit stands at the person. Raises Invalid, Conflict (`duplicate_memory`,
        `too_many_memories`, `too_many_categories`)."""
        now = self.now()
        new = new_memory(self.new_id(), user_id, fields, now, self.policy)
        number = await unit.memory_keeping.advance()
        similar = near.neighbours.similar
        if number != near.number + 1:  # others have come meanwhile
            changes = await unit.memories.few_changes(near.number, MOST_CHANGES)
            said = changes.memories if changes else await unit.memories.saying([new.text_hash])
            similar = (*similar, *similar_to(fields.content, said, now))
        same = Neighbours(similar).same
        if same and on_duplicate is OnDuplicate.REFUSE:
            self.use.note(user_id, same.id, InteractionType.CREATE, success=False)
            raise DuplicateMemory(same.id)
        await self.refuse_too_many(unit, actor, 1)
        names = await category_for(unit, user_id, [fields.category], now, self.new_id)
        new = evolve(new, category=names.get(fields.category or ""), changed=number)
        await self.require_superseded(unit, new)
        place = actor.organization_id
        if same and on_duplicate is OnDuplicate.MERGE:
            old = await unit.hold(UserMemory, same.id)
            if old.is_live(now):
                await unit.add(version_of(old, self.new_id(), now))
                merged = evolve(said_again(old, new, now), changed=number)
                merged = await unit.save(merged)
                await keep_laid(unit, [merged], near.reading)
                await unit.account("memory.merge", "memory", old.id, organization_id=place)
                return Stored(merged, similar, is_new=False)
        await unit.add(new)
        await keep_laid(unit, [new], near.reading)
        await self.embedding.keep_first(unit, [new], near.reading.language, number)
        await unit.account("memory.create", "memory", new.id, organization_id=place)
        return Stored(new, similar, is_new=True)

    async def read_again(
        self, unit: MemoryUnit, old: UserMemory, new: UserMemory, reading: Reading
    ) -> None:
        """What is found of it; and what it means, where it says something else now."""
        await keep_laid(unit, [new], reading)
        if (old.content, old.context) != (new.content, new.context):
            await unit.memory_keeping.drop_vector(new.id)
            await self.embedding.keep_first(unit, [new], reading.language, new.changed)

    async def refuse_too_many(self, unit: MemoryUnit, actor: Actor, more: int) -> None:
        """Of whoever belongs to no organisation. Raises Conflict (`too_many_memories`)."""
        most = self.policy.most_without_organization
        if most is None or actor.is_machine or actor.organization_id is not None:
            return
        if await unit.memories.count() + more > most:
            detail = f"Without an organisation one has at most {most} memories."
            raise Conflict(detail, code="too_many_memories")

    async def require_superseded(self, unit: MemoryUnit, memory: UserMemory) -> None:
        """That what it supersedes is there, and does not supersede it in turn. Raises Invalid."""
        seen, id = {memory.id}, memory.supersedes
        while id is not None:
            found = await unit.memories.some([id])
            if id == memory.supersedes and not (found and found[0].is_live(self.now())):
                fault = Fault("/supersedes", "unknown_reference", "is no memory of yours")
                raise Invalid([fault])
            if id in seen:
                fault = Fault("/supersedes", "invalid_value", "supersedes this one in turn")
                raise Invalid([fault])
            seen.add(id)
            id = found[0].supersedes if found else None
