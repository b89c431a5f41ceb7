"""Categories: a person's own, those of their tenants, and who has something in which."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from attrs import frozen

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    LIMIT,
    PERSON,
    TENANT,
    TODAY,
    Statement,
    columns_of,
    statement_of,
)
from adapters.persistence.tables import (
    Id,
    memory_categories,
    tenant_memory_categories,
    user_memories,
    user_organizations,
)
from adapters.persistence.tables.declaring import Name
from faraday_core.memory.model import MemoryCategory, TenantMemoryCategory

_NAME: sa.BindParameter[str] = sa.bindparam("name", type_=Name)
_CATEGORY: sa.BindParameter[str] = sa.bindparam("category_id", type_=Id)
_AFTER: sa.BindParameter[str] = sa.bindparam("after", type_=Id)
_MEMORY = user_memories.c
_HELD = user_organizations.c
_TENANTS = tenant_memory_categories.c

_OWN = statement_of(
    sa.select(*columns_of(MemoryCategory))
    .where(memory_categories.c.user_id == PERSON)
    .order_by(memory_categories.c.name_key)
)
_OF_TENANTS = statement_of(
    sa.select(*columns_of(TenantMemoryCategory))
    .where(
        _TENANTS.tenant_id.in_(
            sa.select(_HELD.tenant_id).where(
                _HELD.user_id == PERSON,
                sa.or_(_HELD.starts_on.is_(None), _HELD.starts_on <= TODAY),
                sa.or_(_HELD.ends_on.is_(None), _HELD.ends_on >= TODAY),
            )
        )
    )
    .order_by(_TENANTS.name_key, _TENANTS.id)
)
_OF_TENANT = statement_of(
    sa.select(*columns_of(TenantMemoryCategory))
    .where(_TENANTS.tenant_id == TENANT)
    .order_by(_TENANTS.name_key, _TENANTS.id)
)
_IN_EACH = statement_of(
    sa.select(_MEMORY.category, sa.func.count())
    .where(
        _MEMORY.user_id == PERSON,
        _MEMORY.deleted_at.is_(None),
        _MEMORY.summary_id.is_(None),
        _MEMORY.category.is_not(None),
    )
    .group_by(_MEMORY.category)
)


def _having() -> Statement:
    own = memory_categories.c
    behind = sa.or_(_AFTER.is_(None), _HELD.user_id > _AFTER)
    in_tenant = sa.select(_HELD.user_id).where(_HELD.tenant_id == TENANT, behind)
    with_memories = in_tenant.where(
        sa.exists().where(_MEMORY.user_id == _HELD.user_id, _MEMORY.category == _NAME)
    )
    with_categories = sa.select(own.user_id).where(
        own.parent_category_id == _CATEGORY, own.user_id.in_(in_tenant)
    )
    people = sa.union(with_memories, with_categories).subquery("people")
    return statement_of(sa.select(people.c.user_id).order_by(people.c.user_id).limit(LIMIT))


_HAVING = _having()


@frozen
class PostgresMemoryCategories:
    rows: Rows

    async def all(self) -> Sequence[MemoryCategory]:
        found = await self.rows.run(_OWN)
        return [*map(maker_of(MemoryCategory), found.rows)]

    async def of_tenants(self) -> Sequence[TenantMemoryCategory]:
        found = await self.rows.run(_OF_TENANTS)
        return [*map(maker_of(TenantMemoryCategory), found.rows)]

    async def of_tenant(self) -> Sequence[TenantMemoryCategory]:
        found = await self.rows.run(_OF_TENANT)
        return [*map(maker_of(TenantMemoryCategory), found.rows)]

    async def having(
        self, name: str, category_id: str, after: str | None, limit: int
    ) -> Sequence[str]:
        found = await self.rows.run(
            _HAVING, name=name, category_id=category_id, after=after, limit=limit
        )
        return [row[0] for row in found.rows]

    async def counts(self) -> Mapping[str, int]:
        return dict((await self.rows.run(_IN_EACH)).rows)
