"""How much somebody keeps: numbers and moments, and nothing of what is kept."""

from datetime import datetime
from typing import Protocol

from attrs import frozen

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.ports import Storage
from faraday_core.people.ports import PeopleReader, PeopleUnit


@frozen
class MemoryUsage:
    """`memories`: those that can be found. `in_bin`: deleted, and not gone yet. `in_summaries`:
    those that a summary stands for. `bytes`: of all their contents, in UTF-8."""

    memories: int
    in_bin: int
    in_summaries: int
    bytes: int
    uses: int
    last_written: datetime | None
    last_used: datetime | None


class MemoryTotals(Protocol):
    """Of the person stood at."""

    async def total(self) -> MemoryUsage: ...


class UsageReader(PeopleReader, Protocol):
    @property
    def memory_usage(self) -> MemoryTotals: ...


class UsageUnit(UsageReader, PeopleUnit, Protocol):
    """And the verbs."""


class UsageStorage(Storage[UsageUnit, UsageReader], AddressBook, Protocol):
    """Where memories are kept, beside people."""
