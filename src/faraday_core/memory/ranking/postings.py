"""Which memories have a term, and how often: one number each, so that ten thousand stay small."""

from array import array
from collections import Counter
from collections.abc import Iterable
from sys import getsizeof
from typing import Final

MOST_TIMES: Final = 255  # more often than that a term says nothing more
_SLOT: Final = 16  # bits behind a slot: eight for how often, eight for how often in the content


class Postings:
    """By term; a posting is `slot << 16 | times << 8 | times in the content`."""

    def __init__(self) -> None:
        self._of: dict[str, array[int]] = {}
        self.size_in_bytes = 0

    def __len__(self) -> int:
        return len(self._of)

    def of(self, term: str) -> "array[int]":
        return self._of.get(term, _NOWHERE)

    def put(self, slot: int, everywhere: Iterable[str], content: Iterable[str]) -> tuple[str, ...]:
        """The terms as they are held here, to be taken away with."""
        plain = Counter(content)
        terms = []
        for term, times in Counter(everywhere).items():
            held = self._of.get(term)
            if held is None:
                held = self._of[term] = array("Q")
                self.size_in_bytes += _A_TERM + len(term)
            in_content = min(plain[term], MOST_TIMES)
            held.append(slot << _SLOT | min(times, MOST_TIMES) << 8 | in_content)
            terms.append(term)
        self.size_in_bytes += _A_POSTING * len(terms)
        return tuple(terms)

    def drop(self, slot: int, terms: Iterable[str]) -> None:
        for term in terms:
            held = self._of[term]
            kept = array("Q", (posting for posting in held if posting >> _SLOT != slot))
            self.size_in_bytes -= _A_POSTING
            if kept:
                self._of[term] = kept
            else:
                del self._of[term]
                self.size_in_bytes -= _A_TERM + len(term)


_NOWHERE: Final = array("Q")
_A_TERM: Final = getsizeof(array("Q")) + getsizeof("") + 100  # with its place in the dictionary
_A_POSTING: Final = 18  # itself and its term's place in the memory's tuple, with room to grow
