"""The models of a data folder, asked without an event loop."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from adapters.embedding import minilm, table
from adapters.embedding.folder import MINILM, STATIC, Model, find
from faraday_core.memory.ranking import Vector

_AT_ONCE: Final = 32


@frozen
class Meaning:
    name: str
    near: float
    embed: Callable[[Sequence[str]], NDArray[np.float32]]

    def of(self, texts: Sequence[str]) -> Sequence[Vector]:
        by_length = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: dict[int, Vector] = {}
        for start in range(0, len(texts), _AT_ONCE):
            places = by_length[start : start + _AT_ONCE]
            vectors = self.embed([texts[at] for at in places])
            for at, vector in zip(places, vectors, strict=True):
                found[at] = Vector(self.name, vector.tolist(), self.near)
        return [found[at] for at in range(len(texts))]


def meanings(data_dir: Path) -> Sequence[Meaning]:
    """Raises DamagedModel."""
    made = []
    if model := _whole(data_dir, STATIC):
        made.append(Meaning(STATIC, table.NEAR, table.LoadedTable(model.folder).embed))
    if model := _whole(data_dir, MINILM):
        made.append(Meaning(MINILM, minilm.NEAR, minilm.Loaded(model.folder).embed))
    return made


def _whole(data_dir: Path, name: str) -> Model | None:
    model = find(data_dir, name)
    if model is not None:
        model.check()
    return model
