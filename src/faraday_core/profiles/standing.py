"""Where a profile stands: whose it is, what it is asked for, and who may see it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from attrs import frozen

from faraday_core.identity.model import Person, User
from faraday_core.kernel.access import Action, Path, Place, may, not_found
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.organizations.ports import paths_to
from faraday_core.preferences.model import Visibility
from faraday_core.preferences.standing import standing_of as preferences_of
from faraday_core.preferences.visibility import may_see_profile
from faraday_core.profiles.completion import Asked, Completion, asked_of, completion_of
from faraday_core.profiles.model import ProfileField, ProfileRequirements, UserProfile
from faraday_core.profiles.ports import ProfilesReader, ProfilesStorage
from faraday_core.profiles.visibility import visibility_of


@frozen
class Standing:
    """A person, and what their roles and organisations ask of their profile."""

    person: Person
    asked: Asked
    with_badges: bool

    def completion(self, profile: UserProfile) -> Completion:
        return completion_of(profile, self.asked, with_badges=self.with_badges)


@frozen
class Seen:
    """Somebody's profile, and the fields that whoever looks sees of it."""

    person: Person
    profile: UserProfile
    fields: frozenset[ProfileField]


@asynccontextmanager
async def look_at_profiles(
    storage: ProfilesStorage, actor: Actor
) -> AsyncIterator[ProfilesReader]:
    """At all that the actor's tenants hold."""
    opened = (
        storage.look_everywhere(actor)
        if actor.is_platform_admin
        else storage.look_across(actor, actor.tenants)
    )
    async with opened as reader:
        yield reader


async def standing_of(reader: ProfilesReader, user_id: str) -> Standing:
    person = await reader.people.person(user_id)
    paths = await _paths(reader, person)
    by_organization = await reader.profile_requirements.of(
        {node for path in paths for node in path}
    )
    wanted = {name for one in by_organization.values() for name in one.required_fields}
    asked = asked_of((grant.role for grant in person.roles), wanted)
    return Standing(person, asked, _with_badges(paths, by_organization))


async def profile_of(reader: ProfilesReader, user: User) -> UserProfile:
    """As it is kept, or the empty one of who has written none yet."""
    try:
        return await reader.get(UserProfile, user.id)
    except NotFound:
        return UserProfile(user.id, user.id, user.created_at, user.created_at, version=0)


async def seen_by(storage: ProfilesStorage, actor: Actor, user_id: str) -> Seen:
    """Raises NotFound where the actor sees nothing of the person's profile."""
    if user_id == actor.user_id:
        async with storage.look(actor, person=user_id) as reader:
            person = await reader.people.person(user_id)
            return Seen(person, await profile_of(reader, person.user), frozenset(ProfileField))
    async with look_at_profiles(storage, actor) as people:
        person = await people.people.person(user_id)
        place = Place(tuple(await _paths(people, person)))
    administers = may(actor, Action.READ_USERS, place)
    if not (person.user.is_active or administers):
        raise not_found()
    async with storage.look(actor, tenant=person.home, person=user_id) as reader:
        profile = await profile_of(reader, person.user)
        preferred = await preferences_of(reader, user_id)

    def sees(visibility: Visibility) -> bool:
        return may_see_profile(actor, person, visibility, place=place)

    if not sees(preferred.in_force.preferences.privacy.profile_visibility):
        raise not_found()
    each = visibility_of(profile, preferred.person)  # by all roles of theirs, wherever held
    return Seen(person, profile, frozenset(name for name, one in each.items() if sees(one)))


async def _paths(reader: ProfilesReader, person: Person) -> Sequence[Path]:
    """To each node at which the person holds a role that can be seen from here."""
    nodes = [grant.scope_id for grant in person.grants if grant.scope_id]
    return [*(await paths_to(reader, nodes)).values()]


def _with_badges(paths: Iterable[Path], asking: Mapping[str, ProfileRequirements]) -> bool:
    """The nearest organisation that says so decides; of several, one that wants none."""
    for path in paths:
        said = (asking[node].badges for node in reversed(path) if node in asking)
        if next((one for one in said if one is not None), True) is False:
            return False
    return True
