"""Preferences as the API shows them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from faraday_core.preferences.contrast import Contrast, contrast_of
from faraday_core.preferences.languages import fallbacks
from faraday_core.preferences.layers import InForce
from faraday_core.preferences.model import (
    Accessibility,
    DateFormat,
    FirstDay,
    FontSize,
    Notifications,
    PreferenceDefaults,
    Privacy,
    Source,
    Theme,
    TimeFormat,
)
from faraday_core.preferences.standing import Standing


@frozen
class PreferencesView:
    """What is in force; `sources` says of each value where it comes from, `locked` what an
    organisation holds as it is."""

    theme: Theme
    color_scheme: Mapping[str, str] | None
    font_size: FontSize
    accessibility: Accessibility
    notifications: Notifications
    language: str
    timezone: str
    date_format: DateFormat
    time_format: TimeFormat
    first_day_of_week: FirstDay
    currency: str
    privacy: Privacy
    sources: Mapping[str, Source]
    locked: tuple[str, ...]
    contrast: Contrast | None
    fallback_languages: tuple[str, ...]
    consented_at: Mapping[str, str]
    updated_at: datetime
    _tag: str = field(repr=False)

    @property
    def tag(self) -> str:
        return self._tag


def view_of(standing: Standing) -> PreferencesView:
    """`updated_at` of who has never set anything: since they have an account."""
    force = standing.in_force
    now, stored = force.preferences, standing.stored
    inherited = standing.above.layer.get("/language")
    return PreferencesView(
        now.theme,
        now.color_scheme,
        now.font_size,
        now.accessibility,
        now.notifications,
        now.language,
        now.timezone,
        now.date_format,
        now.time_format,
        now.first_day_of_week,
        now.currency,
        now.privacy,
        force.sources,
        force.locked,
        contrast_of(now.color_scheme, now.theme),
        fallbacks(now.language, *([inherited] if inherited else [])),
        stored.consented_at if stored else {},
        stored.updated_at if stored else standing.person.user.created_at,
        tag_of(force),
    )


def tag_of(force: InForce) -> str:
    """Of what is in force and where it comes from: a person's own, and the organisations'."""
    return _digest([sorted(force.layer.items()), sorted(force.sources.items()), force.locked])


@frozen
class DefaultsView:
    """What one organisation itself sets, without what it inherits."""

    values: Mapping[str, Any]  # as in JSON
    locked: tuple[str, ...]
    updated_at: datetime | None
    _tag: str = field(repr=False)

    @property
    def tag(self) -> str:
        return self._tag


def defaults_view(defaults: PreferenceDefaults | None) -> DefaultsView:
    """None: it has never set anything."""
    if defaults is None:
        return DefaultsView({}, (), None, "0")
    return DefaultsView(
        defaults.set_values, defaults.locked, defaults.updated_at, str(defaults.version)
    )


@frozen
class Preview:
    """A date, a time, a number and an amount as somebody wants them written."""

    language: str
    timezone: str
    date: str
    time: str
    number: str
    amount: str


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
