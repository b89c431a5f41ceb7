"""Who belongs where, as what, and for how long."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, TypeVar

from attrs import field, frozen

from faraday_core.kernel.access import AT_DEPARTMENTS, AT_ORGANIZATIONS, Action
from faraday_core.kernel.actor import Grant, Role, ScopeType
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text
from faraday_core.organizations.model import Department, Organization, Team

Id = Annotated[str, Text(1, 64)]

# Each role with the kinds of nodes that it can be held at; the command line makes platform_admins.
HELD_AT: Final[Mapping[Role, frozenset[ScopeType]]] = {
    Role.PLATFORM_ADMIN: frozenset(),
    Role.ORG_ADMIN: frozenset({ScopeType.ORGANIZATION}),
    Role.SUPPORT: frozenset({ScopeType.ORGANIZATION}),
    Role.DEPARTMENT_HEAD: frozenset({ScopeType.ORGANIZATION, ScopeType.DEPARTMENT}),
    Role.TEACHER: frozenset(ScopeType) - {ScopeType.PLATFORM},
    Role.GUARDIAN: frozenset(ScopeType) - {ScopeType.PLATFORM},
    Role.STUDENT: frozenset(ScopeType) - {ScopeType.PLATFORM},
}


@frozen
class UserOrganization:
    """A role that somebody holds at an organisation, or at a department or a team in it, and so
    for all below.

    `permissions`: single ones that it has there (true), or has not (false), whatever its role.
    `starts_on`, `ends_on`: its first and its last day, in UTC; outside of them it gives nothing.
    """

    owner: ClassVar = Owner.TENANT

    id: str
    user_id: str
    organization_id: str
    role: Role
    created_at: datetime
    updated_at: datetime
    permissions: Mapping[str, bool] = field(factory=dict)
    department_id: str | None = None
    team_id: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    source_root_id: str | None = None  # of a role that a roster gave, and may end
    source_system: str | None = None
    version: int = 1

    @property
    def scope_type(self) -> ScopeType:
        if self.team_id:
            return ScopeType.TEAM
        return ScopeType.DEPARTMENT if self.department_id else ScopeType.ORGANIZATION

    @property
    def scope_id(self) -> str:
        return self.team_id or self.department_id or self.organization_id

    def holds_on(self, day: date) -> bool:
        begun = self.starts_on is None or self.starts_on <= day
        return begun and (self.ends_on is None or day <= self.ends_on)

    def grant(self, tenant_id: str) -> Grant:
        return Grant(
            self.role,
            self.scope_type,
            self.scope_id,
            tenant_id,
            self.organization_id,
            frozenset(name for name, given in self.permissions.items() if given),
            frozenset(name for name, given in self.permissions.items() if not given),
        )


@frozen
class Member:
    """Somebody who holds a role at a node, as its list of members shows them."""

    id: str  # the membership's
    user_id: str
    full_name: str
    email: str | None
    role: Role
    scope_type: ScopeType
    scope_id: str
    permissions: Mapping[str, bool]
    starts_on: date | None
    ends_on: date | None
    created_at: datetime


@frozen
class OrganizationMember(Member):
    """Of an organisation itself, not of the departments and teams in it."""

    node: ClassVar = Organization


@frozen
class DepartmentMember(Member):
    """Of a department itself, not of the departments and teams in it."""

    node: ClassVar = Department


@frozen
class TeamMember(Member):
    node: ClassVar = Team


M = TypeVar("M", OrganizationMember, DepartmentMember, TeamMember)


@frozen
class NewMember:
    """`permissions`: single ones to add (true) or to take away (false). A substitute's rights end
    by themselves with the last day, `ends_on`."""

    user_id: Id
    role: Role
    permissions: Mapping[Action, bool] = field(factory=dict)
    starts_on: date | None = None
    ends_on: date | None = None

    __attrs_post_init__ = obey_rules

    def require_held_at(self, scope_type: ScopeType) -> None:
        """Raises Invalid where neither role nor permissions are for such a node, or no day is."""
        faults = []
        if scope_type not in HELD_AT[self.role]:
            faults.append(Fault("/role", "invalid_value", f"is not held at a {scope_type}"))
        able = AT_ORGANIZATIONS if scope_type is ScopeType.ORGANIZATION else AT_DEPARTMENTS
        for action in self.permissions:
            if action not in able:
                detail = f"is no permission that is held at a {scope_type}"
                faults.append(Fault(f"/permissions/{action}", "invalid_value", detail))
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            faults.append(Fault("/ends_on", "invalid_value", "lies before starts_on"))
        if faults:
            raise Invalid(faults)


@frozen
class MemberFilter:
    role: Role | None = None

    __attrs_post_init__ = obey_rules
