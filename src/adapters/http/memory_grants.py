from adapters.http.routes import BASE, Routes, Terms
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.cleanup_service import Hold, HoldView, MemoryCleanupService
from faraday_core.memory.fields import GrantFields, MemoryFilter
from faraday_core.memory.grant_service import MemoryGrantService
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.usage import MemoryUsage
from faraday_core.memory.usage_service import MemoryUsageService
from faraday_core.memory.views import GrantView, MemoryView

routes = Routes("memories")


@routes.on("GET /users/{user_id}/memories")
async def list_memories_of_user(
    actor: Actor,
    grants: MemoryGrantService,
    user_id: str,
    wanted: MemoryFilter,
    page: PageRequest,
) -> Page[MemoryView]:
    """Somebody's memories, by a grant of theirs. They see in their disclosures that one looked."""
    return await grants.memories_of(actor, user_id, page, wanted)


@routes.on("GET /users/{user_id}/memories/search")
async def search_memories_of_user(
    actor: Actor, grants: MemoryGrantService, user_id: str, asked: Search
) -> SearchResult:
    """Find among somebody's memories, by a grant of theirs, and noted as that."""
    return await grants.search(actor, user_id, asked)


@routes.on("GET /users/{user_id}/memory-grants")
async def list_memory_grants(
    actor: Actor, grants: MemoryGrantService, user_id: str, page: PageRequest
) -> Page[GrantView]:
    """Who else may read one's memories, or one's child's."""
    return await grants.list(actor, user_id, page)


@routes.on(
    "POST /users/{user_id}/memory-grants",
    Terms(location=BASE + "/users/{user_id}/memory-grants/{id}", idempotent=True),
)
async def give_memory_grant(
    actor: Actor, grants: MemoryGrantService, user_id: str, body: GrantFields
) -> GrantView:
    """Let somebody of one's school read one's memories, or one's child's, for a year at most."""
    return await grants.give(actor, user_id, body)


@routes.on("GET /users/{user_id}/memory-grants/{grant_id}")
async def get_memory_grant(
    actor: Actor, grants: MemoryGrantService, user_id: str, grant_id: str
) -> GrantView:
    """One grant."""
    return await grants.get(actor, user_id, grant_id)


@routes.on("DELETE /users/{user_id}/memory-grants/{grant_id}")
async def end_memory_grant(
    actor: Actor, grants: MemoryGrantService, user_id: str, grant_id: str
) -> None:
    """Let them read no longer."""
    await grants.end(actor, user_id, grant_id)


@routes.on("GET /users/{user_id}/memory-hold")
async def get_memory_hold(actor: Actor, cleanup: MemoryCleanupService, user_id: str) -> HoldView:
    """Whether nothing of somebody's memories is removed, and why."""
    return await cleanup.held(actor, user_id)


@routes.on("PUT /users/{user_id}/memory-hold")
async def hold_memories(
    actor: Actor, cleanup: MemoryCleanupService, user_id: str, body: Hold
) -> HoldView:
    """Have nothing of somebody's memories removed, as the law may ask."""
    return await cleanup.hold(actor, user_id, body)


@routes.on("DELETE /users/{user_id}/memory-hold")
async def release_memories(actor: Actor, cleanup: MemoryCleanupService, user_id: str) -> None:
    """Let them go again when their time comes."""
    await cleanup.release(actor, user_id)


@routes.on("GET /users/{user_id}/memory-usage")
async def get_memory_usage_of_user(
    actor: Actor, memory_usage: MemoryUsageService, user_id: str
) -> MemoryUsage:
    """How much somebody keeps, for whoever supports them: how many and how large, never what."""
    return await memory_usage.of_person(actor, user_id)
