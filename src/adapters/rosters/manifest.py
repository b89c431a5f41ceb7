"""OneRoster's `manifest.csv`: which files of a set are there, and how they are meant."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from adapters.rosters.cells import Cells
from adapters.rosters.places import Entry
from adapters.rosters.reader import opened
from faraday_core.roster.reading import UnreadableSource

MANIFEST: Final = "manifest.csv"
_VERSIONS: Final = ("1.1", "1.2")
_WORDS: Final = {"bulk", "delta", "absent"}
_MOST: Final = 1 << 20  # bytes
_WIDTH: Final = 2


@frozen
class Manifest:
    """`modes`: by the file's plain name: bulk, delta or absent."""

    version: str
    modes: dict[str, str]


def manifest_of(entries: Sequence[Entry]) -> Manifest | None:
    """None where a set has no manifest. Raises UnreadableSource."""
    entry = next((entry for entry in entries if entry.plain_name == MANIFEST), None)
    if entry is None:
        return None
    if entry.size > _MOST:
        raise UnreadableSource(f"{entry.name} is too large to be a manifest")
    told = _properties(entry)
    version = told.get("oneroster.version", "1.1")
    if version not in _VERSIONS:
        raise UnreadableSource(
            f"{entry.name} says OneRoster {version[:20]}; {' and '.join(_VERSIONS)} can be read"
        )
    modes = {
        f"{key.removeprefix('file.')}.csv": word.lower()
        for key, word in told.items()
        if key.startswith("file.")
    }
    for name, word in modes.items():
        if word not in _WORDS:
            raise UnreadableSource(f"{entry.name}: {name} is neither bulk, delta nor absent")
    present = {entry.plain_name for entry in entries}
    if missing := [n for n, word in modes.items() if word != "absent" and n not in present]:
        raise UnreadableSource(f"Missing, though {entry.name} names them: {', '.join(missing)}")
    return Manifest(version, modes)


def _properties(entry: Entry) -> dict[str, str]:
    part = opened(entry)
    cells = Cells(part.headings, frozenset(), lambda *_: None)
    rows = [row for chunk in part.chunks(cells) for row in chunk.rows if len(row) >= _WIDTH]
    return {row[0].strip().lower(): row[1].strip() for row in rows}
