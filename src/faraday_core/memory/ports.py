"""What memories ask of storage."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import frozen

from faraday_core.identity.ports import AddressBook
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Storage
from faraday_core.memory.model import (
    MemoryCategory,
    MemoryGrant,
    MemoryInteraction,
    MemoryLayout,
    MemoryVector,
    MemoryVersion,
    TenantMemoryCategory,
    UserMemory,
)
from faraday_core.memory.ranking.sketch import Sketch
from faraday_core.memory.ranking.sketch import Wanted as Sketched
from faraday_core.preferences.ports import PreferencesReader, PreferencesUnit


@frozen
class Wanted:
    """`categories`: names; None: whatever the category. `words`: each is in the content, without
    regard to case. `now`: what has expired by then is left out; None: it is not."""

    categories: Sequence[str] | None = None
    tag: str | None = None
    min_importance: float | None = None
    words: Sequence[str] = ()
    now: datetime | None = None


@frozen
class Changes:
    """What is different since then. `number`: of the last change; 0: there never was any."""

    number: int
    memories: Sequence[UserMemory]
    vectors: Sequence[MemoryVector] = ()


@frozen
class Kept:
    """A memory with what was read out of it, if it was in this version, and what it means."""

    memory: UserMemory
    layout: MemoryLayout | None
    vector: MemoryVector | None


@frozen
class Uses:
    """How often one memory was used, when last, and how important that makes it."""

    memory_id: str
    count: int
    last: datetime
    importance: float


@frozen
class Upkeep:
    """What is to be done for a person: `expired` memories, those `binned` long ago, and `trivial`
    ones that are old."""

    user_id: str
    expired: int
    binned: int
    trivial: int


class Memories(Protocol):
    """Of the person stood at."""

    async def page(self, wanted: Wanted, page: PageRequest) -> Page[UserMemory]:
        """The newest first; none from the bin, and none that a summary stands for."""

    async def bin(self, page: PageRequest) -> Page[UserMemory]:
        """What was deleted, the newest memory first."""

    async def number(self) -> int:
        """Of the last change; 0: there never was any."""

    async def changes(self, since: int) -> Changes:
        """All that has changed after the change of this number, what is in the bin included; from
        the very beginning, without that."""

    async def few_changes(self, since: int, most: int) -> Changes | None:
        """The same; None: it is more than so many memories, or vectors."""

    async def kept(self, after: str | None, limit: int) -> Sequence[Kept]:
        """Those out of the bin and in no summary, in the order of their ids: behind this one, or
        the first ones."""

    async def sketch(self, wanted: Sketched) -> Sketch:
        """What a question can find, by one statement; all there is, where that is no more than
        `most`."""

    async def saying(self, text_hashes: Collection[bytes]) -> Sequence[UserMemory]:
        """Those out of the bin and in no summary whose words one of these is made of."""

    async def some(self, memory_ids: Collection[str]) -> Sequence[UserMemory]:
        """Those of them that there are, in the bin or not."""

    async def without_vector(self, model: str, limit: int) -> Sequence[UserMemory]:
        """Those out of the bin that have none of this model, the oldest first."""

    async def count(self) -> int:
        """How many there are, the bin included."""

    async def citing(self, memory_ids: Collection[str]) -> frozenset[str]:
        """Those of them that a memory out of the bin supersedes, or is the summary of."""

    async def versions(self, memory_id: str, page: PageRequest) -> Page[MemoryVersion]:
        """The latest first."""

    async def interactions(self, memory_id: str, page: PageRequest) -> Page[MemoryInteraction]:
        """The latest first."""


class MemoryCategories(Protocol):
    """Of the person stood at."""

    async def all(self) -> Sequence[MemoryCategory]:
        """In the order of their names."""

    async def of_tenants(self) -> Sequence[TenantMemoryCategory]:
        """Those of the tenants in which the person holds a role today; by their names."""

    async def of_tenant(self) -> Sequence[TenantMemoryCategory]:
        """Those of the tenant stood at, whoever the person is; by their names."""

    async def having(
        self, name: str, category_id: str, after: str | None, limit: int
    ) -> Sequence[str]:
        """Those of the tenant stood at who have memories under this name, or a category of their
        own below this one, in the order of their ids, behind `after`: for a worker alone."""

    async def counts(self) -> Mapping[str, int]:
        """How many memories out of the bin each category has, by its name."""


class MemoryGrants(Protocol):
    """Of the person stood at."""

    async def page(self, page: PageRequest) -> Page[MemoryGrant]:
        """The newest first."""

    async def to(self, grantee_id: str, now: datetime) -> Sequence[MemoryGrant]:
        """Those that have not ended, the newest first."""


class MemoryKeeping(Protocol):
    """What changes many rows at once, of the person stood at."""

    async def advance(self) -> int:
        """Count one more change of the person's memories, which is this unit's; nobody else
        changes any until it has ended. Answers its number."""

    async def add_all(self, memories: Sequence[UserMemory]) -> None:
        """Many at once."""

    async def rename_category(self, old: str, new: str | None, number: int) -> int:
        """Of all memories that are in it, by the change of this number; answers how many. They are
        to be read anew."""

    async def put_vectors(self, vectors: Sequence[MemoryVector]) -> None:
        """In place of those that their memories had; of one that is there no more, none."""

    async def put_layouts(self, layouts: Sequence[MemoryLayout]) -> None:
        """In place of those of earlier versions; of a memory that is there no more, none."""

    async def drop_layouts(self, memory_ids: Collection[str]) -> None:
        """Nothing finds them for now."""

    async def drop_vector(self, memory_id: str) -> None:
        """It says something else by now."""

    async def note_uses(self, uses: Sequence[Uses]) -> None:
        """A memory that is there no more has none. It is no change that anybody could miss."""

    async def note_feedback(self, memory: UserMemory) -> None:
        """How often it has helped and not, by the change of its number; what was written of it is
        as it was."""

    async def add_interactions(self, done: Sequence[MemoryInteraction]) -> None:
        """Those with memories that are still there."""

    async def expired(self, now: datetime, limit: int) -> Sequence[UserMemory]:
        """Those out of the bin that have ended, and are not pinned."""

    async def trivial(self, before: datetime, below: float, limit: int) -> Sequence[UserMemory]:
        """Those out of the bin, not pinned and in no summary, that are less important than this
        and were last written or used before then; the oldest first."""

    async def empty_bin(self, before: datetime, limit: int) -> int:
        """Remove what was deleted before then and nothing cites; answers how many."""


class MemoryUpkeep(Protocol):
    """Whosever they are: for a worker alone."""

    async def due(
        self, now: datetime, bin_before: datetime, trivial_before: datetime, below: float
    ) -> Sequence[Upkeep]:
        """For whom there is something to do, nothing of whom is held."""

    async def without_vectors(self, model: str, limit: int) -> Sequence[str]:
        """Who has memories out of the bin that have none of this model."""


class MemoryReader(PreferencesReader, Protocol):
    @property
    def memories(self) -> Memories: ...
    @property
    def memory_categories(self) -> MemoryCategories: ...
    @property
    def memory_grants(self) -> MemoryGrants: ...
    @property
    def memory_upkeep(self) -> MemoryUpkeep: ...


class MemoryUnit(MemoryReader, PreferencesUnit, Protocol):
    """All that can be asked, and the verbs that change something."""

    @property
    def memory_keeping(self) -> MemoryKeeping: ...


class MemoryStorage(Storage[MemoryUnit, MemoryReader], AddressBook, Protocol):
    """Where memories are kept, beside people and what they prefer."""
