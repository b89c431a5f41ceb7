"""Objects as files below one folder, for a single machine or a file system that all share."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, TypeVar

from attrs import frozen

from adapters.disk import unavailable
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.objects import require_name

_UNFINISHED: Final = ".new-"  # what no object's name begins with
_PIECE: Final = 1 << 20  # bytes that are copied at a time

T = TypeVar("T")


@frozen
class FolderObjects:
    """Each is written under another name, flushed and renamed: it is whole or not there."""

    folder: Path

    async def put(self, name: str, content: bytes) -> None:
        file = self._file(name)
        await _apart(lambda: _write(file, lambda new: new.write(content)))

    async def get(self, name: str) -> bytes:
        return await _apart(self._file(name).read_bytes)

    async def put_file(self, name: str, file: Path) -> None:
        kept = self._file(name)

        def copy(new: IO[bytes]) -> None:
            with file.open("rb") as given:
                shutil.copyfileobj(given, new, _PIECE)

        await _apart(lambda: _write(kept, copy))

    async def get_file(self, name: str, file: Path) -> None:
        kept = self._file(name)
        await _apart(lambda: shutil.copyfile(kept, file))

    async def delete(self, names: Collection[str]) -> None:
        files = [self._file(name) for name in names]
        await _apart(lambda: self._remove(files))

    async def names(self, prefix: str) -> Sequence[str]:
        return await _apart(lambda: self._found(prefix))

    def _file(self, name: str) -> Path:
        return self.folder / require_name(name)

    def _remove(self, files: Sequence[Path]) -> None:
        for file in files:
            file.unlink(missing_ok=True)
            for above in file.parents:
                if above == self.folder:
                    break
                try:
                    above.rmdir()
                except OSError:
                    break  # something else is in it, or comes into it at this moment

    def _found(self, prefix: str) -> Sequence[str]:
        # Down to the last whole folder of the prefix: what lies beside it is not looked at.
        within = self.folder / prefix.rpartition("/")[0]
        files = (
            Path(folder) / file
            for folder, _, files in os.walk(within)
            for file in files
            if not file.startswith(_UNFINISHED)
        )
        names = (file.relative_to(self.folder).as_posix() for file in files)
        return sorted(name for name in names if name.startswith(prefix))


def _write(file: Path, fill: Callable[[IO[bytes]], object]) -> None:
    number, name = _new_file_in(file.parent)
    try:
        with os.fdopen(number, "wb") as new:
            fill(new)
            new.flush()
            os.fsync(new.fileno())
        os.replace(name, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _new_file_in(folder: Path) -> tuple[int, str]:
    """For its owner alone, as `tempfile` makes them."""
    for _ in range(10):
        # The last object in it may be taken away at this moment, and the folder with it.
        with suppress(FileNotFoundError, FileExistsError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            return tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)
    raise FileNotFoundError(folder)


async def _apart(work: Callable[[], T]) -> T:
    """On a thread: a disk may take its time."""
    try:
        return await asyncio.to_thread(work)
    except FileNotFoundError:
        raise NotFound("There is no such object.") from None
    except OSError as error:
        raise unavailable("The object store cannot be used", error) from error
