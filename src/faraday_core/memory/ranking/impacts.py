"""What one term adds to whom, worked out once and kept until a memory with that term changes.

BM25's part of a term that depends on the memory alone (Robertson and Zaragoza 2009, 3.4). Its mean
length may have moved a little since; a fiftieth is let pass, as it changes no order that counts.
"""

from collections.abc import Iterable, Sequence
from math import log
from typing import Final

from attrs import define, frozen

from faraday_core.memory.ranking.entries import ThreadEntries
from faraday_core.memory.ranking.postings import Postings

WORTH_KEEPING: Final = 16  # memories that have a term; for fewer it is worked out in no time
MOST_KEPT: Final = 2_000  # terms
_LET_PASS: Final = 0.02


@frozen
class Impact:
    """Of one term, not yet weighted by its rarity."""

    slots: Sequence[int]
    gains: Sequence[float]
    plain_slots: Sequence[int]
    plain_gains: Sequence[float]
    threads: Sequence[ThreadEntries]
    thread_gains: Sequence[float]
    thread_best: Sequence[float]  # the best of a thread's `gains`, and of its `plain_gains`
    thread_best_plain: Sequence[float]


@frozen
class Lengths:
    """Mean ones, and what of BM25 does not depend on the term."""

    everywhere: float
    plain: float
    thread: float
    k1: float
    b: float

    def near(self, other: "Lengths") -> bool:
        return (
            (self.k1, self.b) == (other.k1, other.b)
            and abs(self.everywhere - other.everywhere) <= _LET_PASS * self.everywhere
            and abs(self.plain - other.plain) <= _LET_PASS * self.plain
            and abs(self.thread - other.thread) <= _LET_PASS * self.thread
        )


def rarity(having: int, count: int) -> float:
    """The weight of a term that `having` of `count` have (Robertson and Zaragoza 2009, 3.5)."""
    return log(1 + (count - having + 0.5) / (having + 0.5))


@define
class _Tally:
    times: int = 0
    best: float = 0.0
    best_plain: float = 0.0


class Impacts:
    """An index's, over what it holds by slot."""

    def __init__(
        self,
        postings: Postings,
        lengths: Sequence[int],
        plain_lengths: Sequence[int],
        homes: Sequence[ThreadEntries | None],
    ) -> None:
        self._postings = postings
        self._terms = lengths
        self._plain_terms = plain_lengths
        self._homes = homes
        self._kept: dict[str, Impact] = {}
        self._lengths: Lengths | None = None

    def of(self, term: str, lengths: Lengths) -> Impact:
        if self._lengths is None or not self._lengths.near(lengths):
            self._kept.clear()
            self._lengths = lengths
        kept = self._kept.get(term)
        if kept is not None:
            return kept
        made = self._impact(term, self._lengths)
        if len(made.slots) >= WORTH_KEEPING:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[term] = made
        return made

    def forget(self, terms: Iterable[str]) -> None:
        if self._kept:
            for term in terms:
                self._kept.pop(term, None)

    def _impact(self, term: str, lengths: Lengths) -> Impact:
        k1, constant = lengths.k1 + 1, lengths.k1 * (1 - lengths.b)
        slope = lengths.k1 * lengths.b / lengths.everywhere
        plain_slope = lengths.k1 * lengths.b / lengths.plain
        slots, gains, plain_slots, plain_gains = [], [], [], []
        tallies: dict[ThreadEntries, _Tally] = {}
        for posting in self._postings.of(term):
            slot, times, in_content = posting >> 16, posting >> 8 & 255, posting & 255
            gain = k1 * times / (times + constant + slope * self._terms[slot])
            slots.append(slot)
            gains.append(gain)
            plain_gain = 0.0
            if in_content:
                norm = constant + plain_slope * self._plain_terms[slot]
                plain_gain = k1 * in_content / (in_content + norm)
                plain_slots.append(slot)
                plain_gains.append(plain_gain)
            home = self._homes[slot]
            if home is not None:
                tally = tallies.get(home)
                if tally is None:
                    tally = tallies[home] = _Tally()
                tally.times += times
                tally.best = max(tally.best, gain)
                tally.best_plain = max(tally.best_plain, plain_gain)
        slope = lengths.k1 * lengths.b / lengths.thread
        return Impact(
            slots,
            gains,
            plain_slots,
            plain_gains,
            list(tallies),
            [
                k1 * tally.times / (tally.times + constant + slope * thread.length)
                for thread, tally in tallies.items()
            ],
            [tally.best for tally in tallies.values()],
            [tally.best_plain for tally in tallies.values()],
        )
