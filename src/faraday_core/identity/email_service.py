from collections.abc import Callable

from attrs import evolve, frozen

from faraday_core.identity import mails
from faraday_core.identity.model import EmailVerification, User
from faraday_core.identity.policy import EMAIL_VERIFICATION_LIFE
from faraday_core.identity.ports import IdentityStorage, IdentityUnit
from faraday_core.kernel.access import require_own
from faraday_core.kernel.actor import NOBODY, Actor, Origin
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.tokens import TokenKind, hash_of, new_token, person_of
from faraday_core.mail.mail_service import Outgoing
from faraday_core.mail.model import Mail


@frozen
class EmailService:
    """Finds out whether an address is its person's: only they can read what is sent there."""

    storage: IdentityStorage
    outgoing: Outgoing
    now: Clock
    new_id: NewId

    async def ask(
        self,
        unit: IdentityUnit,
        user: User,
        written: Callable[[User, str], Mail] = mails.verify_address,
    ) -> None:
        """Send a token to the person's address; it replaces those that were sent before."""
        if user.email_key is None:
            return
        token, now = new_token(TokenKind.EMAIL_VERIFICATION, user.id), self.now()
        await unit.endings.void_tokens(EmailVerification)
        await unit.add(
            EmailVerification(
                self.new_id(),
                user.id,
                user.email_key,
                hash_of(token),
                created_at=now,
                expires_at=now + EMAIL_VERIFICATION_LIFE,
            )
        )
        await self.outgoing.queue(unit, written(user, token), user_id=user.id)

    async def verify(self, *, token: str, origin: Origin = NOBODY.origin) -> None:
        """Take a token that was sent; raises Invalid (`invalid_verification_token`)."""
        user_id = person_of(TokenKind.EMAIL_VERIFICATION, token)
        if user_id is None:
            raise _invalid()
        actor = Actor(user_id, origin=origin)
        async with self.storage.begin(actor, person=user_id) as unit:
            id = await unit.one_time_tokens.id_of(EmailVerification, hash_of(token))
            if id is None:
                raise _invalid()
            sent = await unit.hold(EmailVerification, id)
            user = await unit.hold(User, user_id)
            if sent.expires_at <= self.now() or sent.email_key != user.email_key:
                raise _invalid()
            await unit.remove(sent)
            await unit.save(evolve(user, email_verified=True, updated_at=self.now()))
            await unit.account("auth.verify_email", "user", user_id)

    async def resend(self, actor: Actor) -> None:
        """Send another token to one's own address, unless it is verified."""
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            if not user.email_verified:
                await self.ask(unit, user)


def _invalid() -> Invalid:
    detail = "is no token that was sent, or one that is used, replaced or too old"
    return Invalid([Fault("/token", "invalid_verification_token", detail)])
