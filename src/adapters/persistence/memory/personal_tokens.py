from datetime import UTC, datetime

from attrs import frozen

from adapters.persistence.memory.people import MemoryPeople
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.identity.session_model import Identity
from faraday_core.identity.token_model import PersonalToken, TokenUse
from faraday_core.kernel.paging import Page, PageRequest

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class MemoryPersonalTokens:
    rows: Rows

    def _living(self, now: datetime) -> list[PersonalToken]:
        user = self.rows.find(User, self.rows.scope.user_id or "")
        epoch = user.security_epoch if user else None
        return [
            token
            for token in self.rows.own(PersonalToken)
            if token.expires_at > now and token.security_epoch == epoch
        ]

    async def identity(self, token_hash: bytes, now: datetime) -> Identity | None:
        token = next((one for one in self._living(now) if one.token_hash == token_hash), None)
        user = self.rows.find(User, self.rows.scope.user_id or "")
        if token is None or user is None or not user.is_active:
            return None
        person = await MemoryPeople(self.rows).person(user.id)
        use = TokenUse(token.id, token.scopes)
        return Identity(person, None, token.last_used_at or NEVER, token=use)

    async def page(self, page: PageRequest, now: datetime) -> Page[PersonalToken]:
        living = self._living(now)
        return self.rows.page(PersonalToken, living, page, ("id",), newest_first=True)

    async def count(self, now: datetime) -> int:
        return len(self._living(now))


@frozen
class MemoryTokenUses:
    rows: Rows

    async def touch(self, token_id: str, now: datetime) -> None:
        if token := self.rows.find(PersonalToken, token_id):
            self.rows.change_quietly(token, last_used_at=now)
