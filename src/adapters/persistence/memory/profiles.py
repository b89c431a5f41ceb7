from collections.abc import Collection, Mapping

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.profiles.model import ProfileRequirements


@frozen
class MemoryProfileRequirements:
    rows: Rows

    async def of(self, organization_ids: Collection[str]) -> Mapping[str, ProfileRequirements]:
        seen = self.rows.in_sight(ProfileRequirements)
        return {row.id: row for _, row in seen if row.id in organization_ids}
