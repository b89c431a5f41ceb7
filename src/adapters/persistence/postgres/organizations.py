"""The tree of organisations, departments and teams, and who belongs to its nodes."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import aggregate_order_by

from adapters.persistence.postgres.node_pages import counted, page_query
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    TENANT,
    THIS,
    Condition,
    InSight,
    PageQuery,
    Query,
    Statement,
    columns_of,
    page_of,
    sighted,
    statement_of,
)
from adapters.persistence.postgres.trees import NODES, levels
from adapters.persistence.tables import (
    academic_sessions,
    classes,
    courses,
    departments,
    import_runs,
    organization_merges,
    organizations,
    teams,
    user_organizations,
    users,
)
from adapters.persistence.tables.declaring import Id
from faraday_core.kernel.access import not_found
from faraday_core.kernel.actor import ScopeType
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.membership import M, Member, MemberFilter, UserOrganization
from faraday_core.organizations.model import OrganizationMerge
from faraday_core.organizations.ports import Counted, Located, N, Sight, Wanted

_NAME: sa.BindParameter[str] = sa.bindparam("name", type_=sa.Text)
_NODE: sa.BindParameter[str] = sa.bindparam("node", type_=Id)
_OF: sa.BindParameter[str] = sa.bindparam("of", type_=Id)
_ROLE: sa.BindParameter[str] = sa.bindparam("role", type_=sa.Text)

# Each kind's table, and the column that says what a node of it lies in.
_NODES_OF: Final = (
    (ScopeType.ORGANIZATION, organizations, lambda c: c.parent_organization_id),
    (
        ScopeType.DEPARTMENT,
        departments,
        lambda c: sa.func.coalesce(c.parent_department_id, c.organization_id),
    ),
    (ScopeType.TEAM, teams, lambda c: c.department_id),
)
_MEMBER = user_organizations.c
_AT_NODE: Final[Mapping[ScopeType, Condition]] = {
    ScopeType.ORGANIZATION: sa.and_(
        _MEMBER.organization_id == _NODE,
        _MEMBER.department_id.is_(None),
        _MEMBER.team_id.is_(None),
    ),
    ScopeType.DEPARTMENT: _MEMBER.department_id == _NODE,
    ScopeType.TEAM: _MEMBER.team_id == _NODE,
}


def _each(where: Callable[[sa.FromClause], Condition]) -> sa.CompoundSelect[Any]:
    """Nodes of all kinds, each with what it lies in."""
    found = []
    for kind, table, parent in _NODES_OF:
        node = table.alias()
        columns: tuple[sa.ColumnElement[Any], ...] = (
            node.c.tenant_id,
            node.c.id,
            parent(node.c).label("parent_id"),
            sa.literal_column(f"'{kind}'").label("kind"),
            node.c.archived_at.is_not(None).label("archived"),
        )
        found.append(sa.select(*columns).where(where(node)))
    return sa.union_all(*found)


def _located(in_sight: InSight, across_all: str | None) -> Statement:
    """Each node with those above it, the top one first."""
    start = _each(lambda node: sa.and_(in_sight(node), node.c.id == sa.any_(NODES))).subquery()
    up: sa.Label[int] = sa.literal_column("0").label("up")
    path = sa.select(start.c.id.label("of"), start, up).cte("path", recursive=True)
    above = _each(
        lambda node: sa.and_(node.c.tenant_id == path.c.tenant_id, node.c.id == path.c.parent_id)
    ).lateral("above")
    step = sa.select(path.c.of, above, path.c.up + sa.literal_column("1"))
    whole = path.union_all(step.select_from(path.join(above, sa.true())))
    is_organization = whole.c.kind == sa.literal_column(f"'{ScopeType.ORGANIZATION}'")
    query = sa.select(
        whole.c.of,
        sa.func.min(whole.c.kind).filter(whole.c.up == sa.literal_column("0")),
        sa.func.array_agg(aggregate_order_by(whole.c.id, whole.c.up.desc())),
        sa.func.count().filter(is_organization),
        sa.func.bool_or(whole.c.archived),
    )
    return statement_of(query.group_by(whole.c.of), across_all=across_all)


def _tenant_of(in_sight: InSight, why: str | None) -> Statement:
    found = _each(lambda node: sa.and_(in_sight(node), node.c.id == THIS)).subquery()
    return statement_of(sa.select(found.c.tenant_id), across_all=why)


def _with_name(in_sight: InSight, why: str | None) -> Statement:
    query = sa.select(organizations.c.id).where(
        in_sight(organizations), organizations.c.name == _NAME
    )
    return statement_of(query.limit(2), across_all=why)


def _is_empty(kind: ScopeType) -> Statement:
    """Looks each table up by what lies in the node; what does not apply finds nothing."""
    lying = [
        organizations.c.parent_organization_id,
        departments.c.organization_id,
        departments.c.parent_department_id,
        teams.c.department_id,
        academic_sessions.c.organization_id,
        courses.c.organization_id,
        classes.c.organization_id,
        import_runs.c.organization_id,
    ]
    found = [sa.exists().where(c.table.c.tenant_id == TENANT, c == _NODE) for c in lying]
    found.append(sa.exists().where(_MEMBER.tenant_id == TENANT, _AT_NODE[kind]))
    return statement_of(sa.select(~sa.or_(*found)))


@cache
def _members(kind: ScopeType, *, role: bool) -> PageQuery[Member]:
    def page(behind: Condition) -> Query:
        columns: tuple[sa.ColumnElement[Any], ...] = (
            _MEMBER.id,
            _MEMBER.user_id,
            users.c.full_name,
            users.c.email,
            _MEMBER.role,
            sa.literal_column(f"'{kind}'"),
            _NODE,
            _MEMBER.permissions,
            _MEMBER.starts_on,
            _MEMBER.ends_on,
            _MEMBER.created_at,
        )
        query = sa.select(*columns).where(
            _MEMBER.tenant_id == TENANT,
            _AT_NODE[kind],
            users.c.id == _MEMBER.user_id,
            ~users.c.is_platform_admin,
            behind,
        )
        query = query.where(_MEMBER.role == _ROLE) if role else query
        return query.order_by(_MEMBER.id).limit(sa.bindparam("limit", type_=sa.Integer))

    return page_of(Member, page, {"id": _MEMBER.id})


def _roles_at(kind: ScopeType) -> Statement:
    query = sa.select(*columns_of(UserOrganization)).where(
        _MEMBER.tenant_id == TENANT, _AT_NODE[kind], _MEMBER.user_id == _OF
    )
    return statement_of(query.order_by(_MEMBER.id))


def _last_merge() -> Statement:
    merge = organization_merges.c
    query = sa.select(*columns_of(OrganizationMerge)).where(
        merge.tenant_id == TENANT, merge.organization_id == _NODE
    )
    return statement_of(query.order_by(merge.id.desc()).limit(1))


_KINDS = (ScopeType.ORGANIZATION, ScopeType.DEPARTMENT, ScopeType.TEAM)
_LOCATED = sighted(_located)
_TENANT_OF = sighted(_tenant_of)
_WITH_NAME = sighted(_with_name)
_COUNT = {
    kind: statement_of(
        sa.select(sa.func.count(_MEMBER.user_id.distinct())).where(
            _MEMBER.tenant_id == TENANT, _AT_NODE[kind]
        )
    )
    for kind in _KINDS
}
_IS_EMPTY = {kind: _is_empty(kind) for kind in _KINDS}
_ROLES_AT = {kind: _roles_at(kind) for kind in _KINDS}
_LEVELS = {
    ScopeType.ORGANIZATION: levels(organizations, "parent_organization_id"),
    ScopeType.DEPARTMENT: levels(departments, "parent_department_id"),
}
_LAST_MERGE = _last_merge()


@frozen
class PostgresOrganizations:
    rows: Rows

    async def located(self, node_ids: Collection[str]) -> Mapping[str, Located]:
        nodes = [*filter(is_id, node_ids)]
        if not nodes:
            return {}
        found = await self.rows.run(self.rows.of(_LOCATED), nodes=nodes)
        return {
            node: Located(ScopeType(kind), tuple(path), count, archived)
            for node, kind, path, count, archived in found.rows
        }

    async def tenant_of(self, node_id: str) -> str:
        if row := await self.rows.one(self.rows.of(_TENANT_OF), id=node_id):
            tenant: str = row[0]
            return tenant
        raise not_found()

    async def with_name(self, name: str) -> Sequence[str]:
        found = await self.rows.run(self.rows.of(_WITH_NAME), name=name)
        return [row[0] for row in found.rows]

    async def page(
        self, kind: type[N], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[Counted[N]]:
        everywhere = self.rows.scope.everywhere
        query = page_query(kind, wanted, everywhere=everywhere, limited=sight is not None)
        given = {
            "parent": wanted.parent_id,
            "archived": wanted.include_archived,
            "patterns": [f"% {_literally(word)}%" for word in wanted.words],
            "nodes": sight.nodes if sight else (),
            "own": sight.own if sight else (),
        }
        if wanted.parent_id and not is_id(wanted.parent_id):
            return Page(())
        return await self.rows.page(query, page, make=counted(kind), **given)

    async def member_count(self, kind: ScopeType, node_id: str) -> int:
        row = await self.rows.one(_COUNT[kind], node=node_id)
        count: int = row[0] if row else 0
        return count

    async def levels(self, kind: ScopeType, node_id: str) -> int:
        if kind is ScopeType.TEAM:
            return 1
        row = await self.rows.one(_LEVELS[kind], id=node_id)
        count: int = row[0] if row else 0
        return count

    async def is_empty(self, kind: ScopeType, node_id: str) -> bool:
        row = await self.rows.one(_IS_EMPTY[kind], node=node_id)
        return bool(row and row[0])

    async def last_merge(self, organization_id: str) -> OrganizationMerge:
        if row := await self.rows.one(_LAST_MERGE, node=organization_id):
            merge: OrganizationMerge = maker_of(OrganizationMerge)(row)
            return merge
        raise not_found()

    async def members(
        self, kind: type[M], node_id: str, wanted: MemberFilter, page: PageRequest
    ) -> Page[M]:
        query = _members(kind.node.scope_type, role=wanted.role is not None)
        of: Any = kind  # a class of members
        make = maker_of(of)
        found = await self.rows.page(query, page, make=make, node=node_id, role=wanted.role)
        return cast(Page[M], found)

    async def roles_at(
        self, kind: ScopeType, node_id: str, user_id: str
    ) -> Sequence[UserOrganization]:
        found = await self.rows.run(_ROLES_AT[kind], node=node_id, of=user_id)
        return [*map(maker_of(UserOrganization), found.rows)]


def _literally(word: str) -> str:
    """For LIKE."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
