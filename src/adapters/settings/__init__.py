"""Settings: environment variables, typed, checked at the start, and explained."""

from adapters.settings.model import Environment, Registration, Settings
from adapters.settings.reading import Explained, WrongSetting, explain, read_settings, warnings_of

__all__ = [
    "Environment",
    "Explained",
    "Registration",
    "Settings",
    "WrongSetting",
    "explain",
    "read_settings",
    "warnings_of",
]
