"""What cells mean: dates, flags, words of a list, addresses. Each distinct text is read once."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, NamedTuple

from faraday_core.identity.addresses import EmailText
from faraday_core.roster.rows import JOIN, Standing

_MOST_REMEMBERED: Final = 20_000  # texts of a column
_LONG_DOMAIN: Final = 128  # characters; longer ones are looked at each time
_ISO: Final = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:T\d\d(?::?\d\d){0,2}(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_LENIENT: Final = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?",
    re.ASCII,
)
_AMERICAN: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_LOCAL: Final = re.compile(r"[\w+'-]{1,32}(?:\.[\w+'-]{1,32}){0,1}(?=@)", re.ASCII)


class Bad(NamedTuple):
    """A cell that cannot be taken."""

    code: str
    detail: str


class Doubtful(NamedTuple):
    """A cell that is taken, with a warning."""

    value: object
    code: str
    detail: str


Parse = Callable[[str], object]  # a value, `Bad` or `Doubtful`; never asked about an empty cell


class Reading(dict[str, object]):
    """What each text of a column means, remembered: a roster has few of them, very often.

    `is_sound`: whether all were good, and none of them doubtful, up to now.
    """

    def __init__(self, parse: Parse, empty: object) -> None:
        super().__init__()
        self.is_sound = True
        self._parse = parse
        self._empty = empty

    def __missing__(self, cell: str) -> object:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        value = self._parse(cell) if cell and not cell.isspace() else self._empty
        self[cell] = value
        if isinstance(value, Bad | Doubtful):
            self.is_sound = False
        return value


def iso_date(cell: str) -> object:
    """ISO 8601, with or without a time, which is left away."""
    return _day(_ISO.fullmatch(cell.strip()), "2026-08-24")


def lenient_date(cell: str) -> object:
    """As Canvas takes them: also without leading zeros, and with a time after a blank."""
    if _ISO.fullmatch(cell.strip()):
        return iso_date(cell)
    day = _day(_LENIENT.fullmatch(cell.strip()), "2026-08-24")
    if isinstance(day, Bad):
        return day
    return Doubtful(
        day, "lenient_date", f"is not written as ISO 8601 has it, and is read as {day}"
    )


def american_date(cell: str) -> object:
    """M/D/YYYY, or ISO 8601."""
    if found := _AMERICAN.fullmatch(cell.strip()):
        month, day, year = found.groups()
        return _built(year, month, day, "8/24/2026")
    return iso_date(cell)


def _day(found: re.Match[str] | None, example: str) -> object:
    if found is None:
        return Bad("bad_date", f"is no date such as {example}")
    year, month, day = found.groups()
    return _built(year, month, day, example)


def _built(year: str, month: str, day: str, example: str) -> object:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return Bad("bad_date", f"is a day that does not exist; a date is such as {example}")


def flag(cell: str) -> object:
    found = {"true": True, "false": False}.get(cell.strip().lower())
    return Bad("invalid_value", "is neither true nor false") if found is None else found


def one_of(words: Iterable[str], *, open_to: str | None = None) -> Parse:
    """One of these, in any letter case, as it is written here; or what stands after `open_to`."""
    return meaning({word: word for word in words}, open_to=open_to)


def meaning(words: Mapping[str, object], *, open_to: str | None = None) -> Parse:
    """What one of these words stands for, in whatever letter case."""
    known = {word.lower(): value for word, value in words.items()}
    detail = f"is none of {', '.join(words)}"

    def parse(cell: str) -> object:
        word = cell.strip()
        if open_to is not None and word.lower().startswith(open_to):
            return word[len(open_to) :]
        return known.get(word.lower(), Bad("invalid_value", detail))

    return parse


def one_of_or_other(words: Iterable[str]) -> Parse:
    """One of these, in any letter case; or any other text."""
    known = {word.lower(): word for word in words}
    return lambda cell: known.get(cell.strip().lower(), cell)


def text(cell: str) -> object:
    return cell


def many(cell: str) -> object:
    """A list: its parts are between commas."""
    return JOIN.join(part.strip() for part in cell.split(",") if part.strip()) or None


STANDING: Final = {
    "active": Standing.ACTIVE,
    "inactive": Standing.INACTIVE,
    "tobedeleted": Standing.DELETED,
    "deleted": Standing.DELETED,
}


class Addresses:
    """E-mail addresses. A file has many, of few domains."""

    def __init__(self) -> None:
        self._domains: set[str] = set()
        self._rule = EmailText()

    def valid(self, cell: str) -> str | None:
        address = cell.strip()
        at = address.find("@")
        if _LOCAL.match(address) and address[at:] in self._domains:
            return address
        if self._rule.broken_by(address):
            return None
        if len(self._domains) < _MOST_REMEMBERED and len(address) - at <= _LONG_DOMAIN:
            self._domains.add(address[at:])
        return address

    def parse(self, cell: str) -> object:
        return self.valid(cell) or Bad(
            "invalid_email", "is no e-mail address such as pat@example.org"
        )
