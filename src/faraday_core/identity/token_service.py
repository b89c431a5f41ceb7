from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.identity.ports import IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import Identity, session_over
from faraday_core.identity.token_format import new_personal_token, person_of_token
from faraday_core.identity.token_model import (
    MOST_TOKENS,
    TOUCH_AFTER,
    MadeToken,
    NewToken,
    PersonalToken,
    TokenView,
    expiry_of,
    made_view_of,
    token_view_of,
)
from faraday_core.kernel.access import require_in_person, require_own
from faraday_core.kernel.actor import NOBODY, Actor
from faraday_core.kernel.errors import Conflict
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.tokens import hash_of


@frozen
class TokenService:
    """Personal access tokens: what a program signs in with in its person's stead.

    One makes and ends them in person, never by a token; so none makes itself a wider or a longer
    one.
    """

    storage: IdentityStorage
    now: Clock
    new_id: NewId

    async def identify(self, token: str) -> Identity:
        """Who asks by a personal token: one question to storage. Raises NotSignedIn
        (`invalid_token`)."""
        user_id = person_of_token(token)
        if user_id is None:
            raise session_over()
        async with self.storage.look(NOBODY, person=user_id) as reader:
            identity = await reader.personal_tokens.identity(hash_of(token), self.now())
        if identity is None:
            raise session_over()
        return identity

    async def touch(self, identity: Identity) -> None:
        """Note that a token is in use, where that was not noted lately."""
        if identity.token is None or self.now() - identity.used_at < TOUCH_AFTER:
            return
        user_id = identity.person.user.id
        async with self.storage.begin(NOBODY, person=user_id) as unit:
            await unit.token_use.touch(identity.token.id, self.now())

    async def create(self, actor: Actor, new: NewToken) -> MadeToken:
        """A token that may do what its person may, of that what its scopes name. It ends with a
        new password or address, with a deactivation, and by itself.

        Raises Forbidden, Invalid (`in_the_past`), Conflict (`too_many_tokens`).
        """
        user_id = require_in_person(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)  # so that no two make the last one at once
            made, token = await self.issue(unit, user, new)
            await unit.account("token.create", "token", made.id, scopes=" ".join(made.scopes))
        return made_view_of(made, token)

    async def issue(
        self, unit: IdentityUnit, user: User, new: NewToken
    ) -> tuple[PersonalToken, str]:
        """Add a token of the person whom the unit stands at and holds; the only time that it is
        known. Raises Invalid, Conflict (`too_many_tokens`)."""
        now = self.now()
        expires_at = expiry_of(new.expires_at, now)
        if await unit.personal_tokens.count(now) >= MOST_TOKENS:
            detail = f"There are {MOST_TOKENS} tokens already. Remove one first."
            raise Conflict(detail, code="too_many_tokens")
        token = new_personal_token(user.id)
        made = PersonalToken(
            self.new_id(),
            user.id,
            new.name,
            scopes=tuple(sorted({*new.scopes})),
            token_hash=hash_of(token),
            security_epoch=user.security_epoch,
            created_at=now,
            expires_at=expires_at,
        )
        await unit.add(made)
        return made, token

    async def list(self, actor: Actor, page: PageRequest) -> Page[TokenView]:
        """One's own that live, the newest first."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.personal_tokens.page(page, self.now())
        return Page(tuple(map(token_view_of, found.items)), found.next_cursor)

    async def get(self, actor: Actor, token_id: str) -> TokenView:
        """Raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            return token_view_of(await reader.get(PersonalToken, token_id))

    async def delete(self, actor: Actor, token_id: str) -> None:
        """End one of one's own at once; raises NotFound."""
        user_id = require_in_person(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.remove(await unit.hold(PersonalToken, token_id))
            await unit.account("token.delete", "token", token_id)
