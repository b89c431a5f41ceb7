"""A memory's texts, read once: which terms they have, whom they name, where they stand.

That takes longest of all that an index does, and so what was read is kept beside the memory.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2s
from math import log1p
from typing import Final

from attrs import frozen

from faraday_core.memory.ranking.languages import Language, language_of
from faraday_core.memory.ranking.model import Indexed, Stemmer
from faraday_core.memory.ranking.names import Name
from faraday_core.memory.ranking.places import Thread, place_of, text_around, values_in
from faraday_core.memory.ranking.words import Terms

RULES: Final = 1  # counted up whenever a text is read in another way, or what is kept was no use
MOST_TIMES: Final = 255  # more often than that a term says nothing more
LONGEST_COUNTED: Final = 1_000  # characters: what is longer is not more informative for it
_MOST_KEYS: Final = 5_000


@frozen(eq=False)
class Laid:
    """What the ranking reads out of the texts of a memory, and of its context."""

    terms: tuple[str, ...]
    times: bytes  # two a term: how often it is there, and how often in the content
    length: int  # in terms
    plain_length: int
    thread: Thread | None
    turn: float | None  # that its context gives
    occurred_at: datetime
    names: frozenset[Name]
    log_length: float
    asks: bool
    says_time: bool
    has_caption: bool


class Reading:
    """How texts in one language are read. One does for all people who speak it."""

    def __init__(self, stemmer: Stemmer, language: str = "en") -> None:
        self.stemmer: Final = stemmer
        self.language: Final[Language] = language_of(language)
        self.terms: Final = Terms(self.language, stemmer)
        self.rules: Final = f"{self.language.code}.{RULES}"
        self._keys: dict[str, str] = {}  # of context values

    def laid(self, memory: Indexed) -> Laid:
        place = place_of(memory)
        plain = self.terms.of(f"{memory.content} {place.caption}")
        everywhere = plain + self.terms.of(text_around(memory, place, self.language))
        content = memory.content.strip()
        terms, times = _counted(everywhere, plain)
        return Laid(
            terms,
            times,
            len(everywhere),
            len(plain),
            place.thread,
            place.turn[1] if place.turn[0] == 0 else None,
            place.occurred_at,
            self.names_in(memory.context),
            log1p(min(len(content), LONGEST_COUNTED)),
            content.endswith(("?", "？", "؟")),  # noqa: RUF001 -- Chinese, and Arabic
            bool(self.language.says_time.search(content)),
            bool(place.caption),
        )

    def names_in(self, context: Mapping[str, object]) -> frozenset[Name]:
        """What a context names, in the terms in which a question may name it."""
        return frozenset(
            (name, key) for name, value in values_in(context) if (key := self._key(value))
        )

    def _key(self, value: str) -> str:
        """Its terms; a name that is all stop words as it is. Courses come again and again."""
        key = self._keys.get(value)
        if key is None:
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            key = self._keys[value] = " ".join(self.terms.of(value)) or value.casefold()
        return key


def key_of(thread: Thread | None) -> int:
    """A number for a thread, from 1 on; 0: none."""
    if thread is None:
        return 0
    told = "\x1f".join(thread).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2s(told, digest_size=8).digest()) >> 1 or 1


def _counted(everywhere: Iterable[str], plain: Iterable[str]) -> tuple[tuple[str, ...], bytes]:
    counts, in_content = Counter(everywhere), Counter(plain).get
    times = bytearray(2 * len(counts))
    times[0::2] = bytes([min(count, MOST_TIMES) for count in counts.values()])
    times[1::2] = bytes([min(in_content(term, 0), MOST_TIMES) for term in counts])
    return tuple(counts), bytes(times)
