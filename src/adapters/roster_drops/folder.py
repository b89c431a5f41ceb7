import asyncio
import hashlib
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from attrs import frozen

from faraday_core.kernel.errors import Unavailable
from faraday_core.roster.drops import Report, Waiting

DONE: Final = "done"
FAILED: Final = "failed"
SUFFIXES: Final = (".zip", ".csv", ".tsv", ".txt", ".xlsx", ".xlsm")

T = TypeVar("T")


@frozen
class FolderDrop:
    """What lies in it is a set each: a folder, a zip or a file. `done` and `failed` are made in
    it."""

    folder: Path

    async def waiting(self) -> Sequence[Waiting]:
        return await self._apart(lambda: [*map(_seen, self._sets())])

    async def fetch(self, name: str, into: Path) -> Path:
        return self.folder / name  # it can be read where it is

    async def file_away(self, name: str, *, done: bool, report: Report) -> None:
        await self._apart(lambda: self._move(name, DONE if done else FAILED, report))

    def _sets(self) -> Sequence[Path]:
        return [
            path
            for path in sorted(self.folder.iterdir())
            if not path.is_symlink() and is_set(path.name, is_folder=path.is_dir())
        ]

    def _move(self, name: str, where: str, report: Report) -> None:
        home = self.folder / where
        home.mkdir(mode=0o700, exist_ok=True)
        kept = filed_as(name, datetime.now(UTC))
        os.rename(self.folder / name, home / kept)
        (home / f"{kept}{report.suffix}").write_bytes(report.content)

    async def _apart(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except OSError as error:
            reason = error.strerror or "it failed"
            raise Unavailable(f"The folder cannot be used: {reason}.", retry_after=60) from error


def is_set(name: str, *, is_folder: bool) -> bool:
    if name.startswith("."):
        return False
    return name not in {DONE, FAILED} if is_folder else name.lower().endswith(SUFFIXES)


def filed_as(name: str, now: datetime) -> str:
    """A name that nothing else has: sets are often called the same each night."""
    return f"{now:%Y%m%dT%H%M%S%f}-{name}"


def _seen(path: Path) -> Waiting:
    files = [path] if path.is_file() else sorted(path.rglob("*"))
    digest = hashlib.sha256()
    for file in files:
        state = file.lstat()
        digest.update(f"{file.name} {state.st_size} {state.st_mtime_ns}\n".encode())
    return Waiting(path.name, digest.hexdigest())
