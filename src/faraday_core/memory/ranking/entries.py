"""What an index holds of a memory, and of a thread of them."""

from bisect import bisect_left
from datetime import datetime
from operator import attrgetter
from typing import Final

from attrs import define, field, frozen

from faraday_core.memory.ranking.laying import Laid
from faraday_core.memory.ranking.names import Name
from faraday_core.memory.ranking.places import Thread, Turn

_TURN: Final = attrgetter("turn")


@frozen(eq=False)
class Entry:
    """What is held of a memory: no word of it but its terms."""

    slot: int
    id: str
    laid: Laid
    terms: tuple[str, ...]
    length: int  # in terms
    plain_length: int
    thread: Thread | None
    turn: Turn
    occurred_at: datetime
    expires_at: datetime | None
    category: str | None
    tags: frozenset[str]
    names: frozenset[Name]
    log_length: float
    asks: bool
    says_time: bool
    has_caption: bool
    importance: float
    usefulness: float
    superseded: bool
    vector_model: str | None


@define(eq=False)
class ThreadEntries:
    members: list[Entry] = field(factory=list)  # in their order
    slots: list[int] = field(factory=list)  # theirs
    length: int = 0  # in terms
    best_worth: float | None = None  # of its members; None until somebody asks

    def put(self, entry: Entry) -> None:
        self.best_worth = None
        at = self.position(entry)
        self.members.insert(at, entry)
        self.slots.insert(at, entry.slot)
        self.length += entry.length

    def drop(self, entry: Entry) -> None:
        self.best_worth = None
        at = self.position(entry)
        del self.members[at], self.slots[at]
        self.length -= entry.length

    def around(self, entry: Entry) -> "Around":
        members, at = self.members, self.position(entry)
        last = len(members) - 1
        return Around(
            members[at - 1] if at > 0 else None,
            members[at - 2] if at > 1 else None,
            members[at + 1] if at < last else None,
            members[at + 2] if at < last - 1 else None,
        )

    def position(self, entry: Entry) -> int:
        """Its own, or the one that it takes: a turn ends in an id, and so is nobody else's."""
        return bisect_left(self.members, entry.turn, key=_TURN)


@frozen
class Around:
    """Its neighbours in its thread, None beyond either end."""

    before: Entry | None = None
    two_before: Entry | None = None
    after: Entry | None = None
    two_after: Entry | None = None

    alone: bool = False  # in no thread

    @property
    def opens(self) -> bool:
        """One of the first two."""
        return self.two_before is None and not self.alone


ALONE: Final = Around(alone=True)
