"""Pictures are decoded in a process of their own, whatever somebody sends."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from adapters.pictures.process import MOST_WAITING, PictureProcess
from faraday_core.kernel.errors import FaradayError, Invalid, Unavailable
from faraday_core.profiles.pictures import (
    SIZES,
    Crop,
    Cut,
    ImageKind,
    Measured,
    measured,
)
from tests.pictures import (
    BLUE,
    GREEN,
    RED,
    SVG,
    WHITE,
    bomb,
    frames,
    is_like,
    opened,
    picture,
    png,
    quarters,
    turned,
)

WorkerThat = Callable[[str], Path]  # from what it does to where it is written


@pytest.fixture
async def pictures() -> AsyncIterator[PictureProcess]:
    process = PictureProcess()
    yield process
    await process.close()


async def made(
    pictures: PictureProcess, content: bytes, cut: Cut | None = None, size: int = 128
) -> Image.Image:
    squares = await pictures.squares(content, measured(content), cut or Cut())
    return opened(squares[size])


async def refusal(pictures: PictureProcess, content: bytes) -> str:
    with pytest.raises(FaradayError) as caught:
        await pictures.squares(content, measured(content), Cut())
    return caught.value.code


def has_quarters(found: Image.Image) -> bool:
    side = found.width
    low, high = side // 4, 3 * side // 4
    places = {(low, low): RED, (high, low): GREEN, (low, high): BLUE, (high, high): WHITE}
    return all(is_like(found.getpixel(at), colour) for at, colour in places.items())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_four_squares_of_webp_come_of_each_kind(pictures: PictureProcess, kind: str) -> None:
    content = picture(kind)

    squares = await pictures.squares(content, measured(content), Cut())

    assert SIZES == tuple(squares)
    for size, square in squares.items():
        found = opened(square)
        assert ("WEBP", (size, size)) == (found.format, found.size)
        assert is_like(found.convert("RGB").getpixel((size // 2, size // 2)), RED)


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_picture_is_turned_upright(pictures: PictureProcess, orientation: int) -> None:
    assert has_quarters(await made(pictures, turned(orientation)))


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_crop_is_of_the_upright_picture(
    pictures: PictureProcess, orientation: int
) -> None:
    found = await made(pictures, turned(orientation), Cut(Crop(0.55, 0.05, 0.4)))

    assert is_like(found.getpixel((64, 64)), GREEN)
    assert is_like(found.getpixel((5, 120)), GREEN)


async def test_orientation_is_read_in_other_kinds_too(pictures: PictureProcess) -> None:
    for kind in ("WEBP", "PNG"):
        assert has_quarters(await made(pictures, turned(6, kind)))


async def test_the_middle_is_cut_out(pictures: PictureProcess) -> None:
    wide = Image.new("RGB", (600, 200), BLUE)
    wide.paste(RED, (200, 0, 400, 200))
    out = io.BytesIO()
    wide.save(out, "PNG")

    found = await made(pictures, out.getvalue())

    assert all(is_like(found.getpixel(at), RED) for at in ((3, 3), (124, 124), (64, 64)))


async def test_a_crop_that_leads_out_of_the_picture_is_moved_into_it(
    pictures: PictureProcess,
) -> None:
    found = await made(pictures, quarters(), Cut(Crop(0.9, 0.9, 0.4)))

    assert is_like(found.getpixel((64, 64)), WHITE)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (3000, 2), (7, 7)])
async def test_a_picture_of_any_form_becomes_a_square(
    pictures: PictureProcess, size: tuple[int, int]
) -> None:
    assert (128, 128) == (await made(pictures, picture(size=size))).size
    assert (128, 128) == (await made(pictures, picture("GIF", size=size, mode="P", colour=0))).size


@pytest.mark.parametrize(
    ("mode", "kind", "colour"),
    [("1", "PNG", 1), ("L", "PNG", 255), ("LA", "PNG", (255, 255)), ("P", "PNG", 0),
     ("I;16", "PNG", 65535), ("CMYK", "JPEG", (0, 0, 0, 0)), ("L", "JPEG", 255),
     ("RGBA", "WEBP", (255, 255, 255, 255))],
)  # fmt: skip
async def test_every_mode_of_colour_is_read(
    pictures: PictureProcess, mode: str, kind: str, colour: object
) -> None:
    found = await made(pictures, picture(kind, mode=mode, colour=colour))

    expected = (0, 0, 0) if mode == "P" else WHITE
    assert is_like(found.convert("RGB").getpixel((64, 64)), expected)


async def test_sixteen_bits_of_grey_are_not_cut_off(pictures: PictureProcess) -> None:
    found = await made(pictures, picture(mode="I;16", colour=32768))

    assert is_like(found.convert("RGB").getpixel((64, 64)), (128, 128, 128))


async def test_what_is_clear_stays_clear_or_shows_the_background(
    pictures: PictureProcess,
) -> None:
    clear = picture(mode="RGBA", colour=(0, 0, 0, 0))
    indexed = picture("GIF", mode="P", colour=0, transparency=0)

    for content in (clear, indexed):
        pixel = (await made(pictures, content)).convert("RGBA").getpixel((64, 64))
        assert isinstance(pixel, tuple)
        assert 0 == pixel[3]
        on_blue = await made(pictures, content, Cut(background="#1414dc"))
        assert is_like(on_blue.getpixel((64, 64)), BLUE)


async def test_of_many_frames_the_first_is_taken(pictures: PictureProcess) -> None:
    found = await made(pictures, frames(400))

    assert is_like(found.convert("RGB").getpixel((64, 64)), RED)
    assert 1 == getattr(found, "n_frames", 1)


async def test_nothing_of_the_upload_but_its_colours_is_kept(pictures: PictureProcess) -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "a secret place")
    profile = b"a secret place" * 20
    for content in (
        turned(6),
        picture(pnginfo=said),
        picture("WEBP", icc_profile=profile, xmp=b"<x>a secret place</x>"),
        picture("GIF", comment=b"a secret place"),
        picture("JPEG", comment=b"a secret place"),
    ):
        assert b"secret" in content
        squares = await pictures.squares(content, measured(content), Cut())
        for square in squares.values():
            assert b"secret" not in square
            assert not {"exif", "icc_profile", "xmp", "comment"} & opened(square).info.keys()


async def test_what_trails_a_picture_goes(pictures: PictureProcess) -> None:
    script = b"<script>alert(1)</script><?php system($_GET[0]);"
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        content = picture(kind) + script
        squares = await pictures.squares(content, measured(content), Cut())
        assert not any(b"<" + b"script" in square for square in squares.values())


async def test_a_polyglot_is_a_picture_and_nothing_else(pictures: PictureProcess) -> None:
    # A GIF whose comment opens a script, so that it is JavaScript as well; and a JPEG that holds
    # a zip.
    comment = b"*/=1;alert(1)/*"
    gif = picture("GIF", comment=comment)
    jar = picture("JPEG") + b"PK\x03\x04" + b"x" * 200 + b"PK\x05\x06"

    for content in (gif, jar):
        squares = await pictures.squares(content, measured(content), Cut())
        for square in squares.values():
            assert b"alert" not in square
            assert b"PK\x05\x06" not in square


@pytest.mark.parametrize(
    "content",
    [SVG, b"", b"x", b"%PDF-1.7\n", b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"RIFF\0\0\0\0WAVE",
     b"\0\0\0\x0cjP  \r\n\x87\n", b"<html>", b" \x89PNG\r\n\x1a\n", b"\x00\x00\x01\x00\x01\x00",
     b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xff\xd8"],
)  # fmt: skip
async def test_what_is_no_picture_of_the_four_kinds_is_unsupported(
    pictures: PictureProcess, content: bytes
) -> None:
    assert "unsupported_image" == await refusal(pictures, content)
    assert pictures.pid is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_that_is_cut_off_is_invalid(pictures: PictureProcess, kind: str) -> None:
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    whole = out.getvalue()
    for part in (0.1, 0.5, 0.9):
        assert "invalid_image" == await refusal(pictures, whole[: int(len(whole) * part)])
    for length in (12, 20, 40):
        assert "invalid_image" == await refusal(pictures, whole[:length])
    assert pictures.pid  # and the next picture needs no new process


async def test_a_picture_of_nothing_is_invalid(pictures: PictureProcess) -> None:
    assert "invalid_image" == await refusal(pictures, png(0, 10))
    assert "invalid_image" == await refusal(pictures, png(10, 10))
    assert "invalid_image" == await refusal(pictures, png(10, 10, (b"IDAT", b"nonsense")))


async def test_a_bomb_is_too_large_before_anything_is_decoded(pictures: PictureProcess) -> None:
    content = bomb(20_000, 20_000)
    assert len(content) < 100_000

    began = perf_counter()
    assert "image_too_large" == await refusal(pictures, content)

    assert perf_counter() - began < 0.1
    assert pictures.pid is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_size_is_found_in_the_header_of_each_kind(kind: str) -> None:
    for size in ((1, 1), (333, 77), (4000, 3000)):
        more: list[dict[str, Any]] = (
            [{"lossless": True}, {"exif": b"Exif\0\0II*\0"}] if kind == "WEBP" else []
        )
        more += [{"progressive": True}] if kind == "JPEG" else []
        for given in [{}, *more]:
            found = measured(picture(kind, size, **given))
            assert Measured(ImageKind(kind), *size) == found, given


def test_a_header_that_boasts_is_believed() -> None:
    """Whatever its checksum says, and whatever follows."""
    boasting = bytearray(picture())
    boasting[16:24] = (50_000).to_bytes(4) + (50_000).to_bytes(4)
    gif = bytearray(picture("GIF"))
    gif[6:10] = b"\xff\xff\xff\xff"
    jpeg = bytearray(picture("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = b"\xff\xff\xff\xff"

    for content in (boasting, gif, jpeg):
        with pytest.raises(Invalid) as caught:
            measured(bytes(content))
        assert "image_too_large" == caught.value.code
        assert "/file" == caught.value.faults[0].pointer


def test_forty_megapixels_are_few_enough() -> None:
    assert 40_000_000 == measured(png(8000, 5000)).width * measured(png(8000, 5000)).height
    with pytest.raises(Invalid):
        measured(png(8000, 5001))


async def test_forty_megapixels_fit_into_the_memory_of_the_process(
    pictures: PictureProcess,
) -> None:
    for content in (
        bomb(8000, 5000),
        picture("JPEG", (8000, 5000), progressive=True),
        picture("WEBP", (8000, 5000), mode="RGBA", colour=(220, 20, 20, 128), method=0),
        picture("PNG", (8000, 5000), mode="RGBA", colour=(220, 20, 20, 128)),
    ):
        assert (128, 128) == (await made(pictures, content)).size


async def test_the_process_is_given_no_secret_and_few_rights(
    pictures: PictureProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARADAY_SECRET_KEY", "a secret of the environment's own")
    await made(pictures, picture())

    of = Path(f"/proc/{pictures.pid}")
    assert b"FARADAY" not in (of / "environ").read_bytes()
    limits = (of / "limits").read_text()
    for name, value in (("address space", 1 << 30), ("open files", 16), ("file size", 0)):
        line = next(line for line in limits.splitlines() if line.startswith(f"Max {name}"))
        assert [str(value)] * 2 == line.split()[-3:-1], line


async def test_the_process_starts_with_the_first_picture_and_serves_the_next(
    pictures: PictureProcess,
) -> None:
    assert pictures.pid is None
    await made(pictures, picture())
    first = pictures.pid
    await made(pictures, picture("JPEG"))

    assert first is not None
    assert first == pictures.pid


async def test_the_process_ends_with_the_server(pictures: PictureProcess) -> None:
    await made(pictures, picture())
    pid = pictures.pid
    assert pid

    await pictures.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_process_that_was_killed_is_replaced(pictures: PictureProcess) -> None:
    await made(pictures, picture())
    pid = pictures.pid
    assert pid
    os.kill(pid, signal.SIGKILL)

    await refusal_or_square(pictures)

    assert (128, 128) == (await made(pictures, picture())).size
    assert pid != pictures.pid


async def refusal_or_square(pictures: PictureProcess) -> None:
    """The one picture that the process dies over may be lost."""
    content = picture()
    try:
        await pictures.squares(content, measured(content), Cut())
    except Invalid as error:
        assert "invalid_image" == error.code  # noqa: PT017 -- it may be raised, or not


@pytest.fixture
def worker_that(tmp_path: Path) -> WorkerThat:
    def write(code: str) -> Path:
        file = tmp_path / "worker.py"
        file.write_text(code)
        return file

    return write


async def test_what_takes_too_long_is_overloaded_and_the_process_replaced(
    worker_that: WorkerThat,
) -> None:
    pictures = PictureProcess(
        seconds=0.5, worker=worker_that("import time\nwhile True: time.sleep(1)")
    )
    began = perf_counter()

    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            await made(pictures, picture())
        assert "overloaded" == caught.value.code
        assert pictures.pid is None
    assert perf_counter() - began < 3


async def test_who_waits_too_long_for_others_is_overloaded_too(
    worker_that: WorkerThat,
) -> None:
    pictures = PictureProcess(
        seconds=0.3, worker=worker_that("import time\nwhile True: time.sleep(1)")
    )

    answers = await asyncio.gather(
        *(made(pictures, picture()) for _ in range(MOST_WAITING + 4)), return_exceptions=True
    )

    assert {"overloaded"} == {getattr(answer, "code", None) for answer in answers}
    await pictures.close()


@pytest.mark.parametrize(
    "code",
    ["import os; os.abort()", "import sys; sys.stdout.write('\\xff' * 100)", "",
     "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\2{}')",
     "import sys; sys.stdout.buffer.write(b'\\0\\0\\0\\x10{\"squares\": [9]}')"],
)  # fmt: skip
async def test_a_picture_that_its_decoder_dies_over_is_invalid(
    worker_that: WorkerThat,
    code: str,
) -> None:
    pictures = PictureProcess(worker=worker_that(code))

    assert "invalid_image" == await refusal(pictures, picture())
    await pictures.close()


async def test_where_pillow_is_not_installed_it_is_unavailable(
    worker_that: WorkerThat,
) -> None:
    pictures = PictureProcess(worker=worker_that("import sys; sys.exit(3)"))

    assert "unavailable" == await refusal(pictures, picture())


async def test_who_gives_up_waiting_leaves_no_half_answer_behind(
    pictures: PictureProcess,
) -> None:
    large = picture("PNG", (6000, 6000))
    asking = asyncio.create_task(pictures.squares(large, measured(large), Cut()))
    async with asyncio.timeout(10):
        while pictures.pid is None:  # noqa: ASYNC110 -- a process is waited for
            await asyncio.sleep(0)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert has_quarters(await made(pictures, quarters()))


async def test_the_event_loop_goes_on_meanwhile(pictures: PictureProcess) -> None:
    content = picture("PNG", (6000, 6000))
    await made(pictures, picture())  # it is started by then
    longest, last = 0.0, perf_counter()
    asking = asyncio.create_task(pictures.squares(content, measured(content), Cut()))
    while not asking.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, perf_counter() - last), perf_counter()

    assert longest < 0.15


def test_the_worker_stands_alone() -> None:
    from adapters.pictures import worker  # noqa: PLC0415 -- what it would have imported with it

    assert "faraday" not in Path(str(worker.__file__)).read_text().replace("the product", "")
    assert sys.modules["adapters.pictures.worker"] is worker
