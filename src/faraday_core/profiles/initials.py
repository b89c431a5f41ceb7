"""A picture for who has none: initials, as SVG that holds nothing but what is written here."""

import hashlib
import re
from html import escape
from typing import Final
from unicodedata import category, normalize

# White on each of them has a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
COLOURS: Final = ("#1f5fa8", "#8a3ffc", "#9f1853", "#00695c", "#8d4b00", "#5a6b00", "#b3261e")
_SQUARE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64"'
    ' role="img"><title>{title}</title><rect width="64" height="64" fill="{colour}"/>'
    '<text x="32" y="32" dy="0.35em" text-anchor="middle" font-family="sans-serif"'
    ' font-size="{points}" fill="#ffffff">{initials}</text></svg>'
)
_LETTERS: Final = ("L", "N")
_LONGEST_TITLE: Final = 120


def initials_of(full_name: str) -> str:
    """Of the first and the last word that have a letter; of none, a question mark."""
    letters = [found for word in re.split(r"\s+", full_name) if (found := _first_letter(word))]
    return "".join([letters[0], *letters[1:][-1:]]) if letters else "?"


def _first_letter(word: str) -> str:
    """With the accents that belong to it."""
    found = ""
    for letter in normalize("NFC", word):
        kind = category(letter)
        if not found and kind.startswith(_LETTERS):
            found = letter.upper()[:1]
        elif found and kind == "Mn":
            found += letter
        elif found:
            break
    return found[:4]


def picture_of_initials(full_name: str, user_id: str, size: int) -> bytes:
    """The same person has the same colour everywhere."""
    initials = initials_of(full_name)
    shade = hashlib.sha256(user_id.encode()).digest()[0] % len(COLOURS)
    title = "".join(letter for letter in full_name if letter.isprintable())[:_LONGEST_TITLE]
    return _SQUARE.format(
        size=size,
        title=escape(title),
        colour=COLOURS[shade],
        points=28 if len(initials) == 1 else 26,
        initials=escape(initials),
    ).encode()
