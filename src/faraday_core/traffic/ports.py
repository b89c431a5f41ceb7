"""What rate limits and idempotency keys ask of storage."""

from datetime import datetime
from typing import Protocol

from faraday_core.kernel.ports import Reader, Storage, UnitOfWork


class RateLimits(Protocol):
    async def take(self, key: bytes, period: int, now: datetime) -> tuple[int, datetime]:
        """Count one more; answers how many there are by now in the running window, and when that
        began. Whoever asks at the same moment, in whatever process, is counted too."""

    async def forget_ended(self, before: datetime) -> int: ...


class IdempotencyKeys(Protocol):
    async def forget_ended(self, before: datetime) -> int: ...


class TrafficUnit(UnitOfWork, Protocol):
    @property
    def rate_limits(self) -> RateLimits: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...


TrafficStorage = Storage[TrafficUnit, Reader]
