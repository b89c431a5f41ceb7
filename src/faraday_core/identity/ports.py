"""What identity asks of the world."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from faraday_core.identity.model import (
    MailedToken,
    OneTimeToken,
    Person,
    RecoveryCode,
    SigningKey,
)
from faraday_core.identity.session_model import (
    Claims,
    Identity,
    RefreshToken,
    UserDevice,
    UserSession,
)
from faraday_core.identity.token_model import PersonalToken
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Reader, Storage, UnitOfWork


class People(Protocol):
    async def person(self, user_id: str) -> Person:
        """With the roles that can be seen from here; raises NotFound."""

    async def identity(
        self, claims: Claims, *, now: datetime, unused_since: datetime
    ) -> Identity | None:
        """Whose session it is, or None where that is over, by now or by not having been used."""

    async def platform_admins(self) -> int:
        """How many there are who can sign in."""


class Sessions(Protocol):
    async def living(
        self, page: PageRequest, *, now: datetime, unused_since: datetime
    ) -> Page[UserSession]:
        """Of the person stood at, the one that was started last first."""

    async def all_living(self, *, now: datetime, unused_since: datetime) -> Sequence[UserSession]:
        """Of the person stood at, the one that was used longest ago first."""

    async def refresh_token(self, token_hash: bytes) -> RefreshToken | None:
        """Held, as the unit's `hold` does."""

    async def is_unspent(self, token_hash: bytes) -> bool:
        """Whether there is such a refresh token, to be spent yet."""

    async def any_ever(self) -> bool:
        """Whether the person stood at has signed in before, as far back as that is kept."""


class Devices(Protocol):
    async def all(self) -> Sequence[UserDevice]:
        """Of the person stood at, the one that was used longest ago first."""

    async def with_token(self, token_hash: bytes, now: datetime) -> UserDevice | None: ...


class PersonalTokens(Protocol):
    async def identity(self, token_hash: bytes, now: datetime) -> Identity | None:
        """Whose token it is, of the person stood at; None where there is none that lives."""

    async def page(self, page: PageRequest, now: datetime) -> Page[PersonalToken]:
        """Those that live, of the person stood at, the newest first."""

    async def count(self, now: datetime) -> int:
        """How many that is."""


class OneTimeTokens(Protocol):
    async def id_of(self, kind: MailedToken, token_hash: bytes) -> str | None:
        """Of the person stood at: the token of this kind with this hash."""

    async def recovery_codes(self) -> Sequence[RecoveryCode]: ...


class SigningKeys(Protocol):
    async def all(self) -> Sequence[SigningKey]:
        """The newest first."""


class LoginAttempts(Protocol):
    async def locked_until(self, key: bytes, now: datetime) -> datetime | None:
        """When the lock ends, or None where there is none."""


class IdentityReader(Reader, Protocol):
    @property
    def people(self) -> People: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def devices(self) -> Devices: ...
    @property
    def personal_tokens(self) -> PersonalTokens: ...
    @property
    def one_time_tokens(self) -> OneTimeTokens: ...
    @property
    def signing_keys(self) -> SigningKeys: ...
    @property
    def attempts(self) -> LoginAttempts: ...


class Endings(Protocol):
    """What ends many things of the person stood at, at once."""

    async def end_sessions(self, now: datetime, reason: str, *, but: str | None = None) -> int:
        """All that live, `but` this one; answers how many."""

    async def forget_devices(self, *, but: str | None = None) -> None: ...

    async def void_tokens(self, kind: OneTimeToken) -> None:
        """Remove those of this kind: one-time tokens and recovery codes."""


class FailedAttempts(Protocol):
    async def fail(self, key: bytes, limit: int, now: datetime, until: datetime) -> bool:
        """Count one wrong attempt; the one that reaches `limit` locks `until` then.

        False, and nothing is counted, where it is locked already. Of any number at the same
        moment, `limit` are answered True.
        """

    async def clear(self, key: bytes) -> None: ...


class SessionUse(Protocol):
    async def touch(self, session_id: str, now: datetime) -> None:
        """Note that the session was used; it is no change that anybody could miss."""


class TokenUses(Protocol):
    async def touch(self, token_id: str, now: datetime) -> None:
        """Note that the personal token was used; it is no change that anybody could miss."""


class Leftovers(Protocol):
    """What nobody needs any more, whoever's it was. A worker's alone."""

    async def forget(self, *, now: datetime, before: datetime) -> int:
        """Remove what has expired by `now`, and the sessions that were last used `before`, spent
        refresh tokens and counters of attempts of then; answers how many."""


class IdentityUnit(IdentityReader, UnitOfWork, Protocol):
    @property
    def endings(self) -> Endings: ...
    @property
    def failures(self) -> FailedAttempts: ...
    @property
    def use(self) -> SessionUse: ...
    @property
    def token_use(self) -> TokenUses: ...
    @property
    def leftovers(self) -> Leftovers: ...


class AddressBook(Protocol):
    async def person_with_email(self, key: str) -> str | None:
        """The one thing that is asked before it is known who asks: whose address this is."""


class IdentityStorage(Storage[IdentityUnit, IdentityReader], AddressBook, Protocol):
    """Where accounts are kept."""


@frozen
class KeyPair:
    """An Ed25519 key (RFC 8032), raw: 32 bytes each."""

    id: str
    public: bytes
    private: bytes


class AccessTokens(Protocol):
    """Signs and reads JWTs (RFC 7519), EdDSA alone (RFC 8037)."""

    def new_key(self, id: str) -> KeyPair: ...

    def use(self, signing: KeyPair, verifying: Sequence[KeyPair]) -> None:
        """From now on, sign with the one and accept what was signed with any."""

    def misses_key_of(self, token: str) -> bool:
        """Whether it says to be signed with a key that may have been made since `use`. At most
        once a second, so that made-up tokens are no way to keep storage busy."""

    def issue(self, claims: Claims) -> str: ...

    def read(self, token: str) -> Claims:
        """Raises NotSignedIn: `token_expired`, or `invalid_token` for all else."""


class Totp(Protocol):
    """Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, 30 seconds, as apps have them."""

    def new_secret(self) -> bytes: ...

    def uri(self, secret: bytes, account: str) -> str:
        """What an authenticator app reads from a picture (`otpauth://`)."""

    def step_of(self, secret: bytes, code: str, now: datetime) -> int | None:
        """The time step that the code is of, one before and after included, or None."""
