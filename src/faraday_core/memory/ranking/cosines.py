"""Vectors compared with nothing but Python: for few of them, and where numpy is not installed."""

from array import array
from collections.abc import Sequence
from operator import mul


class PlainVectors:
    def __init__(self) -> None:
        self._of: dict[int, array[float]] = {}

    def put(self, slot: int, values: Sequence[float]) -> None:
        self._of[slot] = array("f", values)

    def drop(self, slot: int) -> None:
        self._of.pop(slot, None)

    def cosines(self, query: Sequence[float], size: int) -> list[float]:
        found = [0.0] * size
        for slot, values in self._of.items():
            found[slot] = sum(map(mul, query, values))
        return found

    def similarity(self, slot: int, other: int) -> float:
        found: float = sum(map(mul, self._of[slot], self._of[other]))
        return found

    @property
    def size_in_bytes(self) -> int:
        return sum(100 + 4 * len(values) for values in self._of.values())
