from attrs import frozen

from faraday_core.kernel.access import Action
from faraday_core.kernel.actor import Actor
from faraday_core.memory.usage import MemoryUsage, UsageStorage
from faraday_core.people.subject import meet


@frozen
class MemoryUsageService:
    """How much somebody keeps, for whoever supports them: how many and how large, never what."""

    storage: UsageStorage

    async def of_person(self, actor: Actor, user_id: str) -> MemoryUsage:
        """Raises NotFound, Forbidden."""
        subject = await meet(self.storage, actor, user_id, Action.READ_USERS)
        async with self.storage.look(actor, tenant=subject.tenant, person=user_id) as reader:
            return await reader.memory_usage.total()
