from attrs import evolve, frozen

from faraday_core.kernel.access import not_found, require_own
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Forbidden
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.privacy.ports import PrivacyStorage, PrivacyUnit
from faraday_core.privacy.sight import is_guardian, tenant_to_look_in
from faraday_core.records.consents import ConsentGate, guardian_needed
from faraday_core.records.model import Consent, ConsentFields, ConsentView, consent_view_of


@frozen
class ConsentService:
    """What a person agreed to, or their guardian for them."""

    storage: PrivacyStorage
    gate: ConsentGate
    now: Clock
    new_id: NewId

    async def list(self, actor: Actor, user_id: str, page: PageRequest) -> Page[ConsentView]:
        """One's own, one's child's, or of somebody whom one administers; the newest first.

        Raises NotFound, Forbidden.
        """
        tenant = await tenant_to_look_in(self.storage, actor, user_id)
        async with self.storage.look(actor, tenant=tenant, person=user_id) as reader:
            found = await reader.records.consents(page)
        return Page(tuple(map(consent_view_of, found.items)), found.next_cursor)

    async def get(self, actor: Actor, user_id: str, consent_id: str) -> ConsentView:
        """One of those, withdrawn or not; raises NotFound, Forbidden."""
        tenant = await tenant_to_look_in(self.storage, actor, user_id)
        async with self.storage.look(actor, tenant=tenant, person=user_id) as reader:
            return consent_view_of(await reader.get(Consent, consent_id))

    async def give(self, actor: Actor, user_id: str, fields: ConsentFields) -> ConsentView:
        """For oneself, or for one's child while it is one. It takes the place of an earlier one
        for the same purpose.

        Raises NotFound, Forbidden (`guardian_consent_required`).
        """
        own = await self._require_say(actor, user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            is_child = await self.gate.is_child(unit, user_id)
            if is_child and own == user_id:
                raise guardian_needed()
            if not is_child and own != user_id:
                raise Forbidden("This person is of an age to agree for themselves.")
            for former in await unit.records.current_consents(fields.purpose):
                await self._end(unit, former, own)
            consent = Consent(
                self.new_id(),
                user_id,
                fields.purpose,
                fields.text_version,
                granted_at=self.now(),
                granted_by=own,
            )
            await unit.add(consent)
            await unit.account(
                "consent.give",
                "user",
                user_id,
                purpose=fields.purpose,
                text_version=fields.text_version,
            )
        return consent_view_of(consent)

    async def withdraw(self, actor: Actor, user_id: str, consent_id: str) -> None:
        """One's own, or one's child's; raises NotFound."""
        own = await self._require_say(actor, user_id)
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            consent = await unit.hold(Consent, consent_id)
            if not consent.is_current:
                raise not_found()
            await self._end(unit, consent, own)
            await unit.account("consent.withdraw", "user", user_id, purpose=consent.purpose)

    async def _require_say(self, actor: Actor, user_id: str) -> str:
        own = require_own(actor)
        if own != user_id and not await is_guardian(self.storage, actor, user_id):
            raise not_found()
        return own

    async def _end(self, unit: PrivacyUnit, consent: Consent, by: str) -> None:
        await unit.save(evolve(consent, withdrawn_at=self.now(), withdrawn_by=by))
