"""What callers write of memories, and ask them by."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

from attrs import evolve, field, frozen

from faraday_core.kernel.parsing import obey_rules
from faraday_core.kernel.rules import AtMost, Between, Text

MOST_CONTEXT: Final = 64 << 10  # bytes of it as JSON
MOST_LEVELS: Final = 16
MOST_TAGS: Final = 32
LARGEST_NUMBER: Final = 1 << 63  # of what all who read JSON can hold
_ANY_SIZE: Final = 1 << 40


@frozen
class ContentText:
    """Some text, of so many bytes in UTF-8 at most, which is a setting."""

    max: int = _ANY_SIZE

    def broken_by(self, value: str) -> tuple[str, str] | None:
        if not value.strip():
            return "too_short", "needs a character that is no blank"
        if len(value.encode()) > self.max:
            return "too_long", f"takes at most {self.max} bytes of UTF-8"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {"minLength": 1, "maxLength": self.max}


@frozen
class ContextObject:
    """JSON that can be stored, bounded in size and depth."""

    def broken_by(self, value: Mapping[str, Any]) -> tuple[str, str] | None:
        if _levels(value) > MOST_LEVELS:
            return "invalid_value", f"is nested more than {MOST_LEVELS} levels deep"
        if fault := _unstorable(value):
            return fault
        if len(json.dumps(value, ensure_ascii=False).encode()) > MOST_CONTEXT:
            return "too_long", f"takes at most {MOST_CONTEXT} bytes as JSON"
        return None

    def schema(self) -> Mapping[str, Any]:
        return {}


def _levels(value: Any) -> int:  # whatever JSON holds
    """How deep it is, as far as that matters."""
    deepest, inside = 0, [(value, 1)]
    while inside and deepest <= MOST_LEVELS:
        one, level = inside.pop()
        if isinstance(one, Mapping | list | tuple):
            deepest = max(deepest, level)
            within = one.values() if isinstance(one, Mapping) else one
            inside.extend((part, level + 1) for part in within)
    return deepest


def _unstorable(value: Any) -> tuple[str, str] | None:  # whatever JSON holds
    for text in _scalars(value):
        if isinstance(text, int | float) and not abs(text) < LARGEST_NUMBER:
            return "invalid_value", "holds a number of more than 63 bits"
        if isinstance(text, str) and ("\0" in text or not _is_unicode(text)):
            return "invalid_character", "holds a NUL character or half of a surrogate pair"
    return None


def _scalars(value: Any) -> Iterable[Any]:  # whatever JSON holds
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key
            yield from _scalars(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _scalars(part)
    else:
        yield value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


Content = Annotated[str, ContentText()]
Context = Annotated[Mapping[str, Any], ContextObject()]
CategoryName = Annotated[str, Text(1, 100)]
Id = Annotated[str, Text(1, 64)]
Part = Annotated[float, Between(0, 1)]
Tag = Annotated[str, Text(1, 64)]
SearchText = Annotated[str, Text(1, 200)]
Description = Annotated[str, Text(0, 2000, lines=True)]
Purpose = Annotated[str, Text(1, 500)]

SHOWN_BESIDES: Final = frozenset(
    {"id", "access_count", "last_accessed", "created_at", "updated_at", "similar"}
    | {"suggested_category"}
)


@frozen
class MemoryFields:
    """`category`: a name or an id. What is left out of `importance_score` is estimated, of
    `expires_at` as the installation has it."""

    READ_ONLY: ClassVar = SHOWN_BESIDES

    content: Content = field(repr=False)
    category: CategoryName | None = None
    tags: Annotated[tuple[Tag, ...], AtMost(MOST_TAGS)] = field(default=(), converter=_once)
    context: Context = field(factory=dict)
    importance_score: Part | None = None
    expires_at: datetime | None = None
    pinned: bool = False
    supersedes: Id | None = None

    __attrs_post_init__ = obey_rules

    def without_category(self) -> "MemoryFields":
        return evolve(self, category=None)


@frozen
class MemoryFilter:
    """`category`: a name or an id, with all below it. `q`: words that the content holds."""

    category: CategoryName | None = None
    tag: Tag | None = None
    min_importance: Part | None = None
    q: SearchText | None = None
    include_expired: bool = False

    __attrs_post_init__ = obey_rules


@frozen
class CategoryFields:
    READ_ONLY: ClassVar = frozenset(
        {"id", "organization_id", "built_in", "memory_count", "created_at", "updated_at"}
    )

    name: CategoryName
    description: Description | None = None
    parent_category_id: Id | None = None

    __attrs_post_init__ = obey_rules


@frozen
class CategoryMerge:
    """`into_category_id`: where what was in it is from now on."""

    into_category_id: Id

    __attrs_post_init__ = obey_rules


@frozen
class Feedback:
    """Whether a memory helped; `query`: what it was found by."""

    helpful: bool
    query: Annotated[str, Text(0, 10_000, lines=True)] | None = None

    __attrs_post_init__ = obey_rules


@frozen
class GrantFields:
    grantee_id: Id
    purpose: Purpose
    expires_at: datetime

    __attrs_post_init__ = obey_rules
