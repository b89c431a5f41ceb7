"""Classes, courses and sessions, and who takes part."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

import attrs
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.lesson_pages import given_for, page_query
from adapters.persistence.postgres.rows import Row, Rows, maker_of
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    LIMIT,
    PERSON,
    TENANTS,
    THIS,
    Condition,
    InSight,
    PageQuery,
    Query,
    Statement,
    columns_of,
    in_tenants,
    page_of,
    sighted,
    statement_of,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import TABLES, Id, classes, enrollments, guardianships, users
from faraday_core.kernel.access import not_found
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.ports import Sight
from faraday_core.roster.model import AcademicSession, Class, Course, EnrollmentFilter
from faraday_core.roster.ports import Own, Part, T, Wanted
from faraday_core.roster.views import ClassOfUser, EnrollmentView, status_of

_CLASS: sa.BindParameter[str] = sa.bindparam("class_id", type_=Id)
_ROLE: sa.BindParameter[str] = sa.bindparam("role", type_=sa.Text)
_PEOPLE: sa.BindParameter[Sequence[str]] = sa.bindparam("people", type_=ARRAY(Id))
_OF: sa.BindParameter[str] = sa.bindparam("of", type_=Id)
_PART, _GUARDIAN = enrollments.c, guardianships.c
_CLASS_FIELDS: Final = len(attrs.fields(Class))


def _one(kind: type[Any]) -> Any:  # of an entity; for both sights
    def make(in_sight: InSight, why: str | None) -> Statement:
        table = TABLES[kind]
        query = sa.select(*columns_of(kind)).where(table.c.id == THIS, in_sight(table))
        return statement_of(query, across_all=why)

    return sighted(make)


def _own_parts(*columns: sa.ColumnElement[Any]) -> sa.CompoundSelect[Any]:
    """Of the person stood at, and of those whose guardian they are in that tenant."""
    own = sa.select(*columns).where(_PART.user_id == PERSON, in_tenants(enrollments))
    childs = sa.select(*columns).where(
        _GUARDIAN.guardian_id == PERSON,
        in_tenants(guardianships),
        _PART.user_id == _GUARDIAN.child_id,
        _PART.tenant_id == _GUARDIAN.tenant_id,
    )
    return sa.union_all(own.where(_PART.is_active), childs.where(_PART.is_active))


def _own(kind: type[Any]) -> Statement:  # of an entity
    part = _own_parts(_PART.tenant_id, _PART.class_id).subquery("part")
    table = TABLES[kind]
    query = sa.select(table.c.id, table.c.organization_id).distinct()
    if kind is Class:
        at = classes.c.id == part.c.class_id
        return statement_of(query.where(classes.c.tenant_id == part.c.tenant_id, at))
    query = query.where(
        classes.c.tenant_id == part.c.tenant_id,
        classes.c.id == part.c.class_id,
        table.c.tenant_id == classes.c.tenant_id,
    )
    if kind is Course:
        return statement_of(query.where(table.c.id == classes.c.course_id))
    return statement_of(query.where(table.c.id == sa.any_(classes.c.academic_session_ids)))


def _parts() -> Statement:
    own = _own_parts(_PART.class_id, _PART.user_id, _PART.role).subquery("own")
    query = sa.select(own.c.user_id, own.c.role).where(own.c.class_id == _CLASS)
    return statement_of(query.distinct())


@cache
def _enrollments(*, everywhere: bool, some: bool, role: bool) -> PageQuery[EnrollmentView]:
    def page(behind: Condition) -> Query:
        columns: tuple[sa.ColumnElement[Any], ...] = (
            _PART.id,
            _PART.user_id,
            users.c.full_name,
            _PART.role,
            _PART.is_active,
            _PART.is_primary,
            _PART.starts_on,
            _PART.ends_on,
            _PART.source_system,
            _PART.source_id,
        )
        query = sa.select(*columns).where(
            _PART.class_id == _CLASS,
            users.c.id == _PART.user_id,
            ~users.c.is_platform_admin,
            behind,
        )
        query = query if everywhere else query.where(in_tenants(enrollments))
        query = query.where(_PART.user_id == sa.any_(_PEOPLE)) if some else query
        query = query.where(_PART.role == _ROLE) if role else query
        return query.order_by(_PART.id).limit(LIMIT)

    why = EVERYWHERE if everywhere else None
    return page_of(EnrollmentView, page, {"id": _PART.id}, across_all=why)


@cache
def _classes_of(*, everywhere: bool, limited: bool, inactive: bool) -> PageQuery[ClassOfUser]:
    def in_sight(table: sa.FromClause) -> Condition:
        return sa.true() if everywhere else in_tenants(table)

    def page(behind: Condition) -> Query:
        query = sa.select(
            *columns_of(Class), _PART.id, _PART.role, _PART.is_active, _PART.is_primary
        ).where(
            _PART.user_id == _OF,
            in_sight(enrollments),
            classes.c.tenant_id == _PART.tenant_id,
            classes.c.id == _PART.class_id,
            behind,
        )
        if not inactive:
            query = query.where(_PART.is_active, classes.c.is_active)
        if limited:
            seen = sa.select(subtree(in_sight).c.id)
            query = query.where(classes.c.organization_id.in_(seen))
        return query.order_by(_PART.id).limit(LIMIT)

    why = EVERYWHERE if everywhere else None
    return page_of(ClassOfUser, page, {"id": _PART.id}, across_all=why)


_KINDS = (AcademicSession, Course, Class)
_ONE = {kind: _one(kind) for kind in _KINDS}
_OWN = {kind: _own(kind) for kind in _KINDS}
_PARTS = _parts()
_AS_GUARDIAN = statement_of(
    sa.select(_GUARDIAN.tenant_id).where(
        _GUARDIAN.guardian_id == PERSON,
        _GUARDIAN.child_id == _OF,
        _GUARDIAN.tenant_id == sa.any_(TENANTS),
    )
)


@frozen
class PostgresCatalog:
    rows: Rows

    async def page(
        self, kind: type[T], sight: Sight | None, wanted: Wanted, page: PageRequest
    ) -> Page[T]:
        references = (wanted.course_id, wanted.academic_session_id)
        if any(id is not None and not is_id(id) for id in references):
            return Page(())
        everywhere = self.rows.scope.everywhere
        query = page_query(kind, wanted, everywhere=everywhere, limited=sight is not None)
        of: Any = kind  # an entity's
        make = maker_of(of)
        return await self.rows.page(query, page, make=make, **given_for(sight, wanted))

    async def one(self, kind: type[T], id: str) -> T:
        row = await self.rows.one(self.rows.of(_ONE[kind]), id=id) if is_id(id) else None
        if row is None:
            raise not_found()
        of: Any = kind  # an entity's
        found: T = maker_of(of)(row)
        return found

    async def own(self, kind: type[T]) -> Sequence[Own]:
        return [Own(*row) for row in (await self.rows.run(_OWN[kind])).rows]

    async def parts(self, class_id: str) -> Sequence[Part]:
        found = await self.rows.run(_PARTS, class_id=class_id)
        return [Part(*row) for row in found.rows]

    async def enrollments(
        self,
        class_id: str,
        people: Collection[str] | None,
        wanted: EnrollmentFilter,
        page: PageRequest,
    ) -> Page[EnrollmentView]:
        query = _enrollments(
            everywhere=self.rows.scope.everywhere,
            some=people is not None,
            role=wanted.role is not None,
        )
        given = {"class_id": class_id, "people": [*(people or ())], "role": wanted.role}
        return await self.rows.page(query, page, make=_enrollment, **given)

    async def classes_of(
        self, user_id: str, sight: Sight | None, page: PageRequest, *, include_inactive: bool
    ) -> Page[ClassOfUser]:
        query = _classes_of(
            everywhere=self.rows.scope.everywhere,
            limited=sight is not None,
            inactive=include_inactive,
        )
        nodes = sight.nodes if sight else ()
        return await self.rows.page(query, page, make=_class_of_user, of=user_id, nodes=nodes)

    async def tenants_as_guardian(self, child_id: str) -> Sequence[str]:
        found = await self.rows.run(_AS_GUARDIAN, of=child_id)
        return [row[0] for row in found.rows]


def _enrollment(row: Row) -> EnrollmentView:
    id, user_id, name, role, active, *rest = row
    return EnrollmentView(id, user_id, name, role, status_of(is_active=active), *rest)


def _class_of_user(row: Row) -> ClassOfUser:
    id, role, active, primary = row[_CLASS_FIELDS:]
    return ClassOfUser(id, maker_of(Class)(row[:_CLASS_FIELDS]), role, active, primary)
