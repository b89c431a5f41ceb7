"""One-time tokens, keys, counters of attempts, and what ends or sweeps many things at once."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import insert

from adapters.persistence.postgres import sessions
from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    Statement,
    columns_of,
    statement_of,
)
from adapters.persistence.tables import (
    TABLES,
    email_verifications,
    invitations,
    jwt_blacklist,
    login_attempts,
    password_reset_tokens,
    personal_tokens,
    recovery_codes,
    refresh_tokens,
    signing_keys,
    user_devices,
    user_sessions,
    users,
)
from adapters.persistence.tables.declaring import Bytes, Name, Time
from faraday_core.identity.model import (
    EmailVerification,
    MailedToken,
    OneTimeToken,
    PasswordResetToken,
    RecoveryCode,
    SigningKey,
)

_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_BEFORE: sa.BindParameter[datetime] = sa.bindparam("before", type_=Time)
_UNTIL: sa.BindParameter[datetime] = sa.bindparam("until", type_=Time)
_HASH: sa.BindParameter[bytes] = sa.bindparam("token_hash", type_=Bytes)
_KEY: sa.BindParameter[bytes] = sa.bindparam("key", type_=Bytes)
_FAILURES: sa.BindParameter[int] = sa.bindparam("most", type_=sa.Integer)
_ADDRESS: sa.BindParameter[str] = sa.bindparam("address", type_=Name)

_MAILED: tuple[MailedToken, ...] = (PasswordResetToken, EmailVerification)
_ONE_TIME: tuple[OneTimeToken, ...] = (*_MAILED, RecoveryCode)

PERSON_WITH_EMAIL = statement_of(
    sa.select(users.c.id).where(users.c.email_key == _ADDRESS),
    across_all="whose an address is, before anybody has signed in",
)


def _id_of(kind: MailedToken) -> Statement:
    table = TABLES[kind]
    return statement_of(
        sa.select(table.c.id).where(table.c.user_id == PERSON, table.c.token_hash == _HASH)
    )


_ID_OF = {kind: _id_of(kind) for kind in _MAILED}
_VOID = {
    kind: statement_of(TABLES[kind].delete().where(TABLES[kind].c.user_id == PERSON))
    for kind in _ONE_TIME
}
_RECOVERY_CODES = statement_of(
    sa.select(*columns_of(RecoveryCode)).where(recovery_codes.c.user_id == PERSON)
)
_SIGNING_KEYS = statement_of(sa.select(*columns_of(SigningKey)).order_by(signing_keys.c.id.desc()))
_LOCKED_UNTIL = statement_of(
    sa.select(login_attempts.c.locked_until).where(
        login_attempts.c.key == _KEY, login_attempts.c.locked_until > _NOW
    )
)
_CLEAR = statement_of(login_attempts.delete().where(login_attempts.c.key == _KEY))


def _fail() -> Statement:
    """Counts and locks in one step. A lock that has ended begins the count anew; one that runs
    lets nothing be counted, and so answers no row."""
    row = login_attempts.c
    failures = sa.case((row.locked_until.is_(None), row.failures + 1), else_=1)
    lock = sa.case((failures >= _FAILURES, _UNTIL))
    first = insert(login_attempts).values(
        key=_KEY,
        failures=1,
        locked_until=sa.case((_FAILURES <= 1, _UNTIL)),
        updated_at=_NOW,
    )
    counted = first.on_conflict_do_update(
        index_elements=[row.key],
        set_={"failures": failures, "locked_until": lock, "updated_at": _NOW},
        where=sa.or_(row.locked_until.is_(None), row.locked_until <= _NOW),
    )
    return statement_of(counted.returning(row.failures))


_FAIL = _fail()

_SWEEP = "what has expired, whoever's it was"
_SWEEPS = [
    statement_of(clause, across_all=_SWEEP)
    for clause in (
        user_sessions.delete().where(user_sessions.c.last_used_at < _BEFORE),
        refresh_tokens.delete().where(refresh_tokens.c.spent_at < _BEFORE),
        password_reset_tokens.delete().where(password_reset_tokens.c.expires_at < _NOW),
        email_verifications.delete().where(email_verifications.c.expires_at < _NOW),
        user_devices.delete().where(user_devices.c.expires_at < _NOW),
        personal_tokens.delete().where(personal_tokens.c.expires_at < _NOW),
        invitations.delete().where(invitations.c.expires_at < _NOW),
        jwt_blacklist.delete().where(jwt_blacklist.c.expires_at < _NOW),
        signing_keys.delete().where(signing_keys.c.retires_at < _NOW),
        login_attempts.delete().where(login_attempts.c.updated_at < _BEFORE),
    )
]


@frozen
class PostgresOneTimeTokens:
    rows: Rows

    async def id_of(self, kind: MailedToken, token_hash: bytes) -> str | None:
        row = await self.rows.one(_ID_OF[kind], token_hash=token_hash)
        id: str | None = row[0] if row else None
        return id

    async def recovery_codes(self) -> Sequence[RecoveryCode]:
        return [*map(maker_of(RecoveryCode), (await self.rows.run(_RECOVERY_CODES)).rows)]


@frozen
class PostgresSigningKeys:
    rows: Rows

    async def all(self) -> Sequence[SigningKey]:
        return [*map(maker_of(SigningKey), (await self.rows.run(_SIGNING_KEYS)).rows)]


@frozen
class PostgresLoginAttempts:
    rows: Rows

    async def locked_until(self, key: bytes, now: datetime) -> datetime | None:
        row = await self.rows.one(_LOCKED_UNTIL, key=key, now=now)
        until: datetime | None = row[0] if row else None
        return until

    async def fail(self, key: bytes, limit: int, now: datetime, until: datetime) -> bool:
        return await self.rows.one(_FAIL, key=key, most=limit, now=now, until=until) is not None

    async def clear(self, key: bytes) -> None:
        self.rows.defer(_CLEAR, key=key)


@frozen
class PostgresEndings:
    rows: Rows

    async def end_sessions(self, now: datetime, reason: str, *, but: str | None = None) -> int:
        return await sessions.end_sessions(self.rows, now, reason, but)

    async def forget_devices(self, *, but: str | None = None) -> None:
        await sessions.forget_devices(self.rows, but)

    async def void_tokens(self, kind: OneTimeToken) -> None:
        self.rows.defer(_VOID[kind])


@frozen
class PostgresLeftovers:
    rows: Rows

    async def forget(self, *, now: datetime, before: datetime) -> int:
        swept = [await self.rows.run(sweep, now=now, before=before) for sweep in _SWEEPS]
        return sum(result.count for result in swept)
