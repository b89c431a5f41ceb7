from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.notifications.model import Notification


@frozen
class MemoryNotifications:
    rows: Rows

    async def page(self, now: datetime, page: PageRequest, *, unread: bool) -> Page[Notification]:
        shown = [
            row
            for row in self.rows.own(Notification)
            if row.shown_at and row.shown_at <= now and not (unread and row.read_at)
        ]
        order = ("shown_at", "id")
        return self.rows.page(Notification, shown, page, order, newest_first=True)

    async def waiting(self, now: datetime) -> Sequence[Notification]:
        own = sorted(self.rows.own(Notification), key=lambda row: row.id)
        return [row for row in own if row.send_at or (row.shown_at and row.shown_at > now)]

    async def due(self, now: datetime, limit: int) -> Sequence[tuple[str, str]]:
        waiting = ((row.send_at, row) for row in self.rows.all(Notification) if row.send_at)
        due = sorted((at, row.user_id, row.id) for at, row in waiting if at <= now)
        return [(user_id, id) for _, user_id, id in due[:limit]]
