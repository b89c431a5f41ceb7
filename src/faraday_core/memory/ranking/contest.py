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
    """In no order."""
    contest = _Contest(index, gathered, weights)
    found = Best(count, allowed)
    threads, alone = _candidates(index, gathered)
    for slot in alone:
        score = contest.alone(slot)
        if score > found.bar and (entry := index.entries[slot]) is not None:
            found.offer(score, entry)
    promises = list(map(contest.promise, threads))
    for at in sorted(range(len(threads)), key=promises.__getitem__, reverse=True):
        bar = found.bar
        if promises[at] <= bar:
            break
        thread = threads[at]
        for score, entry in zip(contest.scores(thread), thread.members, strict=True):
            if score > bar:
                found.offer(score, entry)
                bar = found.bar
    return found.entries()


def _candidates(
    index: MemoryIndex, gathered: Gathered
) -> tuple[Sequence[ThreadEntries], Sequence[int]]:
    homes = index.homes
    threads = set(gathered.matches.threads)
    slots = {*gathered.named, *gathered.nearest}
    threads.update(home for slot in slots if (home := homes[slot]) is not None)
    if not index.homeless:
        return list(threads), []
    slots.update(gathered.matches.words)
    return list(threads), [slot for slot in slots if homes[slot] is None]


class _Contest:
    """Of the standardised features only their slope and their value at 0 are needed."""

    def __init__(self, index: MemoryIndex, gathered: Gathered, weights: Weights) -> None:
        matches = gathered.matches
        self._weights = weights
        self._gathered = gathered
        self._matches = matches
        self._worths = index.worths(weights)
        self._slope = weights.words / matches.z_words.scale
        self._plain_slope = weights.plain_words / matches.z_plain_words.scale
        self._no_words = (
            -self._slope * matches.z_words.mean - self._plain_slope * matches.z_plain_words.mean
        )
        self._most = self._most_beside()

    def alone(self, slot: int) -> float:
        matches = self._matches
        return (
            self._worths[slot]
            + self._no_words
            + self._slope * matches.words.get(slot, 0.0)
            + self._plain_slope * matches.plain_words.get(slot, 0.0)
            + (self._weights.meaning * self._gathered.meaning(slot))
            + self._special(slot)
        )

    def promise(self, thread: ThreadEntries) -> float:
        """What no score in it is above."""
        matches = self._matches
        words = matches.thread_best.get(thread, 0.0)
        promise = (
            self._base(thread)
            + self._most
            + self._no_words
            + self._slope * words
            + self._plain_slope * matches.thread_best_plain.get(thread, 0.0)
            + _sum(self._weights.words_around) * max(0.0, matches.z_words.z(words))
        )
        if not self._gathered.cosines:
            return promise
        nearest = max(map(self._gathered.meaning, thread.slots))
        lent = _sum(self._weights.meaning_around) + self._weights.meaning
        return promise + self._weights.thread_meaning * nearest + lent * max(0.0, nearest)

    def scores(self, thread: ThreadEntries) -> Sequence[float]:
        """Of its members, in their order."""
        matches, slots = self._matches, thread.slots
        get, mean, scale = matches.words.get, matches.z_words.mean, matches.z_words.scale
        words = [(get(slot, 0.0) - mean) / scale for slot in slots]
        found = [
            lent + self.alone(slot)
            for lent, slot in zip(_lent(words, self._weights.words_around), slots, strict=True)
        ]
        base = self._base(thread)
        if self._gathered.cosines:
            meaning = list(map(self._gathered.meaning, slots))
            base += self._weights.thread_meaning * max(meaning)
            found = list(map(add, found, _lent(meaning, self._weights.meaning_around)))
        for at in range(min(_OPENING, len(found))):
            found[at] += self._weights.opening
        return [base + score for score in found]

    def _base(self, thread: ThreadEntries) -> float:
        matches = self._matches
        return self._weights.thread * matches.z_threads.z(matches.threads.get(thread, 0.0))

    def _special(self, slot: int) -> float:
        """What few memories have."""
        gathered, weights = self._gathered, self._weights
        return (
            weights.context * (slot in gathered.named)
            + weights.context_now * (slot in gathered.now)
            + weights.time_asked * (slot in gathered.says_time)
        )

    def _most_beside(self) -> float:
        """The most that a memory can have beside what it, its thread and its neighbours say."""
        gathered, weights = self._gathered, self._weights
        most = max(self._worths, default=0.0) + weights.opening
        most += weights.context * bool(gathered.named) + weights.context_now * bool(gathered.now)
        return most + weights.time_asked * gathered.asks_when


_OPENING: Final = 2  # of a thread


def _sum(around: Neighbours) -> float:
    return around.before + around.two_before + around.after + around.two_after


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
