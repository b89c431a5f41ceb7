"""All that is known of a question, before any single memory is looked at."""

from collections.abc import Collection, Mapping, Sequence
from operator import add
from typing import Final

from attrs import define, field, frozen

from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.languages import Language
from faraday_core.memory.ranking.matching import Matches, match
from faraday_core.memory.ranking.model import Question
from faraday_core.memory.ranking.names import Name
from faraday_core.memory.ranking.standard import Standard, standard
from faraday_core.memory.ranking.weights import Weights

_LONGEST_ASKED: Final = 10_000  # characters in which it is looked whether it asks when


@frozen
class Gathered:
    words_asked: Mapping[str, str]  # term to the word
    matches: Matches
    cosines: Sequence[float]  # by slot; empty where nothing has a vector
    meanings: Sequence[float]  # by slot, to be standardised by `z_meaning`
    z_meaning: Standard
    nearest: Collection[int]  # slots well above the mean in meaning, which adds them to others
    close: Collection[int]  # slots that are found by their meaning alone
    named: Mapping[int, Name]  # slots of which the question names something
    now: Mapping[int, Sequence[Name]]  # slots that share something with this moment
    asks_when: bool
    says_time: Collection[int]  # slots that say a time, where the question asks for one

    def meaning(self, slot: int) -> float:
        """z of the cosine."""
        return self.z_meaning.z(self.meanings[slot]) if self.meanings else 0.0

    def speaks_for(self, slot: int) -> bool:
        """Itself, whatever its thread says."""
        return slot in self.matches.words or slot in self.named or slot in self.by_meaning

    @property
    def by_meaning(self) -> Collection[int]:
        """Slots that need none of the words: fewer where nothing has any."""
        return self.nearest if self.matches.words or self.named else self.close


def gather(index: MemoryIndex, question: Question, weights: Weights) -> Gathered:
    words_asked = index.terms.by_word(question.text)
    meanings = _meanings(index, question, weights)
    named: dict[int, Name] = {}
    for name in index.names.in_question(words_asked):
        named |= dict.fromkeys(index.names.slots(name), name)
    now: dict[int, list[Name]] = {}
    for name in sorted(index.names_in(question.context)):
        for slot in index.names.slots(name):
            now.setdefault(slot, []).append(name)
    is_when = asks_when(index.language, question.text)
    return Gathered(
        words_asked,
        match(index, list(words_asked), weights),
        meanings.cosines,
        meanings.values,
        meanings.z,
        meanings.nearest,
        meanings.close,
        named,
        now,
        is_when,
        index.timed if is_when else (),
    )


def asks_when(language: Language, question: str) -> bool:
    return bool(language.asks_when.search(question[:_LONGEST_ASKED]))


@define
class _Meanings:
    cosines: Sequence[float] = ()
    values: Sequence[float] = ()
    z: Standard = Standard(0.0, 1.0)
    nearest: set[int] = field(factory=set)
    close: set[int] = field(factory=set)


def _meanings(index: MemoryIndex, question: Question, weights: Weights) -> _Meanings:
    """By slot. Each model's cosines are standardised among themselves: they lie differently."""
    size = len(index.entries)
    whole = _Meanings()
    for vector in question.vectors:
        vectors = index.vectors.get(vector.model)
        if vectors is None:
            continue
        cosines = vectors.cosines(vector.values, size)
        missing = cosines.count(0.0)
        spread = index.spreads.get(vector.model)
        z = spread.standard if spread else standard(cosines, size - missing)
        count = spread.count if spread else size - missing
        # Who has no vector of this model stands where nothing is said for or against it.
        values = [cosine or z.mean for cosine in cosines] if missing else cosines
        if count < _MANY:
            nearest = [at for at, cosine in enumerate(cosines) if cosine >= vector.near]
        else:
            least = z.mean + weights.near * z.scale
            nearest = [at for at, cosine in enumerate(cosines) if cosine > least]
        whole.nearest.update(nearest)
        whole.close.update(at for at in nearest if cosines[at] >= vector.near)
        if not whole.cosines:
            whole.cosines, whole.values, whole.z = cosines, values, z
        else:  # no memory has a vector of two models
            earlier = [whole.z.z(value) for value in whole.values]
            whole.cosines = list(map(add, whole.cosines, cosines))
            whole.values = [one + z.z(value) for one, value in zip(earlier, values, strict=True)]
            whole.z = Standard(0.0, 1.0)
    return whole


_MANY: Final = 8  # memories from which on one can stand out among them
