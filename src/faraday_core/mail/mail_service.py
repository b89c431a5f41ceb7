import json
from datetime import timedelta
from typing import Any, Final

from attrs import asdict, evolve, frozen

from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.ports import Clock, NewId, UnitOfWork
from faraday_core.kernel.secrets import Sealer
from faraday_core.mail.model import Mail, MailQueued, QueuedMail
from faraday_core.mail.ports import Mailer, MailRefused, MailStorage, MailUndelivered

# A worker that has not said for so long what became of a mail is no more: a mailer takes a
# minute at most.
CLAIM: Final = timedelta(minutes=3)


@frozen
class Outgoing:
    """Puts a mail into the transaction of what causes it: no mail without the act, and no act
    without its mail."""

    now: Clock
    new_id: NewId
    sealer: Sealer

    async def queue(self, unit: UnitOfWork, mail: Mail, *, user_id: str | None = None) -> None:
        content = self.sealer.seal(json.dumps(asdict(mail)).encode(), "mail")
        queued = QueuedMail(self.new_id(), user_id, content, created_at=self.now())
        await unit.add(queued)
        await unit.record(MailQueued(queued.id))


@frozen
class MailService:
    """Sends what was queued. A worker calls it, again after a while where it could not."""

    storage: MailStorage
    mailer: Mailer
    now: Clock
    sealer: Sealer

    async def send(self, actor: Actor, mail_id: str) -> None:
        """Send it, unless that was done: whoever calls may be told twice, whoever reads is not.

        No transaction waits for the mail server: the mail is claimed, sent, and then marked.
        Raises MailUndelivered where it is to be tried again.
        """
        require(actor, Action.RUN_PLATFORM, PLATFORM)
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

    async def _claim(self, mail_id: str) -> Mail | None:
        async with self.storage.begin(WORKER) as unit:
            queued = await unit.hold(QueuedMail, mail_id)
            if queued.content is None:
                return None
            if queued.claimed_at and self.now() - queued.claimed_at < CLAIM:
                raise MailUndelivered("another worker is sending it")
            await unit.save(evolve(queued, claimed_at=self.now()))
        return Mail(**json.loads(self.sealer.open(queued.content, "mail")))

    async def _mark(
        self,
        mail_id: str,
        **changes: Any,  # the fields of QueuedMail, which `evolve` checks
    ) -> None:
        async with self.storage.begin(WORKER) as unit:
            await unit.save(evolve(await unit.hold(QueuedMail, mail_id), **changes))
