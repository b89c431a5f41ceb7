"""What a password has to be (NIST SP 800-63B-4, 3.1.1.2), and the port that hashes it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any, Final, Protocol
from unicodedata import normalize

from attrs import frozen

from faraday_core.identity.addresses import email_key
from faraday_core.kernel.errors import Fault

LONGEST: Final = 1024  # bytes of UTF-8


@frozen
class PasswordText:
    """A password that is to be set. How short it may be is a setting: see PasswordPolicy."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value.encode()) > LONGEST:
            return "too_long", f"takes at most {LONGEST} bytes"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"format": "password"}


@frozen
class GivenPasswordText(PasswordText):
    """A password that is tried: whatever may ever have been set."""


@frozen
class PasswordPolicy(PasswordText):
    """No rules of composition and no expiry, but none that everybody uses."""

    min_length: int
    is_common: Callable[[str], bool]  # told in lower case

    def broken_by(self, value: str) -> tuple[str, str] | None:
        value = normalize("NFC", value)
        if too_long := super().broken_by(value):
            return too_long
        if len(value) < self.min_length:
            return "password_too_short", f"needs at least {self.min_length} characters"
        if self.is_common(value.casefold()):
            return "password_too_common", "is one of those that are tried first; take another"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {**super().schema(), "minLength": self.min_length}


Password = Annotated[str, PasswordText()]
GivenPassword = Annotated[str, GivenPasswordText()]


def faults_beside_address(password: str, address: str | None, at: str) -> list[Fault]:
    """A password that is the person's own address, or the part before its `@`."""
    key = email_key(address or "")
    if key and email_key(password) in {key, key.partition("@")[0]}:
        return [Fault(at, "password_too_common", "is your own e-mail address; take another")]
    return []


class PasswordHasher(Protocol):
    """bcrypt, off the event loop, so many at a time and no more."""

    def admit(self) -> AbstractContextManager[None]:
        """A place for one task that is going to hash: who comes too many is told so before
        anything is done for them. Raises Unavailable (`overloaded`)."""

    async def hash(self, password: str) -> str:
        """Raises Unavailable (`overloaded`) where too many wait."""

    async def matches(self, password: str, hashed: str | None) -> bool:
        """None is nobody's hash: it takes as long as any other, and matches nothing.

        Raises Unavailable (`overloaded`) where too many wait.
        """

    def is_dated(self, hashed: str) -> bool:
        """Whether it was made with an older secret or at an older cost."""
