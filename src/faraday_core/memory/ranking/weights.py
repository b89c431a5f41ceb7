"""Every number that the ranking goes by, in one place. docs/memory-ranking.md explains them."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from attrs import AttrsInstance, evolve, field, fields, frozen


@frozen
class Neighbours:
    """What the memories around it in its thread lend to one: the previous ones, the next ones."""

    before: float
    two_before: float
    after: float
    two_after: float


@frozen
class Calibration:
    """A logistic curve over what was found, fitted by `python -m bench.memory --calibrate`."""

    constant: float = -4.9
    coverage: float = 4.0  # the share of the question's words that are in it, by their rarity
    lead: float = 0.9  # its score less the mean of the ten best, from -3 to 6
    few: float = 5.3  # 1 / (1 + memories / 10): among few, what was found is likelier meant


@frozen
class Weights:
    """Of a feature each. z: standardised over all of the person's memories, for one question."""

    words: float = 0.15  # z of BM25 over content, context values and date
    plain_words: float = 0.2  # z of BM25 over the content alone
    thread: float = 0.65  # z of BM25 over all that its thread says
    meaning: float = 0.5  # z of the cosine
    thread_meaning: float = 0.25  # the best z of the cosine in its thread
    words_around: Neighbours = Neighbours(0.15, 0.15, 0.05, 0.05)
    meaning_around: Neighbours = Neighbours(0.3, 0.15, 0.15, 0.0)
    context: float = 1.5  # the question names its speaker, course, topic …
    context_now: float = 1.0  # it is from what the person is doing at this moment
    question: float = -0.65  # it is a question itself
    length: float = 0.7  # ln(1 + characters)
    caption: float = 0.2  # something was attached
    time: float = 0.5  # it says a time
    time_asked: float = 1.8  # it says a time, and the question asks when
    opening: float = 0.6  # the first two of a thread say what it is about
    recent: float = 0.2  # 1 now, a half after `half_life_days`
    half_life_days: float = 30.0
    importance: float = 0.4  # from -1 to 1
    usefulness: float = 0.4  # from -1 to 1
    superseded: float = -2.0
    k1: float = 0.9  # of BM25
    b: float = 0.4
    near: float = 2.0  # z of a cosine from which on it is found that has none of the words
    calibration: Calibration = field(factory=Calibration)


LARGEST: Final = 1_000.0


def weights_with(changes: Mapping[str, float]) -> Weights:
    """The usual ones but for these, by name: `thread`, `words_around.before`, `calibration.few`.

    Raises ValueError with the reason.
    """
    weights = Weights()
    names = names_of(weights)
    for name, value in changes.items():
        if name not in names:
            raise ValueError(f"names {name!r}, which is none of {', '.join(names)}")
        if not isfinite(value) or abs(value) > LARGEST:
            raise ValueError(f"gives {name} a value beyond {LARGEST:g}")
        weights = _with(weights, name, value)
    if weights.half_life_days <= 0 or weights.k1 < 0 or not 0 <= weights.b <= 1:
        raise ValueError("gives half_life_days, k1 or b a value that means nothing")
    return weights


def names_of(weights: AttrsInstance) -> list[str]:
    """Of every single number."""
    names = []
    for it in fields(type(weights)):
        value = getattr(weights, it.name)
        if isinstance(value, float | int):
            names.append(it.name)
        else:
            names += [f"{it.name}.{name}" for name in names_of(value)]
    return names


def _with(weights: Any, name: str, value: float) -> Any:  # of either kind, and answers its own
    outer, _, inner = name.partition(".")
    new = _with(getattr(weights, outer), inner, value) if inner else value
    return evolve(weights, **{outer: new})
