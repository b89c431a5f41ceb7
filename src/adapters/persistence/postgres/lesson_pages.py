"""Lists of classes, courses and sessions, in the order of their making: of a tenant, or of what
somebody sees of it.

What is filtered for in passing (a session, a source) may look at all of a kind in a tenant, which
are few beside its people.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.connections import Value
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    LIMIT,
    Condition,
    PageQuery,
    Query,
    columns_of,
    in_tenants,
    merged,
    page_cut,
    page_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import TABLES, Id, classes
from adapters.persistence.tables.declaring import Name
from faraday_core.organizations.ports import Sight
from faraday_core.roster.ports import T, Wanted

_COURSE: sa.BindParameter[str] = sa.bindparam("course_id", type_=Id)
_SESSION: sa.BindParameter[str] = sa.bindparam("academic_session_id", type_=Id)
_SYSTEM: sa.BindParameter[str] = sa.bindparam("source_system", type_=sa.Text)
_SOURCE_ID: sa.BindParameter[str] = sa.bindparam("source_id", type_=Name)
_OWN: sa.BindParameter[Sequence[str]] = sa.bindparam("own", type_=ARRAY(Id))
_NARROWING: Final = ("course_id", "academic_session_id", "source_system", "source_id")


def page_query(kind: type[T], wanted: Wanted, *, everywhere: bool, limited: bool) -> PageQuery[T]:
    """`limited`: to what somebody sees."""
    by = frozenset(name for name in _NARROWING if getattr(wanted, name) is not None)
    of: Any = kind  # an entity's
    inactive = wanted.include_inactive
    return cast(PageQuery[T], _query(of, by, everywhere, limited, inactive))


def given_for(sight: Sight | None, wanted: Wanted) -> Mapping[str, Value]:
    narrowed = {name: getattr(wanted, name) for name in _NARROWING}
    return narrowed | {
        "nodes": sight.nodes if sight else (),
        "own": sight.own if sight else (),
    }


@cache
def _query(
    kind: type[Any],  # an entity's
    by: Collection[str],
    everywhere: bool,  # noqa: FBT001 -- what it is kept under
    limited: bool,  # noqa: FBT001 -- the same
    inactive: bool,  # noqa: FBT001 -- the same
) -> PageQuery[Any]:  # of the kind
    table = TABLES[kind]

    def in_sight(other: sa.FromClause) -> Condition:
        return sa.true() if everywhere else in_tenants(other)

    def page(behind: Condition) -> Query:
        found = sa.select(table.c.tenant_id, table.c.id).where(behind, *_narrowed(table, by))
        found = found if inactive else found.where(table.c.is_active)
        if limited:
            listed = _seen(table, found, in_sight(table), subtree(in_sight)).cte("listed")
        elif everywhere:
            listed = page_cut(found, ["id"]).cte("listed")
        else:
            near = tenants_near()
            of_tenant = found.where(table.c.tenant_id == near.c.tenant_id)
            listed = merged(near, of_tenant, ["id"]).cte("listed")
        query = sa.select(*columns_of(kind)).where(
            table.c.tenant_id == listed.c.tenant_id, table.c.id == listed.c.id
        )
        return query.order_by(listed.c.id)

    why = EVERYWHERE if everywhere else None
    return page_of(kind, page, {"id": table.c.id}, across_all=why)


def _narrowed(table: sa.Table, by: Collection[str]) -> list[Condition]:
    conditions = {
        "course_id": classes.c.course_id == _COURSE,
        "academic_session_id": sa.any_(classes.c.academic_session_ids) == _SESSION,
        "source_system": table.c.source_system == _SYSTEM,
        "source_id": table.c.source_id == _SOURCE_ID,
    }
    return [conditions[name] for name in sorted(by)]


def _seen(table: sa.Table, found: Query, in_sight: Condition, below: sa.CTE) -> Query:
    """What lies at or below the nodes where it may be read, and one's own."""
    at_place = (table.c.tenant_id == below.c.tenant_id) & (table.c.organization_id == below.c.id)
    by_node = merged(below, found.where(at_place), ["id"]).subquery("by_node")
    own = page_cut(found.where(in_sight, table.c.id == sa.any_(_OWN)), ["id"]).subquery("own")
    both = sa.union(sa.select(*by_node.c), sa.select(*own.c)).subquery("both")
    return sa.select(*both.c).order_by(both.c.id).limit(LIMIT)
