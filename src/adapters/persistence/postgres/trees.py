"""Walks down the trees. Children are looked up node by node, by their index: as a join it would be
planned for the tree as it is now, and a plan is kept while the tree grows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.statements import TENANT, THIS, InSight, Statement, statement_of
from adapters.persistence.tables import Id, departments, organizations

NODES: sa.BindParameter[Sequence[str]] = sa.bindparam("nodes", type_=ARRAY(Id))


def subtree(in_sight: InSight) -> sa.CTE:
    """The organisations at these nodes and below them."""
    return _below("below", organizations, "parent_organization_id", in_sight)


def department_subtree(in_sight: InSight) -> sa.CTE:
    """The departments at these nodes and below them."""
    return _below("inside", departments, "parent_department_id", in_sight)


def _below(name: str, table: sa.Table, parent: str, in_sight: InSight) -> sa.CTE:
    node, child = table.alias(f"{name}_node"), table.alias(f"{name}_child")
    top = sa.select(node.c.tenant_id, node.c.id).where(in_sight(node), node.c.id == sa.any_(NODES))
    below = top.cte(name, recursive=True)
    children = sa.select(child.c.id).where(
        child.c.tenant_id == below.c.tenant_id, child.c[parent] == below.c.id
    )
    looked_up = sa.func.array(children.correlate(below).scalar_subquery())
    step = sa.select(below.c.tenant_id, sa.func.unnest(looked_up, type_=Id))
    return below.union(step)


def levels(table: sa.Table, parent: str) -> Statement:
    """How many a node has, itself the first."""
    child = table.alias("child")
    one: sa.ColumnElement[int] = sa.literal_column("1")
    top = sa.select(table.c.id, one.label("level"))
    down = top.where(table.c.tenant_id == TENANT, table.c.id == THIS).cte("down", recursive=True)
    children = sa.select(child.c.id).where(
        child.c.tenant_id == TENANT, child.c[parent] == down.c.id
    )
    looked_up = sa.func.array(children.correlate(down).scalar_subquery())
    step = sa.select(sa.func.unnest(looked_up, type_=Id), down.c.level + one)
    whole = down.union_all(step)
    return statement_of(sa.select(sa.func.max(whole.c.level)))
