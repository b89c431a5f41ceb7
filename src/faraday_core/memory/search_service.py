from time import perf_counter

from attrs import frozen

from faraday_core.kernel.access import require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.ports import Clock
from faraday_core.memory.categories import categories_of
from faraday_core.memory.known import Known, KnownPeople
from faraday_core.memory.model import InteractionType
from faraday_core.memory.ports import MemoryReader, MemoryStorage
from faraday_core.memory.ranking import Filters, Question, Weights, search
from faraday_core.memory.searching import FoundMemory, Retrieval, Search, SearchResult
from faraday_core.memory.uses import LONGEST_QUERY, MemoryUse, milliseconds_since
from faraday_core.memory.views import view_of


@frozen
class MemorySearchService:
    """Finds a person's memories again, and says why it found each."""

    storage: MemoryStorage
    people: KnownPeople
    use: MemoryUse
    weights: Weights
    now: Clock

    async def search(self, actor: Actor, asked: Search) -> SearchResult:
        """One's own, the best first; what nothing matches finds nothing. Raises Invalid."""
        user_id, began, doing = require_own(actor), perf_counter(), asked.doing
        async with self.storage.look(actor, tenant=actor.home, person=user_id) as reader:
            known = await self.people.of(reader, user_id)
            filters = await filters_of(reader, asked)
        result = await self.found(known, asked, filters)
        if asked.track:
            context = {**doing, "query": asked.q[:LONGEST_QUERY]}
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

    async def found(self, known: Known, asked: Search, filters: Filters) -> SearchResult:
        """Within a use case that has asked whether it may."""
        began = perf_counter()
        question = Question(asked.q, asked.doing)
        ranked = search(
            known.index,
            question,
            self.now(),
            limit=asked.limit,
            weights=self.weights,
            filters=filters,
            diversity=asked.diversity,
        )
        items = []
        for one in ranked:
            memory = known.memories[one.id]
            view = view_of(memory, *self.use.pending(memory.user_id, memory.id))
            items.append(FoundMemory(view, one.relevance_score, tuple(one.reasons)))
        took = round((perf_counter() - began) * 1000, 2)
        return SearchResult(tuple(items), Retrieval.LEXICAL, took)


async def filters_of(reader: MemoryReader, asked: Search) -> Filters:
    """Of who is stood at, whose categories they are."""
    names = None
    if asked.category is not None:
        names = frozenset((await categories_of(reader)).below(asked.category))
    tags = frozenset({asked.tag} if asked.tag is not None else ())
    return Filters(names, tags, asked.since, asked.until)
