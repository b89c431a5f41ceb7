"""Whether two memories say the same, by their words alone."""

import hashlib
import re
from typing import Final
from unicodedata import normalize

SAME: Final = 0.85  # from which on two are one thing said twice
LIKE: Final = 0.6  # from which on it is worth telling
_WORD = re.compile(r"\w+")
_NOT: Final = frozenset(
    [
        *("not", "no", "never", "none", "nobody", "don", "doesn", "didn", "isn", "wasn", "can"),
        *("cannot", "without", "nicht", "kein", "keine", "keinen", "nie", "niemals", "niemand"),
        *("ohne", "nunca", "nada", "nadie", "ninguno", "ninguna", "jamás", "sin"),
    ]
)


def words_in(text: str) -> tuple[str, ...]:
    """Without regard to case, punctuation and how letters are written (Unicode NFKC)."""
    return tuple(_WORD.findall(normalize("NFKC", text).casefold()))


def text_hash_of(content: str) -> bytes:
    """The same for what differs by case, blanks and punctuation alone."""
    words = words_in(content)
    said = " ".join(words) if words else content.strip()
    return hashlib.sha256(said.encode()).digest()[:16]


def similarity(one: str, other: str) -> float:
    """The share of their words that both have (Jaccard); 1: all, in the same order.

    Two that differ by a number or a “not” never say the same, however many words they share.
    """
    first, second = words_in(one), words_in(other)
    if not first and not second:
        return 1.0 if one.strip() == other.strip() else 0.0
    if first == second:
        return 1.0
    a, b = frozenset(first), frozenset(second)
    shared = len(a & b) / len(a | b)
    if denies(one, other):
        return round(min(shared, SAME - 0.01), 3)
    return round(min(shared, 0.99), 3)


def denies(one: str, other: str) -> bool:
    """Whether the two differ by a number or a “not”, and so may be at odds."""
    differing = frozenset(words_in(one)) ^ frozenset(words_in(other))
    return any(word in _NOT or word.isdigit() for word in differing)
