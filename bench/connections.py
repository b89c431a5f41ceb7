"""Thousands of people who hold a connection open and ask now and then."""

from typing import Final

from attrs import frozen

from bench.load import Paced, get, in_turn
from bench.machine import Running
from bench.school import School

FEW: Final = 100
RATE: Final = 200.0  # requests a second, over all connections in turn


@frozen
class Held:
    """`few`, `many`: the 99th percentiles, ms. `each`: bytes a connection, used once."""

    count: int
    few: float
    many: float
    each: float
    at_rest: int
    with_all: int
    refused: int
    failed: int


async def hold(server: Running, school: School, count: int, seconds: float) -> Held:
    """With few, and then with all of them. The server is to be a fresh one: what an earlier load
    has left free would hide what a connection takes."""
    at_rest = server.memory()
    paced = Paced(in_turn([get("/api/v1/auth/me", token) for token in school.tokens]))
    refused = await paced.connect(server.port, FEW)
    for _ in range(10):
        await paced.use_each_once()
    few = await paced.run(RATE, lambda passed: passed < seconds)
    before = server.memory()
    refused += await paced.connect(server.port, count - FEW)
    await paced.use_each_once()
    with_all = server.memory()
    many = await paced.run(RATE, lambda passed: passed < seconds)
    paced.close()
    return Held(
        count=count,
        few=few.percentile(0.99),
        many=many.percentile(0.99),
        each=(with_all - before) / (count - FEW),
        at_rest=at_rest,
        with_all=with_all,
        refused=refused,
        failed=few.failed + many.failed,
    )
