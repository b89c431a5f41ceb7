"""An endpoint for embeddings: what it is asked, and what becomes of an odd answer."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.embedding.endpoint import AT_ONCE, EndpointEmbedder
from faraday_core.memory.ranking.embedders import CarefulEmbedder

Answer = Callable[[dict[str, Any]], web.StreamResponse]  # as JSON


class Endpoint:
    """Answers as a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, Any], str | None]] = []  # as JSON, and the key
        self.answer: Answer = vectors

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append((body, request.headers.get("Authorization")))
        return self.answer(body)


def vectors(body: dict[str, Any]) -> web.StreamResponse:  # as JSON
    """In no order, and longer than one."""
    data = [{"index": at, "embedding": [3.0, 4.0 * (at + 1)]} for at in range(len(body["input"]))]
    return web.json_response({"data": data[::-1], "model": body["model"]})


@pytest.fixture
async def endpoint() -> AsyncIterator[tuple[Endpoint, EndpointEmbedder]]:
    endpoint, app = Endpoint(), web.Application()
    app.router.add_post("/v1/embeddings", endpoint.handle)
    async with TestServer(app) as server:
        embedder = EndpointEmbedder(str(server.make_url("/v1/")), "their-model", 2, "their-key")
        yield endpoint, embedder
        await embedder.close()


async def test_it_is_asked_as_openais(endpoint: tuple[Endpoint, EndpointEmbedder]) -> None:
    there, embedder = endpoint

    assert [0.6, 0.8] == list(await embedder.embed_query("river"))
    assert [({"model": "their-model", "input": ["river"]}, "Bearer their-key")] == there.asked
    assert "their-model-2" == embedder.fingerprint


async def test_many_texts_are_asked_in_parts_and_come_in_their_order(
    endpoint: tuple[Endpoint, EndpointEmbedder],
) -> None:
    there, embedder = endpoint

    found = await embedder.embed_documents([f"text {n}" for n in range(AT_ONCE + 1)])

    assert [AT_ONCE, 1] == [len(body["input"]) for body, _ in there.asked]
    assert AT_ONCE + 1 == len(found)
    assert found[1][0] < found[0][0]
    assert [] == list(await embedder.embed_documents([]))


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=500),
        web.Response(status=401, text="no"),
        web.Response(status=302, headers={"Location": "http://elsewhere.example/"}),
        web.Response(text="no JSON"),
        web.json_response([]),
        web.json_response({"data": []}),
        web.json_response({"data": [{"index": 1, "embedding": [1]}]}),
        web.json_response({"data": [{"index": 0, "embedding": ["x"]}]}),
        web.json_response({"data": [{"index": 0, "embedding": None}]}),
    ],
    ids=lambda answer: f"{answer.status} {answer.text}",
)
async def test_what_is_no_vector_is_refused(
    endpoint: tuple[Endpoint, EndpointEmbedder], answer: web.Response
) -> None:
    there, embedder = endpoint
    there.answer = lambda _: answer

    assert await CarefulEmbedder(embedder).query("river") is None


async def test_another_dimension_is_refused(
    endpoint: tuple[Endpoint, EndpointEmbedder],
) -> None:
    there, embedder = endpoint
    there.answer = lambda _: web.json_response({"data": [{"index": 0, "embedding": [1, 2, 3]}]})
    careful = CarefulEmbedder(embedder)

    assert await careful.query("river") is None
    assert "answered 3 dimensions instead of 2" == careful.failure


async def test_an_endpoint_that_is_down_stops_no_search() -> None:
    embedder = EndpointEmbedder("http://127.0.0.1:9/v1", "m", 2)
    careful = CarefulEmbedder(embedder)

    assert await careful.query("river") is None
    assert careful.failure
    await embedder.close()
