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
from adapters.persistence.tables import Id, profile_requirements
from faraday_core.kernel.ids import is_id
from faraday_core.profiles.model import ProfileRequirements

_ORGANIZATIONS: sa.BindParameter[Sequence[str]] = sa.bindparam("organizations", type_=ARRAY(Id))


def _of(in_sight: InSight, why: str | None) -> Statement:
    wanted = profile_requirements.c.id == sa.any_(_ORGANIZATIONS)
    every = sa.select(*columns_of(ProfileRequirements))
    return statement_of(every.where(in_sight(profile_requirements), wanted), across_all=why)


_OF = sighted(_of)


@frozen
class PostgresProfileRequirements:
    rows: Rows

    async def of(self, organization_ids: Collection[str]) -> Mapping[str, ProfileRequirements]:
        wanted = [*filter(is_id, organization_ids)]
        if not wanted:
            return {}
        found = await self.rows.run(self.rows.of(_OF), organizations=wanted)
        make = maker_of(ProfileRequirements)
        every = [make(row) for row in found.rows]
        return {one.id: one for one in every}
