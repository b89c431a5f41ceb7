"""What the words of a question find: BM25 of each memory, its content alone, and its thread."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

from attrs import frozen

from faraday_core.memory.ranking.entries import ThreadEntries
from faraday_core.memory.ranking.impacts import Impact, Lengths, rarity
from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.standard import Standard, standard
from faraday_core.memory.ranking.weights import Weights

Key = TypeVar("Key")
MOST_TERMS: Final = 48  # of one question, the rarest: a text of a page asks for no more
MOST_POSTINGS: Final = 20_000  # that are read for one question; the rarest terms come first


@frozen
class Matches:
    words: Mapping[int, float]  # BM25 by slot; who is not in it has 0
    plain_words: Mapping[int, float]
    threads: Mapping[ThreadEntries, float]
    thread_best: Mapping[ThreadEntries, float]  # no memory of it has more in `words`
    thread_best_plain: Mapping[ThreadEntries, float]
    thread_mass: Mapping[ThreadEntries, float]  # of its terms' idf
    idf: Mapping[str, float]  # of each term of the question, also of those that nothing has
    z_words: Standard
    z_plain_words: Standard
    z_threads: Standard

    @property
    def mass(self) -> float:
        """Of all that was asked for."""
        return sum(self.idf.values())


def match(index: MemoryIndex, terms: Sequence[str], weights: Weights) -> Matches:
    """Any of the terms may be there: a question in whole sentences has words that nothing has."""
    words: dict[int, float] = {}
    plain: dict[int, float] = {}
    threads: dict[ThreadEntries, float] = {}
    best: dict[ThreadEntries, float] = {}
    best_plain: dict[ThreadEntries, float] = {}
    mass: dict[ThreadEntries, float] = {}
    idf: dict[str, float] = {}
    for term, impact in _impacts(index, terms, weights):
        rare = idf[term] = rarity(len(impact.slots), len(index))
        plain_rare = rarity(len(impact.plain_slots), len(index))
        _add(words, impact.slots, impact.gains, rare)
        _add(plain, impact.plain_slots, impact.plain_gains, plain_rare)
        thread_rare = rarity(len(impact.threads), index.thread_count)
        _add(threads, impact.threads, impact.thread_gains, thread_rare)
        _add(best, impact.threads, impact.thread_best, rare)
        _add(best_plain, impact.threads, impact.thread_best_plain, plain_rare)
        _add(mass, impact.threads, [1.0] * len(impact.threads), rare)
    return Matches(
        words,
        plain,
        threads,
        best,
        best_plain,
        mass,
        idf,
        standard(words.values(), len(index)),
        standard(plain.values(), len(index)),
        standard(threads.values(), index.thread_count),
    )


def _impacts(
    index: MemoryIndex, terms: Sequence[str], weights: Weights
) -> Iterator[tuple[str, Impact]]:
    """The commonest first, which the others are then added to; of too many the rarest only. What
    nothing has comes after all that something has."""
    counted = sorted((len(index.postings.of(term)), term) for term in terms)
    found = [one for one in counted if one[0]][:MOST_TERMS]
    missing = [term for count, term in counted if not count][: MOST_TERMS - len(found)]
    read = 0
    chosen: list[str] = []
    for count, term in found:
        read += count
        if read > MOST_POSTINGS and chosen:
            break
        chosen.append(term)
    count, threads = len(index) or 1, index.thread_count or 1
    lengths = Lengths(
        index.length / count or 1,
        index.plain_length / count or 1,
        index.threaded_length / threads or 1,
        weights.k1,
        weights.b,
    )
    for term in [*reversed(chosen), *missing]:
        yield term, index.impacts.of(term, lengths)


def _add(
    total: dict[Key, float], keys: Sequence[Key], gains: Sequence[float], factor: float
) -> None:
    """In loops over thousands: the first and largest of them at once."""
    if not total:
        total.update(zip(keys, [factor * gain for gain in gains], strict=True))
        return
    get = total.get
    for key, gain in zip(keys, gains, strict=True):
        total[key] = get(key, 0.0) + factor * gain
