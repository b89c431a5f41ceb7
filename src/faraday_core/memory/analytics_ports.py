"""What the understanding of memories asks of storage, beside what memories ask."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Protocol

from attrs import frozen

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.ports import Storage
from faraday_core.memory.analytics_model import MemoryAnalytics
from faraday_core.memory.analytics_tally import Past
from faraday_core.memory.ports import MemoryReader, MemoryUnit
from faraday_core.memory.recommendations_model import MemoryRecommendation

MOST_READ: Final = 50_000  # interactions, or versions, at once


@frozen
class Seen:
    """A memory was opened, or it was said whether it helped."""

    memory_id: str
    at: datetime
    good: bool


class MemoryActivity(Protocol):
    """Of the person stood at."""

    async def latest(self) -> datetime | None:
        """When the last day begins that is stored."""

    async def days(self, since: datetime, until: datetime) -> Sequence[MemoryAnalytics]:
        """Those that begin from then on and before then, in their order."""

    async def past(self, since: datetime | None) -> Past:
        """All memories, and what was done from then on, or ever; of more than can be read at once
        the oldest."""

    async def seen(self) -> Sequence[Seen]:
        """Of more than can be read at once the latest."""

    async def recommendations(self) -> Sequence[MemoryRecommendation]:
        """All that were offered, and are kept."""

    async def active(self, since: datetime) -> Sequence[str]:
        """Who has interactions from then on, whoever it is: for a worker alone."""


class MemoryActivityKeeping(Protocol):
    """What changes many rows at once, of the person stood at."""

    async def put_days(self, days: Sequence[MemoryAnalytics]) -> None:
        """In place of what is stored of them."""

    async def offer(self, offered: Collection[MemoryRecommendation]) -> None:
        """Those of memories that are still there; one that is known stays as it is."""


class AnalyticsReader(MemoryReader, Protocol):
    @property
    def memory_activity(self) -> MemoryActivity: ...


class AnalyticsUnit(AnalyticsReader, MemoryUnit, Protocol):
    @property
    def memory_activity_keeping(self) -> MemoryActivityKeeping: ...


class AnalyticsStorage(Storage[AnalyticsUnit, AnalyticsReader], AddressBook, Protocol):
    """Where memories are kept, and what is understood of them."""
