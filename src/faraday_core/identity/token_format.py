"""What a personal access token looks like: `faraday_pat_`, 65 letters and digits, and 6 of a
checksum, so that whoever scans for leaked ones tells one from any other text without asking."""

import secrets
from typing import Final
from uuid import UUID
from zlib import crc32

PREFIX: Final = "faraday_pat_"
PATTERN: Final = rf"\b{PREFIX}[0-9A-Za-z]{{71}}\b"

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES: Final = {letter: value for value, letter in enumerate(_LETTERS)}
_ID, _SECRET = 16, 32  # bytes: whose it is, so that storage can stand there, and 256 random bits
_BODY, _CHECK = 65, 6  # letters that so many bytes, and a CRC-32, take


def new_personal_token(user_id: str) -> str:
    content = UUID(user_id).bytes + secrets.token_bytes(_SECRET)
    body = PREFIX + _written(int.from_bytes(content), _BODY)
    return body + _check(body)


def is_personal_token(token: str) -> bool:
    """Whether it says to be one, and so is no JWT."""
    return token.startswith(PREFIX)


def person_of_token(token: str) -> str | None:
    """Whose it says to be, or None where it was not made here: a letter is wrong, or missing."""
    body, check = token[:-_CHECK], token[-_CHECK:]
    digits = body.removeprefix(PREFIX)
    if not token.startswith(PREFIX) or len(digits) != _BODY or _check(body) != check:
        return None
    value = 0
    for letter in digits:
        if letter not in _VALUES:
            return None
        value = value * len(_LETTERS) + _VALUES[letter]
    if value.bit_length() > 8 * (_ID + _SECRET):
        return None
    return str(UUID(bytes=value.to_bytes(_ID + _SECRET)[:_ID]))


def _check(body: str) -> str:
    return _written(crc32(body.encode()), _CHECK)


def _written(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, value = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[value])
    return "".join(reversed(letters))
