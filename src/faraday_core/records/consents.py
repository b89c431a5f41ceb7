"""Whether somebody's consent is there: a child's is their guardian's to give."""

from datetime import date

from attrs import frozen

from faraday_core.kernel.errors import Forbidden, NotFound
from faraday_core.kernel.ports import Clock
from faraday_core.records.model import BirthDate
from faraday_core.records.ports import RecordsReader


@frozen
class ConsentGate:
    """Asked before anything optional is stored. `child_age`: who is younger is a child (COPPA: 13,
    GDPR article 8: 13 to 16, as a country has it); 0: nobody is."""

    now: Clock
    child_age: int = 13

    async def require(self, reader: RecordsReader, user_id: str, purpose: str) -> None:
        """For a child: that a guardian has agreed to this purpose. The unit stands at the person.

        Raises Forbidden (`guardian_consent_required`).
        """
        if not await self.is_child(reader, user_id):
            return
        given = await reader.records.current_consents(purpose)
        # Only a guardian can have given it, but they may have ceased to be one.
        for consent in given:
            guardian = consent.granted_by
            if guardian and await reader.guardianships.between(guardian, user_id):
                return
        raise guardian_needed()

    async def is_confirmed_guardian(
        self, reader: RecordsReader, guardian_id: str, child_id: str
    ) -> bool:
        """While the child is one; as a school has confirmed it, and not merely as a roster says.
        The reader stands at the child."""
        relation = await reader.guardianships.between(guardian_id, child_id)
        if relation is None or (relation.source_system and relation.confirmed_by is None):
            return False
        return await self.is_child(reader, child_id)

    async def is_child(self, reader: RecordsReader, user_id: str) -> bool:
        """By their birth date. Whose is not known is taken for no child."""
        if not self.child_age:
            return False
        try:
            born = (await reader.get(BirthDate, user_id)).born_on
        except NotFound:
            return False
        return age_at(born, self.now().date()) < self.child_age


def age_at(born: date, day: date) -> int:
    """In whole years; who is born on 29 February has their day on 1 March in other years."""
    had_it = (day.month, day.day) >= (born.month, born.day)
    return day.year - born.year - (0 if had_it else 1)


def guardian_needed() -> Forbidden:
    detail = "A child's guardian has to agree to this, and none has."
    return Forbidden(detail, code="guardian_consent_required")
