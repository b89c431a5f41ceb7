"""What lies below an organisation, in the order of the ids, some at a time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    LIMIT,
    TENANT,
    Condition,
    Query,
    Statement,
    columns_of,
    merged,
    statement_of,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import TABLES, Id, user_organizations, users
from faraday_core.identity.model import User
from faraday_core.kernel.actor import Role
from faraday_core.organizations.membership import UserOrganization
from faraday_core.organizations.model import Department, Organization
from faraday_core.records.model import Guardianship
from faraday_core.roster.exporting import PORTION, Exported
from faraday_core.roster.model import AcademicSession, Class, Course, Enrollment

_ROOT: sa.BindParameter[str] = sa.bindparam("root", type_=Id)
_AFTER: sa.BindParameter[str] = sa.bindparam("after", type_=Id)
_IDS: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", type_=ARRAY(Id))
_FIRST: Final = "00000000-0000-0000-0000-000000000000"
_GIVEN: Final[Sequence[sa.ColumnElement[str]]] = [
    sa.literal_column(f"'{role}'") for role in (Role.TEACHER, Role.GUARDIAN, Role.STUDENT)
]
_LYING = (Department, AcademicSession, Course, Class, Enrollment)
_REFERRED = (Organization, Department, AcademicSession, Course, Class, User)


def _of_tenant(table: sa.FromClause) -> Condition:
    return table.c.tenant_id == TENANT


def _exported(kind: type[Any]) -> list[Condition]:  # an entity's
    table, below = TABLES[kind], sa.select(subtree(_of_tenant).c.id)
    if kind is Organization:
        return [_of_tenant(table), table.c.id.in_(below), table.c.id != _ROOT]
    if kind is Guardianship:
        return [_of_tenant(table)]
    if kind is User:
        return [~table.c.is_platform_admin, ~table.c.is_service]
    found = [_of_tenant(table), table.c.organization_id.in_(below)]
    if kind is UserOrganization:
        found += [table.c.team_id.is_(None), table.c.role.in_(_GIVEN)]
    return found


def _below(kind: type[Any]) -> Statement:  # an entity's
    if kind is User:
        return _people()
    id = TABLES[kind].c.id
    query = sa.select(*columns_of(kind)).where(*_exported(kind), id > _AFTER)
    return statement_of(query.order_by(id).limit(LIMIT))


def _people() -> Statement:
    """Who holds a role there, or was imported there."""
    member, places = user_organizations.c, subtree(_of_tenant)
    of_place = _person(member.user_id).where(
        member.tenant_id == TENANT, member.organization_id == places.c.id, member.user_id > _AFTER
    )
    by_role = merged(places, of_place, ["id"]).subquery("by_role")
    brought = users.alias("brought")
    of_source = _person(brought.c.id, brought).where(
        brought.c.source_tenant_id == TENANT,
        brought.c.source_root_id == _ROOT,
        brought.c.id > _AFTER,
    )
    by_source = of_source.order_by(brought.c.id).limit(LIMIT).subquery("by_source")
    both = sa.union(sa.select(by_role.c.id), sa.select(by_source.c.id)).subquery("both")
    query = sa.select(*columns_of(User)).where(users.c.id == both.c.id)
    return statement_of(query.order_by(users.c.id).limit(LIMIT))


def _person(id: sa.ColumnElement[str], user: sa.FromClause | None = None) -> Query:
    """Somebody who is in a roster at all."""
    if user is None:
        user = users.alias("person")
        return sa.select(id.label("id")).where(
            user.c.id == id, ~user.c.is_platform_admin, ~user.c.is_service
        )
    return sa.select(id.label("id")).where(~user.c.is_platform_admin, ~user.c.is_service)


def _refs(kind: type[Any]) -> Statement:  # an entity's
    table = TABLES[kind]
    own = sa.cast(table.c.id, sa.Text)
    given = sa.func.coalesce(table.c.source_id, own)
    ref = sa.case((table.c.source_root_id == _ROOT, given), else_=own)
    query = sa.select(table.c.id, ref).where(*_exported(kind), table.c.id == sa.any_(_IDS))
    if kind is User:
        member = user_organizations.c
        holds = sa.exists().where(
            member.tenant_id == TENANT,
            member.user_id == users.c.id,
            member.organization_id.in_(sa.select(subtree(_of_tenant).c.id)),
        )
        brought = sa.and_(users.c.source_tenant_id == TENANT, users.c.source_root_id == _ROOT)
        query = query.where(holds | brought)
    return statement_of(query)


_BELOW: Final[Mapping[type[Any], Statement]] = {
    kind: _below(kind) for kind in (Organization, User, UserOrganization, Guardianship, *_LYING)
}
_REFS: Final[Mapping[type[Any], Statement]] = {kind: _refs(kind) for kind in _REFERRED}


@frozen
class PostgresRosterExport:
    rows: Rows

    async def below(
        self, kind: type[Exported], root: str, after: str | None
    ) -> Sequence[Exported]:
        found = await self.rows.run(
            _BELOW[kind], nodes=(root,), root=root, after=after or _FIRST, limit=PORTION
        )
        of: Any = kind  # an entity's
        return [*map(maker_of(of), found.rows)]

    async def refs(
        self, kind: type[Exported], root: str, ids: Collection[str]
    ) -> Mapping[str, str]:
        if kind not in _REFS:
            return {}
        found = await self.rows.run(_REFS[kind], nodes=(root,), root=root, ids=[*ids])
        return dict(found.rows)
