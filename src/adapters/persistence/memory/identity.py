from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import (
    EmailVerification,
    MailedToken,
    OneTimeToken,
    PasswordResetToken,
    RecoveryCode,
    SigningKey,
)
from faraday_core.identity.session_model import (
    BlacklistedToken,
    RefreshToken,
    UserDevice,
    UserSession,
)
from faraday_core.identity.token_model import PersonalToken
from faraday_core.kernel.entity import Entity
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.invitation_model import Invitation


@frozen
class Attempt:
    failures: int
    locked_until: datetime | None
    updated_at: datetime


@frozen
class MemorySessions:
    rows: Rows

    def _living(self, now: datetime, unused_since: datetime) -> list[UserSession]:
        return [
            session
            for session in self.rows.own(UserSession)
            if session.ended_at is None
            and session.expires_at > now
            and session.last_used_at > unused_since
        ]

    async def living(
        self, page: PageRequest, *, now: datetime, unused_since: datetime
    ) -> Page[UserSession]:
        living = self._living(now, unused_since)
        return self.rows.page(UserSession, living, page, ("id",), newest_first=True)

    async def all_living(self, *, now: datetime, unused_since: datetime) -> Sequence[UserSession]:
        return sorted(self._living(now, unused_since), key=lambda session: session.last_used_at)

    async def refresh_token(self, token_hash: bytes) -> RefreshToken | None:
        await self.rows.wait()
        return self._with_hash(token_hash)

    async def is_unspent(self, token_hash: bytes) -> bool:
        token = self._with_hash(token_hash)
        return token is not None and token.spent_at is None

    async def any_ever(self) -> bool:
        return bool(self.rows.own(UserSession))

    def _with_hash(self, token_hash: bytes) -> RefreshToken | None:
        tokens = self.rows.own(RefreshToken)
        return next((token for token in tokens if token.token_hash == token_hash), None)


@frozen
class MemoryDevices:
    rows: Rows

    async def all(self) -> Sequence[UserDevice]:
        return sorted(self.rows.own(UserDevice), key=lambda device: device.last_used_at)

    async def with_token(self, token_hash: bytes, now: datetime) -> UserDevice | None:
        devices = self.rows.own(UserDevice)
        known = (device for device in devices if device.token_hash == token_hash)
        return next((device for device in known if device.expires_at > now), None)


@frozen
class MemoryOneTimeTokens:
    rows: Rows

    async def id_of(self, kind: MailedToken, token_hash: bytes) -> str | None:
        tokens = self.rows.own(kind)
        return next((token.id for token in tokens if token.token_hash == token_hash), None)

    async def recovery_codes(self) -> Sequence[RecoveryCode]:
        return self.rows.own(RecoveryCode)


@frozen
class MemorySigningKeys:
    rows: Rows

    async def all(self) -> Sequence[SigningKey]:
        return sorted(self.rows.all(SigningKey), key=lambda key: key.id, reverse=True)


@frozen
class MemoryLoginAttempts:
    rows: Rows

    def _of(self, key: bytes) -> Attempt | None:
        stored = self.rows.by_id(Attempt).get(key.hex())
        attempt: Attempt | None = stored.row if stored else None
        return attempt

    async def locked_until(self, key: bytes, now: datetime) -> datetime | None:
        attempt = self._of(key)
        until = attempt.locked_until if attempt else None
        return until if until and until > now else None

    async def fail(self, key: bytes, limit: int, now: datetime, until: datetime) -> bool:
        await self.rows.wait()
        if await self.locked_until(key, now):
            return False
        attempt = self._of(key)
        goes_on = attempt is not None and attempt.locked_until is None
        failures = attempt.failures + 1 if attempt and goes_on else 1
        locked_until = until if failures >= limit else None
        self.rows.put(key.hex(), Attempt(failures, locked_until, now))
        return True

    async def clear(self, key: bytes) -> None:
        self.rows.drop(Attempt, key.hex())


@frozen
class MemoryEndings:
    rows: Rows

    async def end_sessions(self, now: datetime, reason: str, *, but: str | None = None) -> int:
        ended = [s for s in self.rows.own(UserSession) if s.ended_at is None and s.id != but]
        for session in ended:
            gone = evolve(session, ended_at=now, end_reason=reason, version=session.version + 1)
            self.rows.write(session, gone)
        return len(ended)

    async def forget_devices(self, *, but: str | None = None) -> None:
        for device in self.rows.own(UserDevice):
            if device.id != but:
                self.rows.write(device, None)

    async def void_tokens(self, kind: OneTimeToken) -> None:
        for token in self.rows.own(kind):
            self.rows.write(token, None)


@frozen
class MemorySessionUse:
    rows: Rows

    async def touch(self, session_id: str, now: datetime) -> None:
        session = self.rows.find(UserSession, session_id)
        if session and session.last_used_at < now:
            self.rows.change_quietly(session, last_used_at=now)


@frozen
class MemoryLeftovers:
    rows: Rows

    async def forget(self, *, now: datetime, before: datetime) -> int:
        sessions = [row for row in self.rows.all(UserSession) if row.last_used_at < before]
        gone = {session.id for session in sessions}
        spent = [
            row
            for row in self.rows.all(RefreshToken)
            if row.session_id in gone or (row.spent_at and row.spent_at < before)
        ]
        expiring: tuple[Any, ...] = (
            PasswordResetToken,
            EmailVerification,
            UserDevice,
            BlacklistedToken,
            PersonalToken,
            Invitation,
        )
        expiring_rows: list[Any] = [row for kind in expiring for row in self.rows.all(kind)]
        expired = [row for row in expiring_rows if row.expires_at < now]
        retired = [k for k in self.rows.all(SigningKey) if k.retires_at and k.retires_at < now]
        ended: list[Entity] = [*sessions, *spent, *expired, *retired]
        for row in ended:
            self.rows.write(row, None)
        counters = [
            key
            for key, stored in self.rows.by_id(Attempt).items()
            if stored.row and stored.row.updated_at < before
        ]
        for key in counters:
            self.rows.drop(Attempt, key)
        return len(ended) + len(counters)
