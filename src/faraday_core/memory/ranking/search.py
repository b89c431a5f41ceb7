"""A question to a person's memories: who is found, in which order, how surely, and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import frozen

from faraday_core.memory.ranking.contest import best
from faraday_core.memory.ranking.diversity import diverse
from faraday_core.memory.ranking.entries import Entry
from faraday_core.memory.ranking.falling import falling
from faraday_core.memory.ranking.features import Row
from faraday_core.memory.ranking.gathering import Gathered, gather
from faraday_core.memory.ranking.impacts import rarity
from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.model import Filters, Found, Question, ReasonKind
from faraday_core.memory.ranking.reasons import reasons_of
from faraday_core.memory.ranking.rows import Rows
from faraday_core.memory.ranking.scoring import parts_of, relevance_of, score_of
from faraday_core.memory.ranking.weights import Weights

_POOL: Final = 15  # that get a row beyond those asked for
_DIVERSE_POOL: Final = 3  # times as many, where some are passed over
_BEST: Final = 10  # whose mean a score is measured by
_EVERYTHING: Final = Filters()
_WEIGHTS: Final = Weights()


@frozen
class Ranked:
    entry: Entry
    row: Row
    parts: Mapping[ReasonKind, float]
    score: float


def search(
    index: MemoryIndex,
    question: Question,
    now: datetime,
    *,
    limit: int = 20,
    weights: Weights = _WEIGHTS,
    filters: Filters = _EVERYTHING,
    diversity: float = 0.0,
) -> Sequence[Found]:
    """The best first, `relevance_score` never rising; nothing where nothing matches."""
    gathered = gather(index, question, weights)
    pool = limit * (_DIVERSE_POOL if diversity else 1) + _POOL
    ranked = rank(index, gathered, now, pool, weights=weights, filters=filters)
    if not ranked:
        return []
    sure = _relevances(ranked, weights)
    found = list(zip(ranked, sure, strict=True))
    if diversity:
        found = diverse(found, lambda a, b: _alike(index, a.entry, b.entry), limit, diversity)
    return [
        Found(one.entry.id, relevance, reasons_of(one.entry, one.row, one.parts, gathered))
        for one, relevance in found[:limit]
    ]


def rank(
    index: MemoryIndex,
    gathered: Gathered,
    now: datetime,
    count: int,
    *,
    weights: Weights = _WEIGHTS,
    filters: Filters = _EVERYTHING,
) -> Sequence[Ranked]:
    """Those that may be found, with all that speaks for them, in their order."""
    rows = Rows(index, gathered, now)
    ranked = []
    for entry in best(index, gathered, weights, count, partial(_allowed, now, filters)):
        row = rows.of(entry)
        parts = parts_of(row, weights)
        ranked.append(Ranked(entry, row, parts, score_of(row, parts, weights)))
    ranked.sort(key=lambda one: (-one.score, one.entry.id))
    return ranked


def _allowed(now: datetime, filters: Filters, entry: Entry) -> bool:
    if entry.expires_at is not None and entry.expires_at <= now:
        return False
    if filters is _EVERYTHING:
        return True
    return (
        (filters.categories is None or entry.category in filters.categories)
        and filters.tags <= entry.tags
        and (filters.since is None or entry.occurred_at >= filters.since)
        and (filters.until is None or entry.occurred_at < filters.until)
    )


def leads_of(ranked: Sequence[Ranked]) -> Sequence[float]:
    """How far each is above the mean of the ten best, within bounds that one rare word reaches."""
    best = [one.score for one in ranked[:_BEST]]
    mean = sum(best) / (len(best) or 1)
    return [max(_LEAST_LEAD, min(_MOST_LEAD, one.score - mean)) for one in ranked]


_LEAST_LEAD: Final = -3.0
_MOST_LEAD: Final = 6.0


def _relevances(ranked: Sequence[Ranked], weights: Weights) -> Sequence[float]:
    return falling(
        relevance_of(one.row, lead, weights.calibration)
        for one, lead in zip(ranked, leads_of(ranked), strict=True)
    )


def _alike(index: MemoryIndex, one: Entry, other: Entry) -> float:
    """By meaning where both have a vector of one model, by their words otherwise."""
    if one.vector_model is not None and one.vector_model == other.vector_model:
        return max(0.0, index.vectors[one.vector_model].similarity(one.slot, other.slot))
    rare = partial(_rarity, index)
    mine, its = set(one.terms), set(other.terms)
    return sum(map(rare, mine & its)) / (sum(map(rare, mine | its)) or 1.0)


def _rarity(index: MemoryIndex, term: str) -> float:
    return rarity(len(index.postings.of(term)), len(index))
