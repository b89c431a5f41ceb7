"""A vector a word, and the mean of them a text: a tenth of a millisecond, for the first moment."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from adapters.embedding.folder import Model
from adapters.embedding.minilm import MOST_CHARACTERS, TOKENIZER

TABLE: Final = "table.npy"
NEAR: Final = 0.75  # a mean of words lies near the mean of all words


class StaticEmbedder:
    """Fast enough to be asked on the event loop itself."""

    def __init__(self, model: Model) -> None:
        """Raises DamagedModel."""
        model.check()
        self._model = model
        self._table = LoadedTable(model.folder)

    @property
    def name(self) -> str:
        return self._model.name

    @property
    def dim(self) -> int:
        return self._model.dim

    @property
    def fingerprint(self) -> str:
        return self._model.fingerprint

    @property
    def near(self) -> float:
        return NEAR

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return list(self._table.embed(texts)) if texts else []

    async def embed_query(self, text: str) -> Sequence[float]:
        found: Sequence[float] = self._table.embed([text])[0]
        return found

    async def close(self) -> None:
        """There is nothing to close."""


class LoadedTable:
    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer  # noqa: PLC0415 -- whoever has no model needs none

        # Mapped, not read: the processes of a server share it.
        self._table: NDArray[np.float16] = np.load(folder / TABLE, mmap_mode="r")
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(
            [text[:MOST_CHARACTERS] for text in texts], add_special_tokens=False
        )
        return np.stack([self._mean(one.ids) for one in encoded])

    def _mean(self, ids: Sequence[int]) -> NDArray[np.float32]:
        dim = self._table.shape[1]
        if not ids:  # a text of blanks means nothing in particular
            return np.full(dim, dim**-0.5, np.float32)
        mean: NDArray[np.float32] = self._table[ids].astype(np.float32).mean(axis=0)
        length = float(np.linalg.norm(mean))
        return mean / length if length else np.full(dim, dim**-0.5, np.float32)
