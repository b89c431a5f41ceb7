from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from attrs import evolve, frozen

from faraday_core.identity import mails
from faraday_core.identity.addresses import Email, email_key
from faraday_core.identity.attempts import Attempts
from faraday_core.identity.model import (
    Credential,
    PasswordChange,
    PasswordForgotten,
    PasswordReset,
    PasswordResetToken,
    ResetPurpose,
    User,
)
from faraday_core.identity.passwords import PasswordHasher, faults_beside_address
from faraday_core.identity.policy import INVITATION_LIFE, SignInPolicy
from faraday_core.identity.ports import IdentityReader, IdentityStorage, IdentityUnit
from faraday_core.identity.session_model import UserSession
from faraday_core.kernel.access import PLATFORM, Action, require, require_in_person
from faraday_core.kernel.actor import NOBODY, Actor, Origin
from faraday_core.kernel.errors import Fault, Invalid, NotFound
from faraday_core.kernel.parsing import Parser
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.secrets import Sealer
from faraday_core.kernel.tokens import TokenKind, hash_of, new_token, person_of
from faraday_core.mail.mail_service import Outgoing
from faraday_core.mail.model import MailKind


@frozen
class ForgottenAddress:
    email: Email


@frozen
class PasswordService:
    """Changes passwords: by who knows the old one, or who can read the account's mail."""

    storage: IdentityStorage
    policy: SignInPolicy
    parser: Parser
    hasher: PasswordHasher
    attempts: Attempts
    outgoing: Outgoing
    sealer: Sealer
    now: Clock
    new_id: NewId

    async def change(self, actor: Actor, *, current_password: str, new_password: str) -> None:
        """Set another password; the session that asks goes on, all others and the devices end.

        Raises Invalid (`wrong_password`, which counts as an attempt, or what is wrong with the new
        one), TooMany, Unavailable.
        """
        user_id = require_in_person(actor)
        asked = {"current_password": current_password, "new_password": new_password}
        self.parser.parse(PasswordChange, asked)
        await self.require_password(actor, current_password, at="/current_password")
        async with self.storage.look(actor, person=user_id) as reader:
            user = await reader.get(User, user_id)
        if faults := faults_beside_address(new_password, user.email, "/new_password"):
            raise Invalid(faults)
        hashed = await self.hasher.hash(new_password)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await self._set(unit, user_id, hashed, but=actor.session_id)
            await unit.account("auth.change_password", "user", user_id)

    async def require_password(self, actor: Actor, password: str, *, at: str) -> None:
        """Have the person say their password again, before something that cannot be undone.

        Raises Invalid (`wrong_password`) at this pointer, and TooMany; counts as an attempt.
        """
        user_id = require_in_person(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            user = await reader.get(User, user_id)
            counters = self.attempts.counters(user.email_key or "", None)
            await self.attempts.refuse_locked(reader, counters)
            try:
                hashed: str | None = (await reader.get(Credential, user_id)).password_hash
            except NotFound:
                hashed = None
        if await self.hasher.matches(password, hashed):
            async with self.storage.begin(actor, person=user_id) as unit:
                await self.attempts.clear(unit, counters)
            return
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            too_many = await self.attempts.fail(unit, counters)
            await unit.account("auth.fail_password", "user", user_id)
        wrong = Fault(at, "wrong_password", "is not your password")
        raise too_many or Invalid([wrong])

    async def forget(self, *, email: str, origin: Origin = NOBODY.origin) -> None:
        """Ask for a reset by mail. The same for an address that nobody has: whether there is an
        account is found out later, by a worker, and told to its owner alone."""
        address = self.parser.parse(ForgottenAddress, {"email": email}).email
        sealed = self.sealer.seal(address.encode(), "forgotten")
        async with self.storage.begin(NOBODY.acting_from(origin)) as unit:
            await unit.record(PasswordForgotten(b64encode(sealed).decode()))

    async def send_reset(self, actor: Actor, forgotten: PasswordForgotten) -> None:
        """What a worker does about it: mail a token, if the address is somebody's."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        address = self.sealer.open(b64decode(forgotten.address), "forgotten").decode()
        user_id = await self.storage.person_with_email(email_key(address))
        if user_id is None:
            return
        async with self.storage.look(actor, person=user_id) as reader:
            home = (await reader.people.person(user_id)).home
        async with self.storage.begin(actor, tenant=home, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            if user.is_active:
                await self.mail_token(unit, user, ResetPurpose.RESET)
                await unit.account("auth.send_reset", "user", user_id)

    async def mail_token(self, unit: IdentityUnit, user: User, purpose: ResetPurpose) -> None:
        """Send a token to set a password by; it replaces those that were sent before."""
        token, now = new_token(TokenKind.PASSWORD_RESET, user.id), self.now()
        seconds = self.policy.reset_token_seconds
        reset = purpose is ResetPurpose.RESET
        expires_at = now + (timedelta(seconds=seconds) if reset else INVITATION_LIFE)
        await unit.endings.void_tokens(PasswordResetToken)
        await unit.add(
            PasswordResetToken(self.new_id(), user.id, hash_of(token), purpose, now, expires_at)
        )
        mail = (
            mails.reset_password(user, token, max(1, seconds // 60))
            if reset
            else mails.invitation(user, token)
        )
        kind = MailKind.ACCOUNT if reset else MailKind.INVITATION
        await self.outgoing.queue(unit, mail, user_id=user.id, kind=kind)

    async def reset(
        self, *, token: str, new_password: str, origin: Origin = NOBODY.origin
    ) -> None:
        """Set a password by a token that was mailed; every session and device ends, and the count
        of wrong attempts. A second factor stays. A refused password does not spend the token.

        Raises Invalid (`invalid_reset_token`, or what is wrong with the password), Unavailable.
        """
        self.parser.parse(PasswordReset, {"token": token, "new_password": new_password})
        user_id = person_of(TokenKind.PASSWORD_RESET, token)
        if user_id is None:
            raise _invalid_token()
        actor = Actor(user_id, origin=origin)
        async with self.storage.look(actor, person=user_id) as reader:
            id = await self._living_token(reader, token, self.now())
            person = await reader.people.person(user_id)
        if faults := faults_beside_address(new_password, person.user.email, "/new_password"):
            raise Invalid(faults)
        hashed = await self.hasher.hash(new_password)
        async with self.storage.begin(actor, tenant=person.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)
            # Held, so that of two at once the second finds it gone.
            id = await self._living_token(unit, token, self.now())
            await unit.remove(await unit.hold(PasswordResetToken, id))
            await unit.save(evolve(user, email_verified=True))
            await self._set(unit, user_id, hashed)
            await self.attempts.clear(unit, self.attempts.of_account(user.email_key or ""))
            await unit.account("auth.reset_password", "user", user_id)

    async def _living_token(self, reader: IdentityReader, token: str, now: datetime) -> str:
        id = await reader.one_time_tokens.id_of(PasswordResetToken, hash_of(token))
        if id is None or (await reader.get(PasswordResetToken, id)).expires_at <= now:
            raise _invalid_token()
        return id

    async def _set(
        self, unit: IdentityUnit, user_id: str, hashed: str, *, but: str | None = None
    ) -> None:
        """`but`: the session that goes on."""
        now = self.now()
        user = await unit.hold(User, user_id)
        epoch = user.security_epoch + 1
        user = await unit.save(evolve(user, security_epoch=epoch, updated_at=now))
        try:
            old = await unit.hold(Credential, user_id)
            await unit.save(evolve(old, password_hash=hashed, changed_at=now))
        except NotFound:  # who was invited has none yet
            await unit.add(Credential(user_id, user_id, hashed, changed_at=now))
        kept = None
        if but:
            session = await unit.hold(UserSession, but)
            kept = (await unit.save(evolve(session, security_epoch=epoch))).device_id
        await unit.endings.end_sessions(now, "password_changed", but=but)
        await unit.endings.forget_devices(but=kept)
        await unit.endings.void_tokens(PasswordResetToken)
        mail = mails.password_changed(user)
        await self.outgoing.queue(unit, mail, user_id=user_id, by_mail_alone=False)


def _invalid_token() -> Invalid:
    detail = "is no token that was sent, or one that is used, replaced or too old"
    return Invalid([Fault("/token", "invalid_reset_token", detail)])
