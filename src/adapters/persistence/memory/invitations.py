from datetime import datetime

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.invitation_model import Invitation


@frozen
class MemoryInvitations:
    rows: Rows

    def _here(self) -> list[Invitation]:
        return [invitation for _, invitation in self.rows.in_sight(Invitation)]

    def _open_at(self, organization_id: str, now: datetime) -> list[Invitation]:
        there = (one for one in self._here() if one.organization_id == organization_id)
        return [one for one in there if one.expires_at > now]

    async def with_token(self, token_hash: bytes, now: datetime) -> Invitation | None:
        known = (one for one in self._here() if one.token_hash == token_hash)
        return next((one for one in known if one.expires_at > now), None)

    async def to_address(self, organization_id: str, email_key: str) -> Invitation | None:
        there = (one for one in self._here() if one.organization_id == organization_id)
        return next((one for one in there if one.email_key == email_key), None)

    async def count(self, organization_id: str, now: datetime) -> int:
        return len(self._open_at(organization_id, now))

    async def page(
        self, organization_id: str, page: PageRequest, now: datetime
    ) -> Page[Invitation]:
        found = self._open_at(organization_id, now)
        return self.rows.page(Invitation, found, page, ("id",), newest_first=True)
