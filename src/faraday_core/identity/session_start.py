"""What a session begins with and goes on by: the tokens, and the device."""

from datetime import datetime, timedelta
from math import floor

from attrs import evolve, frozen

from faraday_core.identity import mails
from faraday_core.identity.model import Person, User
from faraday_core.identity.policy import DEVICE_LIFE, MOST_DEVICES, SignInPolicy
from faraday_core.identity.ports import AccessTokens, IdentityReader, IdentityUnit
from faraday_core.identity.session_model import (
    Claims,
    RefreshToken,
    SignIn,
    UserDevice,
    UserSession,
)
from faraday_core.identity.whereabouts import described
from faraday_core.kernel.actor import Origin
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.secrets import Secrets
from faraday_core.kernel.tokens import TokenKind, hash_of, new_token, person_of, token_of
from faraday_core.mail.mail_service import Outgoing


@frozen
class SessionStart:
    policy: SignInPolicy
    tokens: AccessTokens
    secrets: Secrets
    outgoing: Outgoing
    now: Clock
    new_id: NewId

    async def start(
        self,
        unit: IdentityUnit,
        person: Person,
        origin: Origin,
        *,
        device_name: str | None = None,
        device_token: str | None = None,
    ) -> SignIn:
        """A session of the person, whom the unit stands at and holds.

        `device_token`: what the device was given at an earlier sign-in, if it was.
        """
        now, user = self.now(), person.user
        await self._make_room(unit, now)
        device = await known_device(unit, user.id, device_token, now)
        if device is None or device_token is None:
            device_token = new_token(TokenKind.DEVICE, user.id)
            device = await self._new_device(unit, user, device_name, device_token, origin)
        else:
            lasting = evolve(device, last_used_at=now, expires_at=now + DEVICE_LIFE)
            device = await unit.save(evolve(lasting, name=device_name or device.name))
        session = UserSession(
            id=self.new_id(),
            user_id=user.id,
            device_id=device.id,
            device_name=device.name,
            ip_address=origin.ip_address,
            user_agent=origin.user_agent,
            security_epoch=user.security_epoch,
            created_at=now,
            last_used_at=now,
            expires_at=now + timedelta(seconds=self.policy.session_lifetime),
        )
        refresh_token = new_token(TokenKind.REFRESH, user.id)
        await unit.add(session)
        await unit.add(self.refresh_token(session, refresh_token))
        access_token = self.access_token(user.id, session.id)
        return SignIn(access_token, refresh_token, self.policy.access_token_seconds, device_token)

    def access_token(self, user_id: str, session_id: str) -> str:
        issued = floor(self.now().timestamp())
        expires = issued + self.policy.access_token_seconds
        return self.tokens.issue(Claims(user_id, session_id, self.new_id(), issued, expires))

    def refresh_token(self, session: UserSession, token: str) -> RefreshToken:
        return RefreshToken(
            self.new_id(), session.user_id, session.id, hash_of(token), issued_at=self.now()
        )

    def successor_of(self, token: str, user_id: str) -> str:
        """The one refresh token that follows on this one: whoever spends it twice is given the
        same, though it is stored nowhere."""
        return token_of(TokenKind.REFRESH, user_id, self.secrets.digest("refresh token", token))

    async def _make_room(self, unit: IdentityUnit, now: datetime) -> None:
        if not self.policy.max_sessions:
            return
        unused_since = self.policy.unused_since(now)
        living = await unit.sessions.all_living(now=now, unused_since=unused_since)
        for session in living[: max(0, len(living) - self.policy.max_sessions + 1)]:
            await unit.save(evolve(session, ended_at=now, end_reason="too_many_sessions"))

    async def _new_device(
        self, unit: IdentityUnit, user: User, name: str | None, token: str, origin: Origin
    ) -> UserDevice:
        others = await unit.devices.all()
        if others or await unit.sessions.any_ever():
            where = described(origin)
            mail = mails.new_device(user, self.now(), where)
            await self.outgoing.queue(unit, mail, user_id=user.id, by_mail_alone=False)
        for forgotten in others[: max(0, len(others) - MOST_DEVICES + 1)]:
            await unit.remove(forgotten)
        now = self.now()
        new = UserDevice(self.new_id(), user.id, name, hash_of(token), now, now, now + DEVICE_LIFE)
        await unit.add(new)
        return new


async def known_device(
    reader: IdentityReader, user_id: str, token: str | None, now: datetime
) -> UserDevice | None:
    """The person's device that was given this token; another's or a made-up one is none."""
    if token is None or person_of(TokenKind.DEVICE, token) != user_id:
        return None
    return await reader.devices.with_token(hash_of(token), now)
