"""What an upload says it is by its first bytes; nothing is decoded here."""

import struct
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from attrs import frozen

from faraday_core.kernel.errors import FaradayError, Fault, Invalid

SIZES: Final = (64, 128, 256, 512)
MOST_PIXELS: Final = 40_000_000
LARGEST_FILE: Final = 5 << 20  # bytes


class UnsupportedImage(FaradayError):
    """Neither PNG nor JPEG, WebP or GIF, whatever it is called."""

    code = "unsupported_image"


class ImageKind(StrEnum):
    PNG = "PNG"
    JPEG = "JPEG"
    WEBP = "WEBP"
    GIF = "GIF"


@frozen
class Measured:
    """`width`, `height`: 0 where the header does not say, and so a decoder will find it broken."""

    kind: ImageKind
    width: int
    height: int


@frozen
class Crop:
    """A square in the upright picture: where it begins, as parts of width and height, and its
    side, as a part of the shorter one."""

    x: float
    y: float
    size: float


@frozen
class Cut:
    """How the squares are made. `background`: what shows through where the picture is clear."""

    crop: Crop | None = None
    background: str | None = None


def measured(content: bytes) -> Measured:
    """By its content alone; raises UnsupportedImage, Invalid (`image_too_large`)."""
    found = _measured(content)
    if found.width * found.height > MOST_PIXELS:
        raise too_large()
    return found


def too_large() -> Invalid:
    detail = f"has more than {MOST_PIXELS // 1_000_000} megapixels"
    return Invalid([Fault("/file", "image_too_large", detail)])


def _measured(content: bytes) -> Measured:
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of(ImageKind.PNG, content, ">II", 16)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _of(ImageKind.GIF, content, "<HH", 6)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _of_webp(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _of_jpeg(content)
    raise UnsupportedImage("This is neither a PNG nor a JPEG, WebP or GIF picture.")


def _of(kind: ImageKind, content: bytes, layout: str, at: int) -> Measured:
    try:
        width, height = struct.unpack_from(layout, content, at)
    except struct.error:
        return Measured(kind, 0, 0)
    return Measured(kind, width, height)


def _of_webp(content: bytes) -> Measured:
    """RFC 9649, 2.5 to 2.7."""
    chunk, unknown = content[12:16], Measured(ImageKind.WEBP, 0, 0)
    if len(content) < 30:  # noqa: PLR2004 -- the longest of the three headers
        return unknown
    if chunk == b"VP8X":
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", content, 26))
    else:
        return unknown
    return Measured(ImageKind.WEBP, width, height)


# SOF0 to SOF15, but for DHT, JPG and DAC, which stand among them (ITU-T T.81, table B.1).
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN: Final = 0xDA


def _of_jpeg(content: bytes) -> Measured:
    """The largest of the frames that it announces: decoders differ in which one they take."""
    sides = [*_frames(content)]
    width, height = max(sides, key=lambda pair: pair[0] * pair[1], default=(0, 0))
    return Measured(ImageKind.JPEG, width, height)


def _frames(content: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 -- a marker's first byte
        marker = content[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 -- fill bytes may precede a marker (B.1.1.2)
            at += 1
            continue
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", content, at + 5)
            yield width, height
        if marker == _START_OF_SCAN:
            return
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
