"""People's accounts, and what they sign in with."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar

from attrs import field, frozen

from faraday_core.identity.addresses import Email
from faraday_core.identity.passwords import GivenPassword, Password
from faraday_core.kernel.actor import (
    PLATFORM_GRANT,
    Actor,
    Evidence,
    Grant,
    Origin,
    Role,
    ScopeType,
)
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.rules import Name, Token


@frozen
class User:
    """A person. `email`: as they write it; `email_key`: by which it is found and is theirs alone.

    `is_service`: a program, which has neither an address nor a password, and acts by a token.
    `security_epoch`: counted up by what ends all their sessions at once.
    From the names on it is what rosters say. `source_id`: the id that the source gives them, its
    own within `source_root_id`, the organisation that it was imported into, of the tenant
    `source_tenant_id`. `held_fields`: what an import leaves as it is.
    """

    owner: ClassVar = Owner.PERSON

    id: str
    email: str | None
    email_key: str | None
    full_name: str
    created_at: datetime
    updated_at: datetime
    is_active: bool = True
    email_verified: bool = False
    is_platform_admin: bool = False
    security_epoch: int = 1
    is_service: bool = False
    username: str | None = None
    given_name: str | None = None
    middle_name: str | None = None
    family_name: str | None = None
    identifier: str | None = None
    grades: Sequence[str] = ()
    source_tenant_id: str | None = None
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1


@frozen
class Credential:
    """A person's password, hashed. Apart from the person, so that nothing shows it by mistake."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    password_hash: str = field(repr=False)
    changed_at: datetime
    version: int = 1


class ResetPurpose(StrEnum):
    RESET = "reset"
    INVITATION = "invitation"


@frozen
class PasswordResetToken:
    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    token_hash: bytes
    purpose: ResetPurpose
    created_at: datetime
    expires_at: datetime
    version: int = 1


@frozen
class EmailVerification:
    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    email_key: str  # the address that it verifies, should the person's be another one by then
    token_hash: bytes
    created_at: datetime
    expires_at: datetime
    version: int = 1


@frozen
class TotpSecret:
    """A second factor (RFC 6238), in force from when it was confirmed. `last_step`: the time step
    of the last code that was taken, so that none is taken twice."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    secret: bytes = field(repr=False)  # sealed
    created_at: datetime
    confirmed_at: datetime | None = None
    last_step: int = 0
    version: int = 1


@frozen
class RecoveryCode:
    """Stands in for a code of the second factor, once."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    code_hash: bytes
    version: int = 1


MailedToken = type[PasswordResetToken] | type[EmailVerification]
OneTimeToken = MailedToken | type[RecoveryCode]


@frozen
class SigningKey:
    """A key that access tokens are signed with; `retires_at`: when its last token has expired."""

    owner: ClassVar = Owner.PLATFORM

    id: str  # the `kid`
    public_key: bytes
    private_key: bytes = field(repr=False)  # sealed
    created_at: datetime
    retires_at: datetime | None = None
    version: int = 1


@frozen
class RoleHeld:
    role: Role
    scope_type: ScopeType
    scope_id: str | None


@frozen
class Person:
    """A user with the roles that can be seen from where one stands, the oldest first."""

    user: User
    grants: tuple[Grant, ...]

    @property
    def roles(self) -> tuple[Grant, ...]:
        return (PLATFORM_GRANT, *self.grants) if self.user.is_platform_admin else self.grants

    @property
    def home(self) -> str | None:
        """The tenant of their first organisation."""
        return self.grants[0].tenant_id if self.grants else None

    @property
    def organization_id(self) -> str | None:
        """Their first organisation."""
        return self.grants[0].organization_id if self.grants else None

    @property
    def tag(self) -> str:
        return _tag(self.user.version, self.grants)

    def acting(
        self,
        origin: Origin,
        *,
        session_id: str | None = None,
        token_id: str | None = None,
        evidence: Evidence | None = None,
    ) -> Actor:
        return Actor(
            self.user.id,
            self.roles,
            session_id,
            token_id,
            self.home,
            self.organization_id,
            origin,
            evidence=evidence,
        )


@frozen
class UserView:
    """A person as the API shows them; `roles`: only what was granted directly."""

    id: str
    email: str | None
    full_name: str
    roles: tuple[RoleHeld, ...]
    organization_id: str | None
    is_active: bool
    email_verified: bool
    username: str | None
    source_system: str | None
    source_id: str | None
    created_at: datetime
    updated_at: datetime
    _version: int = field(repr=False, eq=False)
    _grants: tuple[Grant, ...] = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        """Only one that is shown alone needs it."""
        return _tag(self._version, self._grants)


def _tag(version: int, grants: tuple[Grant, ...]) -> str:
    seen = " ".join(f"{grant.role} {grant.scope_id}" for grant in grants)
    return f"{version}-{hashlib.sha256(seen.encode()).hexdigest()[:8]}"


@lru_cache(4096)
def roles_held(grants: tuple[Grant, ...]) -> tuple[RoleHeld, ...]:
    """As the API shows them; the people of a list mostly hold the same."""
    return tuple(RoleHeld(grant.role, grant.scope_type, grant.scope_id) for grant in grants)


def view_of(person: Person) -> UserView:
    user = person.user
    return UserView(
        user.id,
        user.email,
        user.full_name,
        roles_held(person.roles),
        person.organization_id,
        user.is_active,
        user.email_verified,
        user.username,
        user.source_system,
        user.source_id,
        user.created_at,
        user.updated_at,
        user.version,
        person.grants,
    )


@frozen
class Registration:
    """`invitation_token`: as it was mailed to this address, by whoever invited its person."""

    email: Email
    password: Password = field(repr=False)
    full_name: Name
    invitation_token: Token | None = field(default=None, repr=False)


@frozen
class Login:
    """`device_token`: as an earlier sign-in from this device answered it."""

    email: Email
    password: GivenPassword = field(repr=False)
    device_name: Name | None = None
    totp_code: Token | None = field(default=None, repr=False)
    device_token: Token | None = field(default=None, repr=False)


@frozen
class PasswordChange:
    current_password: GivenPassword = field(repr=False)
    new_password: Password = field(repr=False)


@frozen
class PasswordReset:
    token: Token = field(repr=False)
    new_password: Password = field(repr=False)


@frozen
class UserRegistered:
    user_id: str


@frozen
class UserRenamed:
    user_id: str


@frozen
class PasswordForgotten:
    """Somebody asked for a reset. `address`: sealed, since nobody knows whose it is yet."""

    address: str = field(repr=False)
