"""The ranking itself: a row of features and the weights to a score, part by part."""

from collections.abc import Mapping
from math import exp
from typing import Final

from faraday_core.memory.ranking.features import Row
from faraday_core.memory.ranking.model import ReasonKind
from faraday_core.memory.ranking.weights import Calibration, Weights

_STEEPEST: Final = 60.0  # beyond it exp() adds nothing but the danger of overflowing


def parts_of(row: Row, weights: Weights) -> Mapping[ReasonKind, float]:
    """What speaks for a memory, by the kind of reason."""
    words, meaning = weights.words_around, weights.meaning_around
    return {
        ReasonKind.WORDS: weights.words * row.words + weights.plain_words * row.plain_words,
        ReasonKind.MEANING: weights.meaning * row.meaning,
        ReasonKind.THREAD: weights.thread * row.thread
        + weights.thread_meaning * row.thread_meaning
        + words.before * row.words_before
        + words.two_before * row.words_two_before
        + words.after * row.words_after
        + words.two_after * row.words_two_after
        + meaning.before * row.meaning_before
        + meaning.two_before * row.meaning_two_before
        + meaning.after * row.meaning_after
        + meaning.two_after * row.meaning_two_after,
        ReasonKind.CONTEXT: weights.context * row.context + weights.context_now * row.context_now,
        ReasonKind.TIME: weights.time_asked * (row.time and row.time_asked),
        ReasonKind.IMPORTANCE: weights.importance * (2 * row.importance - 1),
        ReasonKind.RECENT: weights.recent * 0.5 ** (row.age_in_days / weights.half_life_days),
        ReasonKind.HELPFUL: weights.usefulness * row.usefulness,
    }


def informativeness(
    weights: Weights,
    log_length: float,
    *,
    question: bool,
    caption: bool,
    time: bool,
    opening: bool,
    superseded: bool,
) -> float:
    """What it is worth whatever was asked. It is nobody's reason, and weighs all the same."""
    return (
        weights.length * log_length
        + weights.question * question
        + weights.caption * caption
        + weights.time * time
        + weights.opening * opening
        + weights.superseded * superseded
    )


def score_of(row: Row, parts: Mapping[ReasonKind, float], weights: Weights) -> float:
    return sum(parts.values()) + informativeness(
        weights,
        row.log_length,
        question=row.question,
        caption=row.caption,
        time=row.time,
        opening=row.opening,
        superseded=row.superseded,
    )


def relevance_of(row: Row, lead: float, curve: Calibration) -> float:
    """How likely it is useful; `lead`: how far its score is above the other good ones'."""
    slope = (
        curve.constant
        + curve.coverage * row.coverage
        + curve.lead * lead
        + curve.few * few_of(row)
    )
    return 1 / (1 + exp(-max(-_STEEPEST, min(_STEEPEST, slope))))


def few_of(row: Row) -> float:
    """Near 1 where the person has few memories: what was found there is likelier meant."""
    return 1 / (1 + row.others / 10)
