"""What a text says, as terms that are alike where the words are forms of one."""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining, normalize

from faraday_core.memory.ranking.languages import Language
from faraday_core.memory.ranking.model import Stemmer

LONGEST_TERM: Final = 40  # what is longer is an address or a key, and found by its beginning
LONGEST_TEXT: Final = 50_000  # characters that are indexed: a memory that long is a document

# Scripts that set no blanks between words: two letters in a row stand for a word there.
_UNSPACED: Final = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Chinese characters
)
_PICTURES: Final = "\u2600-\u27bf\U0001f300-\U0001faff"  # each emoji is a word
_TOKEN: Final = re.compile(rf"[{_UNSPACED}]+|[{_PICTURES}]|(?:(?![{_UNSPACED}])\w)+")
_UNSPACED_TOKEN: Final = re.compile(rf"[{_UNSPACED}]")


def tokens_of(text: str) -> list[str]:
    """Its words in lower case, as they are written; of unspaced scripts the pairs of letters."""
    text = normalize("NFKC", text[:LONGEST_TEXT]).casefold()
    if text.isascii():
        return _TOKEN.findall(text)
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        if len(token) > 1 and _UNSPACED_TOKEN.match(token):
            yield from (token[at : at + 2] for at in range(len(token) - 1))
        else:
            yield token


class Terms:
    """Words to terms in one language. Each word's way is walked once: stemming costs most."""

    def __init__(self, language: Language, stemmer: Stemmer) -> None:
        self._language = language
        self._stemmer = stemmer
        self._known: dict[str, str | None] = {}

    def of(self, text: str) -> list[str]:
        """Without the words that every text has, in the order of the text."""
        terms = map(self._term, tokens_of(text))
        return [term for term in terms if term]

    def by_word(self, text: str) -> dict[str, str]:
        """Each term with the word that it is there for, as the text has it first."""
        words: dict[str, str] = {}
        for word in tokens_of(text):
            term = self._term(word)
            if term:
                words.setdefault(term, word)
        return words

    def _term(self, word: str) -> str | None:
        try:
            return self._known[word]
        except KeyError:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            term = self._known[word] = self._walk(word)
            return term

    def _walk(self, word: str) -> str | None:
        if word in self._language.stop_words:
            return None
        return bare(self._stemmer.stem(word, self._language.code))[:LONGEST_TERM]


_MOST_KNOWN: Final = 50_000


def bare(word: str) -> str:
    """Without accents, which not everybody types."""
    if word.isascii():
        return word
    return "".join(letter for letter in normalize("NFKD", word) if not combining(letter))
