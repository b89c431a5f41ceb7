"""An answer that is a document, made at once."""

from typing import ClassVar

from aiohttp import web
from attrs import field, frozen


@frozen
class CsvDocument:
    MEDIA_TYPE: ClassVar = "text/csv"

    body: bytes = field(repr=False)
    file_name: str  # of the product's own making

    def response(self, headers: dict[str, str]) -> web.Response:
        told = {
            "Content-Type": f"{self.MEDIA_TYPE}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{self.file_name}"',
        }
        return web.Response(headers=headers | told, body=self.body)


@frozen
class HtmlDocument:
    """It stands by itself: nothing in it may be fetched, or run."""

    MEDIA_TYPE: ClassVar = "text/html"

    body: bytes = field(repr=False)

    def response(self, headers: dict[str, str]) -> web.Response:
        told = {
            "Content-Type": f"{self.MEDIA_TYPE}; charset=utf-8",
            "Content-Security-Policy": (
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
            ),
        }
        return web.Response(headers=headers | told, body=self.body)
