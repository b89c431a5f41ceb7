from collections.abc import Callable, Collection

from attrs import evolve, frozen

from faraday_core.kernel.access import not_found, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import require_state
from faraday_core.kernel.errors import Conflict, Fault, Forbidden, Invalid
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.memory.builtin import BuiltIn
from faraday_core.memory.categories import (
    MOST_LEVELS,
    Categories,
    Category,
    categories_of,
    key_of,
    refuse_too_many,
)
from faraday_core.memory.fields import CategoryFields
from faraday_core.memory.model import MemoryCategory
from faraday_core.memory.ports import MemoryStorage, MemoryUnit
from faraday_core.memory.views import CategoryView, category_view_of

_ORDER = ("id",)


@frozen
class MemoryCategoryService:
    """A person's tree of categories: their own, beside those that everybody has."""

    storage: MemoryStorage
    now: Clock
    new_id: NewId

    async def list(self, actor: Actor, page: PageRequest) -> Page[CategoryView]:
        """The built-in ones and one's own, in the order of their ids."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            known = await categories_of(reader)
            counts = await reader.memory_categories.counts()
        after = page.after(MemoryCategory, _ORDER)
        every = sorted(known.all, key=lambda one: one.id)
        behind = [one for one in every if after is None or (one.id,) > after]
        views = [_view(one, counts.get(one.name, 0)) for one in behind[: page.limit + 1]]
        return cut(views, page, _ORDER)

    async def get(self, actor: Actor, category_id: str) -> CategoryView:
        """Raises NotFound."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            known = (await categories_of(reader)).by_id.get(category_id)
            counts = await reader.memory_categories.counts()
        if known is None:
            raise not_found()
        return _view(known, counts.get(known.name, 0))

    async def create(self, actor: Actor, fields: CategoryFields) -> CategoryView:
        """One of one's own. Raises Invalid (`unknown_reference`), Conflict (`category_taken`,
        `too_many_categories`, `too_deep`)."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.memory_keeping.advance()
            known = await categories_of(unit)
            _require_free(known, fields.name, None)
            _require_parent(known, fields.parent_category_id)
            if known.level_of(fields.parent_category_id) >= MOST_LEVELS:
                raise _too_deep()
            new = _written(MemoryCategory(self.new_id(), user_id, "", "", now, now), fields)
            refuse_too_many(Categories((*known.own, new)))
            await unit.add(new)
            await self._account(unit, actor, "memory_category.create", new.id)
        return category_view_of(new, 0)

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
        (`built_in`), Invalid, StaleVersion, Conflict (`category_taken`, `cycle`, `too_deep`).
        """
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            old = _own(known, category_id)
            require_state(str(old.version), seen)
            fields = change(old)
            _require_free(known, fields.name, old)
            _require_place(known, old, fields.parent_category_id)
            new = evolve(_written(old, fields), updated_at=self.now())
            saved = await unit.save(new)
            if saved.name != old.name:
                await unit.memory_keeping.rename_category(old.name, saved.name, number)
            await self._account(unit, actor, "memory_category.update", old.id)
            counts = await unit.memory_categories.counts()
        return category_view_of(saved, counts.get(saved.name, 0))

    async def merge(self, actor: Actor, category_id: str, into_id: str) -> CategoryView:
        """Put all that is in one, and below it, into another one; answers that one.

        Raises NotFound, Forbidden (`built_in`), Invalid (`unknown_reference`), Conflict
        (`cycle`, `too_deep`).
        """
        user_id = require_own(actor)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            number = await unit.memory_keeping.advance()
            known = await categories_of(unit)
            old, into = _own(known, category_id), known.by_id.get(into_id)
            if into is None:
                fault = Fault("/into_category_id", "unknown_reference", "is no category of yours")
                raise Invalid([fault])
            if known.is_within(into_id, category_id):
                raise _cycle()
            depth = known.level_of(into_id) + known.levels_below(category_id) - 1
            if depth > MOST_LEVELS:
                raise _too_deep()
            await self._empty(unit, known, old, into, number)
            await self._account(unit, actor, "memory_category.merge", old.id)
            counts = await unit.memory_categories.counts()
        return _view(into, counts.get(into.name, 0))

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


def _view(category: Category, memory_count: int) -> CategoryView:
    if isinstance(category, MemoryCategory):
        return category_view_of(category, memory_count)
    return CategoryView(
        category.id,
        category.name,
        category.description,
        category.parent_category_id,
        built_in=True,
        memory_count=memory_count,
        created_at=None,
        updated_at=None,
        tag="1",
    )


def _own(known: Categories, category_id: str) -> MemoryCategory:
    found: Category | None = known.by_id.get(category_id)
    if found is None:
        raise not_found()
    if isinstance(found, BuiltIn):
        raise Forbidden("Everybody has this category; it cannot be changed.", code="built_in")
    return found


def _written(old: MemoryCategory, fields: CategoryFields) -> MemoryCategory:
    return evolve(
        old,
        name=fields.name.strip(),
        name_key=key_of(fields.name),
        description=fields.description,
        parent_category_id=fields.parent_category_id,
    )


def _require_free(known: Categories, name: str, own: MemoryCategory | None) -> None:
    taken = known.named(name.strip())
    if taken is not None and taken != own:
        raise Conflict("There is a category of this name already.", code="category_taken")


def _require_parent(known: Categories, parent_id: str | None) -> None:
    if parent_id is not None and parent_id not in known.by_id:
        fault = Fault("/parent_category_id", "unknown_reference", "is no category of yours")
        raise Invalid([fault])


def _require_place(known: Categories, old: MemoryCategory, parent_id: str | None) -> None:
    _require_parent(known, parent_id)
    if known.is_within(parent_id, old.id):
        raise _cycle()
    if known.level_of(parent_id) + known.levels_below(old.id) > MOST_LEVELS:
        raise _too_deep()


def _cycle() -> Conflict:
    return Conflict("It would lie within itself.", code="cycle")


def _too_deep() -> Conflict:
    return Conflict(f"Categories are at most {MOST_LEVELS} levels deep.", code="too_deep")
