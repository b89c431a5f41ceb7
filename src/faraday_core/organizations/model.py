from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.actor import Role
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text

MOST_LEVELS: Final = 12


@frozen
class Organization:
    """A district, a school, or whatever else has others below it. The top one is a tenant."""

    owner: ClassVar = Owner.TENANT

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    parent_organization_id: str | None = None
    version: int = 1


@frozen
class UserOrganization:
    """A role that somebody holds at an organisation, and so for all below it."""

    owner: ClassVar = Owner.TENANT

    id: str
    user_id: str
    organization_id: str
    role: Role
    created_at: datetime
    updated_at: datetime
    permissions: Mapping[str, bool] = field(factory=dict)
    version: int = 1


OrganizationName = Annotated[str, Text(1, 200)]
Id = Annotated[str, Text(1, 64)]


@frozen
class OrganizationFields:
    """What a caller writes of an organisation. Without a parent it is a tenant of its own."""

    name: OrganizationName
    parent_organization_id: Id | None = None

    __attrs_post_init__ = obey_rules


@frozen
class OrganizationView:
    id: str
    name: str
    parent_organization_id: str | None
    created_at: datetime
    updated_at: datetime
    _tag: str

    @property
    def tag(self) -> str:
        return self._tag


def view_of(organization: Organization) -> OrganizationView:
    return OrganizationView(
        organization.id,
        organization.name,
        organization.parent_organization_id,
        organization.created_at,
        organization.updated_at,
        tag=str(organization.version),
    )
