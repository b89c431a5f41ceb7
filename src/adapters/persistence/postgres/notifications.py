from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    PageQuery,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import notifications
from adapters.persistence.tables.declaring import Time
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.notifications.model import Notification

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)
_ROW = notifications.c
_OWN = sa.select(*columns_of(Notification)).where(_ROW.user_id == PERSON)


def _page(*more: sa.ColumnElement[bool]) -> PageQuery[Notification]:
    query = _OWN.where(_ROW.shown_at <= _NOW, *more)
    order = {"shown_at": _ROW.shown_at, "id": _ROW.id}
    return plain_page_of(Notification, query, order, newest_first=True)


_ALL = _page()
_UNREAD = _page(_ROW.read_at.is_(None))
_WAITING = statement_of(
    _OWN.where(sa.or_(_ROW.send_at.is_not(None), _ROW.shown_at > _NOW)).order_by(_ROW.id)
)
_DUE = statement_of(
    sa.select(_ROW.user_id, _ROW.id)
    .where(_ROW.send_at <= _NOW)
    .order_by(_ROW.send_at)
    .limit(_LIMIT),
    across_all="what has waited for its moment, whoever's it is",
)


@frozen
class PostgresNotifications:
    rows: Rows

    async def page(self, now: datetime, page: PageRequest, *, unread: bool) -> Page[Notification]:
        return await self.rows.page(_UNREAD if unread else _ALL, page, now=now)

    async def waiting(self, now: datetime) -> Sequence[Notification]:
        return [*map(maker_of(Notification), (await self.rows.run(_WAITING, now=now)).rows)]

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        found = await self.rows.run(_DUE, now=now, limit=limit)
        return [(user_id, id) for user_id, id in found.rows]
