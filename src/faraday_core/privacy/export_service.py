from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, not_found, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import Conflict, NotFound
from faraday_core.kernel.objects import ObjectStore, objects_of
from faraday_core.kernel.ports import Clock, NewId
from faraday_core.privacy.archive import Archive
from faraday_core.privacy.exporter import EXPORTS, Exporter
from faraday_core.privacy.model import Export, ExportAsked, ExportStatus
from faraday_core.privacy.ports import PrivacyStorage
from faraday_core.records.consents import ConsentGate
from faraday_core.records.disclosures import DisclosureLog

EXPORT_LIFE: Final = timedelta(hours=24)
MOST_EXPORTS: Final = 10  # of one person, at a time
_WAITING: Final = frozenset({ExportStatus.QUEUED, ExportStatus.RUNNING})


@frozen
class ExportService:
    """Gives people a copy of all that is held about them, and guardians one of their child's.

    `child_id`: whose, where it is not one's own. The actor is then a guardian at each step,
    confirmed by the school, of a child below the age; nobody else learns that there is a copy.
    """

    storage: PrivacyStorage
    exporter: Exporter
    objects: ObjectStore
    disclosures: DisclosureLog
    gate: ConsentGate
    now: Clock
    new_id: NewId

    async def ask(self, actor: Actor, child_id: str | None = None) -> Export:
        """Have a copy made of what is held about oneself. While one is being made, it is that one.

        Raises NotFound, Conflict (`too_many_exports`).
        """
        user_id, now = await self._whose(actor, child_id), self.now()
        async with self.storage.begin(actor, tenant=actor.home, person=user_id) as unit:
            await unit.hold(User, user_id)  # so that two at once make one
            living = [e for e in await unit.held.exports() if e.expires_at > now]
            if waiting := next((e for e in living if e.status in _WAITING), None):
                return waiting
            if len(living) >= MOST_EXPORTS:
                detail = f"There are {MOST_EXPORTS} copies already. Each is removed after a day."
                raise Conflict(detail, code="too_many_exports")
            export = Export(
                self.new_id(), user_id, ExportStatus.QUEUED, now, expires_at=now + EXPORT_LIFE
            )
            await unit.add(export)
            await unit.record(ExportAsked(user_id, export.id))
            await unit.account("user.ask_export", "user", user_id)
        return export

    async def get(self, actor: Actor, export_id: str, child_id: str | None = None) -> Export:
        """For a day; raises NotFound."""
        user_id = await self._whose(actor, child_id)
        async with self.storage.look(actor, person=user_id) as reader:
            export = await reader.get(Export, export_id)
        if export.expires_at <= self.now():
            raise not_found()
        return export

    async def content(
        self, actor: Actor, export_id: str, child_id: str | None = None
    ) -> AsyncIterator[bytes]:
        """The zip, part by part; raises NotFound where it is not made, or not there any more. What
        a guardian fetches is a disclosure."""
        export = await self.get(actor, export_id, child_id)
        parts = await self.objects.names(_objects(export))
        if export.status is not ExportStatus.DONE or not parts:
            raise not_found()
        await self.disclosures.note(actor, export.user_id, "export", "a copy for the guardian")
        async with self.storage.begin(actor, tenant=actor.home, person=export.user_id) as unit:
            await unit.account("user.fetch_export", "user", export.user_id)
        return self._read(parts)

    async def make(self, actor: Actor, asked: ExportAsked) -> None:
        """What a worker does about it; told twice, it does it once."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        try:
            export = await self._mark(asked, ExportStatus.RUNNING)
            if export.status is ExportStatus.DONE:
                return
            await self._make(asked, export)
        except NotFound:  # the person is erased by now, and with them what they asked for
            await self._remove(f"{objects_of(asked.user_id)}{EXPORTS}{asked.export_id}/")

    async def write(self, actor: Actor, user_id: str, archive: Archive) -> None:
        """Of whomever the operator is asked to give a copy to; a disclosure like any other.

        Raises NotFound, Forbidden.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look(actor, person=user_id) as reader:
            await reader.get(User, user_id)
        await self.disclosures.note(actor, user_id, "export", "a copy for the person")
        async with self.storage.begin(actor, person=user_id) as unit:
            await unit.account("user.export", "user", user_id)
        await self.exporter.write(archive, user_id)

    async def forget_expired(self, actor: Actor) -> int:
        """Remove those that are older than a day, files first; answers how many."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.look_everywhere(WORKER) as reader:
            expired = await reader.held.expired_exports(self.now())
        for user_id, export_id in expired:
            await self._remove(f"{objects_of(user_id)}{EXPORTS}{export_id}/")
            async with self.storage.begin(WORKER, person=user_id) as unit:
                try:
                    await unit.remove(await unit.hold(Export, export_id))
                except NotFound:
                    continue
        return len(expired)

    async def _whose(self, actor: Actor, child_id: str | None) -> str:
        """Raises NotFound."""
        own = require_own(actor)
        if child_id is None:
            return own
        async with self.storage.look(actor, person=child_id) as reader:
            if not await self.gate.is_confirmed_guardian(reader, own, child_id):
                raise not_found()
        return child_id

    async def _make(self, asked: ExportAsked, export: Export) -> None:
        try:
            await self._store(export)
        except NotFound:
            raise
        except Exception:
            await self._mark(asked, ExportStatus.FAILED)
            raise
        await self._mark(asked, ExportStatus.DONE)

    async def _mark(self, asked: ExportAsked, status: ExportStatus) -> Export:
        async with self.storage.begin(WORKER, person=asked.user_id) as unit:
            export = await unit.hold(Export, asked.export_id)
            if export.status is ExportStatus.DONE:
                return export
            ended_at = None if status in _WAITING else self.now()
            return await unit.save(evolve(export, status=status, ended_at=ended_at))

    async def _store(self, export: Export) -> None:
        await self._remove(_objects(export))
        with Archive() as archive:
            await self.exporter.write(archive, export.user_id)
            number = 0
            async for part in archive.parts():
                await self.objects.put(f"{_objects(export)}{number:06}", part)
                number += 1

    async def _remove(self, prefix: str) -> None:
        await self.objects.delete(await self.objects.names(prefix))

    async def _read(self, parts: Sequence[str]) -> AsyncIterator[bytes]:
        for part in parts:
            yield await self.objects.get(part)


def _objects(export: Export) -> str:
    """What the names of its parts begin with."""
    return f"{objects_of(export.user_id)}{EXPORTS}{export.id}/"
