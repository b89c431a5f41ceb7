"""What preferences ask of the world."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.ports import Storage
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.preferences.model import PreferenceDefaults, Preferences


class DefaultsOfOrganizations(Protocol):
    async def of(self, organization_ids: Collection[str]) -> Mapping[str, PreferenceDefaults]:
        """By organisation; those that set none, or cannot be seen from here, are left out."""


class PreferencesReader(PeopleReader, Protocol):
    @property
    def preference_defaults(self) -> DefaultsOfOrganizations: ...


class PreferencesUnit(PreferencesReader, PeopleUnit, Protocol):
    """And what they change by."""


class PreferencesStorage(Storage[PreferencesUnit, PreferencesReader], AddressBook, Protocol):
    """Where preferences are kept, beside people and organisations."""


class Formats(Protocol):
    """How a date, a time, a number and an amount are written in somebody's formats.

    Raises Unavailable where what knows them is not installed.
    """

    def date(self, moment: datetime, preferences: Preferences) -> str:
        """`moment`: on the person's own clocks, as for `time`."""

    def time(self, moment: datetime, preferences: Preferences) -> str: ...

    def number(self, number: Decimal, preferences: Preferences) -> str: ...

    def amount(self, amount: Decimal, preferences: Preferences) -> str:
        """In the person's currency."""
