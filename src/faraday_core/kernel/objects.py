"""Files that are too large for rows: kept by a name, each whole or not there."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Protocol

LONGEST_NAME: Final = 512
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")


class ObjectStore(Protocol):
    """A folder, a bucket, or this process's memory.

    A name is made of plain letters, digits and slashes, always by the product itself: nothing that
    somebody typed becomes part of one. Each method raises Unavailable where the store does not
    answer.
    """

    async def put(self, name: str, content: bytes) -> None:
        """In place of what bears the name, if anything does."""

    async def get(self, name: str) -> bytes:
        """Raises NotFound."""

    async def put_file(self, name: str, file: Path) -> None:
        """As `put`, however large the file is; it stays where it is."""

    async def get_file(self, name: str, file: Path) -> None:
        """Write it there; raises NotFound."""

    async def delete(self, names: Collection[str]) -> None:
        """Of those that are not there nothing is said."""

    async def names(self, prefix: str) -> Sequence[str]:
        """Of all objects whose names begin so, in the order of their letters."""


def require_name(name: str) -> str:
    """Raises ValueError where it could mean anything else than one object of the store."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of an object")
    return name


def objects_of(user_id: str) -> str:
    """What the names of all that is a person's begin with, and of nobody else's."""
    return f"people/{user_id}/"


async def delete_all_of(objects: ObjectStore, user_id: str) -> int:
    """Take away all that is kept of a person; answers how many there were. Raises Unavailable."""
    names = await objects.names(objects_of(user_id))
    await objects.delete(names)
    return len(names)
