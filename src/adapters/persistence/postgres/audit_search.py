"""The audit log, narrowed: to a person by the indexes that name them, to days by the ids, which
are in the order of their making."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.connections import Value
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    LIMIT,
    Condition,
    InSight,
    PageQuery,
    Query,
    merged,
    page_of,
    sighted,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import Id, audit_log
from adapters.persistence.tables.declaring import Time
from faraday_core.audit.model import AuditEntry
from faraday_core.audit.ports import AuditSearch
from faraday_core.kernel.paging import Page, PageRequest

Make = Callable[[InSight, sa.CTE | None, Condition], Query]

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


def _wanted() -> list[Condition]:
    return [
        audit_log.c.id >= _LOW,
        audit_log.c.id <= _HIGH,
        sa.or_(_ACTION.is_(None), audit_log.c.action == _ACTION),
        sa.or_(_SINCE.is_(None), audit_log.c.at >= _SINCE),
        sa.or_(_BEFORE.is_(None), audit_log.c.at < _BEFORE),
    ]


def _of_places(in_sight: InSight, places: sa.CTE | None, behind: Condition) -> Query:
    """`places`: the tenants or the organisations; None: whatever there is."""
    found = sa.select(*_ENTRY).where(behind, *_wanted())
    if places is None:
        return found.order_by(audit_log.c.id.desc()).limit(LIMIT)
    here = found.where(audit_log.c.tenant_id == places.c.tenant_id)
    if "id" in places.c:
        here = here.where(audit_log.c.organization_id == places.c.id)
    return merged(places, here, _ORDER, newest_first=True)


def _of_person(in_sight: InSight, places: sa.CTE | None, behind: Condition) -> Query:
    """Each way of naming them by its own index, and of both the newest."""
    named = sa.select(sa.func.unnest(_NAMED, type_=Id).label("id")).cte("named")
    found = sa.select(*_ENTRY).where(behind, in_sight(audit_log), *_wanted())
    if places is not None and "id" in places.c:
        found = found.where(audit_log.c.organization_id.in_(sa.select(places.c.id)))
    ways = (
        merged(named, found.where(way == named.c.id), _ORDER, newest_first=True).subquery()
        for way in (audit_log.c.actor_id, audit_log.c.target_id)
    )
    either = sa.union(*(sa.select(*way.c) for way in ways)).subquery("either")
    return sa.select(*either.c).order_by(either.c.id.desc()).limit(LIMIT)


def _at_nodes(query: Make, in_sight: InSight, why: str | None) -> PageQuery[AuditEntry]:
    newest = partial(query, in_sight, subtree(in_sight))
    return page_of(AuditEntry, newest, _ORDER, newest_first=True, across_all=why)


def _all(query: Make, in_sight: InSight, why: str | None) -> PageQuery[AuditEntry]:
    newest = partial(query, in_sight, None if why else tenants_near())
    return page_of(AuditEntry, newest, _ORDER, newest_first=True, across_all=why)


_OF_PERSON: Final = sighted(partial(_all, _of_person))
_OF_PERSON_AT_NODES: Final = sighted(partial(_at_nodes, _of_person))
_OF_ALL: Final = sighted(partial(_all, _of_places))
_OF_ALL_AT_NODES: Final = sighted(partial(_at_nodes, _of_places))


async def searched(
    rows: Rows, nodes: Sequence[str] | None, wanted: AuditSearch, page: PageRequest
) -> Page[AuditEntry]:
    given: dict[str, Value] = {
        "wanted_action": wanted.action,
        "since": wanted.since,
        "before": wanted.before,
        "low": _id_at(wanted.since - _ASTRAY) if wanted.since else _FIRST_ID,
        "high": _id_at(wanted.before + _ASTRAY) if wanted.before else _LAST_ID,
    }
    query = _OF_ALL if nodes is None else _OF_ALL_AT_NODES
    if nodes is not None:
        given["nodes"] = nodes
    if wanted.named is not None:
        query = _OF_PERSON if nodes is None else _OF_PERSON_AT_NODES
        given["named"] = wanted.named
    return await rows.page(rows.of(query), page, maker_of(AuditEntry), **given)


def _id_at(moment: datetime) -> str:
    """The first id that can have been made then (RFC 9562, 5.7)."""
    milliseconds = int(moment.timestamp() * 1000)
    return str(UUID(int=min(max(milliseconds, 0), _MOST_MILLISECONDS) << 80))
