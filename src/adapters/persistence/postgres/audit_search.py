"""The audit log, narrowed: to a person by the indexes that name them, to days by the ids, which
are in the order of their making."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Final
from uuid import UUID

import attrs
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.connections import Value
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    LIMIT,
    Condition,
    InSight,
    PageQuery,
    Query,
    in_tenants,
    merged,
    page_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import Id, audit_log
from adapters.persistence.tables.declaring import Time
from faraday_core.audit.model import AuditEntry
from faraday_core.audit.ports import AuditSearch
from faraday_core.kernel.paging import Page, PageRequest

_ENTRY: Final = [audit_log.c[field.name] for field in attrs.fields(AuditEntry)]
_ORDER: Final = {"id": audit_log.c.id}
_NAMED: sa.BindParameter[Sequence[str]] = sa.bindparam("named", type_=ARRAY(Id))
_ACTION: sa.BindParameter[str | None] = sa.bindparam("wanted_action", type_=sa.Text)
_SINCE: sa.BindParameter[datetime | None] = sa.bindparam("since", type_=Time)
_BEFORE: sa.BindParameter[datetime | None] = sa.bindparam("before", type_=Time)
_LOW: sa.BindParameter[str] = sa.bindparam("low", type_=Id)
_HIGH: sa.BindParameter[str] = sa.bindparam("high", type_=Id)

# How far a clock may have been wrong when an entry was given its id.
_ASTRAY: Final = timedelta(days=1)
_FIRST_ID: Final = str(UUID(int=0))
_LAST_ID: Final = str(UUID(int=2**128 - 1))
_MOST_MILLISECONDS: Final = 2**48 - 1


@frozen
class Shape:
    """Which list it is: each is a statement of its own, made when it is first asked for.

    `everywhere`: of all tenants. `nodes`: of these organisations and those below them alone.
    `person`: of what names somebody. `days`: of some days.
    """

    everywhere: bool
    nodes: bool
    person: bool
    days: bool

    @property
    def in_sight(self) -> InSight:
        return (lambda _: sa.true()) if self.everywhere else in_tenants

    @property
    def conditions(self) -> Iterator[Condition]:
        yield sa.or_(_ACTION.is_(None), audit_log.c.action == _ACTION)
        if self.days:  # or a plan would be made as if any range of ids were a short one
            yield audit_log.c.id.between(_LOW, _HIGH)
            yield sa.or_(_SINCE.is_(None), audit_log.c.at >= _SINCE)
            yield sa.or_(_BEFORE.is_(None), audit_log.c.at < _BEFORE)


@cache
def query_for(shape: Shape) -> PageQuery[AuditEntry]:
    newest = partial(_of_person if shape.person else _of_places, shape)
    why = EVERYWHERE if shape.everywhere else None
    return page_of(AuditEntry, newest, _ORDER, newest_first=True, across_all=why)


def _of_places(shape: Shape, behind: Condition) -> Query:
    found = sa.select(*_ENTRY).where(behind, *shape.conditions)
    if shape.nodes:
        below = subtree(shape.in_sight)
        at_node = audit_log.c.organization_id == below.c.id
        here = found.where(audit_log.c.tenant_id == below.c.tenant_id, at_node)
        return merged(below, here, _ORDER, newest_first=True)
    if shape.everywhere:
        return found.order_by(audit_log.c.id.desc()).limit(LIMIT)
    near = tenants_near()
    here = found.where(audit_log.c.tenant_id == near.c.tenant_id)
    return merged(near, here, _ORDER, newest_first=True)


def _of_person(shape: Shape, behind: Condition) -> Query:
    """Each way of naming them by its own index, and of both the newest."""
    named = sa.select(sa.func.unnest(_NAMED, type_=Id).label("id")).cte("named")
    found = sa.select(*_ENTRY).where(behind, shape.in_sight(audit_log), *shape.conditions)
    if shape.nodes:
        below = subtree(shape.in_sight)
        found = found.where(audit_log.c.organization_id.in_(sa.select(below.c.id)))
    ways = (
        merged(named, found.where(way == named.c.id), _ORDER, newest_first=True).subquery()
        for way in (audit_log.c.actor_id, audit_log.c.target_id)
    )
    either = sa.union(*(sa.select(*way.c) for way in ways)).subquery("either")
    return sa.select(*either.c).order_by(either.c.id.desc()).limit(LIMIT)


async def searched(
    rows: Rows, nodes: Sequence[str] | None, wanted: AuditSearch, page: PageRequest
) -> Page[AuditEntry]:
    given: dict[str, Value] = {"wanted_action": wanted.action}
    if nodes is not None:
        given["nodes"] = nodes
    if wanted.named is not None:
        given["named"] = wanted.named
    days = wanted.since is not None or wanted.before is not None
    if days:
        given |= {
            "since": wanted.since,
            "before": wanted.before,
            "low": _id_at(wanted.since - _ASTRAY) if wanted.since else _FIRST_ID,
            "high": _id_at(wanted.before + _ASTRAY) if wanted.before else _LAST_ID,
        }
    shape = Shape(rows.scope.everywhere, nodes is not None, wanted.named is not None, days)
    return await rows.page(query_for(shape), page, maker_of(AuditEntry), **given)


def _id_at(moment: datetime) -> str:
    """The first id that can have been made then (RFC 9562, 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=min(max(milliseconds, 0), _MOST_MILLISECONDS) << 80))
