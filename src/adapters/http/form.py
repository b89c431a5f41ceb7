"""A form with one file in it, called `file` (RFC 7578); its fields are read as a class."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any, Final, Generic, TypeVar, get_args, get_origin

import attrs
from aiohttp import BodyPartReader, MultipartReader, StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpProcessingError

from adapters.http.json_body import BodyTooLarge, UnsupportedMediaType
from faraday_core.kernel.errors import FaradayError, Fault, Invalid
from faraday_core.kernel.parsing import Parser

MEDIA_TYPE: Final = "multipart/form-data"
AROUND: Final = 64 << 10  # bytes of a form beside its file
MOST_PARTS: Final = 32
_FILE: Final = "file"

F = TypeVar("F", bound=attrs.AttrsInstance)


class MalformedForm(FaradayError):
    code = "malformed_form"


@attrs.frozen
class Upload(Generic[F]):
    file: bytes = attrs.field(repr=False)
    fields: F

    @property
    def digest(self) -> bytes:
        """The same for the same content, whatever boundary a client has put between its parts."""
        parts = hashlib.sha256(self.file).digest() + repr(self.fields).encode()
        return hashlib.sha256(parts).digest()


@attrs.frozen
class Part:
    name: str
    content: bytes


def is_upload(kind: Any) -> bool:  # an annotation
    return get_origin(kind) is Upload


async def read_form(
    request: web.Request, body: bytes, kind: Any, parser: Parser, largest: int
) -> Upload[Any]:  # as the annotation says
    """Raises UnsupportedMediaType, MalformedForm, BodyTooLarge, Invalid."""
    if request.content_type != MEDIA_TYPE:
        raise UnsupportedMediaType(f"The body is to be {MEDIA_TYPE}.")
    parts = await _parts(request, body)
    faults: list[Fault] = []
    files = [part.content for part in parts if part.name == _FILE]
    if not files:
        faults.append(Fault(f"/{_FILE}", "required", "is required"))
    if len(files) > 1:
        faults.append(Fault(f"/{_FILE}", "invalid_value", "takes one file"))
    try:
        (fields_kind,) = get_args(kind)
        fields = fields_of(parts, fields_kind, parser)
    except Invalid as error:
        faults += error.faults
    if any(len(file) > largest for file in files):
        raise BodyTooLarge(f"The file may have {largest} bytes at most.")
    if faults:
        raise Invalid(faults)
    return Upload(files[0], fields)


def fields_of(parts: Sequence[Part], kind: type[F], parser: Parser) -> F:
    """Raises Invalid."""
    given: dict[str, str] = {}
    for part in parts:
        if part.name == _FILE:
            continue
        if part.name in given:
            raise Invalid([Fault(f"/{part.name}", "invalid_value", "stands twice in the form")])
        try:
            given[part.name] = part.content.decode()
        except UnicodeDecodeError:
            fault = Fault(f"/{part.name}", "invalid_character", "is no UTF-8")
            raise Invalid([fault]) from None
    return parser.parse(kind, given, spelled_out=True)


async def _parts(request: web.Request, body: bytes) -> Sequence[Part]:
    # It is all here: there is nobody to be told to send more slowly.
    stream = StreamReader(BaseProtocol(asyncio.get_running_loop()), limit=len(body) + 1)
    stream.feed_data(body)
    stream.feed_eof()
    found: list[Part] = []
    try:
        reader = MultipartReader(request.headers, stream)
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader) or not part.name or len(found) == MOST_PARTS:
                raise ValueError(part)
            # As it was sent: what a part says of its own encoding would be one more decoder.
            found.append(Part(part.name, bytes(await part.read(decode=False))))
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise MalformedForm("The body cannot be read as a form with a file.") from error
    return found
