"""What is recommended to do with memories, and what somebody said of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar, Final

from attrs import frozen

from faraday_core.kernel.entity import Owner
from faraday_core.kernel.ids import id_from
from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import Limit
from faraday_core.memory.analytics_views import Call
from faraday_core.memory.model import UserMemory
from faraday_core.memory.views import MemoryView

SETTLED_FOR: Final = timedelta(days=30)  # that it is not offered again
OFFERED_DAYS: Final = 90  # that it is known what was offered


class RecommendationKind(StrEnum):
    REVISIT = "revisit"  # it would soon be forgotten by its person
    RELATED = "related"  # it belongs together with others
    OUTDATED = "outdated"  # something later says otherwise, or its time is over
    DUPLICATE = "duplicate"  # another one says the same
    FORGET = "forget"  # nobody needs it


_STAYING: Final = frozenset({RecommendationKind.RELATED, RecommendationKind.OUTDATED})


@frozen
class MemoryRecommendation:
    """One that was offered. Its id follows from its kind and its memories. `accepted`: None where
    nobody has said so."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    kind: RecommendationKind
    memory_id: str
    offered_at: datetime
    accepted: bool | None = None
    decided_at: datetime | None = None
    version: int = 1

    def is_settled(self, now: datetime) -> bool:
        """Whether it was declined so lately that it is not offered again; or taken, where what it
        is about is still there afterwards."""
        said = self.decided_at
        if said is None or now >= said + SETTLED_FOR:
            return False
        return self.accepted is False or self.kind in _STAYING


@frozen
class Candidate:
    """What may be recommended. `reason`: for the person. `score`: 0 to 1, how urgent it is."""

    kind: RecommendationKind
    memory: UserMemory
    related: Sequence[UserMemory]
    score: float
    reason: str
    action: Call

    @property
    def id(self) -> str:
        ids = " ".join([self.memory.id, *sorted(one.id for one in self.related)])
        return id_from(sha256(f"memory {self.kind} {ids}".encode()).digest())


@frozen
class RecommendationQuery:
    """`kind`: all kinds where it is left out."""

    kind: RecommendationKind | None = None
    limit: Limit = 20

    __attrs_post_init__ = obey_rules


@frozen
class RecommendationView:
    """`action`: the request that carries it out."""

    id: str
    kind: RecommendationKind
    memory: MemoryView
    related: tuple[MemoryView, ...]
    score: float
    reason: str
    action: Call


@frozen
class Recommendations:
    """The most urgent first."""

    items: tuple[RecommendationView, ...]


@frozen
class RecommendationFeedback:
    accepted: bool


@frozen
class RecommendationDecision:
    """`kind`: what was recommended, of this memory."""

    id: str
    kind: RecommendationKind
    memory_id: str
    accepted: bool
    decided_at: datetime
