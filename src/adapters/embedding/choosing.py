"""Which models a server uses: those in its data folder whose libraries are installed, and instead
of the better one an endpoint, where one is set."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from attrs import Factory, define

from adapters.embedding import Endpoint
from adapters.embedding.folder import MINILM, STATIC, DamagedModel, Model, find, traces_of
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.ranking import Vectors
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.embedders import CarefulEmbedder, Embedder

LOOK_EVERY: Final = 5.0  # seconds
log = structlog.get_logger("faraday.models")


@asynccontextmanager
async def embedding_in(
    data_dir: Path, endpoint: Endpoint | None = None, *, look_every: float = LOOK_EVERY
) -> AsyncIterator[tuple[Embedding, Callable[[], Vectors]]]:
    """With how an index keeps vectors. Without any model words find memories, and a damaged one is
    told of and left alone. One that is installed meanwhile is used from then on."""
    chosen = _Chosen(data_dir, endpoint)
    chosen.choose()
    watching = asyncio.create_task(chosen.watch(look_every))
    try:
        yield chosen.embedding, chosen.vectors
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await chosen.close()


@define(eq=False)
class _Chosen:
    data_dir: Path
    endpoint: Endpoint | None
    embedding: Embedding = Factory(Embedding)
    _kind: Callable[[], Vectors] = PlainVectors
    _open: list[Embedder] = Factory(list)
    _seen: frozenset[tuple[str, int]] = frozenset()

    def vectors(self) -> Vectors:
        """Of the kind that suits what there is now."""
        return self._kind()

    def choose(self) -> None:
        self._seen = traces_of(self.data_dir)
        first, best = self._models()
        if self.endpoint is not None:
            best = _reached(self.endpoint)
        self._open = [one for one in (first, best) if one is not None]
        self.embedding.first, self.embedding.best = _careful(first), _careful(best)

    async def watch(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await self._look_again()
            except OSError as error:  # it was taken away in that moment, or cannot be read
                log.warning("models cannot be looked for", reason=str(error))

    async def _look_again(self) -> None:
        if traces_of(self.data_dir) == self._seen:
            return
        before = self._open
        await asyncio.to_thread(self.choose)  # to open one takes a while
        self.embedding.take(self.embedding.first, self.embedding.best)
        log.info("models are used from now on", models=[one.name for one in self._open])
        for embedder in before:
            await embedder.close()

    async def close(self) -> None:
        for embedder in self._open:
            await embedder.close()

    def _models(self) -> tuple[Embedder | None, Embedder | None]:
        if self.endpoint is None and not self._seen:
            # Without a vector, what reckons with them is not worth its place in the memory.
            return None, None
        try:
            from adapters.embedding.minilm import MiniLmEmbedder  # noqa: PLC0415 -- an extra
            from adapters.embedding.numbers import MatrixVectors  # noqa: PLC0415 -- an extra
            from adapters.embedding.table import StaticEmbedder  # noqa: PLC0415 -- an extra
        except ImportError:
            return None, None
        self._kind = MatrixVectors
        first = _opened(self.data_dir, STATIC, StaticEmbedder)
        if self.endpoint is not None:
            return first, None
        return first, _opened(self.data_dir, MINILM, MiniLmEmbedder)


def _opened(data_dir: Path, name: str, kind: Callable[[Model], Embedder]) -> Embedder | None:
    try:
        model = find(data_dir, name)
        return kind(model) if model else None
    except (DamagedModel, ImportError, OSError, ValueError) as error:
        log.warning("memories are found without this model", model=name, reason=str(error))
        return None


def _reached(endpoint: Endpoint) -> Embedder:
    from adapters.embedding.endpoint import EndpointEmbedder  # noqa: PLC0415 -- few have it

    return EndpointEmbedder(endpoint.url, endpoint.model, endpoint.dim, endpoint.key)


def _careful(embedder: Embedder | None) -> CarefulEmbedder | None:
    return None if embedder is None else CarefulEmbedder(embedder)
