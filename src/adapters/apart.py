"""A thread of its own, with an event loop of its own, for work that would hold up all else."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def in_place(work: Callable[[], Awaitable[T]]) -> T:
    """Where there is nobody else to hold up."""
    return await work()


async def in_thread(work: Callable[[], Awaitable[T]]) -> T:
    """Ended, with all that it had begun undone, where the caller is cancelled."""
    here = asyncio.get_running_loop()
    result: asyncio.Future[T] = here.create_future()
    begun: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[T]]] = []

    async def inner() -> T:
        task = asyncio.current_task()
        assert task is not None  # as in any coroutine that runs
        begun.append((asyncio.get_running_loop(), task))
        return await work()

    def run() -> None:
        try:
            outcome = asyncio.run(inner())
        except BaseException as error:
            here.call_soon_threadsafe(_fail, result, error)
        else:
            here.call_soon_threadsafe(_succeed, result, outcome)

    thread = threading.Thread(target=run, name="apart", daemon=True)
    thread.start()
    try:
        return await asyncio.shield(result)
    except asyncio.CancelledError:
        if begun and not result.done():
            loop, task = begun[0]
            loop.call_soon_threadsafe(task.cancel)
            await asyncio.gather(result, return_exceptions=True)
        raise


def _succeed(result: "asyncio.Future[T]", outcome: T) -> None:
    if not result.done():
        result.set_result(outcome)


def _fail(result: "asyncio.Future[T]", error: BaseException) -> None:
    if not result.done():
        result.set_exception(error)
