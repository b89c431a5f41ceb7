from collections.abc import Callable, Collection, Mapping, Sequence

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    THIS,
    InSight,
    PageQuery,
    Sighted,
    Statement,
    columns_of,
    merged,
    page_of,
    plain_page_of,
    sighted,
    statement_of,
    tenants_near,
)
from adapters.persistence.tables import Id, organizations
from faraday_core.kernel.access import Path, not_found
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.model import Organization

NODES: sa.BindParameter[Sequence[str]] = sa.bindparam("nodes", type_=ARRAY(Id))
_NAME: sa.BindParameter[str] = sa.bindparam("name", type_=sa.Text)


def subtree(in_sight: InSight) -> sa.CTE:
    """The organisations at these nodes and below them."""
    node, child = organizations.alias("node"), organizations.alias("child")
    top = sa.select(node.c.tenant_id, node.c.id).where(in_sight(node), node.c.id == sa.any_(NODES))
    below = top.cte("below", recursive=True)
    children = sa.select(child.c.id).where(
        child.c.tenant_id == below.c.tenant_id, child.c.parent_organization_id == below.c.id
    )
    # Looked up node by node, by the index: as a join it would be planned for the tree as it is
    # now, and a plan is kept while the tree grows.
    looked_up = sa.func.array(children.correlate(below).scalar_subquery())
    step = sa.select(below.c.tenant_id, sa.func.unnest(looked_up, type_=Id))
    return below.union(step)


def _paths(in_sight: InSight, across_all: str | None) -> Statement:
    """Each node with those above it, the top one first."""
    node, above = organizations.alias("node"), organizations.alias("above")
    up: sa.Label[int] = sa.literal_column("0").label("up")
    parent = node.c.parent_organization_id
    start = sa.select(node.c.id.label("of"), node.c.tenant_id, node.c.id, parent, up)
    path = start.where(in_sight(node), node.c.id == sa.any_(NODES)).cte("path", recursive=True)
    next_up = path.c.up + sa.literal_column("1")
    step = sa.select(
        path.c.of, above.c.tenant_id, above.c.id, above.c.parent_organization_id, next_up
    ).where(above.c.tenant_id == path.c.tenant_id, above.c.id == path.c.parent_organization_id)
    whole = path.union_all(step)
    downward = aggregate_order_by(whole.c.id, whole.c.up.desc())
    query = sa.select(whole.c.of, sa.func.array_agg(downward)).group_by(whole.c.of)
    return statement_of(query, across_all=across_all)


def _all() -> Sighted[PageQuery[Organization]]:
    row, order = organizations.c, {"id": organizations.c.id}
    every = sa.select(*columns_of(Organization))
    near = tenants_near()
    of_tenant = every.where(row.tenant_id == near.c.tenant_id)
    return Sighted(
        near=page_of(
            Organization, lambda behind: merged(near, of_tenant.where(behind), order), order
        ),
        far=plain_page_of(Organization, every, order, across_all=EVERYWHERE),
    )


def _at_nodes(in_sight: InSight, why: str | None) -> PageQuery[Organization]:
    """Reads the subtree, which is small: organisations, and not what belongs to them."""
    below = subtree(in_sight)
    query = sa.select(*columns_of(Organization)).where(
        organizations.c.tenant_id == below.c.tenant_id, organizations.c.id == below.c.id
    )
    return plain_page_of(Organization, query, {"id": organizations.c.id}, across_all=why)


def _found(
    wanted: sa.ColumnElement[str], condition: sa.ColumnElement[bool]
) -> Callable[[InSight, str | None], Statement]:
    def make(in_sight: InSight, why: str | None) -> Statement:
        query = sa.select(wanted).where(in_sight(organizations), condition).limit(2)
        return statement_of(query, across_all=why)

    return make


_PATHS = sighted(_paths)
_ALL = _all()
_AT_NODES = sighted(_at_nodes)
_TENANT_OF = sighted(_found(organizations.c.tenant_id, organizations.c.id == THIS))
_WITH_NAME = sighted(_found(organizations.c.id, organizations.c.name == _NAME))


@frozen
class PostgresOrganizations:
    rows: Rows

    async def paths_to(self, organization_ids: Collection[str]) -> Mapping[str, Path]:
        nodes = [*filter(is_id, organization_ids)]
        if not nodes:
            return {}
        found = await self.rows.run(self.rows.of(_PATHS), nodes=nodes)
        return {node: tuple(path) for node, path in found.rows}

    async def tenant_of(self, organization_id: str) -> str:
        if row := await self.rows.one(self.rows.of(_TENANT_OF), id=organization_id):
            tenant: str = row[0]
            return tenant
        raise not_found()

    async def with_name(self, name: str) -> Sequence[str]:
        found = await self.rows.run(self.rows.of(_WITH_NAME), name=name)
        return [row[0] for row in found.rows]

    async def page(self, nodes: Sequence[str] | None, page: PageRequest) -> Page[Organization]:
        if nodes is None:
            return await self.rows.page(self.rows.of(_ALL), page)
        return await self.rows.page(self.rows.of(_AT_NODES), page, nodes=nodes)
