from collections.abc import Callable
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.connections import Call
from adapters.persistence.postgres.people import RowEvidence, person_from, roles_of
from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import (
    PERSON,
    THIS,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import personal_tokens, users
from adapters.persistence.tables.declaring import Bytes, Time
from faraday_core.identity.model import User
from faraday_core.identity.session_model import Identity
from faraday_core.identity.token_model import PersonalToken, TokenUse
from faraday_core.kernel.paging import Page, PageRequest

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_HASH: sa.BindParameter[bytes] = sa.bindparam("token_hash", type_=Bytes)

_TOKEN = personal_tokens.c
_EPOCH = sa.select(users.c.security_epoch).where(users.c.id == PERSON).scalar_subquery()
_LIVING = sa.and_(
    _TOKEN.user_id == PERSON, _TOKEN.expires_at > _NOW, _TOKEN.security_epoch == _EPOCH
)
_PAGE = plain_page_of(
    PersonalToken,
    sa.select(*columns_of(PersonalToken)).where(_LIVING),
    {"id": _TOKEN.id},
    newest_first=True,
)
_COUNT = statement_of(sa.select(sa.func.count()).select_from(personal_tokens).where(_LIVING))
_LAST_USED = sa.func.coalesce(_TOKEN.last_used_at, sa.literal_column("timestamptz 'epoch'"))
_IDENTIFY = statement_of(
    sa.select(
        *columns_of(User), roles_of(users.c.id, None), _TOKEN.id, _TOKEN.scopes, _LAST_USED
    ).where(
        users.c.id == PERSON,
        users.c.is_active,
        _TOKEN.user_id == PERSON,
        _TOKEN.token_hash == _HASH,
        _TOKEN.expires_at > _NOW,
        _TOKEN.security_epoch == users.c.security_epoch,
    )
)
_TOUCH = statement_of(
    personal_tokens.update()
    .where(_TOKEN.user_id == PERSON, _TOKEN.id == THIS)
    .values(last_used_at=sa.func.greatest(_TOKEN.last_used_at, _NOW))
)


def _question(user_id: str | None, token_hash: bytes, now: datetime, _: datetime) -> Call:
    return _IDENTIFY, {
        "user_id": user_id,
        "token_hash": token_hash,
        "now": now,
        "today": now.date(),
    }


@frozen
class PostgresPersonalTokens:
    rows: Rows

    async def identity(self, token_hash: bytes, now: datetime) -> Identity | None:
        ask: Callable[[datetime, datetime], Call] = partial(
            _question, self.rows.scope.user_id, token_hash
        )
        statement, values = call = ask(now, now)
        row = await self.rows.one(statement, **values)
        if row is None:
            return None
        id, scopes, last_used_at = row[-3:]
        evidence = RowEvidence(row, ask, call, confirmed=True)
        return Identity(person_from(row), None, last_used_at, evidence, TokenUse(id, scopes))

    async def page(self, page: PageRequest, now: datetime) -> Page[PersonalToken]:
        return await self.rows.page(_PAGE, page, now=now)

    async def count(self, now: datetime) -> int:
        row = await self.rows.one(_COUNT, now=now)
        count: int = row[0] if row else 0
        return count


@frozen
class PostgresTokenUses:
    rows: Rows

    async def touch(self, token_id: str, now: datetime) -> None:
        self.rows.defer(_TOUCH, id=token_id, now=now)
