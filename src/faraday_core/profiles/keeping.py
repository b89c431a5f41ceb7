from attrs import evolve

from faraday_core.profiles.model import ProfileCompleted, UserProfile
from faraday_core.profiles.ports import ProfilesUnit
from faraday_core.profiles.standing import Standing


async def keep(
    unit: ProfilesUnit, old: UserProfile, new: UserProfile, standing: Standing
) -> UserProfile:
    """Add or save it, and tell of it where nothing is missing any more.

    Who has written none yet has one of version 0. Their person is held by this unit, so that no
    two are added.
    """
    if standing.completion(new).is_whole and not standing.completion(old).is_whole:
        await unit.record(ProfileCompleted(old.user_id))
    if old.version:
        return await unit.save(new)
    first = evolve(new, version=1)
    await unit.add(first)
    return first
