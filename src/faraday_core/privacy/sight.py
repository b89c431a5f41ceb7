"""Who may look after what is kept for somebody's sake: they, a guardian, an administrator."""

from faraday_core.kernel.access import Action, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.people.subject import meet
from faraday_core.privacy.ports import PrivacyStorage


async def is_guardian(storage: PrivacyStorage, actor: Actor, child_id: str) -> bool:
    """As a school has confirmed it."""
    if actor.user_id is None:
        return False
    own = require_own(actor)
    async with storage.look(actor, person=own) as reader:
        return await reader.guardianships.between(own, child_id) is not None


async def tenant_to_look_in(storage: PrivacyStorage, actor: Actor, user_id: str) -> str | None:
    """For the person, their guardian, or whoever administers them.

    Raises NotFound, Forbidden.
    """
    if actor.user_id == user_id:
        require_own(actor)
        return actor.home
    if await is_guardian(storage, actor, user_id):
        return None
    return (await meet(storage, actor, user_id, Action.WRITE_USERS)).tenant
