"""Guessing is counted, so many wrong ones in a row and no more.

Decided when the password has been hashed, not before: of any number at the same moment so many are
told that they are wrong, and the others that they are too many, right or wrong.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil

from attrs import frozen

from faraday_core.identity.policy import DEVICES_SHARE, SignInPolicy
from faraday_core.identity.ports import IdentityReader, IdentityUnit
from faraday_core.kernel.errors import TooMany
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.secrets import Secrets


@frozen
class Counter:
    key: bytes
    limit: int


@frozen
class Attempts:
    policy: SignInPolicy
    secrets: Secrets
    now: Clock

    def counters(self, email_key: str, device_id: str | None) -> tuple[Counter, ...]:
        """A device that signed in before counts apart: others' guesses do not lock it out.

        An address is told by a keyed hash, so that the counters name nobody.
        """
        limit = self.policy.max_attempts
        if device_id is None:
            return (Counter(self.secrets.digest("attempts", email_key), limit),)
        return (
            Counter(self.secrets.digest("attempts by a device", device_id), limit),
            Counter(self.secrets.digest("attempts by devices", email_key), limit * DEVICES_SHARE),
        )

    def of_account(self, email_key: str) -> tuple[Counter, ...]:
        """All counters of the account that do not hang on one device."""
        return (*self.counters(email_key, None), self.counters(email_key, "")[1])

    async def refuse_locked(self, reader: IdentityReader, counters: Sequence[Counter]) -> None:
        """Raises TooMany."""
        for counter in counters:
            if until := await reader.attempts.locked_until(counter.key, self.now()):
                seconds = ceil((until - self.now()).total_seconds())
                raise _too_many(seconds)

    async def fail(self, unit: IdentityUnit, counters: Sequence[Counter]) -> TooMany | None:
        """Count a wrong attempt; answers what to refuse it with if it was one too many."""
        now = self.now()
        until = now + timedelta(seconds=self.policy.lockout)
        counted = [
            await unit.failures.fail(counter.key, counter.limit, now, until)
            for counter in counters
        ]
        if all(counted):
            return None
        ends = [await unit.attempts.locked_until(counter.key, now) for counter in counters]
        return _too_many(ceil((max(end or now for end in ends) - now).total_seconds()))

    async def clear(self, unit: IdentityUnit, counters: Sequence[Counter]) -> None:
        for counter in counters:
            await unit.failures.clear(counter.key)


def _too_many(seconds: int) -> TooMany:
    return TooMany(
        "There were too many wrong attempts. Wait, or ask for a password reset.",
        retry_after=seconds,
        code="too_many_attempts",
    )
