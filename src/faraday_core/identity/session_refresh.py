"""How a session goes on: a refresh token is spent for its successor, once."""

from attrs import evolve, frozen

from faraday_core.identity.ports import IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import (
    Refreshed,
    RefreshRequest,
    RefreshToken,
    UserSession,
    session_over,
)
from faraday_core.identity.session_start import SessionStart
from faraday_core.kernel.actor import NOBODY, Actor, Origin
from faraday_core.kernel.errors import NotFound, NotSignedIn
from faraday_core.kernel.parsing import parse
from faraday_core.kernel.tokens import TokenKind, hash_of, person_of


@frozen
class SessionRefresh:
    storage: IdentityStorage
    session_start: SessionStart

    async def spend(self, refresh_token: str, origin: Origin) -> Refreshed:
        """Raises NotSignedIn (`invalid_token`, `refresh_reused`)."""
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
        return Refreshed(access_token, successor, self.session_start.policy.access_token_seconds)

    async def _home(self, user_id: str) -> str | None:
        try:
            async with self.storage.look(NOBODY, person=user_id) as reader:
                return (await reader.people.person(user_id)).home
        except NotFound:
            raise session_over() from None

    async def _hold_living(self, unit: IdentityUnit, token: RefreshToken) -> UserSession:
        person = await unit.people.person(token.user_id)
        session = await unit.hold(UserSession, token.session_id)
        now = self.session_start.now()
        living = (
            session.ended_at is None
            and session.expires_at > now
            and session.last_used_at > self.session_start.policy.unused_since(now)
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
        now, grace = self.session_start.now(), self.session_start.policy.refresh_grace
        if token.spent_at is None:
            await unit.save(evolve(token, spent_at=now))
            await unit.add(self.session_start.refresh_token(session, successor))
            await unit.use.touch(session.id, now)
            return True
        if (now - token.spent_at).total_seconds() <= grace:
            if not await unit.sessions.is_unspent(hash_of(successor)):
                raise session_over()
            return True
        await unit.save(evolve(session, ended_at=now, end_reason="refresh_reused"))
        await unit.account("auth.reuse_refresh_token", "session", session.id)
        return False
