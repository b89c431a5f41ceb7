"""Rate limits, and the headers that tell of them."""

from typing import Final

from aiohttp import web
from attrs import frozen

from adapters.http.authentication import SignedIn
from faraday_core.kernel.actor import Origin
from faraday_core.kernel.errors import TooMany
from faraday_core.traffic.model import Allowance
from faraday_core.traffic.rate_limit_service import RateLimitService

ALLOWANCE: Final = web.RequestKey("allowance", Allowance)


@frozen
class Limits:
    """`auth_rate`: of each sign-in route a minute and address; `rate`: of all a minute and person
    or address. 0: no limit."""

    service: RateLimitService
    auth_rate: int
    rate: int

    async def take_sign_in(self, request: web.Request, origin: Origin, route: str) -> None:
        """Raises TooMany."""
        if self.auth_rate:
            await self._take(request, route, origin.ip_address or "", self.auth_rate)

    async def take(self, request: web.Request, origin: Origin, sender: SignedIn | None) -> None:
        """Raises TooMany."""
        if self.rate:
            who = sender.identity.person.user.id if sender else origin.ip_address or ""
            await self._take(request, "all", who, self.rate)

    async def _take(self, request: web.Request, kind: str, who: str, limit: int) -> None:
        try:
            allowance = await self.service.take(kind, who, limit)
        except TooMany as refusal:
            request[ALLOWANCE] = Allowance(limit, 0, refusal.retry_after)
            raise
        known = request.get(ALLOWANCE)
        if known is None or allowance.remaining < known.remaining:
            request[ALLOWANCE] = allowance


def headers_of(allowance: Allowance) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(allowance.limit),
        "RateLimit-Remaining": str(allowance.remaining),
        "RateLimit-Reset": str(allowance.resets_in),
    }
