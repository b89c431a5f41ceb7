"""The rows of the few memories that a place in the answer is decided among."""

from datetime import datetime
from typing import Final

from faraday_core.memory.ranking.entries import Entry
from faraday_core.memory.ranking.features import Row
from faraday_core.memory.ranking.gathering import Gathered
from faraday_core.memory.ranking.index import MemoryIndex

_DAY: Final = 86_400.0  # seconds


class Rows:
    """Of one question."""

    def __init__(self, index: MemoryIndex, gathered: Gathered, now: datetime) -> None:
        self._index = index
        self._gathered = gathered
        self._now = now
        self._mass = gathered.matches.mass or 1.0

    def of(self, entry: Entry) -> Row:
        gathered, matches = self._gathered, self._gathered.matches
        around = self._index.around(entry)
        home = self._index.homes[entry.slot]
        idf = matches.idf
        return Row(
            words=self._words(entry),
            plain_words=matches.z_plain_words.z(matches.plain_words.get(entry.slot, 0.0)),
            thread=0.0 if home is None else matches.z_threads.z(matches.threads.get(home, 0.0)),
            meaning=self._meaning(entry),
            thread_meaning=0.0
            if home is None
            else max(self._meaning(member) for member in home.members),
            words_before=self._words(around.before),
            words_two_before=self._words(around.two_before),
            words_after=self._words(around.after),
            words_two_after=self._words(around.two_after),
            meaning_before=self._meaning(around.before),
            meaning_two_before=self._meaning(around.two_before),
            meaning_after=self._meaning(around.after),
            meaning_two_after=self._meaning(around.two_after),
            context=entry.slot in gathered.named,
            context_now=min(1, len(gathered.now.get(entry.slot, ()))),
            question=entry.asks,
            log_length=entry.log_length,
            caption=entry.has_caption,
            time=entry.says_time,
            time_asked=gathered.asks_when,
            opening=around.opens,
            age_in_days=max(0.0, (self._now - entry.occurred_at).total_seconds() / _DAY),
            importance=entry.importance,
            usefulness=entry.usefulness,
            superseded=entry.superseded,
            coverage=sum(idf[term] for term in idf.keys() & set(entry.terms)) / self._mass,
            around=0.0 if home is None else matches.thread_mass.get(home, 0.0) / self._mass,
            cosine=gathered.cosines[entry.slot] if gathered.cosines else 0.0,
            others=len(self._index),
        )

    def _words(self, entry: Entry | None) -> float:
        if entry is None:
            return 0.0
        matches = self._gathered.matches
        return matches.z_words.z(matches.words.get(entry.slot, 0.0))

    def _meaning(self, entry: Entry | None) -> float:
        return 0.0 if entry is None else self._gathered.meaning(entry.slot)
