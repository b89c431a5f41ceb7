"""The second factor: a code from an authenticator app, or one of the recovery codes."""

import secrets
from typing import Final

from attrs import evolve, frozen

from faraday_core.identity.model import RecoveryCode, TotpSecret
from faraday_core.identity.ports import IdentityReader, IdentityUnit, Totp
from faraday_core.kernel.errors import NotFound, NotSignedIn
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.secrets import Sealer
from faraday_core.kernel.tokens import hash_of

# Neither 0 and O nor 1, I and L: people copy these from paper.
_LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_GROUPS, _GROUP = 4, 4  # 79 bits


class WrongCode(Exception):
    """Neither a code of now that was not taken yet, nor a recovery code that is left."""


@frozen
class SecondFactor:
    totp: Totp
    sealer: Sealer
    now: Clock

    async def require(self, unit: IdentityUnit, user_id: str, code: str | None) -> None:
        """Take the code of a person who has a second factor, so that it is not taken again.

        Raises NotSignedIn (`totp_required`) where there is none, and WrongCode.
        """
        secret = await confirmed_secret(unit, user_id)
        if secret is None:
            return
        if code is None:
            detail = "Your account asks for a code of your authenticator app besides."
            raise NotSignedIn(detail, code="totp_required")
        if not await self.take(unit, secret, code) and not await _take_recovery(unit, code):
            raise WrongCode

    async def take(self, unit: IdentityUnit, secret: TotpSecret, code: str) -> TotpSecret | None:
        """The secret with the code's step noted, or None where the code is not right."""
        opened = self.sealer.open(secret.secret, "totp")
        step = self.totp.step_of(opened, code.replace(" ", ""), self.now())
        if step is None or step <= secret.last_step:
            return None
        return await unit.save(evolve(secret, last_step=step))


async def confirmed_secret(reader: IdentityReader, user_id: str) -> TotpSecret | None:
    try:
        secret = await reader.get(TotpSecret, user_id)
    except NotFound:
        return None
    return secret if secret.confirmed_at else None


def new_recovery_code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def recovery_hash(code: str) -> bytes:
    return hash_of(code.upper().replace("-", "").replace(" ", ""))


async def _take_recovery(unit: IdentityUnit, code: str) -> RecoveryCode | None:
    hashed = recovery_hash(code)
    for left in await unit.one_time_tokens.recovery_codes():
        if left.code_hash == hashed:
            await unit.remove(left)
            return left
    return None
