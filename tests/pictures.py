"""Pictures as people upload them, and as attackers do."""

import io
import struct
import zlib
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (255, 255, 255)
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(
    kind: str = "PNG",
    size: tuple[int, int] = (300, 200),
    colour: Any = RED,  # whatever the mode has
    mode: str = "RGB",
    **more: Any,  # whatever Pillow takes for the kind
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def quarters(kind: str = "PNG", side: int = 200, **more: Any) -> bytes:  # as above
    """Red and green above, blue and white below."""
    made = Image.new("RGB", (side, side))
    half = side // 2
    for colour, at in (
        (RED, (0, 0)),
        (GREEN, (half, 0)),
        (BLUE, (0, half)),
        (WHITE, (half, half)),
    ):
        made.paste(colour, (*at, at[0] + half, at[1] + half))
    out = io.BytesIO()
    made.save(out, kind, **more)
    return out.getvalue()


def turned(orientation: int, kind: str = "JPEG") -> bytes:
    """The quarters, stored so that they are upright only by what EXIF says."""
    upright = Image.open(io.BytesIO(quarters()))
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undone[orientation]) if orientation in undone else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a secret place"
    out = io.BytesIO()
    stored.save(out, kind, exif=exif, quality=95)
    return out.getvalue()


def frames(count: int) -> bytes:
    """A GIF, the first frame of which alone is red."""
    first = Image.new("P", (40, 40))
    first.putpalette([*RED, *BLUE])
    others = []
    for number in range(count - 1):
        other = first.copy()
        other.paste(1, (0, 0, 40, 40))
        other.putpixel((number % 40, number // 40 % 40), 0)  # or Pillow would leave it out
        others.append(other)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=20)
    return out.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes], bits: int = 1) -> bytes:
    """With a header that says whatever it says."""
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    every: Sequence[tuple[bytes, bytes]] = [(b"IHDR", header), *chunks, (b"IEND", b"")]
    body = b"".join(_chunk(kind, content) for kind, content in every)
    return b"\x89PNG\r\n\x1a\n" + body


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that is whole, and would be decoded to as many pixels."""
    squeezed = zlib.compressobj(9)
    line = b"\0" * (1 + (width + 7) // 8)
    data = b"".join(squeezed.compress(line) for _ in range(height)) + squeezed.flush()
    return png(width, height, (b"IDAT", data))


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def opened(content: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def is_like(found: Any, colour: tuple[int, ...]) -> bool:  # a pixel, as Pillow has it
    """WebP keeps colours almost."""
    return all(abs(a - b) < 40 for a, b in zip(found, colour, strict=False))
