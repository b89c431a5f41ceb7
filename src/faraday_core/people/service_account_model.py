"""Service accounts: programs that act in an organisation, with a role, by a token."""

from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from faraday_core.identity.token_model import PersonalToken, Scopes, as_tuple
from faraday_core.kernel.actor import Role
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Name


@frozen
class ServiceAccount:
    """What the tenant knows of a user who is a program. `membership_id`: of its role."""

    owner: ClassVar = Owner.TENANT

    id: str  # the user's
    user_id: str
    organization_id: str
    membership_id: str
    name: str
    role: Role
    scopes: tuple[str, ...] = field(converter=as_tuple)
    created_at: datetime
    expires_at: datetime
    version: int = 1


@frozen
class NewServiceAccount:
    """`scopes`: names of permissions, or `*`; of those that the role has, it has these. Without
    `expires_at` it lives for 90 days; at most it does for 366."""

    name: Name
    role: Role
    scopes: Scopes
    expires_at: datetime | None = None

    __attrs_post_init__ = obey_rules


@frozen
class ServiceAccountView:
    id: str
    name: str
    role: Role
    organization_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


@frozen
class MadeServiceAccount:
    """`token`: shown this once."""

    id: str
    name: str
    role: Role
    organization_id: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    token: str = field(repr=False)


def account_of(
    made: PersonalToken, organization_id: str, membership_id: str, role: Role
) -> ServiceAccount:
    """`made`: its token."""
    return ServiceAccount(
        made.user_id,
        made.user_id,
        organization_id,
        membership_id,
        made.name,
        role,
        scopes=made.scopes,
        created_at=made.created_at,
        expires_at=made.expires_at,
    )


def view_of(account: ServiceAccount) -> ServiceAccountView:
    return ServiceAccountView(
        account.id,
        account.name,
        account.role,
        account.organization_id,
        account.scopes,
        account.created_at,
        account.expires_at,
    )


def made_view_of(account: ServiceAccount, token: str) -> MadeServiceAccount:
    return MadeServiceAccount(
        account.id,
        account.name,
        account.role,
        account.organization_id,
        account.scopes,
        account.created_at,
        account.expires_at,
        token,
    )
