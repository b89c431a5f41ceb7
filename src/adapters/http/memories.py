from http import HTTPStatus
from typing import Final

from adapters.http.merge_patch import MergePatch
from adapters.http.routes import IfMatch, Routes, Terms
from adapters.http.streams import LineStream
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.memory.fields import Feedback, MemoryFields, MemoryFilter
from faraday_core.memory.import_service import MemoryImportService
from faraday_core.memory.importance import Importance
from faraday_core.memory.importing import ImportReport
from faraday_core.memory.memory_service import MemoryService
from faraday_core.memory.neighbours import OnDuplicate
from faraday_core.memory.search_service import MemorySearchService
from faraday_core.memory.searching import Search, SearchResult
from faraday_core.memory.views import InteractionView, MemoryView, StoredMemory, VersionView

routes = Routes("memories")

LARGEST_BODY: Final = 8 << 20
LARGEST_IMPORT: Final = 256 << 20
_CREATED = Terms(location="/api/v1/memories/{id}", idempotent=True, largest_body=LARGEST_BODY)
# Its counters are outside its tag, and change with every look at it.
_WHOLE = Terms(always_whole=True)
_WRITTEN = Terms(always_whole=True, largest_body=LARGEST_BODY, refusals=(HTTPStatus.CONFLICT,))


@routes.on("GET /memories")
async def list_memories(
    actor: Actor, memories: MemoryService, wanted: MemoryFilter, page: PageRequest
) -> Page[MemoryView]:
    """One's own memories, the newest first.

    `category` is a name or an id, with all below it; `q` are words that the content holds.
    """
    return await memories.list(actor, page, wanted)


@routes.on("POST /memories", _CREATED)
async def create_memory(
    actor: Actor,
    memories: MemoryService,
    body: MemoryFields,
    on_duplicate: OnDuplicate = OnDuplicate.KEEP,
) -> StoredMemory:
    """Keep something, as it is said.

    `similar` are earlier memories that say nearly the same. With `on_duplicate=merge` one that
    says the same is strengthened instead (200), with `refuse` it is named (409
    `duplicate_memory`). Without a category one is suggested by the nearest of one's own.
    """
    return await memories.create(actor, body, on_duplicate=on_duplicate)


@routes.on("POST /memories/import", Terms(status=HTTPStatus.OK, largest_body=LARGEST_IMPORT))
async def import_memories(
    actor: Actor,
    memory_imports: MemoryImportService,
    body: LineStream,
    on_duplicate: OnDuplicate = OnDuplicate.KEEP,
    atomic: bool = False,  # noqa: FBT001, FBT002 -- a query parameter, given by name
) -> ImportReport:
    """Keep many at once: a memory a line, at most 100,000 of them.

    A line that is wrong is refused alone; with `atomic=true` nothing is taken then. What was taken
    is found by the next search.
    """
    lines = body.lines()
    return await memory_imports.run(actor, lines, on_duplicate=on_duplicate, atomic=atomic)


@routes.on("GET /memories/bin")
async def list_deleted_memories(
    actor: Actor, memories: MemoryService, page: PageRequest
) -> Page[MemoryView]:
    """What one has deleted in the last 30 days, or what has expired then."""
    return await memories.bin(actor, page)


@routes.on("GET /memories/search")
async def search_memories(
    actor: Actor, memory_search: MemorySearchService, asked: Search
) -> SearchResult:
    """Find one's own memories by words, meaning, and what one is doing; the best first.

    Each says how likely it is to be of use (0 to 1), and why it was found.
    """
    return await memory_search.search(actor, asked)


@routes.on("GET /memories/{memory_id}", _WHOLE)
async def get_memory(actor: Actor, memories: MemoryService, memory_id: str) -> MemoryView:
    """One memory of one's own."""
    return await memories.get(actor, memory_id)


@routes.on("PUT /memories/{memory_id}", _WRITTEN)
async def replace_memory(
    actor: Actor,
    memories: MemoryService,
    memory_id: str,
    body: MemoryFields,
    if_match: IfMatch = None,
) -> MemoryView:
    """Write all that can be written of a memory; what it was before is kept."""
    return await memories.change(actor, memory_id, lambda _: body, seen=if_match)


@routes.on("PATCH /memories/{memory_id}", _WRITTEN)
async def change_memory(
    actor: Actor,
    memories: MemoryService,
    memory_id: str,
    body: MergePatch[MemoryFields],
    if_match: IfMatch = None,
) -> MemoryView:
    """Write some of it; null goes back to what is estimated, or to none."""
    return await memories.change(actor, memory_id, body.onto, seen=if_match)


@routes.on("DELETE /memories/{memory_id}")
async def delete_memory(
    actor: Actor, memories: MemoryService, memory_id: str, if_match: IfMatch = None
) -> None:
    """Put a memory into the bin. After 30 days it is removed."""
    await memories.delete(actor, memory_id, seen=if_match)


@routes.on(
    "POST /memories/{memory_id}/restore",
    Terms(status=HTTPStatus.OK, refusals=(HTTPStatus.CONFLICT,)),
)
async def restore_memory(actor: Actor, memories: MemoryService, memory_id: str) -> MemoryView:
    """Take a memory out of the bin, or out of the summary that stands for it."""
    return await memories.restore(actor, memory_id)


@routes.on("GET /memories/{memory_id}/versions")
async def list_memory_versions(
    actor: Actor, memories: MemoryService, memory_id: str, page: PageRequest
) -> Page[VersionView]:
    """What a memory was before each change, the latest first."""
    return await memories.versions(actor, memory_id, page)


@routes.on("GET /memories/{memory_id}/interactions")
async def list_memory_interactions(
    actor: Actor, memories: MemoryService, memory_id: str, page: PageRequest
) -> Page[InteractionView]:
    """What was done with a memory, the latest first.

    It is kept while the preference `track_activity` is on; otherwise uses are counted alone.
    """
    return await memories.interactions(actor, memory_id, page)


@routes.on("GET /memories/{memory_id}/importance")
async def explain_memory_importance(
    actor: Actor, memories: MemoryService, memory_id: str
) -> Importance:
    """What the importance of a memory is made of."""
    return await memories.importance(actor, memory_id)


@routes.on("POST /memories/{memory_id}/feedback", Terms(status=HTTPStatus.OK))
async def give_memory_feedback(
    actor: Actor, memories: MemoryService, memory_id: str, body: Feedback
) -> MemoryView:
    """Say whether a memory helped; the ranking goes by it, and an estimated importance."""
    return await memories.feedback(actor, memory_id, body)
