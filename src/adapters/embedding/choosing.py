"""Which models a server uses: those in its data folder whose libraries are installed, and instead
of the better one an endpoint, where one is set."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from adapters.embedding import Endpoint
from adapters.embedding.folder import FOLDER, MINILM, STATIC, DamagedModel, Model, find
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.ranking import Vectors
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.embedders import CarefulEmbedder, Embedder

log = structlog.get_logger("faraday.models")


@asynccontextmanager
async def embedding_in(
    data_dir: Path, endpoint: Endpoint | None = None
) -> AsyncIterator[tuple[Embedding, Callable[[], Vectors]]]:
    """With how an index keeps vectors. Without any model words find memories, and a damaged one is
    told of and left alone."""
    first, best, vectors = _models(data_dir, wanted=endpoint is None)
    if endpoint is not None:
        best = _reached(endpoint)
    try:
        yield Embedding(_careful(first), _careful(best)), vectors
    finally:
        for embedder in filter(None, (first, best)):
            await embedder.close()


def _models(
    data_dir: Path, *, wanted: bool
) -> tuple[Embedder | None, Embedder | None, Callable[[], Vectors]]:
    """`wanted`: whether the better one is."""
    if wanted and not (data_dir / FOLDER).is_dir():
        # Where there is no vector, what reckons with them is not worth its place in the memory.
        return None, None, PlainVectors
    try:
        from adapters.embedding.minilm import MiniLmEmbedder  # noqa: PLC0415 -- an extra
        from adapters.embedding.numbers import MatrixVectors  # noqa: PLC0415 -- an extra
        from adapters.embedding.table import StaticEmbedder  # noqa: PLC0415 -- an extra
    except ImportError:
        return None, None, PlainVectors
    first = _opened(data_dir, STATIC, StaticEmbedder)
    best = _opened(data_dir, MINILM, MiniLmEmbedder) if wanted else None
    return first, best, MatrixVectors


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
