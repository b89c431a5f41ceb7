"""What names are found by: their words, as people type them."""

import re
from unicodedata import combining, normalize


def words_of(text: str) -> list[str]:
    """Without regard to case and accents."""
    bare = text.casefold()
    if not bare.isascii():
        letters = normalize("NFKD", bare)
        bare = "".join(letter for letter in letters if not combining(letter))
    return [word for word in re.split(r"[\s,;]+", bare) if word]


def key_of(name: str) -> str:
    """A name as it is kept to be searched: a blank before each of its words."""
    return "".join(f" {word}" for word in words_of(name))
