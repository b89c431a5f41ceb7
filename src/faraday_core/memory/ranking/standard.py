"""Standardised values: how far each lies from the mean, in standard deviations."""

from collections.abc import Collection
from math import sqrt
from operator import mul
from typing import Final

from attrs import frozen

_NEVER_ZERO: Final = 1e-9


@frozen
class Standard:
    mean: float
    scale: float

    @staticmethod
    def of(mean: float, variance: float) -> "Standard":
        return Standard(mean, sqrt(max(0.0, variance)) + _NEVER_ZERO)

    def z(self, value: float) -> float:
        return (value - self.mean) / self.scale


def standard(values: Collection[float], count: int) -> Standard:
    """Over `count` of them; those that `values` leaves out are 0."""
    if not count:
        return Standard(0.0, _NEVER_ZERO)
    mean = sum(values) / count
    squares = sum(map(mul, values, values))
    return Standard.of(mean, squares / count - mean * mean)


@frozen
class Spread:
    """How `count` values lie."""

    count: int
    standard: Standard
