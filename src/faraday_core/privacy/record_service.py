from attrs import evolve, frozen

from faraday_core.kernel.access import Action, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock
from faraday_core.people.subject import meet
from faraday_core.privacy.model import BirthDateFields
from faraday_core.privacy.ports import PrivacyStorage
from faraday_core.privacy.sight import tenant_to_look_in
from faraday_core.records.model import (
    BirthDate,
    DisclosureView,
    RectificationView,
    disclosure_view_of,
)
from faraday_core.records.rectifications import RectificationLog, shown


@frozen
class RecordService:
    """Shows people what was noted for their own sake."""

    storage: PrivacyStorage
    rectifications_log: RectificationLog
    now: Clock

    async def disclosures(
        self, actor: Actor, user_id: str, page: PageRequest
    ) -> Page[DisclosureView]:
        """Who was shown what of oneself, of one's child, or of somebody whom one administers.

        Raises NotFound, Forbidden.
        """
        tenant = await tenant_to_look_in(self.storage, actor, user_id)
        async with self.storage.look(actor, tenant=tenant, person=user_id) as reader:
            found = await reader.records.disclosures(page)
        return Page(tuple(map(disclosure_view_of, found.items)), found.next_cursor)

    async def rectifications(self, actor: Actor, page: PageRequest) -> Page[RectificationView]:
        """What was corrected in what is held about oneself, the newest first."""
        own = require_own(actor)
        async with self.storage.look(actor, person=own) as reader:
            found = await reader.records.rectifications(page)
            key = (await self.rectifications_log.personal_keys.known(reader, [own])).get(own)
        views = (shown(row, key) for row in found.items)
        return Page(tuple(views), found.next_cursor)

    async def set_birth_date(
        self, actor: Actor, user_id: str, fields: BirthDateFields
    ) -> BirthDateFields:
        """What the school says, by which somebody is a child or not; raises NotFound, Forbidden,
        Invalid."""
        born_on = fields.born_on
        if born_on > self.now().date():
            raise Invalid([Fault("/born_on", "invalid_value", "lies in the future")])
        subject = await meet(self.storage, actor, user_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=user_id) as unit:
            before = None
            try:
                known = await unit.hold(BirthDate, user_id)
                before = known.born_on.isoformat()
                await unit.save(evolve(known, born_on=born_on))
            except NotFound:
                await unit.add(BirthDate(user_id, user_id, born_on))
            told = {"birth_date": born_on.isoformat()}
            await self.rectifications_log.note(unit, actor, user_id, {"birth_date": before}, told)
            place = subject.organization_id
            await unit.account("user.set_birth_date", "user", user_id, organization_id=place)
        return fields
