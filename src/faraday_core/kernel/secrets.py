"""One secret, and a key of its own for each purpose made from it (RFC 5869, one block)."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from attrs import field, frozen

SHORTEST: Final = 32  # bytes: 256 bit


@frozen
class Secret:
    _value: bytes = field(repr=False)
    # Made once, and gone with the secret, so that nothing outlives a key that is destroyed.
    _keys: dict[str, bytes] = field(init=False, factory=dict, eq=False, repr=False)

    def key(self, purpose: str) -> bytes:
        """32 bytes which tell nothing of the secret, nor of another purpose's key."""
        if purpose not in self._keys:
            extracted = hmac.digest(b"faraday", self._value, hashlib.sha256)
            made = hmac.digest(extracted, purpose.encode() + b"\x01", hashlib.sha256)
            self._keys[purpose] = made
        return self._keys[purpose]

    @property
    def id(self) -> str:
        """By which what was made with it is known again; 8 hexadecimal digits."""
        return self.key("id").hex()[:8]


@frozen
class Secrets:
    """The secret in use, and those before it, with which what they made can still be read."""

    current: Secret
    former: tuple[Secret, ...] = ()

    def __iter__(self) -> Iterator[Secret]:
        yield self.current
        yield from self.former

    def known(self, id: str) -> Secret | None:
        return next((secret for secret in self if secret.id == id), None)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """A keyed hash (HMAC-SHA-256) of the parts, told apart by their lengths."""
        return keyed_hash(self.current.key(purpose), *parts)


def keyed_hash(key: bytes, *parts: str) -> bytes:
    encoded = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return hmac.digest(key, message, hashlib.sha256)


class Sealer(Protocol):
    """Keeps what storage must give back but nobody should read there."""

    def seal(self, plain: bytes, purpose: str) -> bytes: ...

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises SealBroken."""


# A sealer by a key of its own, instead of by the product's secret.
SealerOf = Callable[[bytes], Sealer]


class SealBroken(Exception):
    """Sealed with a secret that is not at hand, for another purpose, or changed since."""
