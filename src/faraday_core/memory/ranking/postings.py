"""Which memories have a term, and how often: one number each, so that ten thousand stay small."""

from array import array
from collections.abc import Iterable
from sys import getsizeof
from typing import Final

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

    def put(self, slot: int, terms: Iterable[str], times: Iterable[int]) -> None:
        """`times`: two a term, how often everywhere and how often in the content."""
        at, size, following = slot << _SLOT, 0, iter(times)
        for term, everywhere, in_content in zip(terms, following, following, strict=True):
            held = self._of.get(term)
            if held is None:
                held = self._of[term] = array("Q")
                size += _A_TERM + len(term)
            held.append(at | everywhere << 8 | in_content)
            size += _A_POSTING
        self.size_in_bytes += size

    def set(self, term: str, held: "array[int]") -> None:
        """In place of all that it had."""
        self._of[term] = held

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
