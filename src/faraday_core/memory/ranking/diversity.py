"""Not five times the same: maximal marginal relevance (Carbonell and Goldstein 1998)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def diverse(
    candidates: Sequence[tuple[T, float]],
    similarity: Callable[[T, T], float],
    count: int,
    diversity: float,
) -> list[tuple[T, float]]:
    """Of candidates with their relevance, `count` that are relevant and unlike each other.

    They come in the order of their relevance: `diversity` decides who is there, not who leads.
    """
    left = dict(enumerate(candidates))
    nearest = dict.fromkeys(left, 0.0)  # to one that is there already
    chosen: list[int] = []
    while left and len(chosen) < count:
        best = max(
            left,
            key=lambda at: (
                (1 - diversity) * left[at][1] - diversity * nearest[at],
                left[at][1],
                -at,
            ),
        )
        mine, _ = left.pop(best)
        chosen.append(best)
        for at, (other, _) in left.items():
            nearest[at] = max(nearest[at], similarity(mine, other))
    return [candidates[at] for at in sorted(chosen)]
