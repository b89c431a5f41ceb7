"""Who gets a row: the best of thousands, by the score of `scoring.py` less how recent they are.

The same sums without a row for each, a thread at a time, the most promising one first; a thread
whose best cannot be among the best any more is not looked at. `tests/unit/test_ranking_orders.py`
holds both ways against each other.
"""

from collections.abc import Callable, Sequence
from heapq import heappush, heapreplace
from operator import add
from typing import Final

from faraday_core.memory.ranking.entries import Entry, ThreadEntries
from faraday_core.memory.ranking.gathering import Gathered
from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.weights import Neighbours, Weights


class Best:
    """The `count` best of those that are allowed."""

    def __init__(self, count: int, allowed: Callable[[Entry], bool]) -> None:
        self._count = count
        self._allowed = allowed
        self._heap: list[tuple[float, str, Entry]] = []

    @property
    def bar(self) -> float:
        """What is not above it need not be offered."""
        return self._heap[0][0] if len(self._heap) == self._count else float("-inf")

    def offer(self, score: float, entry: Entry) -> None:
        if not self._allowed(entry):
            return
        if len(self._heap) < self._count:
            heappush(self._heap, (score, entry.id, entry))
        else:
            heapreplace(self._heap, (score, entry.id, entry))

    def entries(self) -> Sequence[Entry]:
        return [entry for _, _, entry in self._heap]


def best(
    index: MemoryIndex,
    gathered: Gathered,
    weights: Weights,
    count: int,
    allowed: Callable[[Entry], bool],
) -> Sequence[Entry]:
    """In no order. Each has a word, a name or a meaning that was asked for, or is in a thread that
    has a word."""
    contest = _Contest(index, gathered, weights)
    found = Best(count, allowed)
    threads, alone = _candidates(index, gathered)
    for slot, score in zip(alone, contest.alone(alone), strict=True):
        if score > found.bar and (entry := index.entries[slot]) is not None:
            found.offer(score, entry)
    promises = list(map(contest.promise, threads))
    for at in sorted(range(len(threads)), key=promises.__getitem__, reverse=True):
        bar = found.bar
        if promises[at] <= bar:
            break
        thread = threads[at]
        whole = thread in gathered.matches.threads
        for score, entry in zip(contest.scores(thread), thread.members, strict=True):
            if score > bar and (whole or gathered.speaks_for(entry.slot)):
                found.offer(score, entry)
                bar = found.bar
    return found.entries()


def _candidates(
    index: MemoryIndex, gathered: Gathered
) -> tuple[Sequence[ThreadEntries], Sequence[int]]:
    homes = index.homes
    # Of one that a sketch has no candidate in, nobody can be found.
    threads = {thread for thread in gathered.matches.threads if thread.members}
    slots = {*gathered.named, *gathered.by_meaning}
    threads.update(home for slot in slots if (home := homes[slot]) is not None)
    if not index.homeless:
        return list(threads), []
    slots.update(gathered.matches.words)
    return list(threads), [slot for slot in slots if homes[slot] is None]


class _Contest:
    """What all have alike is left out: of a standardised feature only the slope is needed."""

    def __init__(self, index: MemoryIndex, gathered: Gathered, weights: Weights) -> None:
        matches = gathered.matches
        self._weights = weights
        self._gathered = gathered
        self._matches = matches
        self._worths = index.worths(weights)
        self._slope = weights.words / matches.z_words.scale
        self._plain_slope = weights.plain_words / matches.z_plain_words.scale
        self._special = [
            (few, weight)
            for few, weight in (
                (gathered.named, weights.context),
                (gathered.now, weights.context_now),
                (gathered.says_time, weights.time_asked),
            )
            if few and weight
        ]
        self._most = weights.opening + sum(max(0.0, weight) for _, weight in self._special)
        self._words_lent = sum(_parts(weights.words_around))
        self._meaning_lent = sum(_parts(weights.meaning_around))
        self._most_lent = max(_parts(weights.meaning_around))

    def alone(self, slots: Sequence[int]) -> list[float]:
        """What each is worth by itself. A loop over thousands, and so without a call in it."""
        words, plain = self._matches.words.get, self._matches.plain_words.get
        slope, plain_slope, worths = self._slope, self._plain_slope, self._worths
        found = [
            worths[slot] + slope * words(slot, 0.0) + plain_slope * plain(slot, 0.0)
            for slot in slots
        ]
        if self._gathered.cosines:
            meanings, z = self._gathered.meanings, self._gathered.z_meaning
            weight, mean = self._weights.meaning / z.scale, z.mean
            found = [
                score + weight * (meanings[slot] - mean)
                for score, slot in zip(found, slots, strict=True)
            ]
        for few, weight in self._special:
            found = [
                score + weight if slot in few else score
                for score, slot in zip(found, slots, strict=True)
            ]
        return found

    def promise(self, thread: ThreadEntries) -> float:
        """What no score in it is above."""
        matches = self._matches
        words = matches.thread_best.get(thread, 0.0)
        if thread.best_worth is None:
            thread.best_worth = max(map(self._worths.__getitem__, thread.slots))
        promise = (
            self._base(thread)
            + self._most
            + thread.best_worth
            + self._slope * words
            + self._plain_slope * matches.thread_best_plain.get(thread, 0.0)
            + self._words_lent * max(0.0, matches.z_words.z(words))
        )
        return promise + self._promise_of_meaning(thread) if self._gathered.cosines else promise

    def _promise_of_meaning(self, thread: ThreadEntries) -> float:
        """The nearest gets what the second lends from each side, or the other way round."""
        weights, z = self._weights, self._gathered.z_meaning
        meanings = sorted(map(self._gathered.meanings.__getitem__, thread.slots))
        nearest = z.z(meanings[-1])
        second = max(0.0, z.z(meanings[-2])) if len(meanings) > 1 else 0.0
        first, most = max(0.0, nearest), self._most_lent
        own = weights.meaning * first + self._meaning_lent * second
        other = (weights.meaning + self._meaning_lent - most) * second + most * first
        return weights.thread_meaning * nearest + max(own, other)

    def scores(self, thread: ThreadEntries) -> Sequence[float]:
        """Of its members, in their order."""
        slots = thread.slots
        get, z = self._matches.words.get, self._matches.z_words
        mean, scale = z.mean, z.scale
        words = [(get(slot, 0.0) - mean) / scale for slot in slots]
        base = self._base(thread)
        found = list(map(add, self.alone(slots), _lent(words, self._weights.words_around)))
        if self._gathered.cosines:
            meanings, z = self._gathered.meanings, self._gathered.z_meaning
            mean, scale = z.mean, z.scale
            meaning = [(meanings[slot] - mean) / scale for slot in slots]
            base += self._weights.thread_meaning * max(meaning)
            found = list(map(add, found, _lent(meaning, self._weights.meaning_around)))
        for at in range(min(_OPENING, len(found))):
            found[at] += self._weights.opening
        return [base + score for score in found]

    def _base(self, thread: ThreadEntries) -> float:
        matches = self._matches
        return self._weights.thread * matches.z_threads.z(matches.threads.get(thread, 0.0))


_OPENING: Final = 2  # of a thread


def _parts(around: Neighbours) -> Sequence[float]:
    """Those that can add something."""
    each = (around.before, around.two_before, around.after, around.two_after)
    return [max(0.0, part) for part in each]


def _lent(values: Sequence[float], around: Neighbours) -> list[float]:
    """What its neighbours lend to each; beyond either end there is nobody."""
    padded = [0.0, 0.0, *values, 0.0, 0.0]
    return [
        around.before * previous
        + around.two_before * earlier
        + around.after * following
        + around.two_after * later
        for earlier, previous, following, later in zip(
            padded, padded[1:], padded[3:], padded[4:], strict=False
        )
    ]
