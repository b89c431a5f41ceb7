from datetime import datetime

from attrs import evolve, frozen

from faraday_core.identity.model import Person, UserView
from faraday_core.identity.model import view_of as user_view_of
from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import AccessTokens, IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import (
    BlacklistedToken,
    Claims,
    DeviceName,
    DeviceView,
    Identity,
    Refreshed,
    RefreshRequest,
    RefreshToken,
    SessionView,
    UserDevice,
    UserSession,
    device_view_of,
    view_of,
)
from faraday_core.identity.session_start import SessionStart
from faraday_core.kernel.access import not_found, require_own
from faraday_core.kernel.actor import NOBODY, Actor, Origin
from faraday_core.kernel.errors import NotFound, NotSignedIn
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.tokens import TokenKind, hash_of, person_of


@frozen
class SessionService:
    """Keeps people signed in, and ends that; a session that is over is over at once, everywhere."""

    storage: IdentityStorage
    policy: SignInPolicy
    tokens: AccessTokens
    session_start: SessionStart
    now: Clock

    async def identify(self, claims: Claims) -> Identity:
        """Who asks with an access token: one question to storage, which knows what was revoked.

        Raises NotSignedIn (`invalid_token`).
        """
        now = self.now()
        async with self.storage.look(NOBODY, person=claims.user_id) as reader:
            identity = await reader.people.identity(
                claims, now=now, unused_since=self.policy.unused_since(now)
            )
        if identity is None:
            raise session_over()
        return identity

    async def me(self, claims: Claims) -> UserView:
        """The person whose access token this is; raises NotSignedIn (`invalid_token`)."""
        return user_view_of((await self.identify(claims)).person)

    async def touch(self, actor: Actor, last_used_at: datetime) -> None:
        """Note that the actor's session is in use, where that was not noted lately."""
        if not actor.session_id or self.now() - last_used_at < self.policy.touch_after:
            return
        user_id = require_own(actor)
        async with self.storage.begin(actor, person=user_id) as unit:
            await unit.use.touch(actor.session_id, self.now())

    async def refresh(self, *, refresh_token: str, origin: Origin = NOBODY.origin) -> Refreshed:
        """Spend a refresh token for its successor and a new access token.

        Spent again within the grace, as by a client that lost the answer or raced with itself, it
        gives the same successor; after that somebody has stolen it, and the session ends.
        Raises NotSignedIn (`invalid_token`, `refresh_reused`).
        """
        token = parse(RefreshRequest, {"refresh_token": refresh_token}).refresh_token
        user_id = person_of(TokenKind.REFRESH, token)
        if user_id is None:
            raise session_over()
        actor = Actor(user_id, origin=origin)
        home = await self._home(user_id)
        async with self.storage.begin(actor, tenant=home, person=user_id) as unit:
            spent = await unit.sessions.refresh_token(hash_of(token))
            if spent is None:
                raise session_over()
            session = await self._hold_living(unit, spent)
            successor = self.session_start.successor_of(token, user_id)
            reused = not await self._spend(unit, session, spent, successor)
        if reused:
            detail = "This refresh token was used before. For safety the session has been ended."
            raise NotSignedIn(detail, code="refresh_reused")
        access_token = self.session_start.access_token(user_id, session.id)
        return Refreshed(access_token, successor, self.policy.access_token_seconds)

    async def _home(self, user_id: str) -> str | None:
        try:
            async with self.storage.look(NOBODY, person=user_id) as reader:
                return (await reader.people.person(user_id)).home
        except NotFound:
            raise session_over() from None

    async def _hold_living(self, unit: IdentityUnit, token: RefreshToken) -> UserSession:
        person: Person = await unit.people.person(token.user_id)
        session = await unit.hold(UserSession, token.session_id)
        now = self.now()
        living = (
            session.ended_at is None
            and session.expires_at > now
            and session.last_used_at > self.policy.unused_since(now)
            and session.security_epoch == person.user.security_epoch
            and person.user.is_active
        )
        if not living:
            raise session_over()
        return session

    async def _spend(
        self, unit: IdentityUnit, session: UserSession, token: RefreshToken, successor: str
    ) -> bool:
        """Whether it may be spent; if not, the session is ended."""
        now = self.now()
        if token.spent_at is None:
            await unit.save(evolve(token, spent_at=now))
            await unit.add(self.session_start.refresh_token(session, successor))
            await unit.use.touch(session.id, now)
            return True
        if (now - token.spent_at).total_seconds() <= self.policy.refresh_grace:
            if not await unit.sessions.is_unspent(hash_of(successor)):
                raise session_over()
            return True
        await unit.save(evolve(session, ended_at=now, end_reason="refresh_reused"))
        await unit.account("auth.reuse_refresh_token", "session", session.id)
        return False

    async def logout(self, actor: Actor, *, all_sessions: bool = False) -> None:
        """End the session that asks, or all of the person's; the access token is dead with it."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            if all_sessions:
                await unit.endings.end_sessions(now, "logout")
            elif actor.session_id:
                await _end(unit, await unit.hold(UserSession, actor.session_id), now, "logout")
            if actor.token_id:
                expires = datetime.fromtimestamp(
                    now.timestamp() + self.policy.access_token_seconds, tz=now.tzinfo
                )
                await unit.add(BlacklistedToken(actor.token_id, user_id, expires, now))
            await unit.account(
                "auth.logout", "session", actor.session_id, all_sessions=all_sessions
            )

    async def list(self, actor: Actor, page: PageRequest) -> Page[SessionView]:
        """One's own sessions that live, the newest first."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.sessions.living(
                page, now=now, unused_since=self.policy.unused_since(now)
            )
        views = (view_of(session, actor.session_id) for session in found.items)
        return Page(tuple(views), found.next_cursor)

    async def end(self, actor: Actor, session_id: str) -> None:
        """End one of one's own sessions; raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            session = await unit.hold(UserSession, session_id)
            if session.ended_at:
                raise not_found()
            await _end(unit, session, self.now(), "ended_by_user")
            await unit.account("session.end", "session", session_id)

    async def name(self, actor: Actor, session_id: str, *, device_name: str) -> SessionView:
        """Call the device of one of one's own sessions by a name; raises NotFound."""
        user_id = require_own(actor)
        name = parse(DeviceName, {"device_name": device_name}).device_name
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            session = await unit.hold(UserSession, session_id)
            if session.ended_at:
                raise not_found()
            session = await unit.save(evolve(session, device_name=name))
            for device in await unit.devices.all():
                if device.id == session.device_id:
                    await unit.save(evolve(device, name=name))
            await unit.account("device.name", "session", session_id)
        return view_of(session, actor.session_id)

    async def devices(self, actor: Actor) -> Page[DeviceView]:
        """One's own devices that signed in before, at most ten, the one used last first."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            devices = await reader.devices.all()
        return Page(tuple(device_view_of(device) for device in reversed(devices)))

    async def end_device(self, actor: Actor, device_id: str) -> None:
        """Forget a device of one's own, and end its sessions; raises NotFound."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.remove(await unit.hold(UserDevice, device_id))
            unused_since = self.policy.unused_since(now)
            for session in await unit.sessions.all_living(now=now, unused_since=unused_since):
                if session.device_id == device_id:
                    await _end(unit, session, now, "device_ended")
            await unit.account("device.end", "device", device_id)


async def _end(unit: IdentityUnit, session: UserSession, now: datetime, reason: str) -> None:
    await unit.save(evolve(session, ended_at=now, end_reason=reason))


def session_over() -> NotSignedIn:
    return NotSignedIn("This token is not, or no longer, valid. Sign in.", code="invalid_token")
