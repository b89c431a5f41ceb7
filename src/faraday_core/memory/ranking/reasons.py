"""Why a memory was found, in words: its parts that speak for it, the weightiest first."""

from collections.abc import Mapping, Sequence
from typing import Final

from faraday_core.memory.ranking.entries import Entry
from faraday_core.memory.ranking.features import Row
from faraday_core.memory.ranking.gathering import Gathered
from faraday_core.memory.ranking.model import Reason, ReasonKind

LEAST: Final = 0.1  # of a score: what adds less is not worth a word
MOST_WORDS: Final = 8
_RECENT_DAYS: Final = 14.0
_IMPORTANT: Final = 0.6


def reasons_of(
    entry: Entry, row: Row, parts: Mapping[ReasonKind, float], gathered: Gathered
) -> Sequence[Reason]:
    """At least one: there is none in the answer that nothing speaks for."""
    told = sorted(parts, key=lambda kind: -parts[kind])
    reasons = [
        Reason(kind, detail)
        for kind in told
        if parts[kind] >= LEAST and (detail := _detail(kind, entry, row, gathered))
    ]
    return reasons or [_last_resort(entry, row, gathered)]


def _detail(kind: ReasonKind, entry: Entry, row: Row, gathered: Gathered) -> str:
    """Empty where there is nothing to say of this kind."""
    match kind:
        case ReasonKind.WORDS:
            told = _words(entry, gathered)
        case ReasonKind.MEANING:
            told = f"close in meaning ({row.cosine:.2f})" if row.cosine else ""
        case ReasonKind.THREAD:
            told = _thread(entry)
        case ReasonKind.CONTEXT:
            told = _context(entry, gathered)
        case ReasonKind.TIME:
            told = "says when"
        case ReasonKind.IMPORTANCE:
            told = f"importance {row.importance:.2f}" if row.importance >= _IMPORTANT else ""
        case ReasonKind.RECENT:
            told = f"of {entry.occurred_at:%Y-%m-%d}" if row.age_in_days <= _RECENT_DAYS else ""
        case ReasonKind.HELPFUL:
            told = "was helpful before"
    return told


def _words(entry: Entry, gathered: Gathered) -> str:
    """Those of the question that it has, the rarest first."""
    idf = gathered.matches.idf
    terms = sorted(idf.keys() & set(entry.terms), key=lambda term: (-idf[term], term))
    return ", ".join(gathered.words_asked[term] for term in terms[:MOST_WORDS])


def _thread(entry: Entry) -> str:
    """Its last part is the smallest that holds it: the session of a conversation."""
    if entry.thread is None:
        return ""
    name, _, value = entry.thread[-1].partition(":")
    return f"its {name} ({value}) is about it"


def _context(entry: Entry, gathered: Gathered) -> str:
    if entry.slot in gathered.named:
        field, value = gathered.named[entry.slot]
        words = (gathered.words_asked.get(term, term) for term in value.split(" "))
        return f"names {field}: {' '.join(words)}"
    shared = gathered.now.get(entry.slot, ())
    return f"same {shared[0][0]} as now" if shared else ""


def _last_resort(entry: Entry, row: Row, gathered: Gathered) -> Reason:
    for kind in (
        ReasonKind.WORDS,
        ReasonKind.CONTEXT,
        ReasonKind.THREAD,
        ReasonKind.MEANING,
    ):
        if detail := _detail(kind, entry, row, gathered):
            return Reason(kind, detail)
    return Reason(ReasonKind.RECENT, f"of {entry.occurred_at:%Y-%m-%d}")
