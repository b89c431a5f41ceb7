from datetime import datetime
from decimal import Decimal
from typing import NoReturn

from faraday_core.kernel.errors import Unavailable
from faraday_core.preferences.model import Preferences


class NoFormats:
    """Stands where Babel is not installed."""

    def date(self, moment: datetime, preferences: Preferences) -> str:
        _unavailable()

    def time(self, moment: datetime, preferences: Preferences) -> str:
        _unavailable()

    def number(self, number: Decimal, preferences: Preferences) -> str:
        _unavailable()

    def amount(self, amount: Decimal, preferences: Preferences) -> str:
        _unavailable()


def _unavailable() -> NoReturn:
    raise Unavailable("Previews need Babel: pip install 'faraday[http]'.")
