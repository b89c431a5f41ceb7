"""Lists of nodes: of a tenant, in the order of their making, or of those that somebody sees of it.

Within a tenant a list may look at all nodes of a kind, which are few beside its people.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.rows import Row, maker_of
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    Condition,
    InSight,
    PageQuery,
    Query,
    columns_of,
    merged,
    page_cut,
    page_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import NODES, department_subtree, subtree
from adapters.persistence.tables import TABLES, Id, user_organizations
from adapters.persistence.tables.declaring import Name
from faraday_core.kernel.actor import ScopeType
from faraday_core.organizations.model import Department, Organization, Team
from faraday_core.organizations.ports import Counted, N, Wanted

_PARENT: sa.BindParameter[str] = sa.bindparam("parent", type_=Id)
_ARCHIVED: sa.BindParameter[bool] = sa.bindparam("archived", type_=sa.Boolean)
_PATTERNS: sa.BindParameter[Sequence[str]] = sa.bindparam("patterns", type_=ARRAY(Name))
_OWN: sa.BindParameter[Sequence[str]] = sa.bindparam("own", type_=ARRAY(Id))

_KINDS: Final[Mapping[ScopeType, type[Any]]] = {  # nodes
    kind.scope_type: kind for kind in (Organization, Department, Team)
}
_PARENTS: Final[Mapping[type[Any], str]] = {
    Organization: "parent_organization_id",
    Department: "organization_id",
    Team: "department_id",
}
_MEMBER = user_organizations.c


def page_query(
    kind: type[N], wanted: Wanted, *, everywhere: bool, limited: bool
) -> PageQuery[Counted[N]]:
    """`limited`: to what somebody sees."""
    within, search = wanted.parent_id is not None, bool(wanted.words)
    return cast(
        PageQuery[Counted[N]], _query(kind.scope_type, everywhere, limited, within, search)
    )


def counted(kind: type[N]) -> Callable[[Row], Counted[N]]:
    of: Any = _KINDS[kind.scope_type]  # a class of nodes
    make, fields = maker_of(of), len(attrs.fields(of))
    return lambda row: Counted((node := make(row[:fields])).id, node, row[fields])


@cache
def _query(
    scope_type: ScopeType,
    everywhere: bool,  # noqa: FBT001 -- what it is kept under
    limited: bool,  # noqa: FBT001 -- the same
    within: bool,  # noqa: FBT001 -- the same
    search: bool,  # noqa: FBT001 -- the same
) -> PageQuery[Any]:  # of what is counted
    kind = _KINDS[scope_type]
    table = TABLES[kind]
    near = tenants_near()

    def in_sight(other: sa.FromClause) -> Condition:
        return sa.true() if everywhere else other.c.tenant_id.in_(sa.select(near.c.tenant_id))

    def page(behind: Condition) -> Query:
        found = sa.select(table.c.tenant_id, table.c.id).where(
            behind, sa.or_(table.c.archived_at.is_(None), _ARCHIVED)
        )
        if within:
            found = found.where(table.c[_PARENTS[kind]] == _PARENT)
        if search:
            found = found.where(table.c.name_key.op("like")(sa.all_(_PATTERNS)))
        if limited:
            found = found.where(_seen(kind, table, in_sight))
        if everywhere:
            listed = page_cut(found, ["id"]).cte("listed")
        else:
            of_tenant = found.where(table.c.tenant_id == near.c.tenant_id)
            listed = merged(near, of_tenant, ["id"]).cte("listed")
        query = sa.select(*columns_of(kind), _member_count(kind, table)).where(
            table.c.tenant_id == listed.c.tenant_id, table.c.id == listed.c.id
        )
        return query.order_by(listed.c.id)

    why = EVERYWHERE if everywhere else None
    return page_of(Counted, page, {"id": table.c.id}, across_all=why)


def _seen(kind: type[Any], table: sa.Table, in_sight: InSight) -> Condition:
    """At or below the nodes where they may be read, or one's own."""
    organizations = sa.select(subtree(in_sight).c.id)
    own = table.c.id == sa.any_(_OWN)
    if kind is Organization:
        return sa.or_(table.c.id.in_(organizations), own)
    departments = sa.select(department_subtree(in_sight).c.id)
    seen = [table.c.organization_id.in_(organizations), own]
    if kind is Department:
        return sa.or_(*seen, table.c.id.in_(departments))
    return sa.or_(*seen, table.c.department_id.in_(departments), table.c.id == sa.any_(NODES))


def _member_count(kind: type[Any], table: sa.Table) -> sa.ColumnElement[int]:
    at_node = {
        Organization: sa.and_(
            _MEMBER.organization_id == table.c.id,
            _MEMBER.department_id.is_(None),
            _MEMBER.team_id.is_(None),
        ),
        Department: _MEMBER.department_id == table.c.id,
        Team: _MEMBER.team_id == table.c.id,
    }
    count = sa.select(sa.func.count(_MEMBER.user_id.distinct())).where(
        _MEMBER.tenant_id == table.c.tenant_id, at_node[kind]
    )
    return count.correlate(table).scalar_subquery().label("member_count")
