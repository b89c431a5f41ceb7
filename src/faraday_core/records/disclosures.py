"""Who was shown what about whom, and what for."""

from attrs import frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.records.model import Disclosure
from faraday_core.records.ports import RecordsStorage


@frozen
class DisclosureLog:
    """A use case that shows somebody else what is held about a person notes it here."""

    storage: RecordsStorage
    now: Clock
    new_id: NewId

    async def note(self, actor: Actor, user_id: str, what: str, purpose: str) -> None:
        """`what`: as `profile`; `purpose`: as `administration`. What one reads of oneself is none.

        In a unit of its own, before anything is shown: what cannot be noted is not disclosed.
        """
        if actor.user_id == user_id:
            return
        async with self.storage.begin(actor, person=user_id) as unit:
            disclosure = Disclosure(
                self.new_id(), user_id, self.now(), actor.user_id, what, purpose
            )
            await unit.add(disclosure)
