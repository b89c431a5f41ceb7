"""What was corrected in what is held about somebody, and what it was before."""

import json
from collections.abc import Collection, Mapping

from attrs import frozen

from faraday_core.audit.personal import OpenKey, PersonalKeys
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.paging import PageRequest
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.kernel.secrets import SealBroken
from faraday_core.records.model import Rectification, RectificationView
from faraday_core.records.ports import RecordsReader, RecordsUnit

_PURPOSE = "rectification"
_ALL = PageRequest(100)


@frozen
class RectificationLog:
    """A use case that changes what is held about a person notes it here, in its own unit."""

    personal_keys: PersonalKeys
    now: Clock
    new_id: NewId

    async def note(
        self,
        unit: RecordsUnit,
        actor: Actor,
        user_id: str,
        before: Mapping[str, object],
        after: Mapping[str, object],
    ) -> None:
        """Each field whose value is another one. The unit stands at the person."""
        changed = [name for name in after if before.get(name) != after[name]]
        if not changed:
            return
        key = (await self.personal_keys.of(unit, [user_id]))[user_id]
        for name in changed:
            sealed = _sealed(key, before.get(name))
            changed_by = actor.user_id
            await unit.add(
                Rectification(self.new_id(), user_id, self.now(), name, changed_by, sealed)
            )

    async def old_values(self, reader: RecordsReader, user_id: str, field: str) -> Collection[str]:
        """All that this field ever was before. The reader stands at the person."""
        key = (await self.personal_keys.known(reader, [user_id])).get(user_id)
        found, page = [], await reader.records.rectifications(_ALL)
        while True:
            found += [old_value(row, key) for row in page.items if row.field == field]
            if not page.next_cursor:
                return [value for value in found if value]
            next_page = PageRequest(_ALL.limit, page.next_cursor)
            page = await reader.records.rectifications(next_page)


def shown(rectification: Rectification, key: OpenKey | None) -> RectificationView:
    return RectificationView(
        rectification.id,
        rectification.at,
        rectification.field,
        rectification.changed_by,
        old_value(rectification, key),
    )


def old_value(rectification: Rectification, key: OpenKey | None) -> str | None:
    if key is None or rectification.old_value is None:
        return None
    try:
        value: str = json.loads(key.sealer.open(rectification.old_value, _PURPOSE))
    except SealBroken:  # the secret of its time is not at hand
        return None
    return value


def _sealed(key: OpenKey, value: object) -> bytes | None:
    if value is None:
        return None
    told = value if isinstance(value, str) else json.dumps(value, default=str)
    return key.sealer.seal(json.dumps(told).encode(), _PURPOSE)
