"""What all entities are: frozen, somebody's, known by an id, and counted up with every save."""

from collections.abc import Collection
from enum import Enum, auto
from typing import Any, ClassVar, Protocol, TypeVar, cast

from attrs import AttrsInstance, evolve

from faraday_core.kernel.errors import StaleVersion

ANY_STATE = "*"  # what a caller has seen who does not mind which state it was (RFC 9110, 13.1.1)


class Owner(Enum):
    """Whose a thing is, and so where a unit of work must stand to see it."""

    TENANT = auto()  # a top-level organisation's
    PERSON = auto()  # one person's, in however many tenants or in none; it has a `user_id`
    PLATFORM = auto()  # nobody's: the machinery that all share


class Entity(AttrsInstance, Protocol):
    owner: ClassVar[Owner]

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


E = TypeVar("E", bound=Entity)


def next_version(entity: E) -> E:
    """The entity as a save leaves it."""
    return cast(E, evolve(cast(Any, entity), version=entity.version + 1))


def require_state(tag: str, seen: Collection[str] | None) -> None:
    """Refuse a change by somebody who has `seen` other states; None has looked at none.

    Raises StaleVersion.
    """
    if seen is not None and tag not in seen and ANY_STATE not in seen:
        raise StaleVersion("It has changed since you saw it. Read it again, then decide.")
