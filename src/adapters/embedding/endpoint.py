"""Any endpoint that speaks as OpenAI's `POST /embeddings` does: a school's own, or a service."""

import asyncio
from collections.abc import Sequence
from math import sqrt
from typing import Any, Final

import aiohttp

NEAR: Final = 0.4
SECONDS: Final = 30.0  # of one request
AT_ONCE: Final = 64  # texts
MOST_CHARACTERS: Final = 8_000  # of one text
_MOST_ANSWERED: Final = 64 << 20  # bytes


class WrongAnswer(Exception):
    """One line: what there was instead of vectors."""


class EndpointEmbedder:
    """What is embedded leaves the machine: docs/memory-ranking.md says so to who sets it up."""

    near = NEAR

    def __init__(self, url: str, model: str, dim: int, key: str | None = None) -> None:
        self._url = url.rstrip("/") + "/embeddings"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None
        self.name = model
        self.dim = dim
        self.fingerprint = f"{model}-{dim}"

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Raises ClientError, TimeoutError, WrongAnswer."""
        found: list[Sequence[float]] = []
        for start in range(0, len(texts), AT_ONCE):
            found += await self._embed(texts[start : start + AT_ONCE])
        return found

    async def embed_query(self, text: str) -> Sequence[float]:
        """Raises ClientError, TimeoutError, WrongAnswer."""
        (values,) = await self._embed([text])
        return values

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=self._headers)
        asked = {"model": self.name, "input": [text[:MOST_CHARACTERS] or " " for text in texts]}
        async with (
            asyncio.timeout(SECONDS),
            self._session.post(self._url, json=asked, allow_redirects=False) as answer,
        ):
            if answer.status != 200:  # noqa: PLR2004 -- OK
                raise WrongAnswer(f"HTTP {answer.status}")
            if (answer.content_length or 0) > _MOST_ANSWERED:
                raise WrongAnswer("too long")
            return _vectors(await answer.json(content_type=None), len(texts))


def _vectors(answer: Any, count: int) -> list[Sequence[float]]:  # whatever JSON holds
    """In the order of the texts, each of length one."""
    try:
        each = sorted(answer["data"], key=lambda one: int(one["index"]))
        found: list[Sequence[float]] = [
            _direction([float(value) for value in one["embedding"]]) for one in each
        ]
    except (TypeError, LookupError, ValueError) as error:
        raise WrongAnswer("no vectors") from error
    if [int(one["index"]) for one in each] != list(range(count)):
        raise WrongAnswer(f"{len(found)} vectors for {count} texts")
    return found


def _direction(values: list[float]) -> list[float]:
    length = sqrt(sum(value * value for value in values))
    return [value / length for value in values] if length else values
