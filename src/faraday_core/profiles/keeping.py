from attrs import evolve

from faraday_core.profiles.model import BadgeEarned, ProfileCompleted, UserProfile
from faraday_core.profiles.ports import ProfilesUnit
from faraday_core.profiles.standing import Standing


async def keep(
    unit: ProfilesUnit, old: UserProfile, new: UserProfile, standing: Standing
) -> UserProfile:
    """Add or save it, and tell of it where a stage is reached, and where nothing is missing any
    more.

    Who has written none yet has one of version 0. Their person is held by this unit, so that no
    two are added.
    """
    before, now = standing.completion(old), standing.completion(new)
    for badge in now.badges:
        if badge not in before.badges:
            await unit.record(BadgeEarned(old.user_id, badge))
    if now.is_whole and not before.is_whole:
        await unit.record(ProfileCompleted(old.user_id))
    if old.version:
        return await unit.save(new)
    first = evolve(new, version=1)
    await unit.add(first)
    return first
