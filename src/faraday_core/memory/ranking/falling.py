"""Probabilities down a list, so that none is above the one before it."""

from collections.abc import Iterable, Sequence


def falling(values: Iterable[float]) -> Sequence[float]:
    """The nearest values that never rise: neighbours that do share their mean.

    Pooling of adjacent violators (Ayer et al. 1955), which keeps the mean of all as it is.
    """
    pools: list[tuple[float, int]] = []  # sums, and of how many
    for value in values:
        total, count = value, 1
        while pools and pools[-1][0] * count < total * pools[-1][1]:
            before, size = pools.pop()
            total, count = total + before, count + size
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]
