"""Places where a school's own system leaves its files, to be taken from there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from attrs import frozen


@frozen
class Waiting:
    """A set that lies there: a folder, a zip, or one file. `state`: another one as long as it is
    still being written."""

    name: str
    state: str


@frozen
class Report:
    """What is laid beside a set that was filed away; `suffix`: of its name."""

    suffix: str
    content: bytes


class Drop(Protocol):
    """A folder, here or on a server. Each method raises Unavailable where it cannot be reached."""

    async def waiting(self) -> Sequence[Waiting]:
        """By their names, without what has been filed away."""

    async def fetch(self, name: str, into: Path) -> Path:
        """Where this process can read it; raises Invalid (`unreadable_source`)."""

    async def file_away(self, name: str, *, done: bool, report: Report) -> None:
        """Into `done` or `failed`, under a name that nothing has there, with its report."""
