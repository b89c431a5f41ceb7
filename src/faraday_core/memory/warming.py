"""Knowing somebody's memories before they are asked for again: in the background, a little at a
time, so that nobody waits for it."""

import asyncio
from typing import Final

from attrs import Factory, frozen

from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.errors import FaradayError
from faraday_core.memory.known_people import KnownPeople
from faraday_core.memory.ports import MemoryStorage

AT_ONCE: Final = 2  # people
_STORED_AT_ONCE: Final = 500  # layouts


@frozen(eq=False)
class Warming:
    storage: MemoryStorage
    people: KnownPeople
    _under_way: dict[str, asyncio.Task[None]] = Factory(dict)
    _turn: asyncio.Semaphore = Factory(lambda: asyncio.Semaphore(AT_ONCE))

    def begin(self, user_id: str) -> None:
        """Nothing, where it is under way already."""
        if user_id not in self._under_way:
            task = asyncio.get_running_loop().create_task(self._warm(user_id))
            self._under_way[user_id] = task
            task.add_done_callback(lambda _: self._under_way.pop(user_id, None))

    async def settled(self) -> None:
        """Once all that has begun is done."""
        while self._under_way:
            await asyncio.gather(*self._under_way.values())

    async def _warm(self, user_id: str) -> None:
        async with self._turn:
            try:
                async with self.storage.look(WORKER, person=user_id) as reader:
                    home = (await reader.people.person(user_id)).home
                async with self.storage.look(WORKER, tenant=home, person=user_id) as reader:
                    known = await self.people.of(reader, user_id)
                while known.unread:
                    # What was read here for want of it is kept, so that nobody reads it again.
                    part = known.unread[:_STORED_AT_ONCE]
                    async with self.storage.begin(WORKER, tenant=home, person=user_id) as unit:
                        await unit.memory_keeping.put_layouts(part)
                    del known.unread[: len(part)]
            except FaradayError:
                return  # erased meanwhile, or storage is away: the next search tries again
