"""E-mail addresses: what one looks like, and when two are the same."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final
from unicodedata import normalize

from attrs import frozen

LONGEST: Final = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_LONGEST_LOCAL: Final = 64

_ADDRESS = re.compile(
    r"""[^\s@"(),:;<>\[\\\]\x00-\x1f\x7f]+ @
        (?: [^\W_] (?: [^\W_] | - (?=[^\W_]|-) )* \. )+
        [^\W\d_] (?: [^\W_] | - (?=[^\W_]|-) )*""",
    re.VERBOSE,
)


@frozen
class EmailText:
    """An address as people have them: no quotes, no comments, a domain with a dot."""

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value) > LONGEST:
            return "too_long", f"takes at most {LONGEST} characters"
        local, _, _ = value.partition("@")
        dotted = local.startswith(".") or local.endswith(".") or ".." in local
        if dotted or len(local) > _LONGEST_LOCAL or not _ADDRESS.fullmatch(value):
            return "invalid_email", "is no e-mail address such as pat@example.org"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"format": "email", "maxLength": LONGEST}


Email = Annotated[str, EmailText()]


def email_key(address: str) -> str:
    """The same for all spellings of an address that differ in letter case alone."""
    return normalize("NFC", address).casefold()
