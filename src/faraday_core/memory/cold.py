"""A search of somebody nothing of whom is known in this process yet: storage chooses a few
memories, and the ranking that is asked always ranks them."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.ports import MemoryReader
from faraday_core.memory.ranking import Filters, MemoryIndex, Vector, Weights
from faraday_core.memory.ranking.gathering import asks_when
from faraday_core.memory.ranking.sketch import SketchedIndex, Wanted, strength_of

MOST_TERMS: Final = 24  # of a question: a longer one's rarest are only known once all are counted
FEW: Final = 300  # memories of somebody: all of them are chosen
LEAST: Final = 60  # memories that are chosen by their words
_TIMES: Final = 2  # as many as are to be answered


@frozen
class Cold:
    people: KnownPeople
    weights: Weights = Weights()

    async def index(  # noqa: PLR0917 -- what a search is asked
        self,
        reader: MemoryReader,
        user_id: str,
        question: str,
        vectors: Sequence[Vector],
        filters: Filters,
        limit: int,
        *,
        numbers: bool = False,
    ) -> MemoryIndex | None:
        """For this question alone. None where there is no way but to read all of the memories. The
        reader stands at the person."""
        reading = await self.people.preferred(reader, user_id)
        terms = reading.terms.by_word(question)
        if len(terms) > MOST_TERMS:
            return None
        most = max(LEAST, _TIMES * limit)
        strength = strength_of(self.weights, asks_when=asks_when(reading.language, question))
        wanted = Wanted(reading.rules, [*terms], vectors, filters, strength, most, FEW, numbers)
        sketch = await reader.memories.sketch(wanted)
        if sketch.total.missing:
            return None
        return SketchedIndex(sketch, reading, self.people.vectors, compared=numbers)
