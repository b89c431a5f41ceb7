from collections.abc import Collection, Mapping

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.preferences.model import PreferenceDefaults


@frozen
class MemoryPreferenceDefaults:
    rows: Rows

    async def of(self, organization_ids: Collection[str]) -> Mapping[str, PreferenceDefaults]:
        seen = self.rows.in_sight(PreferenceDefaults)
        return {row.id: row for _, row in seen if row.id in organization_ids}
