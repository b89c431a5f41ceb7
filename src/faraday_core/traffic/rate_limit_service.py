from math import ceil

from attrs import frozen

from faraday_core.kernel.actor import NOBODY
from faraday_core.kernel.errors import TooMany
from faraday_core.kernel.ports import Clock
from faraday_core.kernel.secrets import Secrets
from faraday_core.traffic.model import Allowance
from faraday_core.traffic.ports import TrafficStorage

PERIOD = 60  # seconds


@frozen
class RateLimitService:
    """Counts requests a minute over all processes. Asked before anybody has signed in."""

    storage: TrafficStorage
    now: Clock
    secrets: Secrets

    async def take(self, kind: str, who: str, limit: int) -> Allowance:
        """Count one request of this kind by `who`, an address or a person's id.

        Raises TooMany beyond `limit` in the minute that began with the first one.
        """
        now = self.now()
        key = self.secrets.digest("rate limit", kind, who)
        async with self.storage.begin(NOBODY) as unit:
            count, began = await unit.rate_limits.take(key, PERIOD, now)
        resets_in = max(1, ceil(PERIOD - (now - began).total_seconds()))
        if count > limit:
            raise TooMany(
                f"That was more than {limit} requests in a minute.", retry_after=resets_in
            )
        return Allowance(limit, limit - count, resets_in)
