from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.category_service import MemoryCategoryService
from faraday_core.memory.category_views import CategoryView
from faraday_core.memory.fields import CategoryFields, CategoryMerge

routes = Routes("memories")

_CONFLICT = Terms(refusals=(HTTPStatus.CONFLICT,))
# How many memories are in it is outside its tag.
_WHOLE = Terms(always_whole=True)


@routes.on("GET /memory-categories")
async def list_memory_categories(
    actor: Actor, categories: MemoryCategoryService, page: PageRequest
) -> Page[CategoryView]:
    """The categories that one can put memories in: one's own, and those that everybody has."""
    return await categories.list(actor, page)


@routes.on(
    "POST /memory-categories", Terms(location="/api/v1/memory-categories/{id}", idempotent=True)
)
async def create_memory_category(
    actor: Actor, categories: MemoryCategoryService, body: CategoryFields
) -> CategoryView:
    """Make a category of one's own, at the top or below another one."""
    return await categories.create(actor, body)


@routes.on("GET /memory-categories/{category_id}", _WHOLE)
async def get_memory_category(
    actor: Actor, categories: MemoryCategoryService, category_id: str
) -> CategoryView:
    """One category."""
    return await categories.get(actor, category_id)


@routes.on("PUT /memory-categories/{category_id}", _CONFLICT)
async def replace_memory_category(
    actor: Actor,
    categories: MemoryCategoryService,
    category_id: str,
    body: CategoryFields,
    if_match: IfMatch = None,
) -> CategoryView:
    """Write all of one's own category; its memories stay in it."""
    return await categories.change(actor, category_id, lambda _: body, seen=if_match)


@routes.on("PATCH /memory-categories/{category_id}", _CONFLICT)
async def change_memory_category(
    actor: Actor,
    categories: MemoryCategoryService,
    category_id: str,
    body: MergePatch[CategoryFields],
    if_match: IfMatch = None,
) -> CategoryView:
    """Rename, describe or move one's own category; its memories stay in it."""
    return await categories.change(actor, category_id, body.onto, seen=if_match)


@routes.on(
    "POST /memory-categories/{category_id}/merge",
    Terms(status=HTTPStatus.OK, refusals=(HTTPStatus.CONFLICT,)),
)
async def merge_memory_category(
    actor: Actor, categories: MemoryCategoryService, category_id: str, body: CategoryMerge
) -> CategoryView:
    """Put all that is in one's own category into another one, which is answered."""
    return await categories.merge(actor, category_id, body.into_category_id)


@routes.on("DELETE /memory-categories/{category_id}", _CONFLICT)
async def delete_memory_category(
    actor: Actor,
    categories: MemoryCategoryService,
    category_id: str,
    if_match: IfMatch = None,
) -> None:
    """Remove one's own category. Its memories are in the one above from then on, or in none."""
    await categories.delete(actor, category_id, seen=if_match)
