"""All that is known of a question, before any single memory is looked at."""

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import add
from typing import Final

from attrs import define, field, frozen

from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.matching import Matches, match
from faraday_core.memory.ranking.model import Question
from faraday_core.memory.ranking.names import Name
from faraday_core.memory.ranking.standard import standard
from faraday_core.memory.ranking.weights import Weights

ABOVE_THE_MEAN: Final = 1.0  # standard deviations from which on meaning adds a memory
_LONGEST_ASKED: Final = 10_000  # characters in which it is looked whether it asks when


@frozen
class Gathered:
    words_asked: Mapping[str, str]  # term to the word
    matches: Matches
    meaning: Callable[[int], float]  # z of the cosine, by slot
    cosines: Sequence[float]  # by slot; empty where nothing has a vector
    nearest: Collection[int]  # slots well above the mean in meaning
    close: Collection[int]  # slots that are found by their meaning alone
    named: Mapping[int, Name]  # slots of which the question names something
    now: Mapping[int, Sequence[Name]]  # slots that share something with this moment
    asks_when: bool
    says_time: Collection[int]  # slots that say a time, where the question asks for one

    @property
    def finds_anything(self) -> bool:
        return bool(self.matches.words or self.named or self.close)


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
    asks_when = bool(index.language.asks_when.search(question.text[:_LONGEST_ASKED]))
    return Gathered(
        words_asked,
        match(index, list(words_asked), weights),
        meanings.z.__getitem__ if meanings.z else _no_meaning,
        meanings.cosines,
        meanings.nearest,
        meanings.close,
        named,
        now,
        asks_when,
        index.timed if asks_when else (),
    )


@define
class _Meanings:
    cosines: list[float] = field(factory=list)
    z: list[float] = field(factory=list)
    nearest: set[int] = field(factory=set)
    close: set[int] = field(factory=set)


def _no_meaning(slot: int) -> float:
    return 0.0


def _meanings(index: MemoryIndex, question: Question, weights: Weights) -> _Meanings:
    """By slot. Each model's cosines are standardised among themselves: they lie differently."""
    size = len(index.entries)
    all_of_them = _Meanings()
    for vector in question.vectors:
        vectors = index.vectors.get(vector.model)
        if vectors is None:
            continue
        cosines = vectors.cosines(vector.values, size)
        count = size - cosines.count(0.0)
        z = standard(cosines, count)
        mean, scale = z.mean, z.scale
        standardised = [(cosine - mean) / scale if cosine else 0.0 for cosine in cosines]
        least = max(vector.near, mean + weights.near * scale if count >= _MANY else 0.0)
        nearest = [at for at, value in enumerate(standardised) if value > ABOVE_THE_MEAN]
        if count < _MANY:
            nearest = [at for at, cosine in enumerate(cosines) if cosine]
        all_of_them.nearest.update(nearest)
        all_of_them.close.update(at for at in nearest if cosines[at] >= least)
        if not all_of_them.cosines:
            all_of_them.cosines, all_of_them.z = cosines, standardised
        else:  # no memory has a vector of two models
            all_of_them.cosines = list(map(add, all_of_them.cosines, cosines))
            all_of_them.z = list(map(add, all_of_them.z, standardised))
    return all_of_them


_MANY: Final = 8  # memories from which on one can stand out among them
