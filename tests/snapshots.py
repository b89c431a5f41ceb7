"""Pictures of a terminal's screen, compared with those that are kept beside the tests.

`FARADAY_RENEW_SNAPSHOTS=1 pytest tests/contract/test_tui_snapshots.py` keeps new ones. They are
SVG: a reviewer opens both in a browser, and the lines that differ are told by the test.
"""

import os
import re
from difflib import unified_diff
from html import unescape
from pathlib import Path
from typing import Final

import pytest

FOLDER: Final = Path(__file__).parent / "contract" / "snapshots"
_FONT: Final = re.compile(
    r"@font-face \{.*?\}\s*", re.DOTALL
)  # it would be fetched from elsewhere
_MADE_BY: Final = re.compile(r"<!--.*?-->\s*")
_RANDOM: Final = re.compile(r"terminal-\d+")
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
_LINE: Final = re.compile(r"<text [^>]*-line-\d+\)\">(.*?)</text>")


def steady(picture: str) -> str:
    """Without what is another one each time, an element a line."""
    found = _MADE_BY.sub("", _FONT.sub("", picture))
    found = _RANDOM.sub("terminal", found)
    found = _ID.sub("0" * 8 + "-0000-7000-8000-" + "0" * 12, found)
    return "\n".join(line.rstrip() for line in found.replace("><", ">\n<").splitlines()) + "\n"


def texts_of(picture: str) -> list[str]:
    return [unescape(text).replace("\xa0", " ") for text in _LINE.findall(picture)]


def compare(name: str, picture: str) -> None:
    """Fails where it is not as it was, and leaves the new one beside the old."""
    kept, new = FOLDER / f"{name}.svg", FOLDER / f"{name}.new.svg"
    made = steady(picture)
    if os.environ.get("FARADAY_RENEW_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        kept.write_text(made, encoding="utf-8")
        return
    before = kept.read_text(encoding="utf-8") if kept.exists() else ""
    if made == before:
        new.unlink(missing_ok=True)
        return
    new.write_text(made, encoding="utf-8")
    told = "\n".join(unified_diff(texts_of(before), texts_of(made), "kept", "now", lineterm=""))
    pytest.fail(f"{name} looks different: compare {kept} and {new}.\n{told or 'By its colours.'}")
