from time import perf_counter

from attrs import frozen

from faraday_core.kernel.access import require_own
from faraday_core.kernel.actor import Actor
from faraday_core.memory.finding import Finding
from faraday_core.memory.model import InteractionType
from faraday_core.memory.ports import MemoryStorage
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.uses import MemoryUse, kept_query, milliseconds_since


@frozen
class MemorySearchService:
    """Finds a person's memories again, and says why it found each."""

    storage: MemoryStorage
    use: MemoryUse
    finding: Finding

    async def search(self, actor: Actor, asked: Search) -> SearchResult:
        """One's own, the best first; what nothing matches finds nothing. Raises Invalid."""
        user_id, began, doing = require_own(actor), perf_counter(), asked.doing
        vectors = await self.finding.ahead(asked.q)
        async with self.storage.look(actor, tenant=actor.home, person=user_id) as reader:
            result = await self.finding.found(reader, user_id, asked, vectors)
        if asked.track:
            context = {**doing, "query": kept_query(asked.q)}
            took = milliseconds_since(began)
            for one in result.items:
                self.use.note(
                    user_id,
                    one.memory.id,
                    InteractionType.RETRIEVE,
                    context=context,
                    response_time=took,
                )
        return result
