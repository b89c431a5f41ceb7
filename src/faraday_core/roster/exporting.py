"""An organisation and all below it as a roster's rows: what another installation, or this one,
could import again."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final, Protocol

from attrs import frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import Action, require
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.ports import Storage
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.organizations.nodes import Nodes
from faraday_core.organizations.places import located_organization, place_of
from faraday_core.people.ports import PeopleReader, PeopleUnit
from faraday_core.records.model import Guardianship
from faraday_core.roster.export_rows import Refs, row_of
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment
from faraday_core.roster.rows import Row

PORTION: Final = 1000  # rows that are read at a time
Exported = (
    Organization
    | Department
    | AcademicSession
    | Course
    | Class
    | User
    | UserOrganization
    | Guardianship
    | Enrollment
)
# Each after what it refers to.
_KINDS: Final[Sequence[type[Exported]]] = (
    Organization,
    Department,
    AcademicSession,
    Course,
    Class,
    User,
    UserOrganization,
    Guardianship,
    Enrollment,
)
# By which fields one refers to another.
_REFERENCES: Final[Mapping[type[Any], Mapping[str, type[Exported]]]] = {  # entities'
    Organization: {"parent_organization_id": Organization},
    Department: {"parent_department_id": Department, "organization_id": Organization},
    AcademicSession: {"parent_session_id": AcademicSession},
    Course: {"organization_id": Organization, "academic_session_id": AcademicSession},
    Class: {
        "organization_id": Organization,
        "course_id": Course,
        "academic_session_ids": AcademicSession,
    },
    User: {},
    UserOrganization: {
        "user_id": User,
        "organization_id": Organization,
        "department_id": Department,
    },
    Guardianship: {"child_id": User, "guardian_id": User},
    Enrollment: {"class_id": Class, "user_id": User},
}


class RosterExport(Protocol):
    """What lies below an organisation, or belongs there; of the tenant stood in. Neither the
    organisation itself, nor programs and `platform_admin`s, nor roles that no file can give."""

    async def below(
        self, kind: type[Exported], root: str, after: str | None
    ) -> Sequence[Exported]:
        """In the order of their ids, `PORTION` at most."""

    async def refs(
        self, kind: type[Exported], root: str, ids: Collection[str]
    ) -> Mapping[str, str]:
        """By their ids, those that the source has given to what was imported into `root`, else
        their own; of what is exported alone."""


class ExportReader(PeopleReader, Protocol):
    @property
    def roster_export(self) -> RosterExport: ...


class ExportUnit(ExportReader, PeopleUnit, Protocol):
    """And the verbs."""


@frozen
class RosterExportService:
    """A school's roster, given out."""

    storage: Storage[ExportUnit, ExportReader]
    nodes: Nodes

    async def begin(self, actor: Actor, organization_id: str) -> str:
        """Allow and account for it; answers the tenant to read in.

        Raises NotFound, Forbidden.
        """
        tenant = await self.nodes.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            await located_organization(unit, organization_id)
            _, place = await place_of(unit, actor, organization_id)
            require(actor, Action.RUN_IMPORTS, place, to_see=Action.READ_ORGANIZATIONS)
            await unit.account(
                "roster.export", "organization", organization_id, organization_id=organization_id
            )
        return tenant

    async def rows(self, actor: Actor, organization_id: str) -> AsyncIterator[Sequence[Row]]:
        """All of it, some at a time; raises NotFound, Forbidden."""
        tenant = await self.begin(actor, organization_id)
        for kind in _KINDS:
            after: str | None = None
            while True:
                async with self.storage.look(actor, tenant=tenant) as reader:
                    export = reader.roster_export
                    found = await export.below(kind, organization_id, after)
                    refs = await _refs(export, kind, organization_id, found)
                rows = (row_of(one, refs) for one in found)
                yield [row for row in rows if row is not None]
                if len(found) < PORTION:
                    break
                after = found[-1].id


async def _refs(
    export: RosterExport, kind: type[Exported], root: str, found: Sequence[Exported]
) -> Refs:
    """Of all that these refer to, and of themselves."""
    wanted: dict[type[Exported], set[str]] = {kind: {one.id for one in found}}
    for name, referred in _REFERENCES[kind].items():
        ids = wanted.setdefault(referred, set())
        for one in found:
            value = getattr(one, name)
            ids.update([value] if isinstance(value, str) else value or ())
    refs: dict[str, str] = {}
    for referred, ids in wanted.items():
        if ids:
            refs |= await export.refs(referred, root, sorted(ids))
    return refs
