"""When something is to be seen again, so that it is not forgotten: the spacing effect."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Final, Protocol

from attrs import frozen

from faraday_core.memory.model import UserMemory

MOST_REVIEWS: Final = 20  # of one memory, the latest


@frozen
class Review:
    """Somebody saw something again. `recalled`: False where they had to learn it anew."""

    at: datetime
    recalled: bool = True


@frozen
class Recall:
    """`chance`: that it would be recalled now, 0 to 1. `due`: when it is to be seen again.
    `stability`: days after which the chance is nine of ten."""

    chance: float
    due: datetime
    stability: float


class Spacing(Protocol):
    """A model of how people forget."""

    def recall(self, reviews: Sequence[Review], now: datetime) -> Recall:
        """`reviews`: at least one, the oldest first."""


def reviews_of(memory: UserMemory, told: Sequence[Review]) -> list[Review]:
    """When it was learnt, and when it was seen again: as it is `told`, and otherwise, by its
    counters, from its making to its last use in even steps."""
    learnt = Review(memory.created_at)
    if told:
        later = (one for one in told if one.at > memory.created_at)
        return [learnt, *_one_a_day(later)[-MOST_REVIEWS:]]
    last = memory.last_accessed
    if last is None or last <= memory.created_at:
        return [learnt]
    count = min(max(1, memory.access_count), MOST_REVIEWS)
    step = (last - memory.created_at) / count
    good = memory.helpful >= memory.unhelpful
    seen = [Review(memory.created_at + step * number) for number in range(1, count)]
    return [learnt, *seen, Review(last, good)]


def _one_a_day(reviews: Iterable[Review]) -> list[Review]:
    """What is seen twice on a day is seen once, and not recalled where it once was not."""
    days: dict[date, Review] = {}
    for one in sorted(reviews, key=lambda one: one.at):
        before = days.get(one.at.date())
        recalled = one.recalled and (before is None or before.recalled)
        days[one.at.date()] = Review(one.at, recalled)
    return [*days.values()]
