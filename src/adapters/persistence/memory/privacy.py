from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from attrs import evolve, frozen

from adapters.persistence.memory.import_journal import ImportChange
from adapters.persistence.memory.people import Terms
from adapters.persistence.memory.rows import Rows, Stored
from faraday_core.identity.model import User
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.invitation_model import Invitation
from faraday_core.privacy.holding import Personal
from faraday_core.privacy.model import Erasure, Export
from faraday_core.roster.runs import ImportRun


@frozen
class MemoryHeld:
    _rows: Rows

    async def rows(self, holding: Personal, page: PageRequest) -> Page[Any]:
        found = _of_person(self._rows, holding, holding.by)
        return self._rows.page(holding.kind, [row for _, row in found], page, ("id",))

    async def exports(self) -> Sequence[Export]:
        return self._rows.own(Export)

    async def due(self, now: datetime) -> Sequence[str]:
        return [row.user_id for row in self._rows.all(Erasure) if row.erase_after <= now]

    async def expired_exports(self, now: datetime) -> Sequence[tuple[str, str]]:
        return [(e.user_id, e.id) for e in self._rows.all(Export) if e.expires_at <= now]

    async def count(self, holding: Personal, column: str, before: datetime) -> int:
        return len(_older(self._rows, holding, column, before))

    async def inactive(self, before: datetime) -> Sequence[str]:
        users = self._rows.all(User)
        return [user.id for user in users if not user.is_active and user.updated_at < before]


@frozen
class MemoryRemoval:
    rows: Rows

    async def person(self, holdings: Collection[Personal]) -> None:
        await self.rows.wait()
        for holding in holdings:
            for owner, row in _of_person(self.rows, holding, holding.by):
                self.rows.written[holding.kind][row.id] = Stored(owner, None)
            for owner, row in _of_person(self.rows, holding, holding.cleared):
                cleared = evolve(row, **dict.fromkeys(_naming(self.rows, row, holding)))
                self.rows.written[holding.kind][row.id] = Stored(owner, cleared)
        for key, stored in list(self.rows.by_id(Terms).items()):
            if stored.row and stored.row.user_id == self.rows.scope.user_id:
                self.rows.drop(Terms, key)
        # What an import would give back of them.
        for key, stored in list(self.rows.by_id(ImportChange).items()):
            if stored.row and stored.row.user_id == self.rows.scope.user_id:
                self.rows.drop(ImportChange, key)
        for owner, run in self._runs_begun():
            self.rows.written[ImportRun][run.id] = Stored(owner, evolve(run, started_by=None))
        self._forget_events()

    def _runs_begun(self) -> list[tuple[str, ImportRun]]:
        """By the person, in whatever tenant."""
        return [
            (stored.owner, stored.row)
            for stored in self.rows.stored(ImportRun)
            if stored.row.started_by == self.rows.scope.user_id
        ]

    async def invitations(self, email_keys: Collection[str]) -> None:
        for stored in list(self.rows.stored(Invitation)):
            if stored.row.email_key in email_keys:
                self.rows.written[Invitation][stored.row.id] = Stored(stored.owner, None)

    def _forget_events(self) -> None:
        user_id = self.rows.scope.user_id
        outbox = self.rows.database.outbox
        outbox[:] = [event for event in outbox if getattr(event, "user_id", None) != user_id]

    async def older(self, holding: Personal, column: str, before: datetime) -> int:
        found = _older(self.rows, holding, column, before)
        for owner, row in found:
            self.rows.written[holding.kind][row.id] = Stored(owner, None)
        return len(found)


def _of_person(
    rows: Rows, holding: Personal, names: Collection[str]
) -> list[tuple[str, Any]]:  # rows of the holding's kind, each with its owner
    user_id = rows.scope.user_id
    return [
        (stored.owner, stored.row)
        for stored in rows.stored(holding.kind)
        if user_id in {getattr(stored.row, name) for name in names}
    ]


def _naming(rows: Rows, row: Any, holding: Personal) -> list[str]:  # of the holding's kind
    return [name for name in holding.cleared if getattr(row, name) == rows.scope.user_id]


def _older(
    rows: Rows, holding: Personal, column: str, before: datetime
) -> list[tuple[str, Any]]:  # as above
    return [
        (stored.owner, stored.row)
        for stored in rows.stored(holding.kind)
        if (moment := getattr(stored.row, column)) and moment < before
    ]
