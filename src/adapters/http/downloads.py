"""An answer that is a file and no JSON, sent as it is read."""

from collections.abc import AsyncIterator
from typing import ClassVar

from aiohttp import web
from attrs import frozen


@frozen
class Download:
    MEDIA_TYPE: ClassVar = "application/zip"

    content: AsyncIterator[bytes]
    file_name: str  # of the product's own making

    def response(self, headers: dict[str, str]) -> web.Response:
        told = {
            "Content-Type": self.MEDIA_TYPE,
            "Content-Disposition": f'attachment; filename="{self.file_name}"',
        }
        return web.Response(headers=headers | told, body=self.content)
