from collections.abc import Callable, Collection

from attrs import evolve, frozen

from faraday_core.kernel.access import not_found, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Forbidden
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.builtin import BuiltIn
from faraday_core.memory.categories import (
    Categories,
    Category,
    categories_of,
    key_of,
    refuse_too_many,
)
from faraday_core.memory.category_tree import (
    require_free,
    require_parent,
    require_place,
    require_target,
)
from faraday_core.memory.category_views import CategoryView, shown_category
from faraday_core.memory.fields import CategoryFields
from faraday_core.memory.model import MemoryCategory, TenantMemoryCategory
from faraday_core.memory.ports import MemoryStorage, MemoryUnit

_ORDER = ("id",)


@frozen
class MemoryCategoryService:
    """A person's tree of categories: their own, beside those of their schools and those that
    everybody has."""

    storage: MemoryStorage
    now: Clock
    new_id: NewId

    async def list(self, actor: Actor, page: PageRequest) -> Page[CategoryView]:
        """The built-in ones, those of one's schools and one's own, in the order of their ids."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            known = await categories_of(reader)
            counts = await reader.memory_categories.counts()
        after = page.after(MemoryCategory, _ORDER)
        every = sorted(known.all, key=lambda one: one.id)
        behind = [one for one in every if after is None or (one.id,) > after]
        views = [shown_category(one, counts) for one in behind[: page.limit + 1]]
        return cut(views, page, _ORDER)

    async def get(self, actor: Actor, category_id: str) -> CategoryView:
        """Raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            known = (await categories_of(reader)).by_id.get(category_id)
            counts = await reader.memory_categories.counts()
        if known is None:
            raise not_found()
        return shown_category(known, counts)

    async def create(self, actor: Actor, fields: CategoryFields) -> CategoryView:
        """One of one's own. Raises Invalid (`unknown_reference`), Conflict (`category_taken`,
        `too_many_categories`, `too_deep`)."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.memory_keeping.advance()
            known = await categories_of(unit)
            require_free(known, fields.name, None)
            require_parent(known, fields.parent_category_id)
            new = _written(MemoryCategory(self.new_id(), user_id, "", "", now, now), fields)
            refuse_too_many(Categories((*known.own, new)))
            await unit.add(new)
            await self._account(unit, actor, "memory_category.create", new.id)
        return shown_category(new, {})

    async def change(
        self,
        actor: Actor,
        category_id: str,
        change: Callable[[MemoryCategory], CategoryFields],
        *,
        seen: Collection[str] | None = None,
    ) -> CategoryView:
        """Rename, describe or move one; what is in it stays in it.

        `seen`: tags of the states that the caller has seen. Raises NotFound, Forbidden
        (`built_in`, `of_organization`), Invalid, StaleVersion, Conflict (`category_taken`,
        `cycle`, `too_deep`).
        """
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            old = _own(known, category_id)
            require_state(str(old.version), seen)
            fields = change(old)
            require_free(known, fields.name, old)
            require_place(known, old, fields.parent_category_id)
            new = evolve(_written(old, fields), updated_at=self.now())
            saved = await unit.save(new)
            if saved.name != old.name:
                await unit.memory_keeping.rename_category(old.name, saved.name, number)
            await self._account(unit, actor, "memory_category.update", old.id)
            counts = await unit.memory_categories.counts()
        return shown_category(saved, counts)

    async def merge(self, actor: Actor, category_id: str, into_id: str) -> CategoryView:
        """Put all that is in one, and below it, into another one; answers that one.

        Raises NotFound, Forbidden (`built_in`), Invalid (`unknown_reference`), Conflict
        (`cycle`, `too_deep`).
        """
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            old = _own(known, category_id)
            into = require_target(known, old, into_id)
            await self._empty(unit, known, old, into, number)
            await self._account(unit, actor, "memory_category.merge", old.id)
            counts = await unit.memory_categories.counts()
        return shown_category(into, counts)

    async def delete(
        self, actor: Actor, category_id: str, *, seen: Collection[str] | None = None
    ) -> None:
        """What is in it, and below it, is in what it lies in from then on, or in none.

        Raises NotFound, Forbidden (`built_in`), StaleVersion.
        """
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            old = _own(known, category_id)
            require_state(str(old.version), seen)
            above = known.by_id.get(old.parent_category_id or "")
            await self._empty(unit, known, old, above, number)
            await self._account(unit, actor, "memory_category.delete", old.id)

    async def _empty(
        self,
        unit: MemoryUnit,
        known: Categories,
        old: MemoryCategory,
        into: Category | None,
        number: int,
    ) -> None:
        """And remove it."""
        for below in known.own:
            if below.parent_category_id == old.id:
                parent = into.id if into else None
                await unit.save(evolve(below, parent_category_id=parent, updated_at=self.now()))
        await unit.memory_keeping.rename_category(old.name, into.name if into else None, number)
        await unit.remove(old)

    async def _account(
        self, unit: MemoryUnit, actor: Actor, action: str, category_id: str
    ) -> None:
        place = actor.organization_id
        await unit.account(action, "memory_category", category_id, organization_id=place)


def _own(known: Categories, category_id: str) -> MemoryCategory:
    found: Category | None = known.by_id.get(category_id)
    if found is None:
        raise not_found()
    if isinstance(found, BuiltIn):
        raise Forbidden("Everybody has this category; it cannot be changed.", code="built_in")
    if isinstance(found, TenantMemoryCategory):
        detail = "It is a school's category: whoever runs the school changes it there."
        raise Forbidden(detail, code="of_organization")
    return found


def _written(old: MemoryCategory, fields: CategoryFields) -> MemoryCategory:
    return evolve(
        old,
        name=fields.name.strip(),
        name_key=key_of(fields.name),
        description=fields.description,
        parent_category_id=fields.parent_category_id,
    )
