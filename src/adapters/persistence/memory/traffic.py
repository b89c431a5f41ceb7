from collections.abc import Sequence
from datetime import datetime, timedelta

from attrs import frozen

from adapters.persistence.memory.rows import Rows
from faraday_core.mail.model import QueuedMail
from faraday_core.traffic.model import IdempotencyKey


@frozen
class Window:
    count: int
    began_at: datetime


@frozen
class MemoryRateLimits:
    rows: Rows

    async def take(self, key: bytes, period: int, now: datetime) -> tuple[int, datetime]:
        await self.rows.wait()
        stored = self.rows.by_id(Window).get(key.hex())
        window: Window | None = stored.row if stored else None
        runs = window and now - timedelta(seconds=period) < window.began_at <= now
        new = Window(window.count + 1, window.began_at) if window and runs else Window(1, now)
        self.rows.put(key.hex(), new)
        return new.count, new.began_at

    async def forget_ended(self, before: datetime) -> int:
        ended = [
            key
            for key, stored in self.rows.by_id(Window).items()
            if stored.row and stored.row.began_at < before
        ]
        for key in ended:
            self.rows.drop(Window, key)
        return len(ended)


@frozen
class MemoryIdempotencyKeys:
    rows: Rows

    async def forget_ended(self, before: datetime) -> int:
        ended = [key for key in self.rows.all(IdempotencyKey) if key.created_at < before]
        for key in ended:
            self.rows.write(key, None)
        return len(ended)


@frozen
class MemoryMails:
    rows: Rows

    async def due(self, now: datetime, limit: int) -> Sequence[QueuedMail]:
        due = [
            (mail.due_at, mail.id, mail)
            for mail in self.rows.all(QueuedMail)
            if mail.due_at and mail.due_at <= now
        ]
        return [mail for _, _, mail in sorted(due)[:limit]]

    async def waiting(self, user_id: str) -> Sequence[QueuedMail]:
        mails = self.rows.all(QueuedMail)
        return [mail for mail in mails if mail.user_id == user_id and mail.due_at]

    async def forget_ended(self, before: datetime) -> int:
        mails = self.rows.all(QueuedMail)
        ended = [mail for mail in mails if mail.ended_at and mail.ended_at < before]
        for mail in ended:
            self.rows.write(mail, None)
        return len(ended)
