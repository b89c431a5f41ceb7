"""What every context needs of the outside world."""

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeVar

from attrs import AttrsInstance

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import E, Entity

Clock = Callable[[], datetime]  # aware, in UTC
NewId = Callable[[], str]


class Reader(Protocol):
    """What can be seen from where one stands, as it is at each question.

    What is asked of one kind only ("the children of this organisation") is a method of that
    context's own port.
    """

    async def get(self, kind: type[E], id: str) -> E:
        """Raises NotFound."""


class UnitOfWork(Reader, Protocol):
    """One transaction: leaving the block commits, an exception undoes it all.

    These verbs serve every entity. What they write is in storage at the latest when the block is
    left, and so may be refused there.
    """

    async def hold(self, kind: type[E], id: str) -> E:
        """As `get`, and nobody else changes it until this unit has ended.

        Who holds several takes them in the order of their ids, so that no two wait for each other.
        """

    async def add(self, entity: Entity) -> None:
        """Raises Conflict, its code the name of the broken constraint."""

    async def save(self, entity: E) -> E:
        """Answers the entity with its next version; raises StaleVersion."""

    async def remove(self, entity: Entity) -> None:
        """Raises StaleVersion."""

    async def record(self, event: AttrsInstance) -> None:
        """Into the outbox, in the same transaction: whoever listens for such events hears of it if
        and only if it happened."""

    async def account(
        self,
        action: str,
        target_type: str,
        target_id: str | None,
        *,
        organization_id: str | None = None,
        **details: str | int | bool | None,
    ) -> None:
        """Into the audit log of the tenant, or the platform's: who did what to whom, and from
        where. `action` is `noun.verb`. No secret goes into the details."""


Unit_co = TypeVar("Unit_co", bound=UnitOfWork, covariant=True)
Reader_co = TypeVar("Reader_co", bound=Reader, covariant=True)


class Storage(Protocol[Unit_co, Reader_co]):
    """A use case that changes something begins; one that only reads takes a look.

    Both stand in a tenant, at a person, or both: what lies elsewhere they cannot see.
    """

    def begin(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> AbstractAsyncContextManager[Unit_co]: ...

    def look(
        self, actor: Actor, *, tenant: str | None = None, person: str | None = None
    ) -> AbstractAsyncContextManager[Reader_co]: ...

    def look_across(
        self, actor: Actor, tenants: Collection[str]
    ) -> AbstractAsyncContextManager[Reader_co]:
        """The one exception: a list over several tenants. Nothing is written in two at once."""

    def look_everywhere(self, actor: Actor) -> AbstractAsyncContextManager[Reader_co]:
        """The other one: a `platform_admin`'s list, and a worker's."""
