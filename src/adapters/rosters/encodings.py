"""In which encoding a file is, told by all of its bytes: never by the first few, or by chance."""

import hashlib
import re
from codecs import (
    BOM_UTF8,
    BOM_UTF16_BE,
    BOM_UTF16_LE,
    IncrementalDecoder,
    getincrementaldecoder,
)
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from adapters.rosters.places import Entry, readable
from faraday_core.roster.reading import UnreadableSource

_PIECE: Final = 1 << 20  # bytes
_BROKEN: Final = re.compile("[\udc80-\udcff]")
_FOREIGN: Final = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
_NOT_IN_1252: Final = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_ZIP: Final = b"PK\x03\x04"
_BYTES_A_UNIT: Final = 2  # of UTF-16


@frozen
class Survey:
    """What a file turned out to be. `encoding`: as it is shown. `codec`: as Python calls it."""

    encoding: str
    codec: str
    errors: str
    newline: str
    lines: int
    digest: bytes


def survey(entry: Entry) -> Survey:
    """Reads a file once, from front to end. Raises UnreadableSource."""
    digest = hashlib.sha256()
    strict = getincrementaldecoder("utf-8")()
    head, size, feeds, returns, is_utf8 = b"", 0, 0, 0, True
    for piece in _pieces(entry):
        head = head or piece[:64]
        size += len(piece)
        digest.update(piece)
        feeds += piece.count(b"\n")
        returns += piece.count(b"\r")
        is_utf8 = is_utf8 and _decodes(strict, piece)
    if not size:
        raise UnreadableSource(f"{entry.name} is empty: it has not even a heading")
    if head.startswith(_ZIP):
        raise UnreadableSource(f"{entry.name} is an archive; a CSV file is expected")
    is_utf8 = is_utf8 and _decodes(strict, b"", final=True)
    encoding, codec, errors = _told(entry, head, is_utf8=is_utf8)
    newline = "\n" if feeds or not returns else "\r"
    return Survey(encoding, codec, errors, newline, max(feeds, returns) + 1, digest.digest())


def _pieces(entry: Entry) -> Iterator[bytes]:
    with readable(entry.name), entry.open() as stream:
        left = entry.size
        while piece := stream.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise UnreadableSource(f"{entry.name} is longer than it is said to be")
            yield piece


def _decodes(decoder: IncrementalDecoder, piece: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _told(entry: Entry, head: bytes, *, is_utf8: bool) -> tuple[str, str, str]:
    if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16", "utf-16", "replace"
    if head[1:2] == b"\x00" and head[:1] != b"\x00" and len(head) % _BYTES_A_UNIT == 0:
        return "utf-16", "utf-16-le", "replace"
    if head[:1] == b"\x00" and head[1:2] != b"\x00" and len(head) % _BYTES_A_UNIT == 0:
        return "utf-16", "utf-16-be", "replace"
    if head.startswith(BOM_UTF8):
        return "utf-8-sig", "utf-8-sig", "surrogateescape"
    if is_utf8 or _is_broken_utf8(entry):
        return "utf-8", "utf-8", "surrogateescape"
    return "windows-1252", "cp1252", "surrogateescape"


def _is_broken_utf8(entry: Entry) -> bool:
    """Whether what is no UTF-8 as a whole is that for the most part, or can be nothing else."""
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    broken = sound = 0
    for piece in _pieces(entry):
        if any(byte in piece for byte in _NOT_IN_1252) and not sound:
            return True
        text = decoder.decode(piece)
        broken += len(_BROKEN.findall(text))
        sound += len(_FOREIGN.findall(text))
    return sound > broken
