"""A search among somebody's memories, once it is allowed: for them, and for who was granted it."""

from time import perf_counter

from attrs import frozen

from faraday_core.kernel.ports import Clock
from faraday_core.memory.categories import categories_of
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.fields import MemoryFilter
from faraday_core.memory.known import Known
from faraday_core.memory.ports import MemoryReader, Wanted
from faraday_core.memory.ranking import Filters, Question, Weights, search
from faraday_core.memory.searching import FoundMemory, Retrieval, Search, SearchResult
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.views import view_of


@frozen
class Finding:
    use: MemoryUse
    weights: Weights
    embedding: Embedding
    now: Clock

    async def found(self, known: Known, asked: Search, filters: Filters) -> SearchResult:
        """The best first. Whoever asks has asked whether they may."""
        began = perf_counter()
        vectors = await self.embedding.question(asked.q, [*known.index.vectors])
        question = Question(asked.q, asked.doing, vectors)
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
        retrieval = Retrieval.HYBRID if vectors else Retrieval.LEXICAL
        return SearchResult(tuple(items), retrieval, took)

    async def wanted(self, reader: MemoryReader, wanted: MemoryFilter) -> Wanted:
        """A list's filter, with what it names looked up among the categories of who is stood
        at."""
        names = None
        if wanted.category is not None:
            names = (await categories_of(reader)).below(wanted.category)
        words = tuple((wanted.q or "").split())
        now = None if wanted.include_expired else self.now()
        return Wanted(names, wanted.tag, wanted.min_importance, words, now)


async def filters_of(reader: MemoryReader, asked: Search) -> Filters:
    """Of who is stood at, whose categories they are."""
    names = None
    if asked.category is not None:
        names = frozenset((await categories_of(reader)).below(asked.category))
    tags = frozenset({asked.tag} if asked.tag is not None else ())
    return Filters(names, tags, asked.since, asked.until)
