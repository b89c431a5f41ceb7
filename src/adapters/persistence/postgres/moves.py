"""What changes many rows of the tree at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.rows import Rows
from adapters.persistence.postgres.statements import TENANT, Statement, statement_of
from adapters.persistence.postgres.trees import department_subtree
from adapters.persistence.tables import (
    Id,
    academic_sessions,
    classes,
    courses,
    departments,
    enrollments,
    invitations,
    organizations,
    preference_defaults,
    profile_requirements,
    service_accounts,
    teams,
    user_organizations,
)

_FROM: sa.BindParameter[str] = sa.bindparam("organization", type_=Id)
_INTO: sa.BindParameter[str] = sa.bindparam("into", type_=Id)
_NODE: sa.BindParameter[str] = sa.bindparam("node", type_=Id)
_IDS: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", type_=ARRAY(Id))


def _of_tenant(table: sa.FromClause) -> sa.ColumnElement[bool]:
    return table.c.tenant_id == TENANT


def _carry() -> list[Statement]:
    inside = sa.select(department_subtree(_of_tenant).c.id)
    in_teams = sa.select(teams.c.id).where(_of_tenant(teams), teams.c.department_id.in_(inside))
    member = user_organizations.c
    carried = (
        (departments, departments.c.id.in_(inside)),
        (
            user_organizations,
            sa.or_(
                member.department_id.in_(inside),
                member.team_id.in_(in_teams),
                member.team_id == _NODE,
            ),
        ),
        (teams, sa.or_(teams.c.department_id.in_(inside), teams.c.id == _NODE)),
    )
    return [
        statement_of(table.update().where(_of_tenant(table), those).values(organization_id=_INTO))
        for table, those in carried
    ]


# What goes over in a merge, with the column that says where it lies.
_MOVED: Final[Mapping[str, tuple[sa.Table, str]]] = {
    "organizations": (organizations, "parent_organization_id"),
    "departments": (departments, "organization_id"),
    "teams": (teams, "organization_id"),
    "members": (user_organizations, "organization_id"),
    "service_accounts": (service_accounts, "organization_id"),
    "academic_sessions": (academic_sessions, "organization_id"),
    "courses": (courses, "organization_id"),
    "classes": (classes, "organization_id"),
    "invitations": (invitations, "organization_id"),
    "preference_defaults": (preference_defaults, "id"),  # of which each organisation has one row
    "profile_requirements": (profile_requirements, "id"),
}
_MAY_BE_LEFT: Final = ("members", "invitations", "preference_defaults", "profile_requirements")


def _held_there_already() -> sa.ColumnElement[bool]:
    there, member = user_organizations.alias("there"), user_organizations.c
    same = sa.select(there.c.id).where(
        there.c.tenant_id == member.tenant_id,
        there.c.user_id == member.user_id,
        there.c.organization_id == _INTO,
        there.c.role == member.role,
        there.c.department_id.is_not_distinct_from(member.department_id),
        there.c.team_id.is_not_distinct_from(member.team_id),
    )
    return same.exists()


def _there_already(table: sa.Table, column: str) -> sa.ColumnElement[bool]:
    there = table.alias("there")
    same = [there.c.tenant_id == table.c.tenant_id, there.c[column] == _INTO]
    if table is invitations:
        same.append(there.c.email_key == table.c.email_key)
    return sa.select(there.c.id).where(*same).exists()


def _left(name: str) -> Statement:
    table, column = _MOVED[name]
    count = sa.select(sa.func.count()).select_from(table)
    return statement_of(count.where(_of_tenant(table), table.c[column] == _FROM))


def _moving(name: str, condition: sa.ColumnElement[bool], to: Any) -> Statement:  # a parameter
    table, column = _MOVED[name]
    update = table.update().where(_of_tenant(table), condition)
    if table is user_organizations:
        update = update.where(~_held_there_already())
    elif name in _MAY_BE_LEFT:
        update = update.where(~_there_already(table, column))
    return statement_of(update.values({column: to}).returning(table.c.id))


def _follow() -> Statement:
    """Enrolments lie where their class does."""
    there = sa.and_(
        _of_tenant(enrollments),
        classes.c.tenant_id == enrollments.c.tenant_id,
        classes.c.id == enrollments.c.class_id,
        classes.c.id == sa.any_(_IDS),
    )
    update = enrollments.update().where(there)
    return statement_of(update.values(organization_id=classes.c.organization_id))


_CARRY = _carry()
_FOLLOW = _follow()
_MERGE = {
    name: _moving(name, table.c[column] == _FROM, _INTO)
    for name, (table, column) in _MOVED.items()
}
_UNMERGE = {
    name: _moving(name, sa.and_(table.c.id == sa.any_(_IDS), table.c[column] == _FROM), _INTO)
    for name, (table, column) in _MOVED.items()
}
_LEFT: Final = {name: _left(name) for name in _MAY_BE_LEFT}


@frozen
class PostgresMoves:
    rows: Rows

    async def carry(self, node_id: str, organization_id: str) -> None:
        for statement in _CARRY:
            self.rows.defer(statement, nodes=(node_id,), node=node_id, into=organization_id)

    async def merge(self, organization_id: str, into: str) -> Mapping[str, Sequence[str]]:
        moved = {}
        for name, statement in _MERGE.items():
            found = await self.rows.run(statement, organization=organization_id, into=into)
            moved[name] = [row[0] for row in found.rows]
        self.rows.defer(_FOLLOW, ids=moved["classes"])
        return moved

    async def left_out(self, organization_id: str) -> Mapping[str, int]:
        left = {}
        for name, statement in _LEFT.items():
            found = await self.rows.run(statement, organization=organization_id)
            if count := found.rows[0][0]:
                left[name] = count
        return left

    async def unmerge(
        self, moved: Mapping[str, Sequence[str]], organization_id: str, into: str
    ) -> None:
        for name, ids in moved.items():
            self.rows.defer(_UNMERGE[name], ids=ids, organization=into, into=organization_id)
        self.rows.defer(_FOLLOW, ids=moved.get("classes", ()))
