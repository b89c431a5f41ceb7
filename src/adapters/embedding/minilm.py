"""all-MiniLM-L6-v2 as an int8 graph on onnxruntime."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from adapters.embedding.folder import Model

GRAPH: Final = "model.onnx"
TOKENIZER: Final = "tokenizer.json"
LONGEST: Final = 256  # tokens, as the model was made
MOST_CHARACTERS: Final = 4_000  # more of them are no 256 tokens, but cost time to cut up
BATCH: Final = 32
NEAR: Final = 0.4
MOST_WAITING: Final = 64  # questions; who comes then goes by words alone


class TooManyWaiting(Exception):
    """Nobody is made to wait for a model."""


class MiniLmEmbedder:
    """Loaded at the first text, in threads of its own: no event loop waits for it, and no question
    for documents."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._loaded: Loaded | None = None
        self._loading = Lock()
        self._questions = ThreadPoolExecutor(1, thread_name_prefix="minilm-questions")
        self._documents = ThreadPoolExecutor(1, thread_name_prefix="minilm-documents")
        self._waiting = 0

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
        """Those of like length together, which pads them least. Raises DamagedModel."""
        by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: dict[int, Sequence[float]] = {}
        for start in range(0, len(texts), BATCH):
            places = by_length[start : start + BATCH]
            vectors = await self._run(self._documents, [texts[at] for at in places])
            found.update(zip(places, vectors, strict=True))
        return [found[at] for at in range(len(texts))]

    async def embed_query(self, text: str) -> Sequence[float]:
        """Raises DamagedModel, TooManyWaiting."""
        if self._waiting >= MOST_WAITING:
            raise TooManyWaiting
        self._waiting += 1
        try:
            vectors = await self._run(self._questions, [text])
        finally:
            self._waiting -= 1
        return vectors[0]

    async def close(self) -> None:
        """What is being worked on ends first."""
        self._questions.shutdown(wait=False, cancel_futures=True)
        self._documents.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self, thread: ThreadPoolExecutor, texts: Sequence[str]
    ) -> Sequence[Sequence[float]]:
        loop = asyncio.get_running_loop()
        vectors = await loop.run_in_executor(thread, self._embed, texts)
        return [vector.tolist() for vector in vectors]

    def _embed(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        with self._loading:
            if self._loaded is None:
                self._model.check()
                self._loaded = Loaded(self._model.folder)
        return list(self._loaded.embed(texts))


class Loaded:
    """The graph and its tokenizer in memory: about 100 MB."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415 -- takes a while, and whoever has no model needs none
        from tokenizers import Tokenizer  # noqa: PLC0415 -- as above

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a server has a process a core
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # which never gives back what its longest text took
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(  # the library ships no types
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer_file: Final = folder / TOKENIZER
        self._tokenizer = Tokenizer.from_file(str(self.tokenizer_file))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch([text[:MOST_CHARACTERS] for text in texts])
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int32)
        return self._run(ids, mask)

    def embed_tokens(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of each by its number, as a text of its own."""
        begin = np.full_like(tokens, self._tokenizer.token_to_id("[CLS]"))
        end = np.full_like(tokens, self._tokenizer.token_to_id("[SEP]"))
        ids = np.stack([begin, tokens, end], axis=1)
        return self._run(ids, np.ones(ids.shape, np.int32))

    def _run(self, ids: NDArray[np.int64], mask: NDArray[np.int32]) -> NDArray[np.float32]:
        (vectors,) = self._session.run(None, {"ids": ids, "mask": mask})
        found: NDArray[np.float32] = vectors
        return found

    @property
    def vocabulary_size(self) -> int:
        return int(self._tokenizer.get_vocab_size())
