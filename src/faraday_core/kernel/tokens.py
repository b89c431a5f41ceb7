"""Opaque tokens: 256 random bits behind the id of the person, or the tenant, whose they are.

The id lets storage stand there before it looks the token up. Only the hash is stored.
"""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from enum import StrEnum
from uuid import UUID

_ID = 16  # bytes
_SECRET = 32


class TokenKind(StrEnum):
    """What a token begins with, so that one which turns up in a log or a repository is known."""

    REFRESH = "frt_"
    DEVICE = "fdt_"
    PASSWORD_RESET = "fpr_"  # noqa: S105 -- a prefix, no password
    EMAIL_VERIFICATION = "fev_"
    INVITATION = "fin_"  # behind it the id of a tenant, not of a person


def new_token(kind: TokenKind, owner_id: str) -> str:
    return token_of(kind, owner_id, secrets.token_bytes(_SECRET))


def token_of(kind: TokenKind, owner_id: str, secret: bytes) -> str:
    return kind + urlsafe_b64encode(UUID(owner_id).bytes + secret).decode()


def person_of(kind: TokenKind, token: str) -> str | None:
    """Whose it says to be, or None where it is no token of this kind."""
    if not token.startswith(kind):
        return None
    try:
        content = urlsafe_b64decode(token.removeprefix(kind).encode())
    except (NotBase64, UnicodeEncodeError):
        return None
    return str(UUID(bytes=content[:_ID])) if len(content) == _ID + _SECRET else None


def hash_of(token: str) -> bytes:
    """SHA-256; a token is random enough to need nothing slower."""
    return hashlib.sha256(token.encode()).digest()
