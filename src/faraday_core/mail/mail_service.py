"""Mails: queued with what caused them, and sent by a worker when their readers want them."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from attrs import asdict, evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.errors import NotFound
from faraday_core.kernel.ports import Clock, NewId, UnitOfWork
from faraday_core.kernel.secrets import Sealer
from faraday_core.mail.digest import Waited, as_one, gathered
from faraday_core.mail.model import (
    AT_ONCE,
    URGENCY,
    Delivery,
    How,
    Mail,
    MailKind,
    MailQueued,
    MessageTold,
    QueuedMail,
    Urgency,
)
from faraday_core.mail.ports import (
    Mailer,
    MailRefused,
    MailStorage,
    MailUndelivered,
    MailUnit,
    Wishes,
)

# A worker that has not said for so long what became of a mail is no more: a mailer takes a
# minute at most.
CLAIM: Final = timedelta(minutes=3)
RELEASED_AT_ONCE: Final = 100  # of one transaction
UNWANTED: Final = "its reader does not want mails of this kind"


@frozen
class Outgoing:
    """Puts a mail into the transaction of what causes it: no mail without the act, and no act
    without its mail."""

    now: Clock
    new_id: NewId
    sealer: Sealer

    async def queue(
        self,
        unit: UnitOfWork,
        mail: Mail,
        *,
        user_id: str | None = None,
        kind: MailKind = MailKind.ACCOUNT,
        waited: bool = False,
        by_mail_alone: bool = True,
    ) -> None:
        """`user_id`: whose preferences say when it is sent. `kind`: what about; those about an
        account are sent whatever they say. `waited`: for its digest, as it has already.
        `by_mail_alone`: it holds a token, or is for an address rather than for a person; else
        they are told in the product, too."""
        content = self.sealer.seal(json.dumps(asdict(mail)).encode(), "mail")
        id, now = self.new_id(), self.now()
        await unit.add(QueuedMail(id, user_id, content, now, kind, waited=waited))
        await unit.record(MailQueued(id))
        if user_id and not by_mail_alone:
            await unit.record(MessageTold(id, user_id, kind, mail.subject, mail.text, now))

    def opened(self, queued: QueuedMail) -> Mail:
        """A mail that is not ended."""
        return Mail(**json.loads(self.sealer.open(queued.content or b"", "mail")))


@frozen
class MailService:
    """Sends what was queued. A worker calls it, again after a while where it could not."""

    storage: MailStorage
    mailer: Mailer
    outgoing: Outgoing
    wishes: Wishes
    now: Clock

    async def send(self, actor: Actor, mail_id: str) -> None:
        """Send it, unless that was done, or its reader is to get it later or not at all: whoever
        calls may be told twice, whoever reads is not.

        No transaction waits for the mail server: the mail is claimed, sent, and then marked.
        Raises MailUndelivered where it is to be tried again.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        if not await self._wanted_now(mail_id):
            return
        mail = await self._claim(mail_id)
        if mail is None:
            return
        failure = None
        try:
            await self.mailer.send(mail, message_id=f"<{mail_id}@faraday>")
        except MailRefused as refusal:
            failure = str(refusal)
        except MailUndelivered:
            await self._mark(mail_id, claimed_at=None)
            raise
        await self._mark(mail_id, content=None, ended_at=self.now(), failure=failure)

    async def release(self, actor: Actor) -> int:
        """Have those sent whose moment has come, as one where a reader has waited for several.

        Answers how many there were.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        released = 0
        while some := await self._release_some():
            released += some
        return released

    async def plan_again(self, actor: Actor, user_id: str) -> None:
        """What a worker does when somebody has other preferences: what waits for them may be
        wanted now, or not at all."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        async with self.storage.begin(WORKER) as unit:
            for waiting in await unit.mails.waiting(user_id):
                held = await unit.hold(QueuedMail, waiting.id)
                await unit.save(evolve(held, due_at=None, waited=False))
                await unit.record(MailQueued(held.id))

    async def _wanted_now(self, mail_id: str) -> bool:
        async with self.storage.look(WORKER) as reader:
            try:
                queued = await reader.get(QueuedMail, mail_id)
            except NotFound:  # its person is erased
                return False
        if queued.content is None:
            return False
        wish = await self._wish(queued)
        if wish.how is How.NEVER:
            await self._mark(mail_id, content=None, ended_at=self.now(), failure=UNWANTED)
        elif wish.at is not None:
            await self._mark(mail_id, due_at=wish.at)
        return wish.how is How.AT_ONCE

    async def _wish(self, queued: QueuedMail) -> Delivery:
        if queued.user_id is None or URGENCY[queued.kind] is Urgency.SECURITY:
            return AT_ONCE
        return await self.wishes.delivery(queued.user_id, queued.kind, waited=queued.waited)

    async def _release_some(self) -> int:
        """Those of a few readers, with all that each of them has waited for."""
        now = self.now()
        async with self.storage.begin(WORKER) as unit:
            due = await unit.mails.due(now, RELEASED_AT_ONCE)
            ids = {
                waiting.id
                for user_id in sorted({one.user_id for one in due if one.user_id})
                for waiting in await unit.mails.waiting(user_id)
                if waiting.due_at and waiting.due_at <= now
            }
            held = [await unit.hold(QueuedMail, id) for id in sorted(ids)]
            there = [one for one in held if one.due_at and one.content]
            for waited in gathered((one, self.outgoing.opened(one)) for one in there):
                await self._release(unit, waited)
        return len(ids)

    async def _release(self, unit: MailUnit, waited: Sequence[Waited]) -> None:
        first, now = waited[0][0], self.now()
        if len(waited) == 1:
            await unit.save(evolve(first, due_at=None, waited=True))
            await unit.record(MailQueued(first.id))
            return
        one, kind = as_one([mail for _, mail in waited]), MailKind.DIGEST
        await self.outgoing.queue(unit, one, user_id=first.user_id, kind=kind, waited=True)
        for queued, _ in waited:
            await unit.save(evolve(queued, content=None, due_at=None, ended_at=now))

    async def _claim(self, mail_id: str) -> Mail | None:
        async with self.storage.begin(WORKER) as unit:
            try:
                queued = await unit.hold(QueuedMail, mail_id)
            except NotFound:  # its person is erased
                return None
            if queued.content is None:
                return None
            if queued.claimed_at and self.now() - queued.claimed_at < CLAIM:
                raise MailUndelivered("another worker is sending it")
            await unit.save(evolve(queued, claimed_at=self.now()))
        return self.outgoing.opened(queued)

    async def _mark(
        self,
        mail_id: str,
        **changes: Any,  # the fields of QueuedMail, which `evolve` checks
    ) -> None:
        async with self.storage.begin(WORKER) as unit:
            with suppress(NotFound):  # its person was erased while it was sent
                await unit.save(evolve(await unit.hold(QueuedMail, mail_id), **changes))
