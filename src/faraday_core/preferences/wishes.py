from attrs import frozen

from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.mail.model import NEVER, URGENCY, Delivery, MailKind
from faraday_core.preferences.model import Preferences
from faraday_core.preferences.ports import PreferencesStorage
from faraday_core.preferences.quiet_hours import after_waiting, delivery
from faraday_core.preferences.standing import standing_of


@frozen
class PreferredDelivery:
    """What people want of their mails, by their preferences (`mail.ports.Wishes`)."""

    storage: PreferencesStorage
    now: Clock

    async def delivery(self, user_id: str, kind: MailKind, *, waited: bool) -> Delivery:
        """Never to who is not there any more."""
        preferences = await self.preferences(user_id)
        if preferences is None:
            return NEVER
        plan = after_waiting if waited else delivery
        return plan(preferences, kind, URGENCY[kind], self.now())

    async def preferences(self, user_id: str) -> Preferences | None:
        """Those in force for somebody; None where they are not there any more."""
        try:
            async with self.storage.look(WORKER, person=user_id) as reader:
                tenant = (await reader.people.person(user_id)).home
            async with self.storage.look(WORKER, tenant=tenant, person=user_id) as reader:
                return (await standing_of(reader, user_id)).in_force.preferences
        except NotFound:
            return None
