from http import HTTPStatus

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.category_views import TenantCategoryView
from faraday_core.memory.fields import CategoryFields, CategoryMerge
from faraday_core.memory.tenant_category_service import TenantMemoryCategoryService

routes = Routes("memories")

_CONFLICT = Terms(refusals=(HTTPStatus.CONFLICT,))
_ALL = "/organizations/{organization_id}/memory-categories"
_ONE = _ALL + "/{category_id}"


@routes.on(f"GET {_ALL}")
async def list_tenant_memory_categories(
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    page: PageRequest,
) -> Page[TenantCategoryView]:
    """The categories that all people of a district have for their memories.

    They are the same whichever organisation of the district is named.
    """
    return await tenant_memory_categories.list(actor, organization_id, page)


@routes.on(
    f"POST {_ALL}", Terms(location=f"/api/v1{_ALL}/{{id}}", refusals=(HTTPStatus.CONFLICT,))
)
async def create_tenant_memory_category(
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    body: CategoryFields,
) -> TenantCategoryView:
    """Make a category for all people of the district, at the top or below another one."""
    return await tenant_memory_categories.create(actor, organization_id, body)


@routes.on(f"GET {_ONE}")
async def get_tenant_memory_category(
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    category_id: str,
) -> TenantCategoryView:
    """One category of the district's."""
    return await tenant_memory_categories.get(actor, organization_id, category_id)


@routes.on(f"PUT {_ONE}", _CONFLICT)
async def replace_tenant_memory_category(  # noqa: PLR0917 -- what a request says
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    category_id: str,
    body: CategoryFields,
    if_match: IfMatch = None,
) -> TenantCategoryView:
    """Write all of the category; what people have put in it stays in it."""
    return await tenant_memory_categories.change(
        actor, organization_id, category_id, lambda _: body, seen=if_match
    )


@routes.on(f"PATCH {_ONE}", _CONFLICT)
async def change_tenant_memory_category(  # noqa: PLR0917 -- what a request says
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    category_id: str,
    body: MergePatch[CategoryFields],
    if_match: IfMatch = None,
) -> TenantCategoryView:
    """Rename, describe or move the category; what people have put in it stays in it.

    A new name is at once that of the category, and within seconds that of all memories in it.
    """
    return await tenant_memory_categories.change(
        actor, organization_id, category_id, body.onto, seen=if_match
    )


@routes.on(f"POST {_ONE}/merge", Terms(status=HTTPStatus.OK, refusals=(HTTPStatus.CONFLICT,)))
async def merge_tenant_memory_category(
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    category_id: str,
    body: CategoryMerge,
) -> TenantCategoryView:
    """Put all that people have in the category into another one, which is answered.

    That is one of the district's, or a built-in one.
    """
    return await tenant_memory_categories.merge(
        actor, organization_id, category_id, body.into_category_id
    )


@routes.on(f"DELETE {_ONE}", _CONFLICT)
async def delete_tenant_memory_category(
    actor: Actor,
    tenant_memory_categories: TenantMemoryCategoryService,
    organization_id: str,
    category_id: str,
    if_match: IfMatch = None,
) -> None:
    """Remove the category; no memory is lost.

    What people have in it is in the one above from then on, or in none.
    """
    await tenant_memory_categories.delete(actor, organization_id, category_id, seen=if_match)
