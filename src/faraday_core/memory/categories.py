"""A person's tree of categories: their own, their schools', and the built-in ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from faraday_core.kernel.errors import Conflict, Fault, Invalid
from faraday_core.kernel.ids import is_id
from faraday_core.kernel.ports import NewId
from faraday_core.memory.builtin import BUILT_IN, BY_NAME, BuiltIn
from faraday_core.memory.model import MemoryCategory, TenantMemoryCategory
from faraday_core.memory.ports import MemoryReader, MemoryUnit

MOST_CATEGORIES: Final = 500  # of one person, and of one tenant
MOST_LEVELS: Final = 8

Category = MemoryCategory | TenantMemoryCategory | BuiltIn


def key_of(name: str) -> str:
    """By which two names are the same."""
    return " ".join(name.casefold().split())


@frozen
class Categories:
    """Those that somebody can put memories in. `tenants`: those of the tenants they belong to."""

    own: Sequence[MemoryCategory]
    tenants: Sequence[TenantMemoryCategory] = ()

    @property
    def all(self) -> Iterator[Category]:
        yield from BUILT_IN
        yield from self.tenants
        yield from self.own

    @property
    def by_id(self) -> Mapping[str, Category]:
        return {one.id: one for one in self.all}

    def named(self, name: str) -> Category | None:
        """A built-in one as it is written; others without regard to case, one's own first."""
        if name in BY_NAME:
            return BY_NAME[name]
        key = key_of(name)
        others: list[MemoryCategory | TenantMemoryCategory] = [*self.own, *self.tenants]
        return next((one for one in others if one.name_key == key), None)

    def found(self, id_or_name: str) -> Category | None:
        return self.by_id.get(id_or_name) or self.named(id_or_name)

    def below(self, id_or_name: str) -> Sequence[str]:
        """The names of the category and of all below it. One that is here no more, since somebody
        has left the school whose it was, is still what their memories say."""
        top = self.found(id_or_name)
        if top is None:
            return (id_or_name,)
        inside = {top.id}
        for _ in range(2 * MOST_LEVELS):  # one's own may lie below a tenant's
            inside |= {one.id for one in self.all if one.parent_category_id in inside}
        return [one.name for one in self.all if one.id in inside]

    def level_of(self, category_id: str | None) -> int:
        """How many there are from the top down to it; 0: none."""
        return len([*self._upward(category_id)])

    def is_within(self, category_id: str | None, top_id: str) -> bool:
        return top_id in {one.id for one in self._upward(category_id)}

    def levels_below(self, category_id: str) -> int:
        """Itself the first."""
        below = [one.id for one in self.all if one.parent_category_id == category_id]
        return 1 + max((self.levels_below(id) for id in below), default=0)

    def _upward(self, category_id: str | None) -> Iterator[Category]:
        by_id, seen = self.by_id, set[str]()
        while category_id is not None and category_id in by_id and category_id not in seen:
            seen.add(category_id)
            yield by_id[category_id]
            category_id = by_id[category_id].parent_category_id


async def categories_of(reader: MemoryReader) -> Categories:
    """Of the person stood at."""
    found = reader.memory_categories
    return Categories(await found.all(), await found.of_tenants())


async def category_for(
    unit: MemoryUnit, user_id: str, given: Iterable[str | None], now: datetime, new_id: NewId
) -> Mapping[str, str]:
    """The name of the category for each name or id that was given. A name that is new becomes one
    of the person's own.

    Raises Invalid (`unknown_reference`), Conflict (`too_many_categories`).
    """
    wanted = {name for name in given if name is not None}
    if not wanted:
        return {}
    known = await categories_of(unit)
    names: dict[str, str] = {}
    for name in sorted(wanted):
        if found := known.found(name):
            names[name] = found.name
            continue
        if is_id(name):
            fault = Fault("/category", "unknown_reference", "is no category of yours")
            raise Invalid([fault])
        new = MemoryCategory(new_id(), user_id, name.strip(), key_of(name), now, now)
        known = Categories((*known.own, new), known.tenants)
        refuse_too_many(known)
        await unit.add(new)
        names[name] = new.name
    return names


def refuse_too_many(categories: Categories) -> None:
    if len(categories.own) > MOST_CATEGORIES:
        detail = f"There are {MOST_CATEGORIES} categories of yours already."
        raise Conflict(detail, code="too_many_categories")
