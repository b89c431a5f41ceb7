import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(holds: Callable[[], T], *, seconds: float = 10) -> T:
    """What it answers, as soon as that is true; raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not come true within {seconds} s")
        time.sleep(0.02)
    return found


async def until(holds: Callable[[], Awaitable[T]], *, seconds: float = 10) -> T:
    """The same for what is awaited."""
    async with asyncio.timeout(seconds):
        while not (found := await holds()):  # noqa: ASYNC110 -- another process is waited for
            await asyncio.sleep(0.02)
    return found
