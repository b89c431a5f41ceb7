from attrs import evolve, frozen

from faraday_core.kernel.access import Action, not_found
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid, NotFound
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.people.subject import Subject, meet
from faraday_core.privacy.ports import PrivacyStorage, PrivacyUnit
from faraday_core.records.model import Guardianship, GuardianView, guardian_view_of


@frozen
class GuardianService:
    """Whose guardian somebody is: what a school confirms, and nobody claims for themselves."""

    storage: PrivacyStorage
    now: Clock
    new_id: NewId

    async def list(self, actor: Actor, child_id: str, page: PageRequest) -> Page[GuardianView]:
        """A child's guardians, the first confirmed first; raises NotFound, Forbidden."""
        subject = await meet(self.storage, actor, child_id, Action.WRITE_USERS)
        async with self.storage.look(actor, tenant=subject.tenant, person=child_id) as reader:
            found = await reader.guardianships.of_child(child_id)
        after = page.after(Guardianship, ("id",))
        behind = [row for row in found if after is None or (row.id,) > after]
        shown = cut(behind, page, ("id",))
        return Page(tuple(map(guardian_view_of, shown.items)), shown.next_cursor)

    async def get(self, actor: Actor, child_id: str, guardian_id: str) -> GuardianView:
        """One of them; raises NotFound, Forbidden."""
        subject = await meet(self.storage, actor, child_id, Action.WRITE_USERS)
        async with self.storage.look(actor, tenant=subject.tenant, person=child_id) as reader:
            found = await reader.guardianships.between(guardian_id, child_id)
        if found is None:
            raise not_found()
        return guardian_view_of(found)

    async def confirm(self, actor: Actor, child_id: str, guardian_id: str) -> GuardianView:
        """Of two people of one tenant: that the one is the other's guardian. What a roster says of
        them is confirmed by it.

        Raises NotFound, Forbidden, Invalid (`unknown_reference`), Conflict (`already_guardian`).
        """
        subject = await meet(self.storage, actor, child_id, Action.WRITE_USERS)
        guardian = await self._guardian(actor, subject, guardian_id)
        async with self.storage.begin(actor, tenant=subject.tenant, person=child_id) as unit:
            made = await unit.guardianships.between(guardian.id, child_id)
            if made is not None and made.is_unconfirmed and actor.user_id is not None:
                made = await unit.save(evolve(made, confirmed_by=actor.user_id))
            else:
                made = Guardianship(
                    self.new_id(), guardian.id, child_id, actor.user_id, created_at=self.now()
                )
                await unit.add(made)
            await self._account(unit, "guardian.confirm", subject, guardian_id)
        return guardian_view_of(made)

    async def remove(self, actor: Actor, child_id: str, guardian_id: str) -> None:
        """What they agreed to for the child is nobody's consent from then on.

        Raises NotFound, Forbidden.
        """
        subject = await meet(self.storage, actor, child_id, Action.WRITE_USERS)
        async with self.storage.begin(actor, tenant=subject.tenant, person=child_id) as unit:
            found = await unit.guardianships.between(guardian_id, child_id)
            if found is None:
                raise not_found()
            await unit.remove(found)
            await self._account(unit, "guardian.remove", subject, guardian_id)

    async def _guardian(self, actor: Actor, subject: Subject, guardian_id: str) -> Subject:
        try:
            guardian = await meet(self.storage, actor, guardian_id, Action.READ_USERS)
        except NotFound:
            guardian = None
        tenants = {grant.tenant_id for grant in guardian.person.grants} if guardian else set()
        if guardian is None or subject.tenant not in tenants:
            raise Invalid([Fault("/guardian_id", "unknown_reference", "is nobody here")])
        if guardian.id == subject.id:
            raise Invalid([Fault("/guardian_id", "invalid_value", "is the child themselves")])
        return guardian

    async def _account(
        self, unit: PrivacyUnit, action: str, subject: Subject, guardian_id: str
    ) -> None:
        place = subject.organization_id
        await unit.account(
            action, "user", subject.id, organization_id=place, guardian_id=guardian_id
        )
