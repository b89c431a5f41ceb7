"""A body that is too large to be had at once: lines, as they come."""

import asyncio
from collections.abc import AsyncIterator
from typing import ClassVar, Final

from aiohttp import web
from attrs import frozen

from adapters.http.json_body import (
    BODY_TIMEOUT,
    BodyTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)

LONGEST_LINE: Final = 8 << 20


@frozen(eq=False)
class LineStream:
    """Newline-delimited JSON, read while what came before is worked on."""

    MEDIA_TYPE: ClassVar = "application/x-ndjson"

    request: web.Request
    largest: int

    @classmethod
    def of(cls, request: web.Request, largest: int) -> "LineStream":
        """Raises BodyTooLarge, UnsupportedMediaType."""
        if (request.content_length or 0) > largest:
            raise _too_large(largest)
        if request.content_type != cls.MEDIA_TYPE:
            raise UnsupportedMediaType(f"The body is to be {cls.MEDIA_TYPE}.")
        return cls(request, largest)

    async def lines(self) -> AsyncIterator[bytes]:
        """Without their ends. Raises BodyTooLarge, RequestTimeout."""
        rest, total = bytearray(), 0
        async for piece in self._pieces():
            total += len(piece)
            if total > self.largest:
                raise _too_large(self.largest)
            rest += piece
            *whole, last = bytes(rest).split(b"\n") if b"\n" in piece else [bytes(rest)]
            for line in whole:
                yield line
            if whole:
                rest = bytearray(last)
            if len(rest) > LONGEST_LINE:
                raise BodyTooLarge(f"A line may have {LONGEST_LINE} bytes at most.")
        if rest:
            yield bytes(rest)

    async def _pieces(self) -> AsyncIterator[bytes]:
        """So long is waited for a sender, all waits together."""
        loop = asyncio.get_running_loop()
        left = float(BODY_TIMEOUT)
        while True:
            began = loop.time()
            try:
                async with asyncio.timeout(left):
                    piece = await self.request.content.readany()
            except TimeoutError:
                detail = f"The body did not arrive within {BODY_TIMEOUT} seconds."
                raise RequestTimeout(detail) from None
            left -= loop.time() - began
            if not piece:
                return
            yield piece


def _too_large(largest: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may have {largest} bytes at most.")
