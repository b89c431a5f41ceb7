from collections.abc import Collection, Mapping, Sequence
from typing import Any

from attrs import frozen

from adapters.persistence.memory.organizations import MemoryOrganizations
from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.kernel.actor import Role
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Organization
from faraday_core.records.model import Guardianship
from faraday_core.roster.exporting import PORTION, Exported

_GIVEN = {Role.TEACHER, Role.GUARDIAN, Role.STUDENT}


@frozen
class MemoryRosterExport:
    rows: Rows

    async def below(
        self, kind: type[Exported], root: str, after: str | None
    ) -> Sequence[Exported]:
        found = (row for row in self._exported(kind, root) if after is None or row.id > after)
        return sorted(found, key=lambda row: row.id)[:PORTION]

    async def refs(
        self, kind: type[Exported], root: str, ids: Collection[str]
    ) -> Mapping[str, str]:
        return {
            row.id: row.source_id if row.source_root_id == root and row.source_id else row.id
            for row in self._exported(kind, root)
            if row.id in ids and hasattr(row, "source_id")
        }

    def _exported(self, kind: type[Exported], root: str) -> list[Any]:  # of that kind
        below = MemoryOrganizations(self.rows).below([root])
        if kind is User:
            return self._people(root, below)
        found: list[Any] = [row for _, row in self.rows.in_sight(kind)]
        if kind is Organization:
            return [row for row in found if row.id in below - {root}]
        if kind is Guardianship:
            return found
        found = [row for row in found if row.organization_id in below]
        if kind is UserOrganization:
            return [row for row in found if row.team_id is None and row.role in _GIVEN]
        return found

    def _people(self, root: str, below: set[str]) -> list[User]:
        """Who holds a role there, or was imported there."""
        roles = (role for _, role in self.rows.in_sight(UserOrganization))
        holding = {role.user_id for role in roles if role.organization_id in below}
        return [
            user
            for user in self.rows.all(User)
            if not user.is_platform_admin and not user.is_service
            if user.id in holding or user.source_root_id == root
        ]
