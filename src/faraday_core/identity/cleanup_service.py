from attrs import frozen

from faraday_core.identity.policy import KEPT_AFTER_END, SignInPolicy
from faraday_core.identity.ports import IdentityStorage
from faraday_core.kernel.access import PLATFORM, Action, require
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.ports import Clock
from faraday_core.mail.ports import MailStorage
from faraday_core.traffic.idempotency_service import KEPT
from faraday_core.traffic.ports import TrafficStorage


@frozen
class CleanupService:
    """Removes what has expired: a worker calls it once an hour."""

    identity: IdentityStorage
    mail: MailStorage
    traffic: TrafficStorage
    policy: SignInPolicy
    now: Clock

    async def run(self, actor: Actor) -> int:
        """How many rows went: sessions, tokens, keys, counters, mails that were sent."""
        require(actor, Action.RUN_PLATFORM, PLATFORM)
        now = self.now()
        ended = min(now - KEPT_AFTER_END, self.policy.unused_since(now))
        async with self.identity.begin(WORKER) as unit:
            count = await unit.leftovers.forget(now=now, before=ended)
        async with self.mail.begin(WORKER) as unit:
            count += await unit.mails.forget_ended(ended)
        async with self.traffic.begin(WORKER) as unit:
            count += await unit.rate_limits.forget_ended(now - KEPT)
            count += await unit.idempotency_keys.forget_ended(now - KEPT)
        return count
