"""An answer that goes on as things happen: server-sent events (WHATWG HTML, 9.2)."""

from collections.abc import AsyncIterator
from typing import ClassVar

from aiohttp import web
from attrs import frozen

from adapters.http.encoding import encoded
from faraday_core.kernel.errors import FaradayError


@frozen
class EventStream:
    """`events`: each becomes the data of one, as JSON. Where a refusal breaks it off, the last one
    is called `problem`."""

    MEDIA_TYPE: ClassVar = "text/event-stream"

    events: AsyncIterator[object]

    def response(self, headers: dict[str, str]) -> web.Response:
        told = {"Content-Type": f"{self.MEDIA_TYPE}; charset=utf-8", "X-Accel-Buffering": "no"}
        return web.Response(headers=headers | told, body=self._lines())

    async def _lines(self) -> AsyncIterator[bytes]:
        try:
            async for event in self.events:
                yield b"data: " + encoded(event) + b"\n\n"
        except FaradayError as error:
            problem = {"code": error.code, "detail": error.detail}
            yield b"event: problem\ndata: " + encoded(problem) + b"\n\n"
