import hmac
import secrets
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

_DIGITS: Final = 6
_STEP: Final = 30  # seconds
_SECRET: Final = 20  # bytes, as long as SHA-1's output (RFC 4226, 4)
_ISSUER: Final = "Faraday"


class AuthenticatorCodes:
    """RFC 6238 as authenticator apps have it: SHA-1, 6 digits, 30 seconds."""

    def new_secret(self) -> bytes:
        return secrets.token_bytes(_SECRET)

    def uri(self, secret: bytes, account: str) -> str:
        return _totp(secret).get_provisioning_uri(account, _ISSUER)

    def step_of(self, secret: bytes, code: str, now: datetime) -> int | None:
        current = int(now.timestamp()) // _STEP
        for step in (current - 1, current, current + 1):
            expected = _totp(secret).generate(step * _STEP)
            if hmac.compare_digest(expected, code.encode()):
                return step
        return None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP)  # noqa: S303 -- what the apps compute
