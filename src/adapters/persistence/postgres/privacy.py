"""All that is held about a person, by the rules of the core: read, counted, and removed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    PageQuery,
    Statement,
    columns_of,
    plain_page_of,
    statement_of,
    text_statement,
)
from adapters.persistence.tables import TABLES, erasures, exports, invitations, users
from adapters.persistence.tables.declaring import Name, Time
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.privacy.holding import Personal
from faraday_core.privacy.model import Export
from faraday_core.privacy.rules import personal, retained

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_KEYS: sa.BindParameter[Sequence[str]] = sa.bindparam("keys", type_=ARRAY(Name))
_BEFORE: sa.BindParameter[datetime] = sa.bindparam("before", type_=Time)
_LONG_ENOUGH = "what has been kept long enough, whoever's it was"
_WHO_IS_DUE = "who is to be erased by now"


def _of_person(holding: Personal) -> sa.ColumnElement[bool]:
    table = TABLES[holding.kind]
    return sa.or_(*(table.c[name] == PERSON for name in holding.by))


def _rows(holding: Personal) -> PageQuery[Any]:  # of the holding's kind
    table = TABLES[holding.kind]
    query = sa.select(*columns_of(holding.kind)).where(_of_person(holding))
    return plain_page_of(holding.kind, query, {"id": table.c.id})


def _removal(holding: Personal) -> Statement:
    return statement_of(TABLES[holding.kind].delete().where(_of_person(holding)))


def _count(holding: Personal, column: str) -> Statement:
    table = TABLES[holding.kind]
    query = sa.select(sa.func.count()).select_from(table).where(table.c[column] < _BEFORE)
    return statement_of(query, across_all=_LONG_ENOUGH)


def _older(holding: Personal, column: str) -> Statement:
    table = TABLES[holding.kind]
    return statement_of(table.delete().where(table.c[column] < _BEFORE), across_all=_LONG_ENOUGH)


_ROWS = {holding.table: _rows(holding) for holding in personal() if holding.file}
# What hangs on the account's row goes with it (`on delete cascade`), in whatever tenant it lies.
_REMOVALS = {
    holding.table: _removal(holding)
    for holding in personal()
    if "tenant_id" not in TABLES[holding.kind].c and holding.table != users.name
}
_COUNTS = {holding.table: _count(holding, rule.column) for holding, rule in retained()}
_OLDER = {holding.table: _older(holding, rule.column) for holding, rule in retained()}
_REMOVE_INVITATIONS = statement_of(
    invitations.delete().where(invitations.c.email_key == sa.any_(_KEYS)),
    across_all="where somebody was invited who is erased",
)
_REMOVE_USER = statement_of(users.delete().where(users.c.id == PERSON))
# Those that are being worked on end by themselves, and find that there is nothing left to do.
_REMOVE_JOBS = text_statement(
    "delete from procrastinate_jobs where status <> 'doing' and ("
    "args -> 'event' ->> 'user_id' = %(user_id)s::text or args -> 'event' ->> 'mail_id' in"
    " (select id::text from mails where user_id = %(user_id)s::uuid))"
)
_EXPORTS = statement_of(
    sa.select(*columns_of(Export)).where(exports.c.user_id == PERSON).order_by(exports.c.id)
)
_DUE_NOW = statement_of(
    sa.select(erasures.c.user_id)
    .where(erasures.c.erase_after <= _NOW)
    .order_by(erasures.c.erase_after),
    across_all=_WHO_IS_DUE,
)
_EXPIRED_EXPORTS = statement_of(
    sa.select(exports.c.user_id, exports.c.id).where(exports.c.expires_at <= _NOW),
    across_all=_LONG_ENOUGH,
)
_INACTIVE = statement_of(
    sa.select(users.c.id).where(~users.c.is_active, users.c.updated_at < _BEFORE),
    across_all=_LONG_ENOUGH,
)


@frozen
class PostgresHeld:
    _rows: Rows

    async def rows(self, holding: Personal, page: PageRequest) -> Page[Any]:
        return await self._rows.page(_ROWS[holding.table], page)

    async def exports(self) -> Sequence[Export]:
        return [*map(maker_of(Export), (await self._rows.run(_EXPORTS)).rows)]

    async def due(self, now: datetime) -> Sequence[str]:
        return [row[0] for row in (await self._rows.run(_DUE_NOW, now=now)).rows]

    async def expired_exports(self, now: datetime) -> Sequence[tuple[str, str]]:
        found = await self._rows.run(_EXPIRED_EXPORTS, now=now)
        return [(user_id, id) for user_id, id in found.rows]

    async def count(self, holding: Personal, column: str, before: datetime) -> int:
        row = await self._rows.one(_COUNTS[holding.table], before=before)
        count: int = row[0] if row else 0
        return count

    async def inactive(self, before: datetime) -> Sequence[str]:
        return [row[0] for row in (await self._rows.run(_INACTIVE, before=before)).rows]


@frozen
class PostgresRemoval:
    rows: Rows

    async def person(self, holdings: Collection[Personal]) -> None:
        self.rows.defer(_REMOVE_JOBS)
        for holding in holdings:
            if holding.table in _REMOVALS:
                self.rows.defer(_REMOVALS[holding.table])
        self.rows.defer(_REMOVE_USER)

    async def invitations(self, email_keys: Collection[str]) -> None:
        self.rows.defer(_REMOVE_INVITATIONS, keys=[*email_keys])

    async def older(self, holding: Personal, column: str, before: datetime) -> int:
        return (await self.rows.run(_OLDER[holding.table], before=before)).count
