"""Memories of nobody in particular, to be ranked."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from adapters.stemming.snowball import SnowballStemmer
from faraday_core.memory.ranking import Found, Indexed, MemoryIndex, Question, search

THEN: Final = datetime(2026, 9, 1, 8, tzinfo=UTC)
NOW: Final = datetime(2026, 12, 1, 8, tzinfo=UTC)
STEMMER: Final = SnowballStemmer()  # which words cost once, whoever asks


def memory(id: str, content: str, **given: Any) -> Indexed:  # a field of `Indexed`, whichever
    created_at = given.pop("created_at", THEN + timedelta(minutes=len(id)))
    return Indexed(id, content, created_at, **given)


def index_of(memories: Iterable[Indexed], language: str = "en") -> MemoryIndex:
    index = MemoryIndex(STEMMER, language)
    index.extend(memories)
    return index


def ask(index: MemoryIndex, text: str, **how: Any) -> list[Found]:  # as `search` takes it
    question = Question(text, how.pop("context", {}), how.pop("vectors", ()))
    return list(search(index, question, how.pop("now", NOW), **how))


def ids(found: Iterable[Found]) -> list[str]:
    return [one.id for one in found]


def thread(name: str, *contents: str, **context: Any) -> list[Indexed]:  # as JSON
    """Turns of one session, with the ids `name-1`, `name-2` …"""
    return [
        memory(f"{name}-{turn}", content, context={"session": name, "turn": turn, **context})
        for turn, content in enumerate(contents, 1)
    ]
