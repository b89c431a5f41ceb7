"""The figures by which sign-in goes; each is a setting, with its default in the settings."""

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

EMAIL_VERIFICATION_LIFE: Final = timedelta(days=3)
INVITATION_LIFE: Final = timedelta(days=14)
DEVICE_LIFE: Final = timedelta(days=365)
MOST_DEVICES: Final = 10
# All devices of an account together may guess so many times as often as one.
DEVICES_SHARE: Final = 4
# What ended is listed nowhere, and kept so long for whoever must look into an incident.
KEPT_AFTER_END: Final = timedelta(days=30)


@frozen
class SignInPolicy:
    """Spans are in seconds."""

    session_timeout: int = 3600
    session_lifetime: int = 2_592_000
    access_token_seconds: int = 900
    refresh_grace: int = 10
    reset_token_seconds: int = 3600
    max_sessions: int = 0
    max_attempts: int = 5
    lockout: int = 900
    registration_open: bool = True

    def unused_since(self, now: datetime) -> datetime:
        """A session that was last used before then is over."""
        return now - timedelta(seconds=self.session_timeout)

    @property
    def touch_after(self) -> float:
        """How old, in seconds, a session's `last_used_at` may get before it is written anew: half
        the lag that is promised, which leaves the other half for requests that are slow."""
        return min(60.0, self.session_timeout / 10) / 2
