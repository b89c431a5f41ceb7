from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import evolve, frozen

from faraday_core.identity.model import User
from faraday_core.kernel.access import PLATFORM, Action, not_found, require, require_own
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.ports import Clock
from faraday_core.mail.model import MessageTold
from faraday_core.notifications.model import (
    Notification,
    NotificationFilter,
    NotificationView,
    Outcome,
    view_of,
)
from faraday_core.notifications.planning import due_at, planned, planned_again
from faraday_core.notifications.ports import NotificationsStorage, Sender, Undelivered
from faraday_core.preferences.quiet_hours import Channel
from faraday_core.preferences.wishes import PreferredDelivery

SENT_AT_ONCE: Final = 100  # of one look
AGAIN_AFTER: Final = timedelta(minutes=5)  # where a sender has failed
PATIENCE: Final = timedelta(days=1)


@frozen
class NotificationService:
    """Tells people in the product itself what a mail tells them, too, as they prefer it; and by
    the channels that a deployment has plugged in."""

    storage: NotificationsStorage
    wishes: PreferredDelivery
    senders: Mapping[Channel, Sender]
    now: Clock

    async def list(
        self, actor: Actor, wanted: NotificationFilter, page: PageRequest
    ) -> Page[NotificationView]:
        """One's own, the newest first."""
        user_id = require_own(actor)
        async with self.storage.look(actor, person=user_id) as reader:
            found = await reader.notifications.page(self.now(), page, unread=wanted.unread)
        return Page(tuple(map(view_of, found.items)), found.next_cursor)

    async def read(self, actor: Actor, notification_id: str) -> NotificationView:
        """Mark it as read, once; raises NotFound."""
        user_id, now = require_own(actor), self.now()
        async with self.storage.begin(actor, person=user_id) as unit:
            found = await unit.hold(Notification, notification_id)
            if found.shown_at is None or found.shown_at > now:
                raise not_found()
            if found.read_at is None:
                found = await unit.save(evolve(found, read_at=now))
        return view_of(found)

    async def tell(self, actor: Actor, told: MessageTold) -> None:
        """What a worker does about it; told twice, it does it once."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        preferences = await self.wishes.preferences(told.user_id)
        if preferences is None:  # the person is erased by now
            return
        bare = Notification(told.id, told.user_id, told.kind, told.title, told.text, told.at)
        new = planned(bare, preferences, self.now(), self.senders)
        if not new.is_wanted:
            return
        async with self.storage.begin(WORKER, person=told.user_id) as unit:
            try:
                new = await unit.hold(Notification, told.id)
            except NotFound:
                await unit.add(new)
        if new.send_at and new.send_at <= self.now():
            await self._send(told.user_id, new.id)

    async def send_due(self, actor: Actor) -> int:
        """Send what has waited on a channel that is plugged in; answers how many were due."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        sent = 0
        while True:
            async with self.storage.look_everywhere(WORKER) as reader:
                due = await reader.notifications.due(self.now(), SENT_AT_ONCE)
            for user_id, id in due:
                await self._send(user_id, id)
            sent += len(due)
            if len(due) < SENT_AT_ONCE:
                return sent

    async def plan_again(self, actor: Actor, user_id: str) -> None:
        """When somebody has other preferences: what waits for them may be wanted now, or not at
        all."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        preferences = await self.wishes.preferences(user_id)
        if preferences is None:
            return
        now = self.now()
        async with self.storage.begin(WORKER, person=user_id) as unit:
            for waiting in await unit.notifications.waiting(now):
                held = await unit.hold(Notification, waiting.id)
                again = planned_again(held, preferences, now, self.senders)
                if again.is_wanted:
                    await unit.save(again)
                else:
                    await unit.remove(held)

    async def _send(self, user_id: str, notification_id: str) -> None:
        """No transaction waits for a sender."""
        preferences = await self.wishes.preferences(user_id)
        async with self.storage.look(WORKER, person=user_id) as reader:
            try:
                held = await reader.get(Notification, notification_id)
                user = await reader.get(User, user_id)
            except NotFound:
                return
        later: list[datetime] = []
        for channel in held.waiting_on:
            at = due_at(preferences, held, self.now(), channel) if preferences else None
            if at and at > self.now():
                later.append(at)
                continue
            outcome = await self._deliver(channel, held, user) if at else Outcome.UNWANTED
            if outcome is Outcome.WAITING:
                later.append(self.now() + AGAIN_AFTER)
            await self._mark(user_id, notification_id, channel, outcome)
        await self._mark(user_id, notification_id, send_at=min(later, default=None))

    async def _deliver(self, channel: Channel, told: Notification, user: User) -> Outcome:
        sender = self.senders.get(channel)
        if sender is None:  # plugged in no longer
            return Outcome.NOT_DELIVERABLE
        try:
            await sender.send(told, user)
        except Undelivered:
            return Outcome.FAILED
        except Exception:  # whatever a plug-in stumbles over: it holds up nobody else
            patient = self.now() - told.created_at < PATIENCE
            return Outcome.WAITING if patient else Outcome.FAILED
        return Outcome.SENT

    async def _mark(
        self,
        user_id: str,
        notification_id: str,
        channel: Channel | None = None,
        outcome: Outcome = Outcome.WAITING,
        **changes: Any,  # the fields of Notification, which `evolve` checks
    ) -> None:
        async with self.storage.begin(WORKER, person=user_id) as unit:
            with suppress(NotFound):  # the person was erased while it was sent
                held = await unit.hold(Notification, notification_id)
                if channel:
                    held = held.with_outcome(channel, outcome)
                await unit.save(evolve(held, **changes))
