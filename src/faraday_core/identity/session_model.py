"""Sessions: a device that is signed in, and the tokens that it holds."""

from datetime import datetime
from typing import ClassVar

from attrs import evolve, field, frozen

from faraday_core.identity.model import Person
from faraday_core.identity.token_model import TokenUse
from faraday_core.kernel.actor import Actor, Evidence, Origin
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.errors import NotSignedIn
from faraday_core.kernel.rules import Name, Token


@frozen
class UserSession:
    """`expires_at`: whatever its use. It is over, too, when it has not been used for a while, and
    when the person's `security_epoch` is another one by now."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    device_id: str | None
    device_name: str | None
    ip_address: str | None
    user_agent: str | None
    security_epoch: int
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    end_reason: str | None = None
    version: int = 1


@frozen
class RefreshToken:
    """One of a session's line of refresh tokens; each but the last is spent."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    session_id: str
    token_hash: bytes
    issued_at: datetime
    spent_at: datetime | None = None
    version: int = 1


@frozen
class UserDevice:
    """A device that has signed in before, and so is not locked out by others' guesses."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    name: str | None
    token_hash: bytes
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    version: int = 1


@frozen
class BlacklistedToken:
    """An access token that must not live to its expiry; its `id` is the token's `jti`."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    expires_at: datetime
    created_at: datetime
    version: int = 1


@frozen
class Claims:
    """What an access token says, once its signature and its times were found right."""

    user_id: str  # sub
    session_id: str  # sid
    token_id: str  # jti
    issued_at: int  # iat, seconds since 1970
    expires_at: int  # exp


@frozen
class Identity:
    """Who a request comes from: a person, signed in by a session (its `claims`), or for whom a
    program asks by a personal `token`."""

    person: Person
    claims: Claims | None
    last_used_at: datetime
    evidence: Evidence | None = field(default=None, eq=False, repr=False)
    token: TokenUse | None = None

    def acting(self, origin: Origin) -> Actor:
        if self.token:
            by_token = self.person.acting(origin, token_id=self.token.id, evidence=self.evidence)
            return evolve(by_token, scopes=self.token.scopes)
        assert self.claims is not None  # by the one or by the other
        return self.person.acting(
            origin,
            session_id=self.claims.session_id,
            token_id=self.claims.token_id,
            evidence=self.evidence,
        )

    @property
    def used_at(self) -> datetime:
        """When the session or the token was used last, as storage found it last."""
        return self.evidence.last_used_at if self.evidence else self.last_used_at

    def remembered(self, evidence: Evidence) -> "Identity":
        """The same, to be proven by this."""
        return evolve(self, evidence=evidence)


@frozen
class SignIn:
    """`expires_in`: seconds that the access token lives. `device_token`: for this device's next
    sign-in."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    device_token: str = field(repr=False)
    token_type: str = "Bearer"  # noqa: S105 -- RFC 6750's word, no password


@frozen
class Refreshed:
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 -- RFC 6750's word, no password


@frozen
class SessionView:
    """A session as its person sees it; `current`: the one that asks."""

    id: str
    device_name: str | None
    ip_address: str | None
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


@frozen
class DeviceView:
    id: str
    name: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@frozen
class DeviceName:
    device_name: Name


@frozen
class NamedDevice:
    name: Name


@frozen
class RefreshRequest:
    refresh_token: Token = field(repr=False)


def view_of(session: UserSession, current: str | None) -> SessionView:
    return SessionView(
        session.id,
        session.device_name,
        session.ip_address,
        session.user_agent,
        session.created_at,
        session.last_used_at,
        session.expires_at,
        current=session.id == current,
    )


def device_view_of(device: UserDevice) -> DeviceView:
    return DeviceView(
        device.id, device.name, device.created_at, device.last_used_at, device.expires_at
    )


def session_over() -> NotSignedIn:
    return NotSignedIn("This token is not, or no longer, valid. Sign in.", code="invalid_token")
