"""How the command line and the support terminal show a value: nothing that a terminal would obey
is printed raw, whoever chose their name so."""

import json
import re
from datetime import datetime
from typing import Final

from faraday_core.kernel.parsing import plain

# C0, C1, and what turns the direction of writing.
_OBEYED: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    return _OBEYED.sub("\N{REPLACEMENT CHARACTER}", text)


def json_text(value: object) -> str:
    """JSON in one line, in which those characters are escaped."""
    text = json.dumps(plain(value), ensure_ascii=False)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    return harmless(str(value))
