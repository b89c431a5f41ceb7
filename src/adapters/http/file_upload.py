"""A form whose one file, called `file` (RFC 7578), is too large to be had at once: it is written
to disk as it comes, and taken away when the request is answered."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any, Final, Generic, TypeVar, get_args, get_origin
from urllib.parse import unquote

import attrs
from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http import HttpProcessingError

from adapters.disk import unavailable
from adapters.http.form import AROUND, MEDIA_TYPE, MOST_PARTS, MalformedForm, Part, fields_of
from adapters.http.json_body import (
    BODY_TIMEOUT,
    BodyTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.parsing import Parser

SLOWEST: Final = 256 << 10  # bytes a second of a sender, beyond what any body is given
_PIECE: Final = 1 << 20  # bytes that are written at a time
_FILE: Final = "file"
_LONGEST_NAME: Final = 100
_UNFIT = re.compile(r"[^\w.() -]+|^[. ]+|[. ]+$")
_FOLDERS: Final = web.RequestKey("upload_folders", list)

F = TypeVar("F", bound=attrs.AttrsInstance)


@attrs.frozen
class FileUpload(Generic[F]):
    """`name`: what its sender calls it, as far as that can be a file's name anywhere."""

    file: Path
    name: str
    sha256: bytes = attrs.field(repr=False)
    fields: F

    @property
    def digest(self) -> bytes:
        """The same for the same content, whatever boundary a client has put between its parts."""
        return hashlib.sha256(self.sha256 + repr((self.name, self.fields)).encode()).digest()


def is_file_upload(kind: Any) -> bool:  # an annotation
    return get_origin(kind) is FileUpload


def remove_uploads(request: web.Request) -> None:
    for folder in request.get(_FOLDERS, ()):
        folder.cleanup()


async def receive_file(
    request: web.Request, kind: Any, parser: Parser, largest: int
) -> FileUpload[Any]:  # as the annotation says
    """Raises UnsupportedMediaType, MalformedForm, BodyTooLarge, RequestTimeout, Invalid,
    Unavailable."""
    if (request.content_length or 0) > largest + AROUND:
        raise _too_large(largest)
    if request.content_type != MEDIA_TYPE:
        raise UnsupportedMediaType(f"The body is to be {MEDIA_TYPE}.")
    try:
        folder = tempfile.TemporaryDirectory(prefix="faraday-upload-")
        request.setdefault(_FOLDERS, []).append(folder)
        receiver = _Receiver(Path(folder.name) / _FILE, largest)
        await receiver.take_all(MultipartReader(request.headers, request.content))
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise MalformedForm("The body cannot be read as a form with a file.") from error
    except OSError as error:
        raise unavailable("The upload cannot be kept", error) from error
    return receiver.upload(kind, parser)


class _Receiver:
    def __init__(self, file: Path, largest: int) -> None:
        self._file = file
        self._largest = largest
        self._parts: list[Part] = []
        self._files: list[str] = []
        self._digest = hashlib.sha256()
        self._received = self._beside = 0
        self._waited = 0.0

    async def take_all(self, reader: MultipartReader) -> None:
        while (part := await self._in_time(reader.next())) is not None:
            known = len(self._parts) + len(self._files)
            if not isinstance(part, BodyPartReader) or not part.name or known == MOST_PARTS:
                raise ValueError(part)
            if part.name != _FILE:
                content = b"".join([piece async for piece in self._pieces(part)])
                self._parts.append(Part(part.name, content))
            else:
                self._files.append(_name_of(part.filename))
                with self._file.open("wb") as out:
                    await self._write(part, out)

    def upload(self, kind: Any, parser: Parser) -> FileUpload[Any]:  # as the annotation says
        faults: list[Fault] = []
        if not self._files:
            faults.append(Fault(f"/{_FILE}", "required", "is required"))
        if len(self._files) > 1:
            faults.append(Fault(f"/{_FILE}", "invalid_value", "takes one file"))
        (fields_kind,) = get_args(kind)
        try:
            fields = fields_of(self._parts, fields_kind, parser)
        except Invalid as error:
            faults += error.faults
        if faults:
            raise Invalid(faults)
        return FileUpload(self._file, self._files[0], self._digest.digest(), fields)

    async def _write(self, part: BodyPartReader, out: IO[bytes]) -> None:
        waiting = bytearray()
        async for piece in self._pieces(part):
            waiting += piece
            self._digest.update(piece)
            if len(waiting) >= _PIECE:
                await asyncio.to_thread(out.write, waiting)
                waiting = bytearray()
        await asyncio.to_thread(out.write, waiting)

    async def _pieces(self, part: BodyPartReader) -> AsyncIterator[bytes]:
        # As it was sent: what a part says of its own encoding would be one more decoder.
        is_file = part.name == _FILE
        while piece := await self._in_time(part.read_chunk(256 << 10)):
            self._received += len(piece)
            self._beside += 0 if is_file else len(piece)
            if self._beside > AROUND or self._received - self._beside > self._largest:
                raise _too_large(self._largest)
            yield bytes(piece)

    async def _in_time(self, piece: Any) -> Any:  # a coroutine, and what it answers
        """So long is waited for a sender, all waits together: longer, the more they have sent."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        left = BODY_TIMEOUT + self._received / SLOWEST - self._waited
        try:
            async with asyncio.timeout(max(left, 0)):
                found = await piece
        except TimeoutError:
            raise RequestTimeout("The body did not arrive in time.") from None
        self._waited += loop.time() - begun
        return found


def _name_of(told: str | None) -> str:
    plain = unquote(told or "").replace("\\", "/").rpartition("/")[2]
    return _UNFIT.sub("", plain)[-_LONGEST_NAME:].lstrip(". ") or "upload"


def _too_large(largest: int) -> BodyTooLarge:
    return BodyTooLarge(f"The file may have {largest} bytes at most.")
