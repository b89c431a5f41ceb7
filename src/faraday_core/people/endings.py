from datetime import datetime

from attrs import evolve

from faraday_core.identity.model import User
from faraday_core.people.ports import PeopleUnit


async def ended_account(unit: PeopleUnit, user: User, now: datetime, reason: str) -> User:
    """Refuse its sign-in from now on, and end all that it is signed in by: of the person whom the
    unit stands at and holds."""
    ended = evolve(user, is_active=False, security_epoch=user.security_epoch + 1, updated_at=now)
    await unit.endings.end_sessions(now, reason)
    await unit.endings.forget_devices()
    return await unit.save(ended)
