"""The diary of the demo school's pupil, written by the services themselves on the days that it
tells of: each has the clock that it is given."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve

from adapters.app import App
from adapters.serving.demo_diary import CATEGORY, DIARY, LOOKS, Day, Look
from faraday_core.kernel.actor import Actor, operator
from faraday_core.memory.fields import CategoryFields, Feedback
from faraday_core.memory.model import InteractionType

_OPERATOR: Final = operator("demo")
_TRACKING: Final = {"privacy": {"track_activity": True}}


async def write_diary(app: App, user_id: str, district: str) -> None:
    """Where the pupil has no memory yet: what a start that was broken off has written is enough
    for a look, and would be written twice."""
    async with app.memories.storage.look(_OPERATOR, person=user_id) as reader:
        if await reader.memories.count():
            return
    await app.tenant_memory_categories.create(_OPERATOR, district, CategoryFields(*CATEGORY))
    await app.preferences.merge(Actor(user_id), _TRACKING)
    today = app.memories.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for day in DIARY:
        await _keep(app, user_id, today, day)
    ids = await _ids(app, user_id)
    for look in LOOKS:
        await _look(app, user_id, today, look, ids)
    await app.memory_use.flush(_OPERATOR, user_id)


async def _keep(app: App, user_id: str, today: datetime, day: Day) -> None:
    then = today - timedelta(days=day.ago) + timedelta(hours=15)
    ends = today + timedelta(days=day.ends_in) if day.ends_in else None
    is_later = any("supersedes" in memory for memory in day.memories)
    ids = await _ids(app, user_id) if is_later else {}

    async def lines() -> AsyncIterator[bytes]:
        for memory in day.memories:
            yield json.dumps(_line(memory, ends, ids)).encode()

    imports = evolve(app.memory_imports, now=lambda: then)
    await imports.run_for(_OPERATOR, user_id, lines())


async def _ids(app: App, user_id: str) -> Mapping[str, str]:
    """Of the memories, by what they say."""
    async with app.memories.storage.look(_OPERATOR, person=user_id) as reader:
        return {one.content: one.id for one in (await reader.memories.changes(0)).memories}


def _line(
    memory: Mapping[str, Any], ends: datetime | None, ids: Mapping[str, str]
) -> Mapping[str, Any]:  # as in JSON
    more = {"expires_at": ends.isoformat()} if ends else {}
    if beginning := memory.get("supersedes"):
        more["supersedes"] = _found(beginning, ids)
    return {**memory, **more}


async def _look(
    app: App, user_id: str, today: datetime, look: Look, ids: Mapping[str, str]
) -> None:
    then = today - timedelta(days=look.ago) + timedelta(hours=look.hour)
    use = evolve(app.memory_use, now=lambda: then)
    context = {"course": look.course} | ({"query": look.query} if look.query else {})
    found = [_found(beginning, ids) for beginning in look.found]
    for id in found:
        use.note(
            user_id,
            id,
            InteractionType.RETRIEVE,
            context=context,
            response_time=look.milliseconds,
        )
    if look.helped is not None:
        memories = evolve(app.memories, now=lambda: then, use=use)
        await memories.feedback(Actor(user_id), found[0], Feedback(look.helped, look.query))


def _found(beginning: str, ids: Mapping[str, str]) -> str:
    """The id of the first memory that begins so."""
    return next(id for content, id in ids.items() if content.startswith(beginning))
