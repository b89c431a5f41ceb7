"""Organisations: the tree of districts and schools, with the departments and teams in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final

from attrs import evolve, frozen

from faraday_core.kernel.actor import ScopeType
from faraday_core.kernel.entity import Owner
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Text
from faraday_core.kernel.words import key_of

MOST_LEVELS: Final = 12  # of organisations, and again of departments in one


@frozen
class Organization:
    """A district, a school, or whatever else has others below it. The top one is a tenant.

    `name_key`: what it is found by. `merged_into_organization_id`: where all of it went. `type`:
    as a roster's source calls it (`district`, `school`, …); `source_id`: the id that it gives it,
    its own within `source_root_id`, the organisation that it was imported into. `held_fields`:
    what an import leaves as it is.
    """

    owner: ClassVar = Owner.TENANT
    scope_type: ClassVar = ScopeType.ORGANIZATION

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    parent_organization_id: str | None = None
    description: str | None = None
    name_key: str = ""
    archived_at: datetime | None = None
    merged_into_organization_id: str | None = None
    type: str | None = None
    identifier: str | None = None
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1

    @property
    def parent_id(self) -> str | None:
        return self.parent_organization_id


@frozen
class Department:
    """A part of an organisation, below another part of it or at its top."""

    owner: ClassVar = Owner.TENANT
    scope_type: ClassVar = ScopeType.DEPARTMENT

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    organization_id: str
    parent_department_id: str | None = None
    description: str | None = None
    name_key: str = ""
    archived_at: datetime | None = None
    source_root_id: str | None = None
    source_system: str | None = None
    source_id: str | None = None
    held_fields: Sequence[str] = ()
    version: int = 1

    @property
    def parent_id(self) -> str:
        return self.parent_department_id or self.organization_id


@frozen
class Team:
    """People of a department who do something together."""

    owner: ClassVar = Owner.TENANT
    scope_type: ClassVar = ScopeType.TEAM

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    department_id: str
    organization_id: str  # the department's
    description: str | None = None
    name_key: str = ""
    archived_at: datetime | None = None
    version: int = 1

    @property
    def parent_id(self) -> str:
        return self.department_id


@frozen
class OrganizationMerge:
    """What was moved when one organisation became part of another, by its kind: to undo it."""

    owner: ClassVar = Owner.TENANT

    id: str
    organization_id: str
    into_organization_id: str
    former_parent_id: str
    moved: Mapping[str, Sequence[str]]
    created_at: datetime
    undone_at: datetime | None = None
    version: int = 1


NodeName = Annotated[str, Text(1, 200)]
Description = Annotated[str, Text(0, 2000, lines=True)]
Id = Annotated[str, Text(1, 64)]
SearchText = Annotated[str, Text(1, 100)]


@frozen
class OrganizationFields:
    """What a caller writes of an organisation. Without a parent it is a tenant of its own."""

    name: NodeName
    parent_organization_id: Id | None = None
    description: Description | None = None

    __attrs_post_init__ = obey_rules

    def onto(self, old: Organization, now: datetime) -> Organization:
        return evolve(
            old,
            name=self.name,
            updated_at=now,
            parent_organization_id=self.parent_organization_id,
            description=self.description,
            name_key=key_of(self.name),
        )


@frozen
class DepartmentFields:
    name: NodeName
    organization_id: Id
    parent_department_id: Id | None = None
    description: Description | None = None

    __attrs_post_init__ = obey_rules

    def onto(self, old: Department, now: datetime) -> Department:
        return evolve(
            old,
            name=self.name,
            updated_at=now,
            organization_id=self.organization_id,
            parent_department_id=self.parent_department_id,
            description=self.description,
            name_key=key_of(self.name),
        )


@frozen
class TeamFields:
    name: NodeName
    department_id: Id
    description: Description | None = None

    __attrs_post_init__ = obey_rules

    def onto(self, old: Team, now: datetime, organization_id: str) -> Team:
        """`organization_id`: the department's."""
        return Team(
            old.id,
            self.name,
            old.created_at,
            now,
            self.department_id,
            organization_id,
            self.description,
            key_of(self.name),
            old.archived_at,
            old.version,
        )


@frozen
class OrganizationFilter:
    """`q`: what words of the name begin with, in whatever order."""

    parent_organization_id: Id | None = None
    q: SearchText | None = None
    include_archived: bool = False

    __attrs_post_init__ = obey_rules

    @property
    def parent_id(self) -> str | None:
        return self.parent_organization_id


@frozen
class DepartmentFilter:
    """`organization_id`: all of that organisation's, however deep."""

    organization_id: Id | None = None
    q: SearchText | None = None
    include_archived: bool = False

    __attrs_post_init__ = obey_rules

    @property
    def parent_id(self) -> str | None:
        return self.organization_id


@frozen
class TeamFilter:
    department_id: Id | None = None
    q: SearchText | None = None
    include_archived: bool = False

    __attrs_post_init__ = obey_rules

    @property
    def parent_id(self) -> str | None:
        return self.department_id
