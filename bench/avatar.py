"""How long a picture of 12 megapixels takes, and how much memory: `python -m bench.avatar`.

By the process that the product decodes pictures in, from the upload to the four squares; then what
somebody notices who asks the server for something small meanwhile.
"""

import asyncio
import io
import os
import statistics
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import orjson
import uvloop
from attrs import asdict, frozen
from PIL import Image, ImageDraw

from adapters.pictures.process import PictureProcess
from bench import machine
from bench.__main__ import database
from bench.beside_uploads import beside_uploads
from bench.machine import PRODUCT, environment, running
from bench.school import make_school
from faraday_core.profiles.pictures import LARGEST_FILE, Cut, measured

SIZE: Final = (4000, 3000)
TIMES: Final = 10
MOST_SECONDS: Final = 1.5
MOST_MEGABYTES: Final = 200
MOST_SLOWER: Final = 2.0


@frozen
class Taken:
    """`first`: with the process started for it. Seconds; `processor`: of one picture, without its
    waiting for other programs; `megabytes`: resident, at most."""

    kind: str
    kilobytes: int
    first: float
    median: float
    slowest: float
    processor: float
    megabytes: float

    @property
    def holds(self) -> bool:
        return self.processor < MOST_SECONDS and self.megabytes < MOST_MEGABYTES


def pictures() -> Iterator[tuple[str, bytes]]:
    photograph = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 60).convert("RGB").resize(SIZE)
    shades = Image.linear_gradient("L").resize(SIZE)
    photograph = Image.blend(photograph, shades.convert("RGB"), 0.6)
    drawing = shades.convert("RGB")  # as a PNG, a photograph is larger than an upload may be
    kinds: list[tuple[str, Image.Image, dict[str, Any]]] = [  # what Pillow takes for each
        ("JPEG", photograph, {"quality": 85}),
        ("JPEG progressive", photograph, {"quality": 85, "progressive": True}),
        ("WEBP", photograph, {"quality": 80, "method": 0}),
        ("WEBP transparent", _oval(photograph), {"quality": 80, "method": 0}),
        ("PNG", drawing, {}),
        ("PNG transparent", _oval(drawing), {}),
        ("GIF", drawing, {}),
    ]
    for name, picture, options in kinds:
        out = io.BytesIO()
        picture.save(out, name.split(" ")[0], **options)
        yield name, out.getvalue()


def _oval(picture: Image.Image) -> Image.Image:
    """What is outside of it is transparent."""
    mask, cut = Image.new("L", SIZE, 0), picture.copy()
    ImageDraw.Draw(mask).ellipse((0, 0, *SIZE), fill=255)
    cut.putalpha(mask)
    return cut


async def measure(name: str, content: bytes) -> Taken:
    assert len(content) <= LARGEST_FILE, name
    pictures, seconds = PictureProcess(), []
    try:
        for _ in range(TIMES + 1):
            began = perf_counter()
            await pictures.squares(content, measured(content), Cut())
            seconds.append(perf_counter() - began)
        of_it = Path(f"/proc/{pictures.pid}")
        used = (of_it / "stat").read_text().rpartition(")")[2].split()[11:13]
        status = (of_it / "status").read_text()
    finally:
        await pictures.close()
    processor = sum(map(int, used)) / os.sysconf("SC_CLK_TCK") / len(seconds)
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return Taken(
        name,
        len(content) >> 10,
        round(seconds[0], 3),
        round(statistics.median(seconds[1:]), 3),
        round(max(seconds[1:]), 3),
        round(processor, 3),
        round(int(peak.split()[1]) / 1024, 1),
    )


def main() -> None:
    made = dict(pictures())
    for name, content in made.items():
        taken = asyncio.run(measure(name, content))
        print(orjson.dumps(asdict(taken) | {"holds": taken.holds}).decode())
    there = machine.cores()
    os.sched_setaffinity(0, {there.others})  # and so of PostgreSQL, which it starts
    with database() as (folder, url), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        environ = environment(folder, url)
        school = make_school(environ)
        for name in ("JPEG", "WEBP"):
            with running("faraday", PRODUCT, environ, there.server, "/readyz") as product:
                rounds = loop.run(beside_uploads(product, school, made[name], there))
            for one in rounds:
                told = asdict(one) | {"kind": name, "ratio": round(one.ratio, 2)}
                print(orjson.dumps(told | {"holds": one.ratio < MOST_SLOWER}).decode())


if __name__ == "__main__":
    main()
