from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.identity.model import User
from faraday_core.kernel.access import Path, not_found
from faraday_core.kernel.actor import ScopeType
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.membership import M, MemberFilter, UserOrganization
from faraday_core.organizations.model import Department, Organization, OrganizationMerge, Team
from faraday_core.organizations.ports import Counted, Located, N, Sight, Wanted
from faraday_core.roster.model import AcademicSession, Class, Course
from faraday_core.roster.runs import ImportRun

Node = Organization | Department | Team
_KINDS: tuple[type[Node], ...] = (Organization, Department, Team)
_BROUGHT: tuple[type[Any], ...] = (AcademicSession, Course, Class, ImportRun)  # entities'


@frozen
class MemoryOrganizations:
    rows: Rows

    def _nodes(self) -> dict[str, tuple[str, Node]]:
        """All that are seen, each with its tenant."""
        return {
            row.id: (tenant, row) for kind in _KINDS for tenant, row in self.rows.in_sight(kind)
        }

    async def located(self, node_ids: Collection[str]) -> Mapping[str, Located]:
        seen = self._nodes()
        return {id: _located(seen, id) for id in node_ids if id in seen}

    async def tenant_of(self, node_id: str) -> str:
        if found := self._nodes().get(node_id):
            return found[0]
        raise not_found()

    async def with_name(self, name: str) -> Sequence[str]:
        seen = (row for _, row in self.rows.in_sight(Organization))
        return [row.id for row in seen if row.name == name][:2]

    async def page(
        self, kind: type[N], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[Counted[N]]:
        seen: dict[str, tuple[str, Node]] = self._nodes()

        def is_wanted(node: N) -> bool:
            inside = {None, _listed_in(node)}
            words = all(f" {word}" in node.name_key for word in wanted.words)
            archived = wanted.include_archived or node.archived_at is None
            return wanted.parent_id in inside and words and archived

        def is_seen(node: N) -> bool:
            return sight is None or _is_seen(_path(seen, node.id), sight)

        found = [
            Counted(node.id, node, await self.member_count(kind.scope_type, node.id))
            for _, node in self.rows.in_sight(kind)
            if is_wanted(node) and is_seen(node)
        ]
        return self.rows.page(Counted, found, page, order=("id",))

    async def member_count(self, kind: ScopeType, node_id: str) -> int:
        return len({role.user_id for role in self._at(kind, node_id)})

    async def levels(self, kind: ScopeType, node_id: str) -> int:
        seen = self._nodes()
        paths = (_path(seen, id) for id, (_, row) in seen.items() if row.scope_type is kind)
        return max(len(path) - path.index(node_id) for path in paths if node_id in path)

    async def is_empty(self, kind: ScopeType, node_id: str) -> bool:
        below = any(
            node_id in {row.parent_id, getattr(row, "organization_id", None)}
            for _, row in self._nodes().values()
        )
        taught = any(
            row.organization_id == node_id
            for brought in _BROUGHT
            for _, row in self.rows.in_sight(brought)
        )
        return not below and not taught and not self._at(kind, node_id)

    async def last_merge(self, organization_id: str) -> OrganizationMerge:
        found = [
            merge
            for _, merge in self.rows.in_sight(OrganizationMerge)
            if merge.organization_id == organization_id
        ]
        if not found:
            raise not_found()
        return max(found, key=lambda merge: merge.id)

    async def members(
        self, kind: type[M], node_id: str, wanted: MemberFilter, page: PageRequest
    ) -> Page[M]:
        people = {user.id: user for user in self.rows.all(User) if not user.is_platform_admin}
        found = [
            _member(kind, role, people[role.user_id])
            for role in self._at(kind.node.scope_type, node_id)
            if role.user_id in people and wanted.role in {None, role.role}
        ]
        return self.rows.page(kind, found, page, order=("id",))

    async def roles_at(
        self, kind: ScopeType, node_id: str, user_id: str
    ) -> Sequence[UserOrganization]:
        held = [role for role in self._at(kind, node_id) if role.user_id == user_id]
        return sorted(held, key=lambda role: role.id)

    def below(self, nodes: Collection[str]) -> set[str]:
        """These organisations and all below them."""
        seen = self._nodes()
        return {
            row.id
            for _, row in self.rows.in_sight(Organization)
            if {*_path(seen, row.id)} & {*nodes}
        }

    def _at(self, kind: ScopeType, node_id: str) -> list[UserOrganization]:
        return [
            role
            for _, role in self.rows.in_sight(UserOrganization)
            if role.scope_type is kind and role.scope_id == node_id
        ]


def _is_seen(path: Path, sight: Sight) -> bool:
    return path[-1] in sight.own or bool({*path} & {*sight.nodes})


def _listed_in(node: Node) -> str | None:
    """What a filter of its list names."""
    return node.organization_id if isinstance(node, Department) else node.parent_id


def _upward(seen: Mapping[str, tuple[str, Node]], id: str) -> Iterator[Node]:
    at: str | None = id
    while at and at in seen:
        node = seen[at][1]
        yield node
        at = node.parent_id


def _path(seen: Mapping[str, tuple[str, Node]], id: str) -> Path:
    return tuple(node.id for node in _upward(seen, id))[::-1]


def _located(seen: Mapping[str, tuple[str, Node]], id: str) -> Located:
    nodes = [*_upward(seen, id)]
    return Located(
        nodes[0].scope_type,
        tuple(node.id for node in reversed(nodes)),
        sum(isinstance(node, Organization) for node in nodes),
        any(node.archived_at is not None for node in nodes),
    )


def _member(kind: type[M], role: UserOrganization, user: User) -> M:
    return kind(
        role.id,
        role.user_id,
        user.full_name,
        user.email,
        role.role,
        role.scope_type,
        role.scope_id,
        role.permissions,
        role.starts_on,
        role.ends_on,
        role.created_at,
    )
