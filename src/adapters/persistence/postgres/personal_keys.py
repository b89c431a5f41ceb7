import json
from collections.abc import Sequence

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from adapters.persistence.postgres.rows import Rows, maker_of, values_of
from adapters.persistence.postgres.statements import Statement, columns_of, statement_of
from adapters.persistence.tables import Id, personal_keys, users
from faraday_core.audit.model import PersonalKey

_IDS: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", type_=ARRAY(Id))
_KEYS: sa.BindParameter[str] = sa.bindparam("keys", type_=JSONB)

_OF_PEOPLE = statement_of(
    sa.select(*columns_of(PersonalKey)).where(personal_keys.c.user_id == sa.any_(_IDS))
)
_WITH_PSEUDONYMS = statement_of(
    sa.select(*columns_of(PersonalKey)).where(personal_keys.c.id == sa.any_(_IDS))
)


def _make() -> Statement:
    """Of those who have an account: without one, a key that was destroyed would come back."""
    columns = [*personal_keys.columns]
    new = (
        sa.func.jsonb_to_recordset(_KEYS)
        .table_valued(*(sa.column(c.name, c.type) for c in columns), name="new")
        .render_derived(with_types=True)
    )
    wanted = sa.select(*(new.c[c.name] for c in columns)).join(users, users.c.id == new.c.user_id)
    made = insert(personal_keys).from_select([c.name for c in columns], wanted)
    return statement_of(
        made.on_conflict_do_nothing(), across_all="whoever an audit entry names has a key"
    )


_MAKE = _make()


@frozen
class PostgresPersonalKeys:
    rows: Rows

    async def of_people(self, user_ids: Sequence[str]) -> Sequence[PersonalKey]:
        found = await self.rows.run(_OF_PEOPLE, ids=user_ids)
        return [*map(maker_of(PersonalKey), found.rows)]

    async def with_pseudonyms(self, ids: Sequence[str]) -> Sequence[PersonalKey]:
        found = await self.rows.run(_WITH_PSEUDONYMS, ids=ids)
        return [*map(maker_of(PersonalKey), found.rows)]

    async def make(self, keys: Sequence[PersonalKey]) -> None:
        rows = [
            {
                **values_of(key),
                "key": f"\\x{key.key.hex()}",
                "created_at": key.created_at.isoformat(),
            }
            for key in keys
        ]
        self.rows.defer(_MAKE, keys=json.dumps(rows))
