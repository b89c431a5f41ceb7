"""The port to models that know what a text means, and the care that is taken with them."""

import asyncio
from collections.abc import Callable, Sequence
from math import isclose, isfinite
from time import monotonic
from typing import Final, Protocol

from faraday_core.memory.ranking.model import Vector

SECONDS: Final = 2.0  # that a question waits for its vector before it goes by words alone
REST: Final = 30.0  # seconds that an embedder is left alone after it failed
_LENGTH: Final = 0.01  # by which a vector's may miss 1


class Embedder(Protocol):
    """What it answers goes back in the order of the texts, each of length one.

    Whatever is raised means that it cannot do it now.
    """

    @property
    def name(self) -> str:
        """For people."""

    @property
    def dim(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """Of two with the same the vectors can be compared; kept beside each vector."""

    @property
    def near(self) -> float:
        """A cosine that texts which have nothing to do with each other seldom reach."""

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...

    async def embed_query(self, text: str) -> Sequence[float]: ...

    async def close(self) -> None: ...


class CarefulEmbedder:
    """One that may be down, slow or wrong: whoever asks gets a sound vector or None, and soon."""

    def __init__(
        self,
        embedder: Embedder,
        *,
        seconds: float = SECONDS,
        rest: float = REST,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._embedder = embedder
        self._seconds = seconds
        self._rest = rest
        self._now = now
        self._rests_until = float("-inf")
        self.failure: str | None = None  # the last one, as long as it lasts

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    async def query(self, text: str) -> Vector | None:
        """None: search by words, and say so."""
        if self._now() < self._rests_until:
            return None
        try:
            async with asyncio.timeout(self._seconds):
                values = await self._embedder.embed_query(text)
        except TimeoutError:
            self._failed(f"took longer than {self._seconds:g} s")
            return None
        except Exception as error:  # a model that cannot be had stops no search
            self._failed(type(error).__name__)
            return None
        return self._sound(values)

    async def documents(self, texts: Sequence[str]) -> Sequence[Vector | None]:
        """None where there is no sound one; it can be asked for again later."""
        if self._now() < self._rests_until or not texts:
            return [None] * len(texts)
        try:
            found = await self._embedder.embed_documents(texts)
        except Exception as error:
            self._failed(type(error).__name__)
            return [None] * len(texts)
        if len(found) != len(texts):
            self._failed(f"answered {len(found)} vectors for {len(texts)} texts")
            return [None] * len(texts)
        return [self._sound(values) for values in found]

    def _sound(self, values: Sequence[float]) -> Vector | None:
        if len(values) != self._embedder.dim:
            self._failed(f"answered {len(values)} dimensions instead of {self._embedder.dim}")
            return None
        length = sum(float(value) * float(value) for value in values)
        if not isfinite(length) or not isclose(length, 1, abs_tol=_LENGTH):
            self._failed("answered a vector that is no direction")
            return None
        self.failure = None
        return Vector(self._embedder.fingerprint, values, self._embedder.near)

    def _failed(self, why: str) -> None:
        self.failure = why
        self._rests_until = self._now() + self._rest
