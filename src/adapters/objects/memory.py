import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

from attrs import Factory, frozen

from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.objects import require_name


@frozen
class MemoryObjects:
    """Gone with the process, for tests and the library."""

    kept: dict[str, bytes] = Factory(dict)

    async def put(self, name: str, content: bytes) -> None:
        self.kept[require_name(name)] = content

    async def get(self, name: str) -> bytes:
        if (content := self.kept.get(require_name(name))) is None:
            raise NotFound("There is no such object.")
        return content

    async def put_file(self, name: str, file: Path) -> None:
        await self.put(name, await asyncio.to_thread(file.read_bytes))

    async def get_file(self, name: str, file: Path) -> None:
        await asyncio.to_thread(file.write_bytes, await self.get(name))

    async def delete(self, names: Collection[str]) -> None:
        for name in names:
            self.kept.pop(require_name(name), None)

    async def names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self.kept if name.startswith(prefix))
