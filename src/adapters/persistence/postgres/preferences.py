from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.rows import Rows, maker_of
from adapters.persistence.postgres.statements import (
    InSight,
    Statement,
    columns_of,
    sighted,
    statement_of,
)
from adapters.persistence.tables import Id, preference_defaults
from faraday_core.kernel.ids import is_id
from faraday_core.preferences.model import PreferenceDefaults

_ORGANIZATIONS: sa.BindParameter[Sequence[str]] = sa.bindparam("organizations", type_=ARRAY(Id))


def _of(in_sight: InSight, why: str | None) -> Statement:
    wanted = preference_defaults.c.id == sa.any_(_ORGANIZATIONS)
    query = sa.select(*columns_of(PreferenceDefaults)).where(in_sight(preference_defaults), wanted)
    return statement_of(query, across_all=why)


_OF = sighted(_of)


@frozen
class PostgresPreferenceDefaults:
    rows: Rows

    async def of(self, organization_ids: Collection[str]) -> Mapping[str, PreferenceDefaults]:
        wanted = [*filter(is_id, organization_ids)]
        if not wanted:
            return {}
        found = await self.rows.run(self.rows.of(_OF), organizations=wanted)
        make = maker_of(PreferenceDefaults)
        defaults = [make(row) for row in found.rows]
        return {one.id: one for one in defaults}
