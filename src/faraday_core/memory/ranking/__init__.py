"""Finding a person's memories again: one pure ranking, with a reason for each place in it."""

from faraday_core.memory.ranking.index import MemoryIndex
from faraday_core.memory.ranking.model import (
    Filters,
    Found,
    Halves,
    Indexed,
    Question,
    Reason,
    ReasonKind,
    Stemmer,
    Vector,
    Vectors,
)
from faraday_core.memory.ranking.search import search
from faraday_core.memory.ranking.weights import Weights

__all__ = [
    "Filters",
    "Found",
    "Halves",
    "Indexed",
    "MemoryIndex",
    "Question",
    "Reason",
    "ReasonKind",
    "Stemmer",
    "Vector",
    "Vectors",
    "Weights",
    "search",
]
