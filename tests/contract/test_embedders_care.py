"""What becomes of a search when a model is down, slow or wrong, and what meaning adds to words."""

import asyncio
from collections.abc import Sequence
from math import inf, nan

import pytest

from adapters.embedding.numbers import MatrixVectors
from faraday_core.memory.ranking import Vector
from faraday_core.memory.ranking.cosines import PlainVectors
from faraday_core.memory.ranking.embedders import CarefulEmbedder
from tests.remembering import ask, ids, index_of, memory

# --- care ---------------------------------------------------------------------------------------


class Scripted:
    """An embedder that answers what a test says."""

    name = fingerprint = "scripted"
    dim = 2
    near = 0.5

    def __init__(self, *answers: Sequence[float] | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def embed_query(self, text: str) -> Sequence[float]:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def embed_documents(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [await self.embed_query(text) for text in texts]

    async def close(self) -> None:
        """Nothing."""


class Stuck(Scripted):
    async def embed_query(self, text: str) -> Sequence[float]:
        await asyncio.Event().wait()
        raise AssertionError


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (OSError("down"), "OSError"),
        ([1.0], "answered 1 dimensions instead of 2"),
        ([1.0, 0.0, 0.0], "answered 3 dimensions instead of 2"),
        ([nan, 0.0], "answered a vector that is no direction"),
        ([inf, 0.0], "answered a vector that is no direction"),
        ([0.0, 0.0], "answered a vector that is no direction"),
        ([3.0, 4.0], "answered a vector that is no direction"),
    ],
)
async def test_what_is_no_sound_vector_is_none_and_the_embedder_rests(
    answer: Sequence[float] | Exception, failure: str
) -> None:
    clock = Clock()
    scripted = Scripted(answer, [0.6, 0.8])
    careful = CarefulEmbedder(scripted, rest=30, now=clock)

    assert await careful.query("x") is None
    assert failure == careful.failure
    clock.seconds = 29
    assert await careful.query("x") is None
    assert 1 == scripted.asked
    clock.seconds = 31
    assert Vector("scripted", [0.6, 0.8], 0.5) == await careful.query("x")
    assert careful.failure is None


async def test_a_slow_embedder_is_not_waited_for() -> None:
    careful = CarefulEmbedder(Stuck(), seconds=0.01)

    assert await careful.query("x") is None
    assert "took longer than 0.01 s" == careful.failure


async def test_of_documents_each_sound_one_counts() -> None:
    careful = CarefulEmbedder(Scripted([0.6, 0.8], [nan, 1.0], [1.0, 0.0]))

    one, two, three = await careful.documents(["a", "b", "c"])

    assert one
    assert two is None
    assert three
    assert [None, None] == await CarefulEmbedder(Scripted(OSError())).documents(["a", "b"])
    assert [] == await CarefulEmbedder(Scripted()).documents([])


# --- in the ranking -----------------------------------------------------------------------------


@pytest.fixture(params=[PlainVectors, MatrixVectors])
def vectors(request: pytest.FixtureRequest) -> PlainVectors | MatrixVectors:
    made: PlainVectors | MatrixVectors = request.param()
    return made


def test_vectors_are_kept_at_their_slots(vectors: PlainVectors | MatrixVectors) -> None:
    vectors.put(3, [0.6, 0.8])
    vectors.put(200, [1.0, 0.0])
    vectors.put(4, [0.0, 1.0])
    vectors.put(4, [0.8, 0.6])
    vectors.drop(200)
    vectors.drop(999)

    cosines = vectors.cosines([1.0, 0.0], 6)

    assert [0.0, 0.0, 0.0, pytest.approx(0.6), pytest.approx(0.8), 0.0] == cosines
    assert pytest.approx(0.96) == vectors.similarity(3, 4)
    assert 300 == len(vectors.cosines([1.0, 0.0], 300))
    assert vectors.size_in_bytes > 0


def test_what_is_near_in_meaning_is_found_without_a_word() -> None:
    near, far = Vector("m", [1.0, 0.0]), Vector("m", [0.0, 1.0])
    index = index_of(
        [memory("near", "photosynthesis", vector=near), memory("far", "castles", vector=far)]
    )

    found = ask(index, "plants making sugar", vectors=[Vector("m", [0.96, 0.28], 0.5)])

    assert ["near"] == ids(found)
    assert ["meaning"] == [reason.kind for reason in found[0].reasons]
    assert [] == ask(index, "plants making sugar", vectors=[Vector("m", [-0.6, -0.8], 0.5)])


def test_vectors_of_two_models_are_never_compared() -> None:
    old, new = Vector("old", [1.0, 0.0]), Vector("new", [1.0, 0.0, 0.0])
    index = index_of([memory("old", "lava", vector=old), memory("new", "magma", vector=new)])

    assert ["old"] == ids(ask(index, "volcano", vectors=[Vector("old", [1.0, 0.0])]))
    assert ["new"] == ids(ask(index, "volcano", vectors=[Vector("new", [1.0, 0.0, 0.0])]))
    assert {"old", "new"} == {*ids(ask(index, "volcano", vectors=[old, new]))}
    assert [] == ask(index, "volcano", vectors=[Vector("third", [1.0])])
