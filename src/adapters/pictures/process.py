"""One process that decodes pictures, started when there is a first one, replaced when it fails."""

import asyncio
import json
import os
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from faraday_core.kernel.errors import FaradayError, Fault, Invalid, Unavailable
from faraday_core.profiles.pictures import (
    MOST_PIXELS,
    SIZES,
    Cut,
    ImageKind,
    Measured,
    too_large,
)
from faraday_core.profiles.pictures import measured as measure

WORKER: Final = Path(__file__).with_name("worker.py")
SECONDS: Final = 10.0  # of one upload, its waiting for others among them
MOST_WAITING: Final = 16
MOST_ANSWERED: Final = 4 << 20  # bytes of the squares together
_LENGTH: Final = struct.Struct(">I")


class PictureProcess:
    """A decoder that is fooled harms a process without rights, secrets or much memory, which is
    then ended; and while it works the event loop goes on."""

    def __init__(self, *, seconds: float = SECONDS, worker: Path = WORKER) -> None:
        self._seconds = seconds
        self._worker = worker
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    @property
    def pid(self) -> int | None:
        """Of the process, where one runs."""
        return self._process.pid if self._process else None

    async def squares(self, content: bytes, measured: Measured, cut: Cut) -> Mapping[int, bytes]:
        """Raises Invalid (`invalid_image`, `image_too_large`), Unavailable (`overloaded`)."""
        if self._waiting >= MOST_WAITING:
            raise _overloaded()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds), self._turn:
                return await self._decode(content, measured, cut)
        except TimeoutError:
            raise _overloaded() from None
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """With the server."""
        await self._end()

    async def _decode(self, content: bytes, measured: Measured, cut: Cut) -> Mapping[int, bytes]:
        head = {
            "kind": measured.kind,
            "length": len(content),
            "sizes": SIZES,
            "crop": [cut.crop.x, cut.crop.y, cut.crop.size] if cut.crop else None,
            "background": cut.background,
            "most_pixels": MOST_PIXELS,
        }
        whole = False
        try:
            code, squares = await self._exchange(head, content)
            whole = True
        except (OSError, EOFError, LookupError, TypeError, AttributeError, ValueError):
            raise await self._failure() from None
        finally:
            if not whole:  # also where whoever asked has gone: half an answer is in the pipe
                await self._end()
        if code:
            raise too_large() if code == "image_too_large" else broken("It is damaged or cut off.")
        return squares

    async def _exchange(
        self, head: Mapping[str, Any], content: bytes
    ) -> tuple[str | None, Mapping[int, bytes]]:
        """A code of refusal, or the squares."""
        process = await self._running()
        assert process.stdin
        assert process.stdout
        told = json.dumps(head).encode()
        process.stdin.write(_LENGTH.pack(len(told)) + told + content)
        await process.stdin.drain()
        (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
        if length > MOST_ANSWERED:
            raise ValueError(length)
        answer = json.loads(await process.stdout.readexactly(length))
        if code := answer.get("error"):
            return code, {}
        lengths = answer["squares"]
        if sum(lengths) > MOST_ANSWERED or len(lengths) != len(SIZES):
            raise ValueError(lengths)
        read = {
            size: await process.stdout.readexactly(length)
            for size, length in zip(SIZES, lengths, strict=True)
        }
        for size, square in read.items():
            if measure(square) != Measured(ImageKind.WEBP, size, size):
                raise ValueError(size)
        return None, read

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-P", str(self._worker)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                # Of the environment nothing: there are secrets in it.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "LC_ALL": "C.UTF-8"},
                cwd=os.path.sep,
                start_new_session=True,  # a terminal's Ctrl-C is the server's to answer
            )
        return self._process

    async def _failure(self) -> FaradayError:
        """Why it ended: of the time that it had used up, or of what it was given."""
        code = await self._end()
        if code is not None and code == _OUT_OF_TIME:
            return _overloaded()
        if code == _CANNOT_START:
            return Unavailable("Pictures cannot be read here: Pillow is not installed.")
        return broken("It ended the process that decoded it.")

    async def _end(self) -> int | None:
        """Its exit code, where it had ended by itself."""
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(TimeoutError):
            # Its end of the pipe is closed a moment before it is known to have ended.
            await asyncio.wait_for(process.wait(), 0.1 if self._gone(process) else 0)
        code = process.returncode
        if code is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        # Or the pipes would be left to the garbage collector, which is told off for it.
        process._transport.close()  # type: ignore[attr-defined]  # asyncio has no other way
        return code

    @staticmethod
    def _gone(process: Process) -> bool:
        return process.stdout is not None and process.stdout.at_eof()


_OUT_OF_TIME: Final = -24  # SIGXCPU
_CANNOT_START: Final = 3


def broken(reason: str) -> Invalid:
    return Invalid([Fault("/file", "invalid_image", f"cannot be read. {reason}")])


def _overloaded() -> Unavailable:
    detail = "Too many pictures are waiting at this moment. Try again shortly."
    return Unavailable(detail, retry_after=5, code="overloaded")
