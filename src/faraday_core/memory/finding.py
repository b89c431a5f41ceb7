"""A search among somebody's memories, once it is allowed: for them, and for who was granted it."""

from collections.abc import Mapping, Sequence
from time import perf_counter

from attrs import frozen

from faraday_core.kernel.ports import Clock
from faraday_core.memory.categories import categories_of
from faraday_core.memory.cold import Cold
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.fields import MemoryFilter
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.model import UserMemory
from faraday_core.memory.ports import MemoryReader, Wanted
from faraday_core.memory.ranking import Filters, MemoryIndex, Question, Vector, Weights, search
from faraday_core.memory.searching import FoundMemory, Retrieval, Search, SearchResult
from faraday_core.memory.uses import MemoryUse
from faraday_core.memory.views import view_of
from faraday_core.memory.warming import Warming


@frozen
class Finding:
    """By what is known of somebody here; by what storage chooses for the question, where nothing
    is, while the rest is read in the background."""

    use: MemoryUse
    weights: Weights
    embedding: Embedding
    people: KnownPeople
    cold: Cold
    warming: Warming
    now: Clock

    async def ahead(self, question: str) -> Sequence[Vector]:
        """What it means, asked for before a connection is taken, which need not wait for it."""
        return await self.embedding.question(question)

    async def found(
        self, reader: MemoryReader, user_id: str, asked: Search, vectors: Sequence[Vector]
    ) -> SearchResult:
        """The best first. Whoever asks has asked whether they may; the reader stands at the
        person. `vectors`: as `ahead` has found them."""
        began = perf_counter()
        filters = await filters_of(reader, asked)
        known = await self.people.ready(reader, user_id)
        is_first = known is None
        index = (
            known.index if known else await self._cold(reader, user_id, asked, vectors, filters)
        )
        if index is None:
            known = await self.people.of(reader, user_id)
            index = known.index
        mine = [vector for vector in vectors if vector.model in index.vectors]
        ranked = search(
            index,
            Question(asked.q, asked.doing, mine),
            self.now(),
            limit=asked.limit,
            weights=self.weights,
            filters=filters,
            diversity=asked.diversity,
        )
        ids = [one.id for one in ranked]
        memories = known.memories if known else await _by_id(reader, ids)
        items = []
        for one in ranked:
            if memory := memories.get(one.id):  # storage may have lost it in between
                view = view_of(memory, *self.use.pending(memory.user_id, memory.id))
                items.append(FoundMemory(view, one.relevance_score, tuple(one.reasons)))
        if is_first:
            self.warming.begin(user_id)  # now that nobody waits for the same processor
        took = round((perf_counter() - began) * 1000, 2)
        retrieval = Retrieval.HYBRID if mine else Retrieval.LEXICAL
        return SearchResult(tuple(items), retrieval, took)

    async def _cold(
        self,
        reader: MemoryReader,
        user_id: str,
        asked: Search,
        vectors: Sequence[Vector],
        filters: Filters,
    ) -> MemoryIndex | None:
        return await self.cold.index(
            reader,
            user_id,
            asked.q,
            vectors,
            filters,
            asked.limit,
            numbers=asked.diversity > 0,
        )

    async def wanted(self, reader: MemoryReader, wanted: MemoryFilter) -> Wanted:
        """A list's filter, with what it names looked up among the categories of who is stood
        at."""
        names = None
        if wanted.category is not None:
            names = (await categories_of(reader)).below(wanted.category)
        words = tuple((wanted.q or "").split())
        now = None if wanted.include_expired else self.now()
        return Wanted(names, wanted.tag, wanted.min_importance, words, now)


async def _by_id(reader: MemoryReader, ids: Sequence[str]) -> Mapping[str, UserMemory]:
    return {memory.id: memory for memory in await reader.memories.some(ids)} if ids else {}


async def filters_of(reader: MemoryReader, asked: Search) -> Filters:
    """Of who is stood at, whose categories they are."""
    names = None
    if asked.category is not None:
        names = frozenset((await categories_of(reader)).below(asked.category))
    tags = frozenset({asked.tag} if asked.tag is not None else ())
    return Filters(names, tags, asked.since, asked.until)
