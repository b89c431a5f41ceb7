"""A body of JSON, bounded in size, depth and time. What has two meanings is refused."""

import asyncio
import json
from collections.abc import Collection
from typing import Any, Final, NoReturn

from aiohttp import web

from faraday_core.kernel.errors import FaradayError

MAX_DEPTH: Final = 64
MOST_DIGITS: Final = 400  # of a number: Python would read 4,300 of them, slowly
BODY_TIMEOUT: Final = 60  # seconds from its first byte to its last


class MalformedJson(FaradayError):
    code = "malformed_json"


class UnsupportedMediaType(FaradayError):
    code = "unsupported_media_type"


class BodyTooLarge(FaradayError):
    code = "body_too_large"


class RequestTimeout(FaradayError):
    code = "request_timeout"


async def read_body(request: web.Request, limit: int) -> bytes:
    """All of it, in whatever pieces it comes; raises BodyTooLarge, RequestTimeout."""
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    content = request.content
    if content.is_eof():  # it came along with the headers, as most do
        body = content.read_nowait()
        if len(body) > limit:
            raise _too_large(limit)
        return body
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            while piece := await content.readany():
                received += piece
                if len(received) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise RequestTimeout(f"The body did not arrive within {BODY_TIMEOUT} seconds.") from None
    return bytes(received)


def read_json(request: web.Request, body: bytes, media_types: Collection[str]) -> Any:
    """What the JSON says; raises UnsupportedMediaType, MalformedJson."""
    if request.headers.get("Content-Type") not in media_types:  # as it stands, as most send it
        _require_type(request, media_types)
    try:
        return _loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedJson(f"The body cannot be read: {_reason(error)}.") from None


def _require_type(request: web.Request, media_types: Collection[str]) -> None:
    if request.content_type not in media_types:
        raise UnsupportedMediaType(f"The body is to be {' or '.join(media_types)}.")
    charset = (request.charset or "utf-8").lower()
    if charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType("The body is to be in UTF-8 (RFC 8259, 8.1).")


def _loads(text: str) -> Any:  # whatever JSON holds
    if _deep(text):
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    return json.loads(
        text, object_pairs_hook=_object, parse_constant=_no_such_number, parse_int=_integer
    )


def _deep(text: str) -> bool:
    """Looked at before it is parsed: brackets within strings count too, where there are many."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth, quoted, escaped = 0, False, False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = quoted
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif not quoted and letter in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # whatever JSON holds
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")  # Python alone reads it


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more than {MOST_DIGITS} digits")
    return int(digits)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no UTF-8"
    return str(error) or "it is nested too deep"


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body may have {limit} bytes at most.")
