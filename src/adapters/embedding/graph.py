"""The graph of a MiniLM, written down by hand from its weights: no torch, no exporter."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from adapters.embedding.minilm import LONGEST

HEAD: Final = 32  # of a vector's numbers, how many one head attends to
EPSILON: Final = 1e-12
_CONTRIB: Final = "com.microsoft"  # onnxruntime's own operators, several of ONNX' in one
Weights = Mapping[str, NDArray[np.float32]]


class _Graph:
    """Nodes and what they are given, in the order of their making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []  # onnx' own messages, which are generated and have no types
        self.given: list[Any] = []

    def hold(self, name: str, value: NDArray[Any]) -> str:
        self.given.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, kind: str, inputs: Sequence[str], output: str, domain: str = "", **settings: Any
    ) -> str:
        made = helper.make_node(kind, inputs, [output], domain=domain, name=output, **settings)
        self.nodes.append(made)
        return output


def write_graph(weights: Weights, path: Path) -> int:
    """From tokens and their mask to vectors of length one.

    Layers (Vaswani et al. 2017) as BERT has them (Devlin et al. 2018), and a mean over the
    tokens (Reimers and Gurevych 2019). Answers how many numbers a vector has.
    """
    dim = int(weights["embeddings.word_embeddings.weight"].shape[1])
    graph = _Graph()
    hidden = _embeddings(graph, weights)
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        hidden = _layer(graph, weights, f"encoder.layer.{layer}", hidden)
        layer += 1
    _pool(graph, hidden)
    made = helper.make_graph(
        graph.nodes,
        "minilm",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"]),
            helper.make_tensor_value_info("mask", TensorProto.INT32, ["texts", "tokens"]),
        ],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", dim])],
        graph.given,
    )
    versions = [helper.make_opsetid("", 17), helper.make_opsetid(_CONTRIB, 1)]
    model = helper.make_model(made, opset_imports=versions, ir_version=9)
    onnx.save(model, str(path))
    return dim


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """Of each token: what it is, and where it stands. All are of the first of two sentences."""
    place = weights["embeddings.position_embeddings.weight"][:LONGEST]
    place = place + weights["embeddings.token_type_embeddings.weight"][0]
    words = graph.hold("words", weights["embeddings.word_embeddings.weight"])
    places = graph.hold("places", place)
    zero, one = graph.hold("zero", np.array([0], np.int64)), graph.hold("one", np.array([1]))
    shape = graph.node("Shape", ["ids"], "shape")
    length = graph.node("Gather", [shape, one], "length")
    here = graph.node("Slice", [places, zero, length, zero], "here")
    there = graph.node("Gather", [words, "ids"], "there")
    both = graph.node("Add", [there, here], "both")
    scale = graph.hold("first.scale", weights["embeddings.LayerNorm.weight"])
    shift = graph.hold("first.shift", weights["embeddings.LayerNorm.bias"])
    return graph.node(
        "LayerNormalization", [both, scale, shift], "embedded", axis=-1, epsilon=EPSILON
    )


def _layer(graph: _Graph, weights: Weights, at: str, hidden: str) -> str:
    asking = [weights[f"{at}.attention.self.{part}.weight"].T for part in _ASKING]
    shifts = [weights[f"{at}.attention.self.{part}.bias"] for part in _ASKING]
    attended = graph.node(
        "Attention",
        [
            hidden,
            graph.hold(f"{at}.asking", np.concatenate(asking, axis=1)),
            graph.hold(f"{at}.shifts", np.concatenate(shifts)),
            "mask",
        ],
        f"{at}.attended",
        _CONTRIB,
        num_heads=len(asking[0]) // HEAD,
    )
    settled = _dense(graph, weights, f"{at}.attention.output", attended, hidden)
    widened = graph.node(
        "MatMul",
        [settled, graph.hold(f"{at}.wide", weights[f"{at}.intermediate.dense.weight"].T)],
        f"{at}.widened",
    )
    shift = graph.hold(f"{at}.wide.shift", weights[f"{at}.intermediate.dense.bias"])
    bent = graph.node("BiasGelu", [widened, shift], f"{at}.bent", _CONTRIB)
    return _dense(graph, weights, f"{at}.output", bent, settled)


_ASKING: Final = ("query", "key", "value")


def _dense(graph: _Graph, weights: Weights, at: str, given: str, beside: str) -> str:
    matrix = graph.hold(f"{at}.matrix", weights[f"{at}.dense.weight"].T)
    made = graph.node("MatMul", [given, matrix], f"{at}.made")
    return graph.node(
        "SkipLayerNormalization",
        [
            made,
            beside,
            graph.hold(f"{at}.scale", weights[f"{at}.LayerNorm.weight"]),
            graph.hold(f"{at}.shift", weights[f"{at}.LayerNorm.bias"]),
            graph.hold(f"{at}.add", weights[f"{at}.dense.bias"]),
        ],
        f"{at}.settled",
        _CONTRIB,
        epsilon=EPSILON,
    )


def _pool(graph: _Graph, hidden: str) -> None:
    """The mean over those tokens that are no padding, as a direction."""
    last, middle = graph.hold("last", np.array([2])), graph.hold("middle", np.array([1]))
    seen = graph.node("Cast", ["mask"], "seen", to=TensorProto.FLOAT)
    each = graph.node("Unsqueeze", [seen, last], "each")
    kept = graph.node("Mul", [hidden, each], "kept")
    total = graph.node("ReduceSum", [kept, middle], "total", keepdims=0)
    graph.node("LpNormalization", [total], "vectors", axis=1, p=2)
