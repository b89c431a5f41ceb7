"""What a handler calls `body`: JSON, a form, lines or a file, as its annotation says."""

from typing import Any, get_args, get_origin

from aiohttp import web

from adapters.http.file_upload import is_file_upload, receive_file
from adapters.http.form import AROUND, is_upload, read_form
from adapters.http.json_body import read_body, read_json
from adapters.http.merge_patch import MergePatch, Replacement, media_types
from adapters.http.routes import Input, Operation, Source
from adapters.http.streams import LineStream
from faraday_core.kernel.parsing import Parser


class BodyReader:
    def __init__(self, operation: Operation, parser: Parser, largest: int) -> None:
        """`largest`: bytes of a body, where the operation's terms say nothing else."""
        self._terms = operation.terms
        self._parser = parser
        self._wanted = next(iter(operation.reads(Source.BODY)), None)
        self._kind = self._wanted.kind if self._wanted else None
        self._largest = largest

    @property
    def takes_much(self) -> bool:
        """Of which much is read, or done with it, before storage is asked."""
        return self._kind is LineStream or is_upload(self._kind) or is_file_upload(self._kind)

    async def read(self, request: web.Request) -> tuple[Any, bytes]:  # of the kind
        """With the bytes by which the same body is known again.

        Raises FaradayError: all that can be wrong with a body.
        """
        largest, parser = self._terms.largest_file, self._parser
        if self._kind is LineStream:
            return LineStream.of(request, self._largest_body), b""
        if is_file_upload(self._kind):
            received = await receive_file(request, self._kind, parser, largest)
            return received, received.digest
        body = await read_body(request, self._largest_body)
        if is_upload(self._kind):
            upload = await read_form(request, body, self._kind, parser, largest)
            return upload, upload.digest
        assert self._wanted is not None  # or nobody would ask
        return self._of_json(self._wanted, request, body), body

    @property
    def _largest_body(self) -> int:
        if self._terms.largest_file:
            return self._terms.largest_file + AROUND
        return max(self._terms.largest_body, self._largest)

    def _of_json(self, wanted: Input, request: web.Request, body: bytes) -> Any:  # of its kind
        if not body and self._terms.optional_body:
            return wanted.default
        data = read_json(request, body, media_types(wanted.kind))
        if get_origin(wanted.kind) is MergePatch:
            (fields,) = get_args(wanted.kind)
            changes = self._parser.parse(dict[str, Any], data)
            patch = MergePatch(fields, changes)
            patch.require_shape(self._parser)
            return patch
        if get_origin(wanted.kind) is Replacement:
            (fields,) = get_args(wanted.kind)
            self._parser.parse(fields, data)
            return Replacement(fields, data)
        return self._parser.parse(wanted.kind, data)
