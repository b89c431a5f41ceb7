"""The bounds of single preferences, which travel with their types (kernel/rules.py)."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from attrs import field, frozen

from faraday_core.preferences.currencies import CURRENCIES

LONGEST_ZONE: Final = 64


@frozen
class Matching:
    """A text of a certain form. `told`: how a fault names it."""

    pattern: str
    max: int
    told: str
    _read: re.Pattern[str] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_read", re.compile(self.pattern, re.ASCII))

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value) > self.max:
            return "too_long", f"takes at most {self.max} characters"
        return None if self._read.fullmatch(value) else ("invalid_value", f"must be {self.told}")

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"maxLength": self.max, "pattern": f"^{self.pattern}$"}


@frozen
class Distinct:
    """A list in which nothing stands twice."""

    def broken_by(self, value: Collection[object]) -> tuple[str, str] | None:
        twice = len({*value}) < len(value)
        return ("invalid_value", "holds the same twice") if twice else None

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"uniqueItems": True}


@frozen
class TimeZoneName:
    """One of the IANA database, as this machine has it."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value) > LONGEST_ZONE:
            return "too_long", f"takes at most {LONGEST_ZONE} characters"
        if value in _zones():
            return None
        return "invalid_value", "is no time zone, as Europe/Vienna is one"

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"maxLength": LONGEST_ZONE}


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@frozen
class CurrencyCode:
    """ISO 4217, in capital letters."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        return None if value in CURRENCIES else ("invalid_value", "is no currency, as EUR is one")

    def schema(self) -> Mapping[str, Any]:  # whatever JSON holds
        return {"enum": sorted(CURRENCIES)}


COLOR: Final = Matching("#[0-9a-fA-F]{6}", 7, "a colour as #1f6feb is one")
COLOR_NAME: Final = Matching("[A-Za-z][A-Za-z0-9_.-]*", 40, "a name of letters, digits, - and _")
CLOCK_TIME: Final = Matching("(?:[01][0-9]|2[0-3]):[0-5][0-9]", 5, "a time of day as 22:30 is one")
KIND: Final = Matching("[a-z][a-z0-9_.-]*", 64, "a kind of message, in small letters")
POINTER: Final = Matching("(?:/[A-Za-z0-9_.-]+)+", 200, "a pointer as /theme is one")
