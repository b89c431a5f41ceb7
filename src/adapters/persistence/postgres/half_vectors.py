"""Vectors as pgvector has them, and as the core does: bytes, the least significant first."""

import sys
from array import array
from functools import cache
from struct import iter_unpack
from typing import Final

_HEADER: Final = 4  # bytes, before the numbers, of what halfvec_send() answers


def as_text(numbers: bytes) -> str:
    """As halfvec reads it."""
    texts = _texts()
    return f"[{','.join([texts[number] for (number,) in iter_unpack('<H', numbers)])}]"


def from_wire(sent: bytes) -> bytes:
    swapped = array("H", sent[_HEADER:])
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped.tobytes()


@cache
def _texts() -> list[str]:
    """Each number of half precision that there is: a vector has hundreds of them."""
    every = array("H", range(1 << 16))
    if sys.byteorder == "big":
        every.byteswap()
    return [f"{number:.8g}" for (number,) in iter_unpack("<e", every.tobytes())]
