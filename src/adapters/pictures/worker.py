"""The process that decodes pictures: it stands alone, holds no secret, and may die at any time.

It is run by its file's name, imports nothing of the product, and speaks through its pipes:

    in   length of the head (4 bytes), head (JSON), content (as many bytes as the head says)
    out  length of the head (4 bytes), head (JSON), the squares one behind another

A head that goes out has `error`, or `squares`: how many bytes each of the sizes has.
"""

import io
import json
import os
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, Final

try:
    from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
except ImportError:
    sys.exit(3)

try:
    import resource
except ImportError:  # on Windows, where memory and time are bounded by the parent's clock alone
    resource = None  # type: ignore[assignment]  # as said

LENGTH: Final = struct.Struct(">I")
MEMORY: Final = 1 << 30  # bytes of addresses: a picture of 40 megapixels takes 160 MB, and copies
CPU_SECONDS: Final = 10  # of one picture
FILES: Final = 16
NICE: Final = 5  # who only asks something goes first
READERS: Final = (
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)  # each is there by now
QUALITY: Final = 82
ORIENTATION: Final = 0x0112  # EXIF's tag
SWAPPED: Final = frozenset({5, 6, 7, 8})  # where the sides of the picture change places
# How what is stored becomes upright (EXIF 2.32, 4.6.4 A).
UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})

Box = tuple[float, float, float, float]


class Refused(Exception):
    """By a code of the API's."""


def squares(content: bytes, head: Mapping[str, Any]) -> Sequence[bytes]:
    """The picture upright, cut to a square, in each size, as WebP and without its metadata.

    Raises Refused.
    """
    with Image.open(io.BytesIO(content), formats=[head["kind"]]) as picture:
        width, height = picture.size  # from its header: nothing is decoded yet
        if width * height > head["most_pixels"]:
            raise Refused("image_too_large")
        largest = max(head["sizes"])
        # A JPEG is decoded at a half, a quarter or an eighth, where that is still enough.
        part = head["crop"][2] if head["crop"] else 1
        enough = round(largest / part)
        picture.draft(None, (enough, enough))
        loaded = _loaded(picture)
        orientation = _orientation(picture)  # a PNG's may stand behind its pixels
        box = _box(loaded.size, orientation, head["crop"])
        square = _shrunk(loaded, box, largest)
    square = square.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else square
    if head["background"]:
        square = _on(square, head["background"])
    return [_webp(square, size) for size in head["sizes"]]


def _loaded(picture: Image.Image) -> Image.Image:
    """Decoded. Of a WebP, Pillow would hold four copies at once: two in its decoder, which it
    keeps for a next frame, what that has answered, and the picture."""
    decoder = getattr(picture, "_decoder", None)
    if not isinstance(picture, WebPImagePlugin.WebPImageFile) or decoder is None:
        picture.load()
        return picture
    pixels, _ = decoder.get_next()
    del decoder, picture._decoder  # two of the four are gone with it
    mode = picture.rawmode
    return Image.frombuffer(mode, picture.size, pixels, "raw", mode, 0, 1)  # no copy of them


def _orientation(picture: Image.Image) -> int:
    try:
        said = picture.getexif().get(ORIENTATION)
    except Exception:  # whatever is wrong with it, that is no reason to refuse a picture
        return 1
    return said if isinstance(said, int) else 1


def _box(size: tuple[int, int], orientation: int, crop: Sequence[float] | None) -> Box:
    """The square in the picture as it is stored. `crop`: where it begins in the upright picture,
    and its side, as parts of the width, the height and the shorter side."""
    width, height = size
    upright = (height, width) if orientation in SWAPPED else (width, height)
    side = min(upright) * (crop[2] if crop else 1)
    side = max(side, 1)
    if crop:
        left = min(crop[0] * upright[0], upright[0] - side)
        top = min(crop[1] * upright[1], upright[1] - side)
    else:
        left, top = (upright[0] - side) / 2, (upright[1] - side) / 2
    right, bottom = upright[0] - left - side, upright[1] - top - side
    x, y = {
        2: (right, top),
        3: (right, bottom),
        4: (left, bottom),
        5: (top, left),
        6: (top, right),
        7: (bottom, right),
        8: (bottom, left),
    }.get(orientation, (left, top))
    return (x, y, x + side, y + side)


def _shrunk(picture: Image.Image, box: Box, size: int) -> Image.Image:
    """The square alone, in eight bits a colour."""
    if picture.mode in {"I;16", "I;16B", "I;16L", "I;16N", "I", "F"}:
        # 16 bits of grey; `convert` would cut off what is above the lowest eight.
        picture = picture.convert("F").point(lambda value: value / 256).convert("L")
        picture.info.pop("transparency", None)  # one of 65,536 greys, which are no more
    clear = picture.mode in WITH_ALPHA or "transparency" in picture.info
    if picture.mode not in {"RGB", "RGBX", "RGBA", "L"} or clear:
        # First to what is needed of it, since a converted copy has four bytes a pixel.
        cut = tuple(map(round, box))
        if cut != (0, 0, *picture.size):
            picture = picture.crop((cut[0], cut[1], max(cut[2], cut[0] + 1), cut[3]))
            box = (0, 0, picture.width, picture.height)
        wanted = "RGBA" if clear else "RGB"
        picture = picture if picture.mode == wanted else picture.convert(wanted)
    shrunk = picture.resize((size, size), Image.Resampling.LANCZOS, box, reducing_gap=2.0)
    return shrunk if shrunk.mode in {"RGB", "RGBA"} else shrunk.convert("RGB")


def _on(square: Image.Image, background: str) -> Image.Image:
    ground = Image.new("RGB", square.size, background)
    ground.paste(square, mask=square if square.mode == "RGBA" else None)
    return ground


def _webp(square: Image.Image, size: int) -> bytes:
    if square.size != (size, size):
        square = square.resize((size, size), Image.Resampling.LANCZOS)
    bare = Image.new(square.mode, square.size)  # of the upload, the colours of the pixels alone
    bare.paste(square)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()


def answered(content: bytes, head: Mapping[str, Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
    """A head and what follows it."""
    try:
        made = squares(content, head)
    except Refused as refusal:
        return {"error": str(refusal)}, ()
    except MemoryError:
        return {"error": "image_too_large"}, ()
    except Exception as error:  # whatever Pillow stumbles over, the picture is broken
        return {"error": "invalid_image", "reason": type(error).__name__}, ()
    return {"squares": [len(square) for square in made]}, made


def limit() -> None:
    """For good: what decodes pictures cannot take these back."""
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_time() -> None:
    """So many more seconds on the processor, then the kernel ends this process."""
    if resource:
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def main(pipe_in: BinaryIO, pipe_out: BinaryIO) -> None:
    """Until the parent closes its end, or is no more."""
    os.nice(NICE)
    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is decoded
    limit()
    while prefix := pipe_in.read(LENGTH.size):
        head = json.loads(pipe_in.read(*LENGTH.unpack(prefix)))
        content = pipe_in.read(head["length"])
        limit_time()
        answer, made = answered(content, head)
        told = json.dumps(answer).encode()
        pipe_out.write(LENGTH.pack(len(told)) + told + b"".join(made))
        pipe_out.flush()


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
