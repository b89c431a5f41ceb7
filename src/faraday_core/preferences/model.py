from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.rules import AtMost
from faraday_core.preferences.languages import LanguageTag, canonical
from faraday_core.preferences.rules import (
    CLOCK_TIME,
    COLOR,
    COLOR_NAME,
    KIND,
    POINTER,
    CurrencyCode,
    Distinct,
    TimeZoneName,
)

MOST_COLORS: Final = 64
MOST_KINDS: Final = 64
MOST_LOCKED: Final = 100


class Theme(StrEnum):
    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"
    HIGH_CONTRAST = "high_contrast"


class FontSize(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    X_LARGE = "x-large"


class Frequency(StrEnum):
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Day(StrEnum):
    """In the order of `date.weekday`."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class FirstDay(StrEnum):
    MONDAY = "mon"
    SUNDAY = "sun"
    SATURDAY = "sat"


class DateFormat(StrEnum):
    YEAR_FIRST = "YYYY-MM-DD"
    DAY_FIRST = "DD/MM/YYYY"
    MONTH_FIRST = "MM/DD/YYYY"
    WITH_DOTS = "DD.MM.YYYY"


class TimeFormat(StrEnum):
    HOURS_24 = "24h"
    HOURS_12 = "12h"


class Visibility(StrEnum):
    """Who sees a profile besides its person and those who administer them; each one more."""

    PRIVATE = "private"
    STAFF = "staff"
    TEAMS = "teams"
    ORGANIZATION = "organization"


class Source(StrEnum):
    """Where a value comes from that is in force."""

    USER = "user"
    ORGANIZATION = "organization"
    DEFAULT = "default"


ClockTime = Annotated[str, CLOCK_TIME]
Color = Annotated[str, COLOR]
ColorName = Annotated[str, COLOR_NAME]
ColorScheme = Annotated[Mapping[ColorName, Color], AtMost(MOST_COLORS)]
Currency = Annotated[str, CurrencyCode()]
Days = Annotated[tuple[Day, ...], Distinct()]
Kind = Annotated[str, KIND]
Language = Annotated[str, LanguageTag()]
Pointer = Annotated[str, POINTER]
TimeZone = Annotated[str, TimeZoneName()]


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _days(days: Iterable[Day]) -> tuple[Day, ...]:
    return tuple(days)


@frozen
class Accessibility:
    high_contrast: bool = False
    reduce_motion: bool = False
    screen_reader: bool = False
    dyslexia_font: bool = False
    captions: bool = False


@frozen
class DoNotDisturb:
    """From `start` to `end` on the person's own clocks, across midnight where it ends first.

    `days`: those on which it begins. Where both are the same, it is never.
    """

    enabled: bool = False
    start: ClockTime = "22:00"
    end: ClockTime = "07:00"
    days: Days = field(default=tuple(Day), converter=_days)
    urgent_passes: bool = True


@frozen
class KindSettings:
    """What is to be otherwise for one kind of message; None: as for all."""

    email: bool | None = None
    push: bool | None = None
    sms: bool | None = None
    in_app: bool | None = None
    frequency: Frequency | None = None


@frozen
class Notifications:
    email: bool = True
    push: bool = False
    sms: bool = False
    in_app: bool = True
    frequency: Frequency = Frequency.IMMEDIATE
    do_not_disturb: DoNotDisturb = DoNotDisturb()
    kinds: Annotated[Mapping[Kind, KindSettings], AtMost(MOST_KINDS)] = field(factory=dict)


@frozen
class Privacy:
    profile_visibility: Visibility = Visibility.PRIVATE
    share_data: bool = False
    track_activity: bool = False


@frozen
class Preferences:
    """All that is in force for somebody; its defaults are the product's. What an answer shows
    besides may be sent back, and is ignored."""

    READ_ONLY: ClassVar = frozenset(
        {"sources", "locked", "contrast", "fallback_languages", "consented_at", "updated_at"}
    )

    theme: Theme = Theme.SYSTEM
    color_scheme: ColorScheme | None = None
    font_size: FontSize = FontSize.MEDIUM
    accessibility: Accessibility = Accessibility()
    notifications: Notifications = field(factory=Notifications)
    language: Language = field(default="en", converter=canonical)
    timezone: TimeZone = "UTC"
    date_format: DateFormat = DateFormat.YEAR_FIRST
    time_format: TimeFormat = TimeFormat.HOURS_24
    first_day_of_week: FirstDay = FirstDay.MONDAY
    currency: Currency = "EUR"
    privacy: Privacy = Privacy()


@frozen
class UserPreference:
    """What a person has set themselves. None, or not in its group: never set, or set back.

    `consented_at`: since when each of the privacy settings is as they have set it.
    """

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    created_at: datetime
    updated_at: datetime
    theme: Theme | None = None
    color_scheme: Mapping[str, str] | None = None
    font_size: FontSize | None = None
    accessibility: Mapping[str, bool] = field(factory=dict)
    notifications: Mapping[str, Any] = field(factory=dict)  # as in JSON
    language: str | None = None
    timezone: str | None = None
    date_format: DateFormat | None = None
    time_format: TimeFormat | None = None
    first_day_of_week: FirstDay | None = None
    currency: str | None = None
    privacy: Mapping[str, Any] = field(factory=dict)  # as in JSON
    consented_at: Mapping[str, str] = field(factory=dict)
    version: int = 1


@frozen
class PreferenceDefaults:
    """What an organisation sets for whoever belongs to it or to what is below it.

    `locked`: pointers to what stays as it is here, whatever is set below or by a person.
    """

    owner: ClassVar = Owner.TENANT

    id: str  # the organisation's
    set_values: Mapping[str, Any]  # as in JSON
    locked: tuple[str, ...] = field(converter=_texts)
    created_at: datetime
    updated_at: datetime
    version: int = 1


@frozen
class DefaultsFields:
    """What a caller writes of them."""

    READ_ONLY: ClassVar = frozenset({"updated_at"})

    values: Preferences = field(factory=Preferences)
    locked: Annotated[tuple[Pointer, ...], AtMost(MOST_LOCKED)] = field(
        default=(), converter=tuple
    )


@frozen
class PreferencesChanged:
    """Somebody has changed preferences of theirs: those at `pointers`.

    Of the privacy settings, the new ones that are in force; None: it has not changed.
    """

    user_id: str
    at: datetime
    pointers: tuple[str, ...] = field(converter=_texts)
    profile_visibility: Visibility | None = None
    share_data: bool | None = None
    track_activity: bool | None = None


def may_track(preferences: Preferences) -> bool:
    """Whether more may be kept of what somebody does than how often it is done.

    Sign-ins are kept whatever is answered here, for as long as their sessions: they are what
    somebody sees a stranger by, and no record of what they do.
    """
    return preferences.privacy.track_activity
