"""All that is held about a person, file by file, as the rules say."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final

from attrs import frozen

from faraday_core.audit.personal import PersonalKeys
from faraday_core.identity.model import User
from faraday_core.kernel.actor import WORKER
from faraday_core.kernel.objects import ObjectStore, objects_of
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.parsing import plain
from faraday_core.kernel.ports import Clock
from faraday_core.privacy.archive import Archive, Row
from faraday_core.privacy.holding import Personal, Sealed
from faraday_core.privacy.ports import PrivacyReader, PrivacyStorage
from faraday_core.privacy.rules import HOLDINGS
from faraday_core.records.model import Rectification
from faraday_core.records.rectifications import old_value

_AT_ONCE: Final = 100  # rows that are read at a time
EXPORTS: Final = "exports/"  # what a person's own objects are that are copies of the rest

Ask = Callable[[PageRequest], Awaitable[Page[Row]]]


@frozen
class Exporter:
    storage: PrivacyStorage
    objects: ObjectStore
    personal_keys: PersonalKeys
    now: Clock

    async def write(self, archive: Archive, user_id: str) -> None:
        """Raises NotFound where there is no such person (any more)."""
        async with self.storage.look(WORKER, person=user_id) as reader:
            user = await reader.get(User, user_id)
            for holding in HOLDINGS:
                if isinstance(holding, Personal) and holding.file:
                    pages = _pages(self._rows(reader, holding))
                    await archive.add_rows(
                        holding.file, holding.what, pages, single=holding.single
                    )
                if isinstance(holding, Sealed):
                    pages = _pages(await self._audit(reader, user_id))
                    await archive.add_rows(holding.file, holding.what, pages, single=False)
        await self._add_objects(archive, user_id)
        day = self.now().date().isoformat()
        await archive.close(f"What is held about {user.full_name}, {day}")

    def _rows(self, reader: PrivacyReader, holding: Personal) -> Ask:
        async def ask(page: PageRequest) -> Page[Row]:
            found = await reader.held.rows(holding, page)
            told = [await self._told(reader, holding, row) for row in found.items]
            return Page(tuple(told), found.next_cursor)

        return ask

    async def _told(self, reader: PrivacyReader, holding: Personal, row: Any) -> Row:
        """`row`: of the holding's kind."""
        told = {name: plain(getattr(row, name)) for name in holding.shown}
        if isinstance(row, Rectification):
            key = (await self.personal_keys.known(reader, [row.user_id])).get(row.user_id)
            told["old_value"] = old_value(row, key)
        return told

    async def _audit(self, reader: PrivacyReader, user_id: str) -> Ask:
        """Of others who did something to the person no more is told than that they did."""
        keys = await self.personal_keys.known(reader, [user_id])
        names = [user_id, *(key.pseudonym for key in keys.values())]
        behind = {key.pseudonym: key for key in keys.values()}

        async def ask(page: PageRequest) -> Page[Row]:
            found = await reader.audit_log.naming(names, page)
            views = [self.personal_keys.view_of(entry, behind) for entry in found.items]
            told = [
                plain(view) if view.actor_id == user_id else _by_somebody_else(plain(view))
                for view in views
            ]
            return Page(tuple(told), found.next_cursor)

        return ask

    async def _add_objects(self, archive: Archive, user_id: str) -> None:
        prefix = objects_of(user_id)
        for name in await self.objects.names(prefix):
            short = name.removeprefix(prefix)
            if not short.startswith(EXPORTS):
                content = await self.objects.get(name)
                await archive.add_file(f"files/{short}", "A picture or file of yours.", content)


def _by_somebody_else(entry: dict[str, Any]) -> Row:
    return entry | {"actor_id": None, "ip_address": None, "request_id": None}


async def _pages(ask: Ask) -> AsyncIterator[Sequence[Row]]:
    page = await ask(PageRequest(_AT_ONCE))
    yield page.items
    while page.next_cursor:
        page = await ask(PageRequest(_AT_ONCE, page.next_cursor))
        yield page.items
