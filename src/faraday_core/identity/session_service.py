from datetime import datetime

from attrs import evolve, frozen

from faraday_core.identity.policy import SignInPolicy
from faraday_core.identity.ports import AccessTokens, IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import (
    BlacklistedToken,
    Claims,
    DeviceName,
    Identity,
    SessionView,
    UserSession,
    session_over,
    view_of,
)
from faraday_core.identity.session_start import SessionStart
from faraday_core.kernel.access import not_found, require_in_person, require_own
from faraday_core.kernel.actor import NOBODY, Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.ports import Clock


@frozen
class SessionService:
    """Knows who is signed in, and ends that: what is over is over at once, everywhere."""

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

    async def touch(self, actor: Actor, last_used_at: datetime) -> None:
        """Note that the actor's session is in use, where that was not noted lately."""
        lag = (self.now() - last_used_at).total_seconds()
        if not actor.session_id or lag < self.policy.touch_after:
            return
        user_id = require_own(actor)
        async with self.storage.begin(actor, person=user_id) as unit:
            await unit.use.touch(actor.session_id, self.now())

    async def logout(self, actor: Actor, *, all_sessions: bool = False) -> None:
        """End the session that asks, or all of the person's; the access token is dead with it."""
        user_id, now = require_in_person(actor), self.now()
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


async def _end(unit: IdentityUnit, session: UserSession, now: datetime, reason: str) -> None:
    await unit.save(evolve(session, ended_at=now, end_reason=reason))
