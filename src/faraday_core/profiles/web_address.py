from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

_SCHEMES: Final = frozenset({"http", "https"})
_NEVER: Final = frozenset(' "<>\\^`{|}')  # RFC 3986 has none of them, and browsers guess at them


@frozen
class WebAddress:
    """A link that a person gives of themselves (RFC 3986): http or https, and no password in it,
    which would make `https://school.org@elsewhere.org` look like the school's."""

    max: int

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if len(value) > self.max:
            return "too_long", f"takes at most {self.max} characters"
        if not _is_web_address(value):
            return "invalid_url", "must be a URL that begins with http:// or https://"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"maxLength": self.max, "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}


def _is_web_address(value: str) -> bool:
    if not value.isprintable() or {*value} & _NEVER:
        return False
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    if parts.scheme not in _SCHEMES or not parts.hostname or "@" in parts.netloc:
        return False
    if ":" in parts.hostname:  # an address of IPv6, which urlsplit has read
        return True
    return all(parts.hostname.removesuffix(".").split("."))
