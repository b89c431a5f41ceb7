"""How memories were used, by the day: what is stored of it, and what it is made of."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Final

from attrs import frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.ids import id_from

Counts = Mapping[str, int]  # by the name of what is counted; what there was none of is left out

DAY: Final = timedelta(days=1)
ABOUT: Final = ("course", "topic", "class")  # of a context: what a memory is about
LONGEST_VALUE: Final = 100  # characters of such a name that are kept
RETENTION_DAYS: Final = 400  # a year, and what a year is compared with


class Counted(StrEnum):
    CREATED = "created"
    RETRIEVED = "retrieved"
    UPDATED = "updated"
    DELETED = "deleted"
    EXPIRED = "expired"
    SHOWN = "shown"  # in the answer to a search
    OPENED = "opened"  # by its id
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@frozen
class MemoryAnalytics:
    """One day of one person's, in UTC. `by_context`: by name, such as `course`, and its value.
    `response_times`: how often a memory came in so many milliseconds, by two digits."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    begins_at: datetime
    updated_at: datetime
    totals: Counts
    by_category: Mapping[str, Counts]
    by_hour: Mapping[str, Counts]
    by_context: Mapping[str, Mapping[str, Counts]]
    response_times: Counts
    version: int = 1


@frozen
class MemoryFacts:
    """What a memory tells of its own use, without its content. `size`: bytes of that."""

    id: str
    category: str | None
    course: str | None
    topic: str | None
    class_: str | None
    size: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    expires_at: datetime | None
    summary_id: str | None
    access_count: int
    last_accessed: datetime | None
    helpful: int
    unhelpful: int

    @property
    def about(self) -> Mapping[str, str]:
        named = zip(ABOUT, (self.course, self.topic, self.class_), strict=True)
        return {name: value for name, value in named if value is not None}

    @property
    def last_touched(self) -> datetime:
        return max(self.updated_at, self.last_accessed or self.updated_at)

    def is_living(self, now: datetime) -> bool:
        """Whether it may be in an answer."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.deleted_at is None and self.summary_id is None and not expired


def day_of(moment: datetime) -> datetime:
    """When the day began that it is in, in UTC."""
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)


def analytics_id(user_id: str, begins_at: datetime) -> str:
    """The same whoever writes the day, and however often."""
    return id_from(sha256(f"memory analytics {user_id} {begins_at:%Y-%m-%d}".encode()).digest())
