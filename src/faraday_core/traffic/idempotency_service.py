import hmac
import json
from base64 import b64decode, b64encode
from datetime import timedelta

from attrs import evolve, frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Conflict, Fault, Invalid, NotFound
from faraday_core.kernel.ids import id_from
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.secrets import Sealer, Secrets
from faraday_core.traffic.model import ANYBODY, Answer, IdempotencyKey
from faraday_core.traffic.ports import TrafficStorage

KEPT = timedelta(hours=24)
# After so long without an answer the process that was at it is taken to be no more.
ABANDONED = timedelta(minutes=2)


@frozen
class Asked:
    """A request with a key: `answer`, where it was asked before."""

    id: str
    user_id: str
    answer: Answer | None = None


@frozen
class IdempotencyService:
    """A request that is asked again with the same `Idempotency-Key` is done once, and answered
    alike."""

    storage: TrafficStorage
    now: Clock
    secrets: Secrets
    sealer: Sealer

    async def ask(self, actor: Actor, route: str, key: str, body: bytes) -> Asked:
        """Take the key for this request, or find what was answered to it before.

        A key is the person's own, or, of somebody who has not signed in, their address's.
        Raises Conflict (`request_in_progress`) and Invalid (`idempotency_mismatch`).
        """
        user_id = actor.user_id or ANYBODY
        who = actor.user_id or actor.origin.ip_address or ""
        id = id_from(self.secrets.digest("idempotency", route, who, key))
        hashed = self.secrets.digest("idempotency body", route, body.hex())
        try:
            return await self._take(actor, IdempotencyKey(id, user_id, hashed, self.now()))
        except Conflict as conflict:  # two at once
            raise _in_progress() from conflict

    async def _take(self, actor: Actor, new: IdempotencyKey) -> Asked:
        async with self.storage.begin(actor, person=new.user_id) as unit:
            try:
                known = await unit.hold(IdempotencyKey, new.id)
            except NotFound:
                await unit.add(new)
                return Asked(new.id, new.user_id)
            age = self.now() - known.created_at
            if age > (KEPT if known.answer else ABANDONED):
                await unit.save(evolve(new, version=known.version))
                return Asked(new.id, new.user_id)
        if not hmac.compare_digest(known.request_hash, new.request_hash):
            detail = "was sent before with another body; a new request takes a new key"
            raise Invalid([Fault("Idempotency-Key", "idempotency_mismatch", detail)])
        if known.answer is None:
            raise _in_progress()
        return Asked(new.id, new.user_id, _opened(self.sealer.open(known.answer, "answer")))

    async def answered(self, actor: Actor, asked: Asked, answer: Answer) -> None:
        """Keep the answer for a day."""
        async with self.storage.begin(actor, person=asked.user_id) as unit:
            known = await unit.hold(IdempotencyKey, asked.id)
            sealed = self.sealer.seal(_packed(answer), "answer")
            await unit.save(evolve(known, answer=sealed))

    async def failed(self, actor: Actor, asked: Asked) -> None:
        """It did not come to an answer that is worth keeping: the key may be used again."""
        async with self.storage.begin(actor, person=asked.user_id) as unit:
            await unit.remove(await unit.hold(IdempotencyKey, asked.id))


def _in_progress() -> Conflict:
    detail = "A request with this Idempotency-Key is being worked on."
    return Conflict(detail, code="request_in_progress")


def _packed(answer: Answer) -> bytes:
    body = b64encode(answer.body).decode()
    return json.dumps([answer.status, dict(answer.headers), body]).encode()


def _opened(packed: bytes) -> Answer:
    status, headers, body = json.loads(packed)
    return Answer(status, headers, b64decode(body))
