"""Shares that say how sure they are."""

import math
from collections.abc import Sequence
from typing import Final

SURENESS: Final = 1.959964  # standard deviations on both sides of 95 percent


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Between what the true share lies, in 95 of 100 cases (Wilson, 1927); of no trials nothing
    is known: 0 to 1."""
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, SURENESS**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    spread = share * (1 - share) / trials + square / (4 * trials**2)
    half = SURENESS * math.sqrt(spread) / (1 + square / trials)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)


def phi(helped: int, shown: int, helped_else: int, shown_else: int) -> float:
    """How far one goes with the other, from -1 to 1, in a table of two rows and two columns."""
    missed, missed_else = shown - helped, shown_else - helped_else
    sides = shown * shown_else * (helped + helped_else) * (missed + missed_else)
    if not sides:
        return 0.0
    return round((helped * missed_else - missed * helped_else) / math.sqrt(sides), 3)


def median(numbers: Sequence[float]) -> float:
    """Of at least one."""
    ranked, middle = sorted(numbers), len(numbers) // 2
    if len(ranked) % 2:
        return ranked[middle]
    return (ranked[middle - 1] + ranked[middle]) / 2
