"""Access tokens: JWTs (RFC 7519) signed with Ed25519 (RFC 8037), by PyJWT."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.exceptions import PyJWTError

from faraday_core.identity.ports import KeyPair
from faraday_core.identity.session_model import Claims, session_over
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.ids import is_id

ALGORITHM: Final = "EdDSA"
ISSUER: Final = "faraday"
AUDIENCE: Final = "faraday"
LEEWAY: Final = 5  # seconds, for `nbf` and `iat`; `exp` has none
MOST_REMEMBERED: Final = 20_000
LONGEST: Final = 2048
# One spelling a token (RFC 7515, 2): Python's decoder passes over what is no base64url, and the
# last letter of a signature of 64 bytes has four bits that would say nothing.
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]")
LOOK_AGAIN: Final = 1.0  # seconds between two look-ups of keys that are not known

_NUMBERS = ("exp", "iat", "nbf")
_IDS = ("sub", "sid", "jti")
# Times are checked here, by each claim's own leeway.
_OPTIONS: Final[Any] = {
    "require": [*_NUMBERS, *_IDS, "iss", "aud"],
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}  # PyJWT's own type for it names each option there is


class JwtAccessTokens:
    """A signature that was verified is remembered, since that is all that cannot change: whether
    the session still lives is asked at each request."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        """`seconds`: since 1970."""
        self._seconds = seconds
        self._signing: tuple[str, Ed25519PrivateKey] | None = None
        self._verifying: dict[str, Ed25519PublicKey] = {}
        self._remembered: dict[str, tuple[Claims, int]] = {}
        self._looked = 0.0
        self.verified = 0  # signatures, so that a test can count them

    def new_key(self, id: str) -> KeyPair:
        private = Ed25519PrivateKey.generate()
        return KeyPair(id, private.public_key().public_bytes_raw(), private.private_bytes_raw())

    def use(self, signing: KeyPair, verifying: Sequence[KeyPair]) -> None:
        self._signing = signing.id, Ed25519PrivateKey.from_private_bytes(signing.private)
        known = {key.id: Ed25519PublicKey.from_public_bytes(key.public) for key in verifying}
        if not {*self._verifying} <= {*known}:
            self._remembered.clear()  # what a retired key has signed holds no more
        self._verifying = known

    def misses_key_of(self, token: str) -> bool:
        if token in self._remembered or (now := self._seconds()) - self._looked < LOOK_AGAIN:
            return False
        id = _key_id(token)
        if id is None or id in self._verifying or not is_id(id):
            return False
        self._looked = now
        return True

    def issue(self, claims: Claims) -> str:
        assert self._signing, "no key has been loaded"
        id, key = self._signing
        payload = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": claims.user_id,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "iat": claims.issued_at,
            "nbf": claims.issued_at,
            "exp": claims.expires_at,
        }
        return jwt.encode(payload, key, ALGORITHM, headers={"kid": id})

    def read(self, token: str) -> Claims:
        claims, not_before = self._remembered.get(token) or self._verify(token)
        now = self._seconds()
        if claims.expires_at <= now:
            self._remembered.pop(token, None)
            raise NotSignedIn("This access token has expired. Refresh it.", code="token_expired")
        if max(not_before, claims.issued_at) > now + LEEWAY:
            raise session_over()
        return claims

    def _verify(self, token: str) -> tuple[Claims, int]:
        key = self._verifying.get(_key_id(token) or "")
        if key is None:
            raise session_over()
        self.verified += 1
        try:
            payload = jwt.decode(
                token, key, [ALGORITHM], _OPTIONS, audience=AUDIENCE, issuer=ISSUER
            )
        except PyJWTError:
            raise session_over() from None
        read = _claims(payload), payload["nbf"]
        while len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.pop(next(iter(self._remembered)), None)
        self._remembered[token] = read
        return read


def _claims(payload: Mapping[str, Any]) -> Claims:  # whatever JSON holds
    if any(type(payload[name]) is not int for name in _NUMBERS):
        raise session_over()
    if not all(isinstance(payload[name], str) and is_id(payload[name]) for name in _IDS):
        raise session_over()
    user, session, token = (payload[name] for name in _IDS)
    return Claims(user, session, token, payload["iat"], payload["exp"])


def _key_id(token: str) -> str | None:
    if len(token) > LONGEST or not _SHAPE.fullmatch(token):
        return None
    try:
        id = jwt.get_unverified_header(token).get("kid")
    except (PyJWTError, UnicodeError):
        return None
    return id if isinstance(id, str) else None
