from collections.abc import Callable, Collection

from attrs import evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, Place, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.categories import MOST_CATEGORIES, Categories, Category, key_of
from faraday_core.memory.category_moves import CategoryMoves
from faraday_core.memory.category_tree import (
    require_free,
    require_parent,
    require_place,
    require_target,
)
from faraday_core.memory.category_views import TenantCategoryView, tenant_category_view_of
from faraday_core.memory.fields import CategoryFields
from faraday_core.memory.model import TenantCategoryChanged, TenantMemoryCategory
from faraday_core.memory.ports import MemoryReader, MemoryStorage, MemoryUnit
from faraday_core.organizations.model import Organization
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import place_of

_ORDER = ("id",)
_SEEING = Action.READ_ORGANIZATIONS


@frozen
class TenantMemoryCategoryService:
    """The categories of a tenant: all of its people have them, beside their own and the built-in
    ones. Whichever organisation of the tenant is named, they are the whole tenant's."""

    storage: MemoryStorage
    organizations: OrganizationService
    moves: CategoryMoves
    now: Clock
    new_id: NewId

    async def list(
        self, actor: Actor, organization_id: str, page: PageRequest
    ) -> Page[TenantCategoryView]:
        """In the order of their ids. Raises NotFound."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await _allow(reader, actor, organization_id)
            found = await reader.memory_categories.of_tenant()
        after = page.after(TenantMemoryCategory, _ORDER)
        behind = [
            one
            for one in sorted(found, key=lambda one: one.id)
            if after is None or (one.id,) > after
        ]
        return cut([*map(tenant_category_view_of, behind[: page.limit + 1])], page, _ORDER)

    async def get(
        self, actor: Actor, organization_id: str, category_id: str
    ) -> TenantCategoryView:
        """Raises NotFound."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await _allow(reader, actor, organization_id)
            return tenant_category_view_of(await reader.get(TenantMemoryCategory, category_id))

    async def named(
        self, actor: Actor, organization_id: str, id_or_name: str
    ) -> TenantCategoryView:
        """The one with this id or name, a built-in one too, for the command line. Raises
        NotFound."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            await _allow(reader, actor, organization_id)
            known = Categories((), await reader.memory_categories.of_tenant())
        found = known.found(id_or_name)
        if found is None:
            raise NotFound(f"There is no category with the id or name {id_or_name!r}.")
        return tenant_category_view_of(found)

    async def create(
        self, actor: Actor, organization_id: str, fields: CategoryFields
    ) -> TenantCategoryView:
        """Raises NotFound, Forbidden, Invalid (`unknown_reference`), Conflict (`category_taken`,
        `too_many_categories`, `too_deep`)."""
        now = self.now()
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            known = await _held(unit, actor, organization_id, tenant)
            require_free(known, fields.name, None)
            require_parent(known, fields.parent_category_id)
            if len(known.tenants) >= MOST_CATEGORIES:
                detail = f"There are {MOST_CATEGORIES} categories of the school already."
                raise Conflict(detail, code="too_many_categories")
            blank = TenantMemoryCategory(self.new_id(), tenant, "", "", now, now)
            new = _written(blank, fields)
            await unit.add(new)
            await _account(unit, "memory_category.create", new)
        return tenant_category_view_of(new)

    async def change(
        self,
        actor: Actor,
        organization_id: str,
        category_id: str,
        change: Callable[[TenantMemoryCategory], CategoryFields],
        *,
        seen: Collection[str] | None = None,
    ) -> TenantCategoryView:
        """Rename, describe or move one; what people have put in it stays in it.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden, Invalid,
        StaleVersion, Conflict (`category_taken`, `cycle`, `too_deep`).
        """
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            known = await _held(unit, actor, organization_id, tenant)
            old = await unit.get(TenantMemoryCategory, category_id)
            require_state(str(old.version), seen)
            fields = change(old)
            require_free(known, fields.name, old)
            require_place(known, old, fields.parent_category_id)
            new = await unit.save(evolve(_written(old, fields), updated_at=self.now()))
            if new.name != old.name:
                await unit.record(TenantCategoryChanged(tenant, old.id, old.name, new.name))
            await _account(unit, "memory_category.update", new)
        return tenant_category_view_of(new)

    async def merge(
        self, actor: Actor, organization_id: str, category_id: str, into_id: str
    ) -> TenantCategoryView:
        """Put all that is in one, and below it, into another one of the tenant's or a built-in
        one; answers that one.

        Raises NotFound, Forbidden, Invalid (`unknown_reference`), Conflict (`cycle`, `too_deep`).
        """
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            known = await _held(unit, actor, organization_id, tenant)
            old = await unit.get(TenantMemoryCategory, category_id)
            into = require_target(known, old, into_id)
            await self._empty(unit, tenant, known, old, into)
            await _account(unit, "memory_category.merge", old)
        return tenant_category_view_of(into)

    async def delete(
        self,
        actor: Actor,
        organization_id: str,
        category_id: str,
        *,
        seen: Collection[str] | None = None,
    ) -> None:
        """What is in it, and below it, is in what it lies in from then on, or in none; no memory
        is lost. Raises NotFound, Forbidden, StaleVersion."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.begin(actor, tenant=tenant) as unit:
            known = await _held(unit, actor, organization_id, tenant)
            old = await unit.get(TenantMemoryCategory, category_id)
            require_state(str(old.version), seen)
            above = known.by_id.get(old.parent_category_id or "")
            await self._empty(unit, tenant, known, old, above)
            await _account(unit, "memory_category.delete", old)

    async def carry_over(self, actor: Actor, event: TenantCategoryChanged) -> int:
        """Do in people's own memories what was done to a category; told twice, it does it once.
        Answers for how many people."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        return await self.moves.carry_over(WORKER, event)

    async def _empty(
        self,
        unit: MemoryUnit,
        tenant: str,
        known: Categories,
        old: TenantMemoryCategory,
        into: Category | None,
    ) -> None:
        """And remove it."""
        into_id = into.id if into else None
        for below in known.tenants:
            if below.parent_category_id == old.id:
                moved = evolve(below, parent_category_id=into_id, updated_at=self.now())
                await unit.save(moved)
        name = into.name if into else None
        await unit.record(
            TenantCategoryChanged(tenant, old.id, old.name, name, into_id, removed=True)
        )
        await unit.remove(old)


async def _allow(reader: MemoryReader, actor: Actor, organization_id: str) -> None:
    """To see them. Raises NotFound."""
    _, place = await place_of(reader, actor, organization_id)
    require(actor, _SEEING, place, to_see=_SEEING)


async def _held(unit: MemoryUnit, actor: Actor, organization_id: str, tenant: str) -> Categories:
    """Those that there are, which nobody else changes until the unit has ended. Raises NotFound,
    Forbidden."""
    await _allow(unit, actor, organization_id)
    require(actor, Action.WRITE_ORGANIZATIONS, Place(((tenant,),)))
    await unit.hold(Organization, tenant)
    return Categories((), await unit.memory_categories.of_tenant())


async def _account(unit: MemoryUnit, action: str, category: TenantMemoryCategory) -> None:
    place = category.organization_id
    await unit.account(action, "memory_category", category.id, organization_id=place)


def _written(old: TenantMemoryCategory, fields: CategoryFields) -> TenantMemoryCategory:
    return evolve(
        old,
        name=fields.name.strip(),
        name_key=key_of(fields.name),
        description=fields.description,
        parent_category_id=fields.parent_category_id,
    )
