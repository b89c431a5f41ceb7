from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization, Team
from faraday_core.people.invitation_model import Invitation
from faraday_core.people.service_account_model import ServiceAccount
from faraday_core.preferences.model import PreferenceDefaults
from faraday_core.profiles.model import ProfileRequirements
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment

# What goes over in a merge, with the field that says where it lies.
_MOVED: Mapping[str, tuple[type[Any], str]] = {
    "organizations": (Organization, "parent_organization_id"),
    "departments": (Department, "organization_id"),
    "teams": (Team, "organization_id"),
    "members": (UserOrganization, "organization_id"),
    "service_accounts": (ServiceAccount, "organization_id"),
    "academic_sessions": (AcademicSession, "organization_id"),
    "courses": (Course, "organization_id"),
    "classes": (Class, "organization_id"),
    "invitations": (Invitation, "organization_id"),
    "preference_defaults": (PreferenceDefaults, "id"),  # of which each organisation has one row
    "profile_requirements": (ProfileRequirements, "id"),
}
_MAY_BE_LEFT = ("members", "invitations", "preference_defaults", "profile_requirements")


@frozen
class MemoryMoves:
    rows: Rows

    async def carry(self, node_id: str, organization_id: str) -> None:
        inside = {node_id}
        departments = self._of_tenant(Department)
        while more := {d.id for d in departments if d.parent_department_id in inside} - inside:
            inside |= more
        teams = {t.id for t in self._of_tenant(Team) if {t.department_id, t.id} & inside}
        self._put(Department, lambda row: row.id in inside, organization_id)
        self._put(Team, lambda row: row.id in teams, organization_id)
        self._put(
            UserOrganization,
            lambda row: row.department_id in inside or row.team_id in teams,
            organization_id,
        )

    async def merge(self, organization_id: str, into: str) -> Mapping[str, Sequence[str]]:
        moved = {
            name: self._move(name, self._of_tenant(kind), organization_id, into)
            for name, (kind, _) in _MOVED.items()
        }
        self._follow(moved["classes"])
        return moved

    async def left_out(self, organization_id: str) -> Mapping[str, int]:
        there = {name: self._lying(name, organization_id) for name in _MAY_BE_LEFT}
        return {name: len(rows) for name, rows in there.items() if rows}

    async def unmerge(
        self, moved: Mapping[str, Sequence[str]], organization_id: str, into: str
    ) -> None:
        for name, ids in moved.items():
            rows = [row for row in self._of_tenant(_MOVED[name][0]) if row.id in ids]
            self._move(name, rows, into, organization_id)
        self._follow(moved.get("classes", ()))

    def _follow(self, class_ids: Collection[str]) -> None:
        """Enrolments lie where their class does."""
        at = {row.id: row.organization_id for row in self._of_tenant(Class) if row.id in class_ids}
        for part in self._of_tenant(Enrollment):
            if part.class_id in at:
                self.rows.change_quietly(part, organization_id=at[part.class_id])

    def _move(self, name: str, rows: Collection[Any], source: str, target: str) -> list[str]:
        _, field = _MOVED[name]
        there = {_known_by(row) for row in self._lying(name, target)} - {None}
        moved = []
        for row in rows:
            if getattr(row, field) != source or _known_by(row) in there:
                continue
            put = evolve(row, **{field: target})
            if put.id != row.id:
                self.rows.write(row, None)
            self.rows.write(put, put)
            moved.append(put.id)
        return moved

    def _lying(self, name: str, organization_id: str) -> list[Any]:  # entities of its kind
        kind, field = _MOVED[name]
        return [row for row in self._of_tenant(kind) if getattr(row, field) == organization_id]

    def _put(self, kind: type[Any], condition: Callable[[Any], bool], organization: str) -> None:
        for row in self._of_tenant(kind):
            if condition(row):
                self.rows.change_quietly(row, organization_id=organization)

    def _of_tenant(self, kind: type[Any]) -> list[Any]:  # entities of that kind
        tenant = self.rows.scope.tenant_id
        return [row for owner, row in self.rows.in_sight(kind) if owner == tenant]


def _known_by(row: object) -> object | None:
    """What an organisation has but once of; None where it may have any number of them."""
    match row:
        case UserOrganization():
            return row.user_id, row.role, row.department_id, row.team_id
        case Invitation():
            return row.email_key
        case PreferenceDefaults() | ProfileRequirements():
            return type(row)
    return None
