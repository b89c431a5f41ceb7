"""`Idempotency-Key`: a request that is sent again is done once, and answered alike."""

from collections.abc import Awaitable, Callable

from attrs import frozen

from faraday_core.kernel.actor import Actor
from faraday_core.kernel.errors import Fault, Invalid
from faraday_core.traffic.idempotency_service import IdempotencyService
from faraday_core.traffic.model import Answer

_LONGEST = 255


@frozen
class Idempotency:
    service: IdempotencyService

    async def once(
        self,
        actor: Actor,
        route: str,
        key: str,
        body: bytes,
        answer: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """Raises Conflict (`request_in_progress`), Invalid (`idempotency_mismatch`)."""
        if not 0 < len(key) <= _LONGEST or not key.isprintable():
            detail = f"is 1 to {_LONGEST} printable characters"
            raise Invalid([Fault("Idempotency-Key", "invalid_value", detail)])
        asked = await self.service.ask(actor, route, key, body)
        if asked.answer:
            return asked.answer
        try:
            answered = await answer()
        except BaseException:
            await self.service.failed(actor, asked)
            raise
        await self.service.answered(actor, asked, answered)
        return answered
