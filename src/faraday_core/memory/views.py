"""Memories as they are shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

from faraday_core.memory.model import (
    InteractionType,
    MemoryGrant,
    MemoryInteraction,
    MemoryVersion,
    UserMemory,
)


@frozen
class MemoryView:
    id: str
    content: str = field(repr=False)
    category: str | None
    tags: tuple[str, ...]
    context: Mapping[str, Any]  # as in JSON
    importance_score: float
    access_count: int
    last_accessed: datetime | None
    expires_at: datetime | None
    pinned: bool
    supersedes: str | None
    created_at: datetime
    updated_at: datetime
    _tag: str = field(repr=False, eq=False)

    @property
    def tag(self) -> str:
        """Of what is written; counters are outside it."""
        return self._tag


@frozen
class Similar:
    """Another memory that says nearly the same; `similarity`: 0 to 1."""

    id: str
    similarity: float


@frozen
class SuggestedCategory:
    """By the person's own memories that are nearest; `confidence`: 0 to 1."""

    name: str
    confidence: float


@frozen
class StoredMemory:
    """One that was just stored: with those that it is like, and where it may belong."""

    id: str
    content: str = field(repr=False)
    category: str | None
    tags: tuple[str, ...]
    context: Mapping[str, Any]  # as in JSON
    importance_score: float
    access_count: int
    last_accessed: datetime | None
    expires_at: datetime | None
    pinned: bool
    supersedes: str | None
    created_at: datetime
    updated_at: datetime
    similar: tuple[Similar, ...]
    suggested_category: SuggestedCategory | None
    _tag: str = field(repr=False, eq=False)
    _is_new: bool = field(default=True, repr=False, eq=False)

    @property
    def tag(self) -> str:
        return self._tag

    @property
    def is_new(self) -> bool:
        """False where it became one with a memory that was there."""
        return self._is_new


@frozen
class VersionView:
    """What a memory was until `replaced_at`."""

    id: str
    number: int
    content: str
    category: str | None
    tags: tuple[str, ...]
    context: Mapping[str, Any]  # as in JSON
    importance_score: float
    expires_at: datetime | None
    pinned: bool
    supersedes: str | None
    written_at: datetime
    replaced_at: datetime


@frozen
class InteractionView:
    """`response_time`: milliseconds."""

    id: str
    memory_id: str
    interaction_type: InteractionType
    context: Mapping[str, Any]  # as in JSON
    success: bool
    response_time: int | None
    created_at: datetime


@frozen
class MemoryCopy:
    """A line of a file of memories, as an import takes it: what is estimated is left out."""

    id: str
    content: str
    category: str | None
    tags: tuple[str, ...]
    context: Mapping[str, Any]  # as in JSON
    importance_score: float | None
    expires_at: datetime | None
    pinned: bool
    supersedes: str | None
    created_at: datetime


@frozen
class GrantView:
    id: str
    user_id: str
    grantee_id: str
    purpose: str
    expires_at: datetime
    created_at: datetime
    granted_by: str


def view_of(memory: UserMemory, accesses: int = 0, last: datetime | None = None) -> MemoryView:
    """`accesses`, `last`: those that storage has not heard of yet."""
    return MemoryView(
        memory.id,
        memory.content,
        memory.category,
        memory.tags,
        memory.context,
        memory.importance_score,
        memory.access_count + accesses,
        last or memory.last_accessed,
        memory.expires_at,
        memory.pinned,
        memory.supersedes,
        memory.created_at,
        memory.updated_at,
        str(memory.version),
    )


def stored_view_of(
    memory: UserMemory,
    similar: tuple[Similar, ...],
    suggested: SuggestedCategory | None,
    *,
    is_new: bool,
) -> StoredMemory:
    return StoredMemory(
        memory.id,
        memory.content,
        memory.category,
        memory.tags,
        memory.context,
        memory.importance_score,
        memory.access_count,
        memory.last_accessed,
        memory.expires_at,
        memory.pinned,
        memory.supersedes,
        memory.created_at,
        memory.updated_at,
        similar,
        suggested,
        str(memory.version),
        is_new,
    )


def copy_of(memory: UserMemory) -> MemoryCopy:
    return MemoryCopy(
        memory.id,
        memory.content,
        memory.category,
        memory.tags,
        memory.context,
        memory.importance_score if memory.importance_given else None,
        memory.expires_at,
        memory.pinned,
        memory.supersedes,
        memory.created_at,
    )


def version_view_of(version: MemoryVersion) -> VersionView:
    return VersionView(
        version.id,
        version.number,
        version.content,
        version.category,
        version.tags,
        version.context,
        version.importance_score,
        version.expires_at,
        version.pinned,
        version.supersedes,
        version.written_at,
        version.replaced_at,
    )


def interaction_view_of(done: MemoryInteraction) -> InteractionView:
    return InteractionView(
        done.id,
        done.memory_id,
        done.interaction_type,
        done.context,
        done.success,
        done.response_time,
        done.created_at,
    )


def grant_view_of(grant: MemoryGrant) -> GrantView:
    return GrantView(
        grant.id,
        grant.user_id,
        grant.grantee_id,
        grant.purpose,
        grant.expires_at,
        grant.created_at,
        grant.granted_by,
    )
