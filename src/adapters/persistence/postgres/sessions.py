from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    THIS,
    columns_of,
    plain_page_of,
    statement_of,
)
from adapters.persistence.tables import Id, refresh_tokens, user_devices, user_sessions
from adapters.persistence.tables.declaring import Bytes, Time
from faraday_core.identity.session_model import RefreshToken, UserDevice, UserSession
from faraday_core.kernel.paging import Page, PageRequest

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_UNUSED_SINCE: sa.BindParameter[datetime] = sa.bindparam("unused_since", type_=Time)
_HASH: sa.BindParameter[bytes] = sa.bindparam("token_hash", type_=Bytes)
_BUT: sa.BindParameter[str | None] = sa.bindparam("but", type_=Id)
_REASON: sa.BindParameter[str] = sa.bindparam("reason", type_=sa.Text)

_SESSION = user_sessions.c
_OWN_LIVING = sa.and_(
    _SESSION.user_id == PERSON,
    _SESSION.ended_at.is_(None),
    _SESSION.expires_at > _NOW,
    _SESSION.last_used_at > _UNUSED_SINCE,
)
_LIVING = plain_page_of(
    UserSession,
    sa.select(*columns_of(UserSession)).where(_OWN_LIVING),
    {"id": _SESSION.id},
    newest_first=True,
)
_ALL_LIVING = statement_of(
    sa.select(*columns_of(UserSession)).where(_OWN_LIVING).order_by(_SESSION.last_used_at)
)
_REFRESH_TOKEN = statement_of(
    sa.select(*columns_of(RefreshToken))
    .where(refresh_tokens.c.user_id == PERSON, refresh_tokens.c.token_hash == _HASH)
    .with_for_update(key_share=True)
)
_UNSPENT = statement_of(
    sa.select(refresh_tokens.c.id).where(
        refresh_tokens.c.user_id == PERSON,
        refresh_tokens.c.token_hash == _HASH,
        refresh_tokens.c.spent_at.is_(None),
    )
)
_ANY_EVER = statement_of(
    sa.select(_SESSION.id).where(_SESSION.user_id == PERSON).limit(sa.literal_column("1"))
)
_DEVICES = statement_of(
    sa.select(*columns_of(UserDevice))
    .where(user_devices.c.user_id == PERSON)
    .order_by(user_devices.c.last_used_at)
)
_DEVICE = statement_of(
    sa.select(*columns_of(UserDevice)).where(
        user_devices.c.user_id == PERSON,
        user_devices.c.token_hash == _HASH,
        user_devices.c.expires_at > _NOW,
    )
)
_END_ALL = statement_of(
    user_sessions.update()
    .where(
        _SESSION.user_id == PERSON,
        _SESSION.ended_at.is_(None),
        sa.or_(_BUT.is_(None), _SESSION.id != _BUT),
    )
    .values(ended_at=_NOW, end_reason=_REASON, version=_SESSION.version + 1)
)
_FORGET_DEVICES = statement_of(
    user_devices.delete().where(
        user_devices.c.user_id == PERSON,
        sa.or_(_BUT.is_(None), user_devices.c.id != _BUT),
    )
)
_TOUCH = statement_of(
    user_sessions.update()
    .where(_SESSION.user_id == PERSON, _SESSION.id == THIS)
    .values(last_used_at=sa.func.greatest(_SESSION.last_used_at, _NOW))
)


@frozen
class PostgresSessions:
    rows: Rows

    async def living(
        self, page: PageRequest, *, now: datetime, unused_since: datetime
    ) -> Page[UserSession]:
        return await self.rows.page(_LIVING, page, now=now, unused_since=unused_since)

    async def all_living(self, *, now: datetime, unused_since: datetime) -> Sequence[UserSession]:
        found = await self.rows.run(_ALL_LIVING, now=now, unused_since=unused_since)
        return [*map(maker_of(UserSession), found.rows)]

    async def refresh_token(self, token_hash: bytes) -> RefreshToken | None:
        row = await self.rows.one(_REFRESH_TOKEN, token_hash=token_hash)
        token: RefreshToken | None = maker_of(RefreshToken)(row) if row else None
        return token

    async def is_unspent(self, token_hash: bytes) -> bool:
        return await self.rows.one(_UNSPENT, token_hash=token_hash) is not None

    async def any_ever(self) -> bool:
        return await self.rows.one(_ANY_EVER) is not None


@frozen
class PostgresDevices:
    rows: Rows

    async def all(self) -> Sequence[UserDevice]:
        return [*map(maker_of(UserDevice), (await self.rows.run(_DEVICES)).rows)]

    async def with_token(self, token_hash: bytes, now: datetime) -> UserDevice | None:
        row = await self.rows.one(_DEVICE, token_hash=token_hash, now=now)
        device: UserDevice | None = maker_of(UserDevice)(row) if row else None
        return device


@frozen
class PostgresSessionUse:
    rows: Rows

    async def touch(self, session_id: str, now: datetime) -> None:
        self.rows.defer(_TOUCH, id=session_id, now=now)


async def end_sessions(rows: Rows, now: datetime, reason: str, but: str | None) -> int:
    return (await rows.run(_END_ALL, now=now, reason=reason, but=but)).count


async def forget_devices(rows: Rows, but: str | None) -> None:
    rows.defer(_FORGET_DEVICES, but=but)
