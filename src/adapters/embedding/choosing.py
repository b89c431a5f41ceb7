"""Which models a server uses: those in its data folder whose libraries are installed."""

from collections.abc import Callable
from pathlib import Path

import structlog

from adapters.embedding.folder import MINILM, STATIC, DamagedModel, Model, find
from faraday_core.memory.embedding import Embedding
from faraday_core.memory.ranking import Vectors
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.embedders import CarefulEmbedder, Embedder

log = structlog.get_logger("faraday.models")


def embedding_of(data_dir: Path) -> tuple[Embedding, Callable[[], Vectors]]:
    """Without any model words find memories, and a damaged one is told of and left alone."""
    try:
        from adapters.embedding.minilm import MiniLmEmbedder  # noqa: PLC0415 -- an extra
        from adapters.embedding.numbers import MatrixVectors  # noqa: PLC0415 -- an extra
        from adapters.embedding.table import StaticEmbedder  # noqa: PLC0415 -- an extra
    except ImportError:
        return Embedding(), PlainVectors
    first = _opened(data_dir, STATIC, StaticEmbedder)
    return Embedding(first, _opened(data_dir, MINILM, MiniLmEmbedder)), MatrixVectors


def _opened(
    data_dir: Path, name: str, kind: Callable[[Model], Embedder]
) -> CarefulEmbedder | None:
    try:
        model = find(data_dir, name)
        return CarefulEmbedder(kind(model)) if model else None
    except (DamagedModel, ImportError, OSError, ValueError) as error:
        log.warning("memories are found without this model", model=name, reason=str(error))
        return None
