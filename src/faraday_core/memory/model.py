"""Memories as they are stored, with what was done with them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from attrs import field, frozen

from faraday_core.kernel.entity import Owner

BIN_LIFE: Final = timedelta(days=30)
LONGEST_GRANT: Final = timedelta(days=365)
MOST_WITHOUT_ORGANIZATION: Final = 100  # memories of whoever belongs nowhere, in production
SUMMARY: Final = "summary"  # `context.source` of what a cleanup has made of several memories


@frozen
class MemoryPolicy:
    """`max_size`: bytes of a content. `retention_days`: how long one lives that names no end; 0:
    for good. `cleanup_interval`: seconds. `most_without_organization`: memories of somebody who
    belongs nowhere; None: as many as they like."""

    max_size: int = 1_048_576
    retention_days: int = 365
    cleanup_interval: int = 86_400
    most_without_organization: int | None = None

    def end_of(self, now: datetime) -> datetime | None:
        """When what is written now ends by itself."""
        return now + timedelta(days=self.retention_days) if self.retention_days else None


class InteractionType(StrEnum):
    CREATE = "create"
    RETRIEVE = "retrieve"
    UPDATE = "update"
    DELETE = "delete"
    RESTORE = "restore"
    FEEDBACK = "feedback"


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


@frozen
class UserMemory:
    """One thing to remember, as it was said.

    `category`: a category's name. `importance_given`: by the person, or else it is estimated.
    `supersedes`: the earlier memory that this one contradicts. `summary_id`: the summary that it
    is in, and by which it is found from then on. `text_hash`: of its words, by which the same
    thing said again is known. `repetitions`: how often it was said again. `changed`: by how many
    changes of the person's memories the last one of it was; storage counts them.
    """

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    content: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    category: str | None = None
    tags: tuple[str, ...] = field(default=(), converter=_texts)
    context: Mapping[str, Any] = field(factory=dict)  # as in JSON
    importance_score: float = 0.5
    importance_given: bool = False
    access_count: int = 0
    last_accessed: datetime | None = None
    expires_at: datetime | None = None
    pinned: bool = False
    supersedes: str | None = None
    summary_id: str | None = None
    repetitions: int = 0
    helpful: int = 0
    unhelpful: int = 0
    text_hash: bytes = b""
    deleted_at: datetime | None = None
    changed: int = 0
    version: int = 1

    def is_live(self, now: datetime) -> bool:
        """Whether it may be in an answer."""
        return self.deleted_at is None and not self.has_expired(now)

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@frozen
class MemoryVersion:
    """What a memory was until `replaced_at`; `number`: the version of the memory that it was."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    memory_id: str
    number: int
    content: str = field(repr=False)
    category: str | None
    tags: tuple[str, ...] = field(converter=_texts)
    context: Mapping[str, Any]  # as in JSON
    importance_score: float
    expires_at: datetime | None
    pinned: bool
    supersedes: str | None
    written_at: datetime
    replaced_at: datetime
    version: int = 1


@frozen
class MemoryInteraction:
    """Something that was done with a memory. `context`: what the person was doing, or asked.
    `response_time`: milliseconds."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    memory_id: str
    interaction_type: InteractionType
    context: Mapping[str, Any]  # as in JSON
    success: bool
    response_time: int | None
    created_at: datetime
    version: int = 1


@frozen
class MemoryCategory:
    """One of a person's own. `name_key`: by which it is found, and is theirs alone."""

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    name: str
    name_key: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    parent_category_id: str | None = None
    version: int = 1


@frozen
class TenantMemoryCategory:
    """One of a tenant's, which all of its people have. `organization_id`: its top organisation."""

    owner: ClassVar = Owner.TENANT

    id: str
    organization_id: str
    name: str
    name_key: str
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    parent_category_id: str | None = None
    version: int = 1


@frozen
class TenantCategoryChanged:
    """What was in it, under the `old` name, is in the one of the `new` name from now on, or in
    none. `into_id`: where what lies below it is, where it is there no more. `after`: of whose
    memories that is done; the first of all where it is None."""

    tenant_id: str
    category_id: str
    old: str
    new: str | None
    into_id: str | None = None
    removed: bool = False
    after: str | None = None


@frozen
class MemoryGrant:
    """Somebody else may read a person's memories, for this purpose and so long.

    `granted_by`: the person, or a child's guardian.
    """

    owner: ClassVar = Owner.PERSON

    id: str
    user_id: str
    grantee_id: str
    purpose: str
    expires_at: datetime
    created_at: datetime
    granted_by: str
    version: int = 1


@frozen
class MemoryVector:
    """What a memory means to one `model`: half-precision numbers, the least significant byte
    first. `changed`: as a memory's."""

    owner: ClassVar = Owner.PERSON

    id: str  # the memory's
    user_id: str
    model: str  # its fingerprint
    numbers: bytes = field(repr=False)
    changed: int
    version: int = 1


@frozen
class MemoryLayout:
    """What the ranking reads out of a memory as of the version that it was `said` in, by the
    `rules` of a language; `layouts.py` writes and reads it."""

    owner: ClassVar = Owner.PERSON

    id: str  # the memory's
    user_id: str
    rules: str
    said: int
    thread: int  # a number for it; 0: none
    turn: float | None
    occurred_at: datetime
    log_length: float
    length: int  # in terms
    plain_length: int
    flags: int
    terms: tuple[str, ...] = field(repr=False, converter=_texts)
    times: bytes = field(repr=False)
    place: str = field(repr=False)
    version: int = 1


@frozen
class MemoriesToEmbed:
    """Some of somebody's memories have no vector of the best model yet."""

    user_id: str


@frozen
class MemoryState:
    """How often a person's memories have changed: what is known of them elsewhere is up to date
    where it knows this number. `held_since`: from when nothing of theirs is removed, and why."""

    owner: ClassVar = Owner.PERSON

    id: str  # the person's
    user_id: str
    changed: int = 0
    held_since: datetime | None = None
    hold_reason: str | None = None
    version: int = 1
