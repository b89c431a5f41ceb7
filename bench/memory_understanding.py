"""How long it takes to understand one person's ten thousand memories, and a year of what was done
with them: `python -m bench.memory_understanding`."""

import argparse
import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Final

from attrs import evolve
from rich.console import Console

from adapters.compose import StoredApp, stored, upgrade
from adapters.security.hashing import BcryptHasher
from bench.machine import environment
from bench.memory_many import english, many
from bench.school import installation_of
from faraday_core.kernel.actor import Actor, Role, operator
from faraday_core.kernel.ids import uuid7
from faraday_core.memory.analytics_views import AnalyticsQuery, Group
from faraday_core.memory.model import InteractionType, MemoryInteraction, UserMemory
from faraday_core.memory.recommendations_model import RecommendationKind, RecommendationQuery
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser

DAYS: Final = 365
A_DAY: Final = 40  # uses
ROUNDS: Final = 5
CATEGORIES: Final = ("Facts and methods", "Homework and projects", "Learning goals", None)
_OPERATOR: Final = operator("bench")
Ask = Callable[[], Awaitable[object]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory_understanding")
    parser.add_argument("--memories", type=int, default=10_000)
    understand(parser.parse_args().memories)


def understand(memories: int) -> None:
    from bench.__main__ import database  # noqa: PLC0415 -- which asks nothing of this

    with database() as (folder, url):
        environ = environment(folder, url)
        upgrade(installation_of(environ))
        asyncio.run(_measure(environ, memories))


async def _measure(environ: dict[str, str], count: int) -> None:
    console, installation = Console(width=120, highlight=False), installation_of(environ)
    async with stored(installation, BcryptHasher(installation.secrets, cost=4)) as app:
        pupil = await _pupil(app)
        began = perf_counter()
        await _fill(app, pupil, count)
        console.print(
            f"{count:,} memories and {DAYS} days of {A_DAY} uses, filled in"
            f" {perf_counter() - began:.0f} s\n"
        )
        year = AnalyticsQuery(_day(app, DAYS), _day(app, 0), Group.WEEK)
        analytics, advice = app.memory_analytics, app.memory_recommendations
        await _tell(console, "a year, counted from the beginning",
                    lambda: analytics.get(pupil, year))  # fmt: skip
        began = perf_counter()
        await analytics.roll_up(_OPERATOR)
        console.print(f"{'storing its days, once':48} {1000 * (perf_counter() - began):8.0f} ms")
        await _tell(console, "a year, its days stored", lambda: analytics.get(pupil, year))
        await _tell(console, "30 days, stored", lambda: analytics.get(pupil))
        await _tell(console, "recommendations of every kind", lambda: advice.list(pupil))
        for kind in RecommendationKind:
            asked = RecommendationQuery(kind)
            what = f"recommendations: {kind.value}"
            await _tell(console, what, partial(advice.list, pupil, asked))


async def _tell(console: Console, what: str, ask: Ask) -> None:
    took = []
    for _ in range(ROUNDS):
        began = perf_counter()
        await ask()
        took.append(1000 * (perf_counter() - began))
    median = sorted(took)[ROUNDS // 2]
    console.print(f"{what:48} {median:8.0f} ms (first {took[0]:.0f}, worst {max(took):.0f})")


async def _pupil(app: StoredApp) -> Actor:
    school = await app.organizations.create(_OPERATOR, OrganizationFields("Riverside"))
    new = NewUser("sam@example.org", "Sam Doe", school.id, Role.STUDENT)
    made = await app.users.create(_OPERATOR, new)
    actor = Actor(made.id, home=school.id, organization_id=school.id)
    await app.preferences.merge(actor, {"privacy": {"track_activity": True}})
    return actor


async def _fill(app: StoredApp, pupil: Actor, count: int) -> None:
    """By an import, and then dated over the year; what was done is written as it is kept."""
    chosen, user_id = random.Random(7), pupil.user_id or ""  # noqa: S311 -- nothing secret
    said = [
        {"content": one.content, "context": dict(one.context), "category": CATEGORIES[at % 4]}
        for at, one in enumerate(many(english(), count))
    ]

    async def lines() -> AsyncIterator[bytes]:
        for memory in said:
            yield json.dumps(memory).encode()

    now, storage = app.memories.now(), app.memories.storage
    for part, ago in enumerate(range(DAYS, 0, -DAYS // 12)):
        here = [line async for line in lines()][part::13]

        async def some(here: Sequence[bytes] = here) -> AsyncIterator[bytes]:
            for line in here:
                yield line

        then = now - timedelta(days=ago)
        imports = evolve(app.memory_imports, now=partial(_same, then))
        await imports.run_for(_OPERATOR, user_id, some())
    async with storage.look(_OPERATOR, person=user_id) as reader:
        memories = (await reader.memories.changes(0)).memories
    done = [*_done(chosen, memories, user_id, now)]
    async with storage.begin(_OPERATOR, person=user_id) as unit:
        await unit.memory_keeping.add_interactions(done)


def _same(moment: datetime) -> datetime:
    return moment


def _done(
    chosen: random.Random, memories: Sequence[UserMemory], user_id: str, now: datetime
) -> Sequence[MemoryInteraction]:
    done = []
    for day in range(DAYS):
        for _ in range(A_DAY):
            memory = chosen.choice(memories)
            at = now - timedelta(days=day, hours=chosen.randrange(12), minutes=1)
            kind = chosen.choice((InteractionType.RETRIEVE,) * 9 + (InteractionType.FEEDBACK,))
            context = {"query": "x"} if chosen.random() < 0.8 else {}
            took = chosen.randrange(2, 40)
            done.append(
                MemoryInteraction(
                    uuid7(),
                    user_id,
                    memory.id,
                    kind,
                    context,
                    success=True,
                    response_time=took,
                    created_at=at,
                )
            )
    return done


def _day(app: StoredApp, ago: int) -> str:
    return (app.memories.now() - timedelta(days=ago)).date().isoformat()


if __name__ == "__main__":
    main()
