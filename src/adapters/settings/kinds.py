"""From a variable's text to its value. What cannot be read raises ValueError with the reason."""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from faraday_core.memory.ranking.weights import Weights, weights_with

S = TypeVar("S", bound=StrEnum)
Network = IPv4Network | IPv6Network


def text(value: str) -> str:
    return value


def path(value: str) -> Path:
    if not value:
        raise ValueError("is empty")
    return Path(value).expanduser()


def number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.removeprefix("-").isdigit():
            raise ValueError("is no whole number")
        if not low <= int(value) <= high:
            raise ValueError(f"must lie between {low} and {high}")
        return int(value)

    return read


def choice(options: type[S]) -> Callable[[str], S]:
    def read(value: str) -> S:
        try:
            return options(value)
        except ValueError:
            raise ValueError(f"must be one of {', '.join(options)}") from None

    return read


def numbers_of(names: Collection[str], low: int, high: int) -> Callable[[str], Mapping[str, int]]:
    """`name=number`, comma-separated; what is not named is left as it is."""
    one = number(low, high)

    def read(value: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for part in filter(None, (part.strip() for part in value.split(","))):
            name, _, told = (piece.strip() for piece in part.partition("="))
            if name not in names:
                raise ValueError(f"names {name!r}, which is none of {', '.join(sorted(names))}")
            try:
                found[name] = one(told)
            except ValueError as error:
                raise ValueError(f"gives {name} a value that {error}") from None
        return found

    return read


def weights(value: str) -> Weights:
    """As `numbers_of`, of the ranking's."""
    changes: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        name, _, told = (piece.strip() for piece in part.partition("="))
        try:
            changes[name] = float(told)
        except ValueError:
            raise ValueError(f"gives {name} a value that is no number") from None
    return weights_with(changes)


def secret_key(value: str) -> bytes:
    return value.encode(errors="surrogateescape")  # as the environment has it


def secret_keys(value: str) -> tuple[bytes, ...]:
    return tuple(secret_key(part.strip()) for part in value.split(",") if part.strip())


def origins(value: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in value.split(",") if part.strip())
    for origin in found:
        parts = urlsplit(origin)
        plain = parts.scheme in {"http", "https"} and parts.netloc and not parts.path
        if origin != "*" and not plain:
            raise ValueError(f"has {origin!r}, which is no origin")
    return found


def networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"holds what is no address or network: {error}") from None


def database_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError("is no URL that begins with postgresql://")
    return value


def roster_drop_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return value
    if parts.scheme != "sftp" or not parts.hostname or not parts.username:
        raise ValueError("is neither file:///a/folder nor sftp://user@host[:port]/folder")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is no number up to 65535") from None
    if parts.password:
        raise ValueError("holds a secret; that goes into FARADAY_ROSTER_DROP_PASSWORD")
    return value


def object_store_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "file":
        if parts.netloc or (parts.path and not parts.path.startswith("/")):
            raise ValueError("is no file: with nothing or a whole path behind it")
        return value
    if parts.scheme not in {"s3", "s3+http"} or not parts.hostname:
        raise ValueError("is no URL that begins with file: or s3://")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is no number up to 65535") from None
    if parts.password:
        raise ValueError("holds a secret; that goes into FARADAY_OBJECT_STORE_SECRET")
    if not parts.path.strip("/"):
        raise ValueError("names no bucket")
    return value


def http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is no URL that begins with http:// or https://")
    if parts.password:
        raise ValueError("holds a secret; that has a setting of its own")
    return value


def smtp_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ValueError("is no URL that begins with smtp:// or smtps://")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is no number up to 65535") from None
    return value
