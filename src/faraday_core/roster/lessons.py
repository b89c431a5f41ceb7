"""Classes, courses and sessions as they are read: all lie in organisations, and whoever takes part
in a class sees what it stands on."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from attrs import frozen

from faraday_core.kernel.access import Action, Place, Reach, in_scope, may, not_found, reach_of
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.organizations.places import nodes_within
from faraday_core.organizations.ports import Sight, path_to, paths_to
from faraday_core.roster.model import AcademicSession, Class, Course
from faraday_core.roster.ports import Own, RosterReader, RosterStorage, T, Wanted

READ: Final = Action.READ_CLASSES


@frozen
class Lessons:
    storage: RosterStorage

    async def page(
        self,
        actor: Actor,
        kind: type[T],
        organization_id: str | None,
        wanted: Wanted,
        page: PageRequest,
    ) -> Page[T]:
        """Those at and below the nodes where the actor may read them, and their own.

        `organization_id`: of it and all below it.
        """
        async with self.look(actor) as reader:
            sight = await self._sight(reader, actor, kind, organization_id)
            return await reader.catalog.page(kind, sight, wanted, page)

    async def get(self, reader: RosterReader, actor: Actor, kind: type[T], id: str) -> T:
        """Raises NotFound."""
        found = await reader.catalog.one(kind, id)
        if await self.is_over(reader, actor, found):
            return found
        if id in {own.id for own in await self._own(reader, actor, kind)}:
            return found
        raise not_found()

    async def is_over(
        self, reader: RosterReader, actor: Actor, found: AcademicSession | Course | Class
    ) -> bool:
        """Whether the actor may read it by a role there or above, and so all of it."""
        place = Place((await path_to(reader, found.organization_id),))
        return may(actor, READ, place)

    @asynccontextmanager
    async def look(self, actor: Actor) -> AsyncIterator[RosterReader]:
        """At the tenants where the actor reads classes, be it but their own."""
        if reach_of(actor, READ).everywhere:
            async with self.storage.look_everywhere(actor) as reader:
                yield reader
        else:
            async with self.storage.look_across(actor, _tenants(actor)) as reader:
                yield reader

    async def _sight(
        self, reader: RosterReader, actor: Actor, kind: type[T], organization_id: str | None
    ) -> Sight | None:
        reach: Reach = reach_of(actor, READ)
        nodes: Sequence[str] | None = ()
        if reach:
            nodes = await nodes_within(reader, reach, organization_id)
        if reach.everywhere:
            return None if nodes is None else Sight(nodes, ())
        if nodes is None and _tenants(actor) == {*reach.tenants}:
            return None
        own = await self._own(reader, actor, kind, organization_id)
        seen = reach.nodes if nodes is None else nodes
        return Sight(seen, sorted({one.id for one in own}))

    async def _own(
        self,
        reader: RosterReader,
        actor: Actor,
        kind: type[T],
        organization_id: str | None = None,
    ) -> Sequence[Own]:
        """Those that lie there, and where the actor wants to act alone."""
        own = await reader.catalog.own(kind)
        within = {at for at in (organization_id, actor.narrowed_to) if at is not None}
        if not within:
            return own
        paths = await paths_to(reader, {one.organization_id for one in own})
        return [one for one in own if within.issubset(paths.get(one.organization_id, ()))]


def _tenants(actor: Actor) -> frozenset[str]:
    """Where a role gives it, or leaves the person what is their own."""
    if not in_scope(actor, READ):
        return frozenset()
    return frozenset(g.tenant_id for g in actor.grants if g.tenant_id and READ not in g.removed)
