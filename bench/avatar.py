"""How long a picture of 12 megapixels takes, and how much memory: `python -m bench.avatar`.

By the process that the product decodes pictures in, from the upload to the four squares.
"""

import asyncio
import io
import statistics
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import orjson
from attrs import asdict, frozen
from PIL import Image

from adapters.pictures.process import PictureProcess
from faraday_core.profiles.pictures import LARGEST_FILE, Cut, measured

SIZE: Final = (4000, 3000)
TIMES: Final = 10
MOST_SECONDS: Final = 1.5
MOST_MEGABYTES: Final = 200


@frozen
class Taken:
    """`first`: with the process started for it. Seconds; `megabytes`: resident, at most."""

    kind: str
    kilobytes: int
    first: float
    median: float
    slowest: float
    megabytes: float

    @property
    def holds(self) -> bool:
        return self.first < MOST_SECONDS and self.megabytes < MOST_MEGABYTES


async def main() -> None:
    photograph = Image.effect_noise((SIZE[0] // 4, SIZE[1] // 4), 60).convert("RGB").resize(SIZE)
    photograph = Image.blend(
        photograph, Image.linear_gradient("L").convert("RGB").resize(SIZE), 0.6
    )
    kinds: list[tuple[str, dict[str, Any]]] = [  # what Pillow takes for each
        ("JPEG", {"quality": 85}),
        ("JPEG", {"quality": 85, "progressive": True}),
        ("WEBP", {"quality": 80, "method": 0}),
        ("GIF", {}),
    ]
    for kind, options in kinds:
        out = io.BytesIO()
        photograph.save(out, kind, **options)
        taken = await measure(" ".join([kind, *(o for o in options if o == "progressive")]), out)
        print(orjson.dumps(asdict(taken) | {"holds": taken.holds}).decode())


async def measure(name: str, picture: io.BytesIO) -> Taken:
    content = picture.getvalue()
    pictures, seconds = PictureProcess(), []
    try:
        for _ in range(TIMES + 1):
            began = perf_counter()
            await pictures.squares(content, measured(content), Cut())
            seconds.append(perf_counter() - began)
        status = Path(f"/proc/{pictures.pid}/status").read_text()  # noqa: ASYNC240 -- nobody waits
    finally:
        await pictures.close()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    if len(content) > LARGEST_FILE:
        name += ", larger than an upload may be"
    return Taken(
        name,
        len(content) >> 10,
        round(seconds[0], 3),
        round(statistics.median(seconds[1:]), 3),
        round(max(seconds[1:]), 3),
        round(int(peak.split()[1]) / 1024, 1),
    )


if __name__ == "__main__":
    asyncio.run(main())
