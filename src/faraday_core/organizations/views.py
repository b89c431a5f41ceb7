"""Nodes as the API shows them."""

from datetime import datetime

from attrs import field, frozen

from faraday_core.organizations.model import Department, Organization, Team


@frozen
class OrganizationView:
    id: str
    name: str
    description: str | None
    parent_organization_id: str | None
    merged_into_organization_id: str | None
    type: str | None
    source_system: str | None
    source_id: str | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    member_count: int | None
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class DepartmentView:
    id: str
    name: str
    description: str | None
    organization_id: str
    parent_department_id: str | None
    source_system: str | None
    source_id: str | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    member_count: int | None
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class TeamView:
    id: str
    name: str
    description: str | None
    department_id: str
    organization_id: str
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    member_count: int | None
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


def organization_view(node: Organization, member_count: int | None = None) -> OrganizationView:
    """`member_count`: None where it was not counted."""
    return OrganizationView(
        node.id,
        node.name,
        node.description,
        node.parent_organization_id,
        node.merged_into_organization_id,
        node.type,
        node.source_system,
        node.source_id,
        node.archived_at,
        node.created_at,
        node.updated_at,
        member_count,
        str(node.version),
    )


def department_view(node: Department, member_count: int | None = None) -> DepartmentView:
    return DepartmentView(
        node.id,
        node.name,
        node.description,
        node.organization_id,
        node.parent_department_id,
        node.source_system,
        node.source_id,
        node.archived_at,
        node.created_at,
        node.updated_at,
        member_count,
        str(node.version),
    )


def team_view(node: Team, member_count: int | None = None) -> TeamView:
    return TeamView(
        node.id,
        node.name,
        node.description,
        node.department_id,
        node.organization_id,
        node.archived_at,
        node.created_at,
        node.updated_at,
        member_count,
        str(node.version),
    )
