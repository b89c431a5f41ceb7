"""Persons with their roles: by a session that they ask with, or in an administrator's sight."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

import attrs
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import aggregate_order_by

from adapters.persistence.postgres.connections import Call, Result
from adapters.persistence.postgres.rows import Row, Rows, maker_of
from adapters.persistence.postgres.statements import (
    PERSON,
    TENANTS,
    THIS,
    TODAY,
    InSight,
    Statement,
    columns_of,
    sighted,
    statement_of,
)
from adapters.persistence.tables import Id, jwt_blacklist, user_organizations, user_sessions, users
from adapters.persistence.tables.declaring import Time
from faraday_core.identity.model import Person, User
from faraday_core.identity.session_model import Claims, Identity
from faraday_core.kernel.access import not_found
from faraday_core.kernel.actor import ActorChanged, Grant, Role, ScopeType

_FIELDS = len(attrs.fields(User))
_BEFORE_PERMISSIONS: Final = 5  # which are JSON, and may hold spaces
_NOW: sa.BindParameter[datetime] = sa.bindparam("now", type_=Time)
_UNUSED_SINCE: sa.BindParameter[datetime] = sa.bindparam("unused_since", type_=Time)
_SESSION: sa.BindParameter[str] = sa.bindparam("session_id", type_=Id)
_TOKEN: sa.BindParameter[str] = sa.bindparam("token_id", type_=Id)


def roles_of(user_id: sa.ColumnElement[str], in_sight: InSight | None) -> sa.ColumnElement[str]:
    """The roles that a person holds today as text, a line each, the oldest first; `in_sight`: only
    those in these tenants. JSON would take PostgreSQL twice as long."""
    held = user_organizations.alias("held")
    row = held.c
    department, team = (
        sa.func.coalesce(sa.cast(node, sa.Text), sa.literal_column("''"))
        for node in (row.department_id, row.team_id)
    )
    held_at = (row.role, row.tenant_id, row.organization_id, department, team, row.permissions)
    one = sa.func.concat_ws(sa.literal_column("' '"), *held_at)
    every = sa.func.string_agg(one, aggregate_order_by(sa.literal_column("E'\\n'"), row.id))
    begun = sa.or_(row.starts_on.is_(None), row.starts_on <= TODAY)
    lasts = sa.or_(row.ends_on.is_(None), row.ends_on >= TODAY)
    conditions = [row.user_id == user_id, begun, lasts, *([in_sight(held)] if in_sight else [])]
    return sa.select(every).where(*conditions).scalar_subquery().label("roles")


def person_from(row: Row) -> Person:
    """From a user's columns with the roles behind them."""
    return Person(maker_of(User)(row[:_FIELDS]), grants_of(row[_FIELDS]))


@lru_cache(4096)  # the people of a list mostly hold the same, and who asks asks again
def grants_of(roles: str | None) -> tuple[Grant, ...]:
    lines = roles.split("\n") if roles else ()
    return tuple(_grant(*line.split(" ", _BEFORE_PERMISSIONS)) for line in lines)


def _grant(  # noqa: PLR0917 -- a column each
    role: str,
    tenant: str,
    organization: str,
    department: str,
    team: str,
    permissions: str,
) -> Grant:
    given: dict[str, bool] = json.loads(permissions)
    kind = ScopeType.DEPARTMENT if department else ScopeType.ORGANIZATION
    return Grant(
        Role(role),
        ScopeType.TEAM if team else kind,
        team or department or organization,
        tenant,
        organization,
        frozenset(name for name, allowed in given.items() if allowed),
        frozenset(name for name, allowed in given.items() if not allowed),
    )


def _identify(*columns: sa.ColumnElement[Any]) -> Statement:
    """One joined statement: the session lives, the token is not barred, the person is active."""
    barred = sa.exists().where(jwt_blacklist.c.user_id == PERSON, jwt_blacklist.c.id == _TOKEN)
    session = user_sessions.c
    query = sa.select(*columns, roles_of(users.c.id, None), session.last_used_at).where(
        users.c.id == PERSON,
        users.c.is_active,
        session.user_id == PERSON,
        session.id == _SESSION,
        session.ended_at.is_(None),
        session.expires_at > _NOW,
        session.last_used_at > _UNUSED_SINCE,
        session.security_epoch == users.c.security_epoch,
        ~barred,
    )
    return statement_of(query)


def _person(in_sight: InSight, why: str | None) -> Statement:
    member = user_organizations.alias("member")
    known = sa.exists().where(member.c.user_id == users.c.id, in_sight(member))
    query = sa.select(*columns_of(User), roles_of(users.c.id, in_sight)).where(users.c.id == THIS)
    # Who holds no role (yet) is known by the roster that brought them.
    brought = users.c.source_tenant_id == sa.any_(TENANTS)
    return statement_of(query if why else query.where(known | brought), across_all=why)


_IDENTIFY = _identify(*columns_of(User))
_CONFIRM = _identify(users.c.version, users.c.is_platform_admin)
_ONESELF = statement_of(
    sa.select(*columns_of(User), roles_of(users.c.id, None)).where(users.c.id == PERSON)
)
_PERSON = sighted(_person)
_PLATFORM_ADMINS = statement_of(
    sa.select(sa.func.count()).where(users.c.is_platform_admin, users.c.is_active),
    across_all="whether a platform_admin is the last one",
)


Question = Callable[[datetime, datetime], Call]  # at this moment, of what was used since then


class RowEvidence:
    """What storage answers to a question that finds somebody again, the last column being when
    that was used. To be confirmed, the question goes along with the next trip."""

    def __init__(self, row: Row, question: Question, call: Call, *, confirmed: bool) -> None:
        self._row = row
        self._question = question
        self.call = call
        self.confirmed = confirmed

    @property
    def last_used_at(self) -> datetime:
        moment: datetime = self._row[-1]
        return moment

    def again(self, now: datetime, unused_since: datetime) -> "RowEvidence":
        call = self._question(now, unused_since)
        return RowEvidence(self._row, self._question, call, confirmed=False)

    def check(self, result: Result) -> None:
        row = result.rows[0] if result.rows else None
        if row is None or row[:-1] != self._row[:-1]:
            raise ActorChanged
        self._row = row
        self.confirmed = True


def _question(claims: Claims, statement: Statement, now: datetime, unused_since: datetime) -> Call:
    return statement, {
        "user_id": claims.user_id,
        "session_id": claims.session_id,
        "token_id": claims.token_id,
        "now": now,
        "today": now.date(),
        "unused_since": unused_since,
    }


@frozen
class PostgresPeople:
    rows: Rows

    async def person(self, user_id: str) -> Person:
        if user_id == self.rows.scope.user_id:
            row = await self.rows.one(_ONESELF)
        else:
            row = await self.rows.one(self.rows.of(_PERSON), id=user_id)
        if row is None:
            raise not_found()
        return person_from(row)

    async def identity(
        self, claims: Claims, *, now: datetime, unused_since: datetime
    ) -> Identity | None:
        statement, values = _question(claims, _IDENTIFY, now, unused_since)
        row = await self.rows.one(statement, **values)
        if row is None:
            return None
        person = person_from(row)
        again = partial(_question, claims, _CONFIRM)
        found = (person.user.version, person.user.is_platform_admin, *row[_FIELDS:])
        evidence = RowEvidence(found, again, again(now, unused_since), confirmed=True)
        return Identity(person, claims, row[-1], evidence)

    async def platform_admins(self) -> int:
        row = await self.rows.one(_PLATFORM_ADMINS)
        count: int = row[0] if row else 0
        return count
