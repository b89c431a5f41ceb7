import asyncio
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar, cast

from attrs import AttrsInstance, Factory, evolve, frozen

from faraday_core.audit.model import PLATFORM_CHAIN
from faraday_core.identity.model import User
from faraday_core.kernel.entity import E, Entity, Owner
from faraday_core.kernel.paging import Order, Page, PageRequest, cut
from faraday_core.organizations.membership import UserOrganization

T = TypeVar("T")
Kind = type[Any]  # an entity's, or what the adapter itself keeps by a key


@frozen
class Stored:
    """A row, and the tenant or person whose it is; `row` None: removed."""

    owner: str
    row: Any  # of its kind


Table = dict[str, Stored]  # by id


@frozen
class MemoryDatabase:
    tables: defaultdict[Kind, Table] = Factory(lambda: defaultdict(dict))
    outbox: list[AttrsInstance] = Factory(list)
    lock: asyncio.Lock = Factory(asyncio.Lock)


@frozen
class Scope:
    """Where a unit stands: it sees `tenants`, and writes in `tenant_id` alone."""

    tenant_id: str | None = None
    tenants: frozenset[str] = frozenset()
    user_id: str | None = None
    everywhere: bool = False
    today: date = date.max


@frozen
class Rows:
    """Rows as one unit of work sees them: what is committed, under its own writes."""

    database: MemoryDatabase
    scope: Scope
    written: defaultdict[Kind, Table] = Factory(lambda: defaultdict(dict))
    held: list[asyncio.Lock] = Factory(list)

    def committed(self, kind: Kind) -> Table:
        return self.database.tables[kind]

    def by_id(self, kind: Kind) -> ChainMap[str, Stored]:
        return ChainMap(self.written[kind], self.committed(kind))

    def stored(self, kind: Kind) -> Iterator[Stored]:
        """Whosever they are."""
        return (stored for stored in self.by_id(kind).values() if stored.row is not None)

    def all(self, kind: type[T]) -> list[T]:
        """Whosever they are: for a worker, and for who looks everywhere."""
        return [cast(T, stored.row) for stored in self.stored(kind)]

    def own(self, kind: type[T]) -> list[T]:
        """Of the person stood at."""
        mine = self.scope.user_id
        return [cast(T, stored.row) for stored in self.stored(kind) if stored.owner == mine]

    def in_sight(self, kind: type[T]) -> list[tuple[str, T]]:
        """Of the tenants that are seen, each with its tenant."""
        return [
            (stored.owner, cast(T, stored.row))
            for stored in self.stored(kind)
            if self.scope.everywhere or stored.owner in self.scope.tenants
        ]

    def roles(self, user_id: str) -> list[tuple[str, UserOrganization]]:
        """The roles that a person holds today, of those that can be seen from here."""
        held = self.memberships(user_id)
        return [(tenant, role) for tenant, role in held if role.holds_on(self.scope.today)]

    def memberships(self, user_id: str) -> list[tuple[str, UserOrganization]]:
        """Whenever they hold, the oldest first: those that are seen from here, one's own all."""
        seen = (
            (stored.owner, cast(UserOrganization, stored.row))
            for stored in self.stored(UserOrganization)
            if self.scope.everywhere
            or user_id == self.scope.user_id
            or stored.owner in self.scope.tenants
        )
        theirs = (found for found in seen if found[1].user_id == user_id)
        return sorted(theirs, key=lambda found: found[1].id)

    def find(self, kind: type[E], id: str) -> E | None:
        """As the verbs find it: of the tenant or the person stood at."""
        stored = self.by_id(kind).get(id)
        if stored is None or stored.row is None:
            return None
        where = {
            Owner.TENANT: self.scope.tenant_id,
            Owner.PERSON: self.scope.user_id,
            Owner.PLATFORM: "",
        }
        return cast(E, stored.row) if stored.owner == where[kind.owner] else None

    def is_there(self, entity: Entity) -> bool:
        """Whether its owner has one of its id."""
        stored = self.by_id(type(entity)).get(entity.id)
        return bool(stored and stored.row is not None and stored.owner == self.owner_of(entity))

    def owner_of(self, entity: Entity) -> str:
        kind = type(entity)
        if kind.owner is Owner.TENANT:
            return self.scope.tenant_id or PLATFORM_CHAIN
        if kind.owner is Owner.PERSON:
            return entity.id if isinstance(entity, User) else str(cast(Any, entity).user_id)
        return ""

    def write(self, entity: Entity, after: Entity | None) -> None:
        self.written[type(entity)][entity.id] = Stored(self.owner_of(entity), after)

    def put(self, id: str, row: object, owner: str = "") -> None:
        """Something that the adapter itself keeps by a key."""
        self.written[type(row)][id] = Stored(owner, row)

    def drop(self, kind: Kind, id: str) -> None:
        self.written[kind][id] = Stored("", None)

    def change_quietly(self, entity: E, **changes: Any) -> None:
        """Without a new version: nobody could miss the change."""
        self.write(entity, cast(E, evolve(cast(Any, entity), **changes)))

    async def wait(self) -> None:
        """For whoever changes something; one lock for all rows, so that no two units wait for
        each other."""
        if not self.held:
            await self.database.lock.acquire()
            self.held.append(self.database.lock)

    def release(self) -> None:
        for lock in self.held:
            lock.release()

    def page(
        self,
        kind: type[T],
        rows: Iterable[T],
        request: PageRequest,
        order: Order,
        *,
        newest_first: bool = False,
    ) -> Page[T]:
        keys = [attrgetter(name) for name in order]

        def key(row: T) -> tuple[Any, ...]:
            return tuple(get(row) for get in keys)

        if after := request.after(cast(type[AttrsInstance], kind), order):
            rows = [
                row for row in rows if (key(row) < after if newest_first else key(row) > after)
            ]
        return cut(sorted(rows, key=key, reverse=newest_first), request, order)
