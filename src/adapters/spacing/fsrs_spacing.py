"""The Free Spaced Repetition Scheduler (FSRS 6), by the library of who made it, with the weights
that they found over some hundred million reviews."""

from collections.abc import Sequence
from datetime import datetime

from fsrs import Card, Rating, Scheduler

from faraday_core.memory.spacing import Recall, Review


class FsrsSpacing:
    """Days alone: no steps of minutes, as with flash cards; and nothing left to chance."""

    def __init__(self) -> None:
        self._scheduler = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)

    def recall(self, reviews: Sequence[Review], now: datetime) -> Recall:
        card = Card(card_id=1)  # made anew each time; else it would wait for one of its own
        for review in reviews:
            rating = Rating.Good if review.recalled else Rating.Again
            card, _ = self._scheduler.review_card(card, rating, review.at)
        chance = self._scheduler.get_card_retrievability(card, now)
        return Recall(chance, card.due, card.stability or 0.0)
