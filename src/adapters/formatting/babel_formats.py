from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from attrs import frozen
from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime
from babel.numbers import format_currency, format_decimal

from faraday_core.preferences.languages import fallbacks
from faraday_core.preferences.model import DateFormat, Preferences, TimeFormat

_DATES: Final = {
    DateFormat.YEAR_FIRST: "yyyy-MM-dd",
    DateFormat.DAY_FIRST: "dd/MM/yyyy",
    DateFormat.MONTH_FIRST: "MM/dd/yyyy",
    DateFormat.WITH_DOTS: "dd.MM.yyyy",
}
_TIMES: Final = {TimeFormat.HOURS_24: "HH:mm", TimeFormat.HOURS_12: "h:mm a"}


@frozen
class BabelFormats:
    """By what the CLDR says of the language, or else of the nearest one that it knows."""

    def date(self, moment: datetime, preferences: Preferences) -> str:
        return _written(moment, _DATES[preferences.date_format], preferences)

    def time(self, moment: datetime, preferences: Preferences) -> str:
        return _written(moment, _TIMES[preferences.time_format], preferences)

    def number(self, number: Decimal, preferences: Preferences) -> str:
        return format_decimal(number, locale=_locale(preferences.language))

    def amount(self, amount: Decimal, preferences: Preferences) -> str:
        currency = preferences.currency
        return format_currency(amount, currency, locale=_locale(preferences.language))


def _written(moment: datetime, pattern: str, preferences: Preferences) -> str:
    # Babel would move what is aware to UTC.
    on_clocks = moment.replace(tzinfo=None)
    return format_datetime(on_clocks, pattern, locale=_locale(preferences.language))


@lru_cache(maxsize=256)
def _locale(language: str) -> Locale:
    for tag in fallbacks(language):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):  # an extension, or a language that it lacks
            continue
    return Locale("en")
