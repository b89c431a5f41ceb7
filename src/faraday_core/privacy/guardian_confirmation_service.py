from typing import Final

from attrs import evolve, frozen

from faraday_core.kernel.access import Action, Place, may, require
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.kernel.paging import Page, PageRequest, cut
from faraday_core.organizations.organization_service import OrganizationService
from faraday_core.organizations.places import place_of
from faraday_core.privacy.ports import PrivacyReader, PrivacyStorage
from faraday_core.records.model import Guardianship, GuardianView, guardian_view_of

AT_ONCE: Final = 500  # that are confirmed in one transaction
_ORDER: Final = ("id",)


@frozen
class ConfirmedGuardians:
    """How many of what rosters say are confirmed now that were not."""

    confirmed: int


@frozen
class GuardianConfirmationService:
    """Many guardians that rosters name, confirmed at once by somebody who answers for it."""

    storage: PrivacyStorage
    organizations: OrganizationService

    async def waiting(
        self, actor: Actor, organization_id: str, page: PageRequest
    ) -> Page[GuardianView]:
        """What rosters say of the children at an organisation and below it, and nobody has
        confirmed. Raises NotFound, Forbidden."""
        tenant = await self.organizations.tenant_of(actor, organization_id)
        after = page.after(Guardianship, _ORDER)
        behind = after[0] if after else None
        async with self.storage.look(actor, tenant=tenant) as reader:
            await _allow(reader, actor, organization_id)
            found = await reader.guardianships.unconfirmed(organization_id, behind, page.limit + 1)
        shown = cut(found, page, _ORDER)
        return Page(tuple(map(guardian_view_of, shown.items)), shown.next_cursor)

    async def confirm_all(
        self, actor: Actor, organization_id: str, *, by: str | None = None
    ) -> ConfirmedGuardians:
        """Of all of them that they are so. `by`: the id of who confirms it, of whom an operator
        was told. What they may do for their children is theirs from then on.

        Raises NotFound, Forbidden, Invalid (`required`, `invalid_value`), StaleVersion where one
        is changed meanwhile; what was confirmed before it stays so.
        """
        tenant = await self.organizations.tenant_of(actor, organization_id)
        async with self.storage.look(actor, tenant=tenant) as reader:
            place = await _allow(reader, actor, organization_id)
            who = await _who(reader, actor, by, place)
        total, after = 0, None
        while True:
            async with self.storage.begin(actor, tenant=tenant) as unit:
                found = await unit.guardianships.unconfirmed(organization_id, after, AT_ONCE)
                if not found:
                    return ConfirmedGuardians(total)
                for one in found:
                    await unit.save(evolve(one, confirmed_by=who))
                await unit.account(
                    "guardian.confirm_all",
                    "organization",
                    organization_id,
                    organization_id=organization_id,
                    confirmed=len(found),
                    confirmed_by=who,
                )
            total, after = total + len(found), found[-1].id


async def _allow(reader: PrivacyReader, actor: Actor, organization_id: str) -> Place:
    """Raises NotFound, Forbidden."""
    _, place = await place_of(reader, actor, organization_id)
    require(actor, Action.WRITE_USERS, place, to_see=Action.READ_ORGANIZATIONS)
    return place


async def _who(reader: PrivacyReader, actor: Actor, by: str | None, place: Place) -> str:
    """Somebody who may do so themselves. Raises Invalid."""
    if actor.user_id is not None:
        return actor.user_id
    if by is None:
        raise Invalid([Fault("/by", "required", "is who confirms it")])
    person = await reader.people.person(by)
    if not may(Actor(by, person.roles), Action.WRITE_USERS, place):
        raise Invalid([Fault("/by", "invalid_value", "may not confirm it themselves")])
    return by
