"""What is done again and again, whatever happens: a failure is logged, and the next time comes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from attrs import frozen

from adapters.app import App
from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.errors import Unavailable

SEAL_EVERY: Final = 0.5  # seconds, so that no entry is unsealed for longer than one
CLEAN_EVERY: Final = 3600.0
ERASE_EVERY: Final = 2.0
LOAD_KEYS_EVERY: Final = 30.0  # half of what a new key is given to be heard of
RECOVER_EVERY: Final = 30.0
NOTE_USES_EVERY: Final = 0.5
COUNT_MEMORIES_EVERY: Final = 3600.0  # what was done with them, by the day
COUNT_MEMORIES_FIRST: Final = 60.0
READ_MEMORIES_EVERY: Final = 3600.0  # those that no job has had read
READ_MEMORIES_FIRST: Final = 10.0
LOOK_FOR_MODEL_EVERY: Final = 5.0
TIDY_FIRST: Final = 300.0  # so that what is restarted each day tidies up, too
RELEASE_EVERY: Final = 20.0  # mails that have waited for their moment

log = structlog.get_logger("faraday.jobs")


@frozen
class Timer:
    name: str
    every: float  # seconds
    act: Callable[[], Awaitable[object]]
    first: float | None = None  # seconds until then, where that is sooner


def timers_of_one(app: App, recover: Callable[[], Awaitable[None]]) -> Sequence[Timer]:
    """What one process does for all that serve on a port."""
    return (
        Timer("seal the audit log", SEAL_EVERY, lambda: app.audit.seal(WORKER)),
        Timer("release mails", RELEASE_EVERY, lambda: app.mail.release(WORKER)),
        Timer("send what waits", RELEASE_EVERY, lambda: app.notifications.send_due(WORKER)),
        Timer("clean up", CLEAN_EVERY, lambda: app.cleanup.run(WORKER)),
        Timer("remove old uploads", CLEAN_EVERY, lambda: app.import_uploads.tidy(WORKER)),
        Timer("remove old exports", CLEAN_EVERY, lambda: app.exports.forget_expired(WORKER)),
        Timer("retain no longer", CLEAN_EVERY, lambda: app.retention.run(WORKER)),
        Timer("erase who asked for it", ERASE_EVERY, lambda: app.erasures.carry_out_due(WORKER)),
        Timer(
            "tidy up memories",
            app.memory_cleanup.policy.cleanup_interval,
            lambda: app.memory_cleanup.run(WORKER),
            first=TIDY_FIRST,
        ),
        Timer(
            "read memories with the model",
            READ_MEMORIES_EVERY,
            lambda: app.memory_vectors.make_all(WORKER),
            first=READ_MEMORIES_FIRST,
        ),
        Timer(
            "read memories with a new model",
            LOOK_FOR_MODEL_EVERY,
            lambda: app.memory_vectors.make_for_new(WORKER),
        ),
        Timer(
            "count what memories were used for",
            COUNT_MEMORIES_EVERY,
            lambda: app.memory_analytics.roll_up(WORKER),
            first=COUNT_MEMORIES_FIRST,
        ),
        Timer("recover jobs", RECOVER_EVERY, recover),
    )


def timers_of_each(app: App) -> Sequence[Timer]:
    """What each process does for itself."""
    return (
        Timer("load signing keys", LOAD_KEYS_EVERY, app.keys.load),
        Timer("note uses of memories", NOTE_USES_EVERY, lambda: app.memory_use.flush(WORKER)),
    )


@asynccontextmanager
async def running(timers: Sequence[Timer]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(_run(timer)) for timer in timers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _run(timer: Timer) -> None:
    wait = timer.every if timer.first is None else min(timer.first, timer.every)
    while True:
        await asyncio.sleep(wait)
        wait = timer.every
        try:
            await timer.act()
        except Unavailable as error:
            log.warning("not done", what=timer.name, reason=error.detail)
            await asyncio.sleep(timer.every)
        except Exception:
            log.exception("failed", what=timer.name)
