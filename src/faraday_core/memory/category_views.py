"""Categories as they are shown."""

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from faraday_core.memory.builtin import BuiltIn
from faraday_core.memory.categories import Category
from faraday_core.memory.model import TenantMemoryCategory


@frozen
class CategoryView:
    """`organization_id`: of the school or district whose category it is; null: one's own, or
    built in. `built_in`: everybody has it, and nobody changes it. `memory_count`: of one's own
    memories in it itself."""

    id: str
    name: str
    description: str | None
    parent_category_id: str | None
    organization_id: str | None
    built_in: bool
    memory_count: int
    created_at: datetime | None
    updated_at: datetime | None
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


@frozen
class TenantCategoryView:
    """As whoever runs a school sees one of its categories: who has put what in it is nobody's to
    see. `organization_id`: null where it is built in, as what one was merged into may be."""

    id: str
    name: str
    description: str | None
    parent_category_id: str | None
    organization_id: str | None
    built_in: bool
    created_at: datetime | None
    updated_at: datetime | None
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag


def shown_category(category: Category, counts: Mapping[str, int]) -> CategoryView:
    """`counts`: the memories under each name."""
    return CategoryView(
        category.id,
        category.name,
        category.description,
        category.parent_category_id,
        category.organization_id if isinstance(category, TenantMemoryCategory) else None,
        built_in=isinstance(category, BuiltIn),
        memory_count=counts.get(category.name, 0),
        created_at=None if isinstance(category, BuiltIn) else category.created_at,
        updated_at=None if isinstance(category, BuiltIn) else category.updated_at,
        tag="1" if isinstance(category, BuiltIn) else str(category.version),
    )


def tenant_category_view_of(category: Category) -> TenantCategoryView:
    one = shown_category(category, {})
    return TenantCategoryView(
        one.id,
        one.name,
        one.description,
        one.parent_category_id,
        one.organization_id,
        one.built_in,
        one.created_at,
        one.updated_at,
        one.tag,
    )
