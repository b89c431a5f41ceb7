"""bcrypt in a bounded number of threads, so that a storm of sign-ins is felt by nobody else."""

import asyncio
import hmac
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Final, TypeVar
from unicodedata import normalize

import bcrypt

from faraday_core.kernel.errors import Unavailable
from faraday_core.kernel.secrets import Secret, Secrets

COST: Final = 12  # no setting lowers it
_SCHEME: Final = "hmac-bcrypt"
_LEAST_WAITING: Final = 16
_WAITING_A_THREAD: Final = 8
_PATIENCE: Final = 2.0  # seconds until who comes last is hashed, where more than the least wait

T = TypeVar("T")
# Whether this task has a place already, as who signs in has.
_ADMITTED: ContextVar[bool] = ContextVar("admitted", default=False)


class BcryptHasher:
    """Hashes HMAC-SHA-256(pepper, password), so that every byte counts, beyond bcrypt's 72 too.

    The pepper is made from the installation's secret: whoever has the database alone cannot even
    begin to guess. A stored hash says which secret it was, and at which cost.
    """

    def __init__(self, secrets: Secrets, *, cost: int = COST, threads: int | None = None) -> None:
        self._secrets = secrets
        self._cost = cost
        self._threads = threads or cores()
        self._seconds = 0.0  # of a hash, by the latest ones
        self._inside = 0  # who have a place
        self._left = 0  # hashes that go on though whoever asked has gone away
        self._executor = ThreadPoolExecutor(self._threads, "bcrypt")

    async def hash(self, password: str) -> str:
        """Raises Unavailable (`overloaded`)."""
        secret = self._secrets.current
        hashed = await self._run(lambda: self._hashed(password, secret))
        return f"{_SCHEME}:{secret.id}:{hashed.decode()}"

    async def matches(self, password: str, hashed: str | None) -> bool:
        """Raises Unavailable (`overloaded`)."""
        secret, stored = self._parsed(hashed)
        if secret is None:  # nobody's: as much work, for nothing
            await self._run(lambda: self._hashed(password, self._secrets.current))
            return False
        return await self._run(lambda: bcrypt.checkpw(_peppered(password, secret), stored))

    def is_dated(self, hashed: str) -> bool:
        secret, stored = self._parsed(hashed)
        return secret != self._secrets.current or not stored.startswith(b"$2b$%02d$" % self._cost)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _hashed(self, password: str, secret: Secret) -> bytes:
        return bcrypt.hashpw(_peppered(password, secret), bcrypt.gensalt(self._cost))

    def _parsed(self, hashed: str | None) -> tuple[Secret | None, bytes]:
        scheme, _, rest = (hashed or "").partition(":")
        id, _, stored = rest.partition(":")
        return (self._secrets.known(id) if scheme == _SCHEME else None), stored.encode()

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Raises Unavailable (`overloaded`)."""
        if _ADMITTED.get():
            yield
            return
        if self._inside + self._left >= self._most():
            detail = "Too many people are signing in at this moment. Try again shortly."
            raise Unavailable(detail, retry_after=2, code="overloaded")
        self._inside += 1
        before = _ADMITTED.set(True)
        try:
            yield
        finally:
            _ADMITTED.reset(before)
            self._inside -= 1

    def _most(self) -> int:
        """Fewer wait where a hash takes long, and never fewer than the least."""
        in_time = int(_PATIENCE / self._seconds) if self._seconds else _WAITING_A_THREAD
        return self._threads + max(_LEAST_WAITING, self._threads * min(in_time, _WAITING_A_THREAD))

    def _timed(self, work: Callable[[], T]) -> T:
        begun = monotonic()
        try:
            return work()
        finally:
            took = monotonic() - begun
            self._seconds += (took - self._seconds) / (4 if self._seconds else 1)

    async def _run(self, work: Callable[[], T]) -> T:
        with self.admit():
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._executor, self._timed, work)
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                self._left += 1
                future.add_done_callback(self._done)
                raise

    def _done(self, future: "asyncio.Future[T]") -> None:
        self._left -= 1
        if not future.cancelled():
            future.exception()


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _peppered(password: str, secret: Secret) -> bytes:
    digest = hmac.digest(secret.key("password"), normalize("NFC", password).encode(), "sha256")
    return b64encode(digest)
