"""The vectors of one model as a matrix of numpy, each at the place of its memory in an index."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faraday_core.memory.ranking import Halves

_FIRST: Final = 64  # rows


class MatrixVectors:
    """As `PlainVectors` of the core, fast: ten thousand cosines in a millisecond or two."""

    def __init__(self) -> None:
        self._rows: NDArray[np.float32] = np.zeros((0, 0), np.float32)

    def put(self, slot: int, values: Sequence[float]) -> None:
        if isinstance(values, Halves):
            row: NDArray[Any] = np.frombuffer(values.kept, "<f2")
        else:
            row = np.asarray(values, np.float32)
        self._make_room(slot, len(row))
        self._rows[slot] = row

    def drop(self, slot: int) -> None:
        if slot < len(self._rows):
            self._rows[slot] = 0

    def cosines(self, query: Sequence[float], size: int) -> list[float]:
        held = self._rows[:size]
        found: list[float] = (held @ np.asarray(query, np.float32)).tolist()
        return found + [0.0] * (size - len(found))

    def similarity(self, slot: int, other: int) -> float:
        return float(self._rows[slot] @ self._rows[other])

    @property
    def size_in_bytes(self) -> int:
        return int(self._rows.nbytes)

    def _make_room(self, slot: int, dim: int) -> None:
        held = len(self._rows)
        if slot >= held:
            rows = np.zeros((max(_FIRST, slot + 1, held * 3 // 2), dim), np.float32)
            if held:
                rows[:held] = self._rows
            self._rows = rows
