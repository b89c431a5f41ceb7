from base64 import b32encode

from attrs import evolve, field, frozen

from faraday_core.identity.factors import (
    SecondFactor,
    confirmed_secret,
    new_recovery_code,
    recovery_hash,
)
from faraday_core.identity.model import RecoveryCode, TotpSecret, User
from faraday_core.identity.password_service import PasswordService
from faraday_core.identity.ports import IdentityStorage, IdentityUnit
from faraday_core.kernel.access import require_in_person, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Fault, Invalid, NotFound
from faraday_core.kernel.ports import NewId

RECOVERY_CODES = 10


@frozen
class NewTotp:
    """What an authenticator app is to be given: as a picture the one, by hand the other."""

    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


@frozen
class TotpConfirmed:
    """Shown once; each stands in for a code, once."""

    recovery_codes: tuple[str, ...] = field(repr=False)


@frozen
class TotpState:
    enabled: bool
    recovery_codes_left: int


@frozen
class TotpService:
    """A second factor, for whoever wants one (RFC 6238)."""

    storage: IdentityStorage
    factor: SecondFactor
    passwords: PasswordService
    new_id: NewId

    async def state(self, actor: Actor) -> TotpState:
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            secret = await confirmed_secret(reader, user_id)
            left = await reader.one_time_tokens.recovery_codes()
        return TotpState(enabled=secret is not None, recovery_codes_left=len(left))

    async def start(self, actor: Actor) -> NewTotp:
        """A new secret, in force from its confirmation on; raises Conflict (`totp_enabled`)."""
        user_id = require_in_person(actor)
        opened = self.factor.totp.new_secret()
        sealed = self.factor.sealer.seal(opened, "totp")
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            user = await unit.hold(User, user_id)  # of two at once the second replaces the first
            new = TotpSecret(user_id, user_id, sealed, created_at=self.factor.now())
            old = await _secret(unit, user_id)
            if old and old.confirmed_at:
                detail = "There is a second factor already. Switch it off first."
                raise Conflict(detail, code="totp_enabled")
            await (unit.save(evolve(new, version=old.version)) if old else unit.add(new))
        uri = self.factor.totp.uri(opened, user.email or user.full_name)
        return NewTotp(b32encode(opened).decode().rstrip("="), uri)

    async def confirm(self, actor: Actor, *, code: str) -> TotpConfirmed:
        """Switch it on, by a code that shows that the app has the secret.

        Raises Invalid (`wrong_code`), NotFound where none was started.
        """
        user_id = require_in_person(actor)
        codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            secret = await unit.hold(TotpSecret, user_id)
            if secret.confirmed_at:
                raise Conflict("It is confirmed already.", code="totp_enabled")
            taken = await self.factor.take(unit, secret, code)
            if taken is None:
                detail = "is not the code that your app should show now; is its clock right?"
                raise Invalid([Fault("/code", "wrong_code", detail)])
            await unit.save(evolve(taken, confirmed_at=self.factor.now()))
            await unit.endings.void_tokens(RecoveryCode)
            for recovery in codes:
                await unit.add(RecoveryCode(self.new_id(), user_id, recovery_hash(recovery)))
            await unit.account("totp.enable", "user", user_id)
        return TotpConfirmed(codes)

    async def stop(self, actor: Actor, *, password: str) -> None:
        """Switch it off; raises Invalid (`wrong_password`), NotFound where there is none."""
        user_id = require_in_person(actor)
        await self.passwords.require_password(actor, password, at="/password")
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.remove(await unit.hold(TotpSecret, user_id))
            await unit.endings.void_tokens(RecoveryCode)
            await unit.account("totp.disable", "user", user_id)


async def _secret(unit: IdentityUnit, user_id: str) -> TotpSecret | None:
    try:
        return await unit.hold(TotpSecret, user_id)
    except NotFound:
        return None
