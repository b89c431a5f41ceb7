"""What goes into the ranking and what comes out of it."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol, overload

from attrs import field, frozen


class Halves(Sequence[float]):
    """Numbers of half precision as they are kept, the least significant byte first. Whoever can
    read the bytes themselves is spared a thousand numbers of Python's."""

    def __init__(self, kept: bytes) -> None:
        self.kept: Final = kept

    def __len__(self) -> int:
        return len(self.kept) // 2

    @overload
    def __getitem__(self, at: int) -> float: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[float]: ...
    def __getitem__(self, at: int | slice) -> float | Sequence[float]:
        return self._numbers()[at]

    def __iter__(self) -> Iterator[float]:
        return iter(self._numbers())

    def _numbers(self) -> tuple[float, ...]:
        return struct.unpack(f"<{len(self)}e", self.kept)


@frozen
class Vector:
    """What a text means to one model. Vectors of two models are never compared."""

    model: str  # the embedder's fingerprint
    values: Sequence[float] = field(repr=False)  # of length one
    near: float = 0.4  # a cosine from which on it may be found that has none of the words


@frozen
class Indexed:
    """What the ranking knows of a memory. What its context means is read by `places.py`."""

    id: str
    content: str
    created_at: datetime
    context: Mapping[str, Any] = field(factory=dict)
    category: str | None = None  # its id
    category_name: str | None = None
    tags: frozenset[str] = frozenset()
    importance: float = 0.5
    usefulness: float = 0.0  # of feedback: from -1, only ever unhelpful, to 1, only ever helpful
    superseded: bool = False  # a later memory says otherwise
    expires_at: datetime | None = None
    vector: Vector | None = None


@frozen
class Question:
    """What is looked for, and what the person is doing at this moment."""

    text: str
    context: Mapping[str, Any] = field(factory=dict)
    vectors: Sequence[Vector] = ()  # one a model; without any the search goes by words alone


@frozen
class Filters:
    """What may be found at all. None, or nothing named: everything."""

    categories: frozenset[str] | None = None  # ids, a whole subtree where one is asked for
    tags: frozenset[str] = frozenset()  # each of them
    since: datetime | None = None
    until: datetime | None = None  # this moment not included


class ReasonKind(StrEnum):
    WORDS = "words"
    MEANING = "meaning"
    THREAD = "thread"
    CONTEXT = "context"
    TIME = "time"
    IMPORTANCE = "importance"
    RECENT = "recent"
    HELPFUL = "helpful"


@frozen
class Reason:
    kind: ReasonKind
    detail: str


@frozen
class Found:
    id: str
    relevance_score: float  # 0 to 1; from 0.5 on more likely useful than not
    reasons: Sequence[Reason]  # the weightiest first, at least one


class Stemmer(Protocol):
    """What words have in common that are forms of one."""

    def stem(self, word: str, language: str) -> str:
        """The stem of a word in lower case; the word itself in a language that it knows not.

        `language` is a primary subtag (RFC 5646): "de", not "de-AT".
        """


class Vectors(Protocol):
    """The vectors of one model, each at the place of its memory in an index."""

    def put(self, slot: int, values: Sequence[float]) -> None: ...

    def drop(self, slot: int) -> None: ...

    def cosines(self, query: Sequence[float], size: int) -> list[float]:
        """By slot, `size` of them; 0.0 exactly where there is no vector."""

    def similarity(self, slot: int, other: int) -> float: ...

    @property
    def size_in_bytes(self) -> int: ...
