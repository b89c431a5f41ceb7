"""What nobody would write into a form and somebody sends all the same: kept where it can be kept,
and refused by its name where not."""

import json
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from faraday_core.kernel.actor import Role
from tests.serving import Answer, Client, Server

KEPT: Final = (
    ("😀🦦", "🦦"),
    ("الكسور صعبة بالنسبة لي", "الكسور"),
    ("分数很难。小数更容易。", "分数"),
    ("Дроби and 分数 و الكسور together", "дроби"),
    ("'; drop table user_memories; --", "drop table"),
    ('He said "unclosed', '"unclosed'),
    ("100 % of it_all \\ done", "100"),
)
MEANINGLESS: Final = (
        "the", "und", '"', '"unclosed', "'; select pg_sleep(9); --", "a & b | !c:*", "NOT (", "%",
        "\\", "{}", "x" * 10_000, "😀" * 10_000, "the " * 2_500,
)  # fmt: skip
DEEP: Final = '{"content": "x", "context": %s}'
REFUSED: Final = (
        ('{"content": ""}', 422, ("/content", "too_short")),
        ('{"content": "\\t\\n "}', 422, ("/content", "too_short")),
        ('{"content": "x", "importance_score": -1}', 422, ("/importance_score", "invalid_value")),
        ('{"content": "x", "importance_score": 2}', 422, ("/importance_score", "invalid_value")),
        ('{"content": "x", "importance_score": 1e999}', 422,
         ("/importance_score", "invalid_value")),
        ('{"content": "x", "importance_score": NaN}', 400, "malformed_json"),
        ('{"content": "x", "expires_at": "2020-01-01T00:00:00Z"}', 422,
         ("/expires_at", "in_the_past")),
        ('{"content": "\\ud800"}', 422, ("/content", "invalid_character")),
        (DEEP % ('{"a":' * 17 + "1" + "}" * 17), 422,
         ("/context", "invalid_value")),
        (DEEP % ('{"a":' * 100 + "1" + "}" * 100), 400, "malformed_json"),
)  # fmt: skip


async def pupil(server: Server) -> Client:
    return await server.signed_in(Role.STUDENT)


async def keep(client: Client, content: str) -> Answer:
    return await client.ask("POST /memories", {"content": content})


async def found(client: Client, query: str) -> list[str]:
    answer = await client.ask(f"GET /memories/search?q={quote(query, safe='')}")
    assert 200 == answer.status, answer.body
    return [item["memory"]["content"] for item in answer.json["items"]]


async def test_whatever_is_written_comes_back_and_is_found(server: Server) -> None:
    sam = await pupil(server)

    for content, query in KEPT:
        made = await keep(sam, content)
        assert 201 == made.status, made.body
        assert content == (await sam.ask(f"GET /memories/{made.json['id']}")).json["content"]
        assert content in await found(sam, query)


async def test_a_question_that_means_nothing_finds_nothing(server: Server) -> None:
    sam = await pupil(server)
    await keep(sam, "Volcanoes are made of ash.")

    assert {} == {query[:9]: hits for query in MEANINGLESS if (hits := await found(sam, query))}


async def test_a_question_is_refused_by_its_name(server: Server) -> None:
    sam = await pupil(server)
    nested = json.dumps({"a": json.loads("[" * 100 + "]" * 100)})

    for query, code in (
        ("q=" + "x" * 10_001, ("?q", "too_long")),
        ("q=", ("?q", "too_short")),
        ("q=%20%09", ("?q", "too_short")),
        ("q=%00", ("?q", "invalid_character")),
        (f"q=x&context={quote(nested)}", ("?context", "invalid_value")),
    ):
        answer = await sam.ask(f"GET /memories/search?{query}")
        assert (422, {code}) == (answer.status, answer.faults)


async def test_what_cannot_be_kept_is_refused_by_its_name(server: Server) -> None:
    sam = await pupil(server)
    headers = {"Content-Type": "application/json"}

    for body, status, fault in REFUSED:
        answer = await sam.ask("POST /memories", data=body.encode(), headers=headers)
        assert status == answer.status, (body, answer.body)
        told = answer.faults if status == HTTPStatus.UNPROCESSABLE_ENTITY else {answer.code}
        assert {fault} == told, body
    assert [] == (await sam.ask("GET /memories")).json["items"]
