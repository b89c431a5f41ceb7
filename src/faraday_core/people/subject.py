"""Somebody whom an actor wants to see or to help: where the two meet, and what is allowed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from faraday_core.identity.model import Person, User
from faraday_core.kernel.access import (
    Action,
    Path,
    Place,
    deciding_grants,
    highest,
    not_found,
    require,
)
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Forbidden
from faraday_core.organizations.ports import paths_to
from faraday_core.people.ports import PeopleReader, PeopleStorage


@frozen
class Subject:
    """The person, with the roles that the actor can see, and the tenant to act in."""

    person: Person
    tenant: str | None
    is_last_platform_admin: bool = False

    @property
    def id(self) -> str:
        return self.person.user.id

    @property
    def organization_id(self) -> str | None:
        """Where an act on them is accounted for."""
        return self.person.organization_id


@asynccontextmanager
async def look_at_people(storage: PeopleStorage, actor: Actor) -> AsyncIterator[PeopleReader]:
    """At all that the actor's tenants hold."""
    if actor.is_platform_admin:
        async with storage.look_everywhere(actor) as reader:
            yield reader
    else:
        async with storage.look_across(actor, actor.tenants) as reader:
            yield reader


async def meet(storage: PeopleStorage, actor: Actor, user_id: str, action: Action) -> Subject:
    """Raises NotFound where the actor may not see the person, Forbidden where only that."""
    async with look_at_people(storage, actor) as reader:
        person = await reader.people.person(user_id)
        place = Place(paths=await _paths(reader, person) or _of_source(person, actor))
        if person.user.is_platform_admin and not actor.is_platform_admin:
            raise not_found()
        # Here, where all are seen: a unit that stands at one person sees no other.
        is_last = await _is_last_platform_admin(reader, person.user)
    require(actor, action, place, to_see=Action.READ_USERS)
    tenants = (grant.tenant_id for grant in deciding_grants(actor, action, place))
    tenant = next((tenant for tenant in tenants if tenant), person.home)
    return Subject(person, tenant, is_last)


async def _is_last_platform_admin(reader: PeopleReader, user: User) -> bool:
    among_them = user.is_platform_admin and user.is_active
    return among_them and await reader.people.platform_admins() <= 1


async def require_whole(actor: Actor, reader: PeopleReader, subject: Subject) -> Person:
    """The person with all their roles, for an act that concerns all of them.

    Raises Forbidden unless every role lies at or below the actor's node and none ranks above the
    actor's, Conflict (`last_platform_admin`).
    """
    whole = await reader.people.person(subject.id)
    if subject.is_last_platform_admin:
        raise Conflict("There would be no platform_admin left.", code="last_platform_admin")
    if actor.is_platform_admin:
        return whole
    paths = await _paths(reader, whole)
    if len(paths) < len(whole.grants):
        raise _elsewhere()
    for grant, path in zip(whole.grants, paths, strict=True):
        able = deciding_grants(actor, Action.WRITE_USERS, Place(paths=(path,)))
        if not able or highest(g.role for g in able).ranks_below(grant.role):
            raise _elsewhere()
    return whole


def _elsewhere() -> Forbidden:
    return Forbidden("This person also holds a role outside of what you administer, or above it.")


def _of_source(person: Person, actor: Actor) -> tuple[Path, ...]:
    """Who holds no role (yet) is of the tenant whose roster brought them."""
    tenant = person.user.source_tenant_id
    return ((tenant,),) if tenant and tenant in actor.tenants else ()


async def _paths(reader: PeopleReader, person: Person) -> tuple[Path, ...]:
    nodes = [grant.scope_id for grant in person.grants if grant.scope_id]
    found = await paths_to(reader, nodes)
    return tuple(found[node] for node in nodes if node in found)
