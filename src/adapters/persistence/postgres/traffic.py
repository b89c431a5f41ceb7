from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import insert

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    LIMIT,
    PERSON,
    Statement,
    columns_of,
    statement_of,
)
from adapters.persistence.tables import idempotency_keys, mails, rate_limits
from adapters.persistence.tables.declaring import Bytes, Time
from faraday_core.mail.model import QueuedMail

_KEY: sa.BindParameter[bytes] = sa.bindparam("key", type_=Bytes)
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_BEFORE: sa.BindParameter[datetime] = sa.bindparam("before", type_=Time)
_ENDED: sa.BindParameter[datetime] = sa.bindparam("ended", type_=Time)


def _take() -> Statement:
    """Count one more in the window that runs, or begin another. A window that begins in the
    future, as after a clock was set back, has ended."""
    row = rate_limits.c
    over = sa.or_(row.began_at <= _ENDED, row.began_at > _NOW)
    first = insert(rate_limits).values(key=_KEY, count=1, began_at=_NOW)
    counted = first.on_conflict_do_update(
        index_elements=[row.key],
        set_={
            "count": sa.case((over, 1), else_=row.count + 1),
            "began_at": sa.case((over, _NOW), else_=row.began_at),
        },
    )
    return statement_of(counted.returning(row.count, row.began_at))


_TAKE = _take()
_SWEEP = "what has expired, whoever's it was"
_FORGET_LIMITS = statement_of(rate_limits.delete().where(rate_limits.c.began_at < _BEFORE))
_FORGET_KEYS = statement_of(
    idempotency_keys.delete().where(idempotency_keys.c.created_at < _BEFORE), across_all=_SWEEP
)
_MAILS = sa.select(*columns_of(QueuedMail))
_DUE = statement_of(
    _MAILS.where(mails.c.due_at <= _NOW).order_by(mails.c.due_at, mails.c.id).limit(LIMIT)
)
_WAITING = statement_of(
    _MAILS.where(mails.c.user_id == PERSON, mails.c.due_at.is_not(None)).order_by(mails.c.id)
)
_FORGET_MAILS = statement_of(mails.delete().where(mails.c.ended_at < _BEFORE))


@frozen
class PostgresRateLimits:
    rows: Rows

    async def take(self, key: bytes, period: int, now: datetime) -> tuple[int, datetime]:
        ended = now - timedelta(seconds=period)
        row = await self.rows.one(_TAKE, key=key, now=now, ended=ended)
        assert row  # it answers one, whichever way it went
        return row[0], row[1]

    async def forget_ended(self, before: datetime) -> int:
        return (await self.rows.run(_FORGET_LIMITS, before=before)).count


@frozen
class PostgresIdempotencyKeys:
    rows: Rows

    async def forget_ended(self, before: datetime) -> int:
        return (await self.rows.run(_FORGET_KEYS, before=before)).count


@frozen
class PostgresMails:
    rows: Rows

    async def due(self, now: datetime, limit: int) -> Sequence[QueuedMail]:
        found = await self.rows.run(_DUE, now=now, limit=limit)
        return [*map(maker_of(QueuedMail), found.rows)]

    async def waiting(self, user_id: str) -> Sequence[QueuedMail]:
        found = await self.rows.run(_WAITING, user_id=user_id)
        return [*map(maker_of(QueuedMail), found.rows)]

    async def forget_ended(self, before: datetime) -> int:
        return (await self.rows.run(_FORGET_MAILS, before=before)).count
