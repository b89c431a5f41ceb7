"""The Snowball stemmers, of some thirty languages."""

from functools import cache
from threading import Lock
from typing import Final, Protocol

# Primary subtags (RFC 5646) by the names that Snowball gives its algorithms.
ALGORITHMS: Final = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "nb": "norwegian",
    "nn": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}


class SnowballStemmer:
    """The library's stemmers keep the word that they are at: one thread at a time."""

    def __init__(self) -> None:
        self._lock = Lock()

    def stem(self, word: str, language: str) -> str:
        algorithm = _algorithm(language)
        if algorithm is None:
            return word
        with self._lock:
            return algorithm.stemWord(word)


class _Algorithm(Protocol):
    def stemWord(self, word: str) -> str:  # noqa: N802 -- the library's name for it
        ...


@cache
def _algorithm(language: str) -> _Algorithm | None:
    import snowballstemmer  # noqa: PLC0415 -- thirty languages, of little use before the first word

    name = ALGORITHMS.get(language)
    if name is None or name not in snowballstemmer.algorithms():
        return None
    algorithm: _Algorithm = snowballstemmer.stemmer(name)
    return algorithm
