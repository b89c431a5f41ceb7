"""200 sign-ins at once beside 100 requests a second of those who are signed in."""

import asyncio
from collections import Counter
from time import perf_counter
from typing import Final

import orjson
from attrs import Factory, define, frozen

from bench.load import LOST, Line, Paced, connected, get, in_turn, post
from bench.machine import Running
from bench.school import PASSWORD, School

SIGN_INS: Final = 200
RATE: Final = 100.0
CALM: Final = 5.0  # seconds
_CONNECTIONS: Final = 32


@frozen
class Stormy:
    """`calm`, `storm`: the 99th percentile of GET /auth/me, ms. `slowest`: seconds."""

    calm: float
    storm: float
    failed: int
    signed_in: int
    put_off: int
    put_off_without_time: int
    unanswered: int
    slowest_signed_in: float
    slowest_put_off: float

    @property
    def ratio(self) -> float:
        return self.storm / self.calm


@define
class SignIns:
    """All at once, each over a connection of its own."""

    statuses: Counter[int] = Factory(Counter)
    slowest: dict[int, float] = Factory(dict)
    without_time: int = 0
    left: int = SIGN_INS

    async def connect(self, port: int) -> list[Line]:
        lines, refused = await connected(port, SIGN_INS, self._answered)
        assert not refused
        return lines

    def _answered(self, line: Line, status: int) -> None:
        self.left -= 1
        self.statuses[status] += 1
        took = perf_counter() - line.began
        self.slowest[status] = max(took, self.slowest.get(status, 0.0))
        if status == 503 and b"retry-after:" not in line.head:
            self.without_time += 1


async def storm(server: Running, school: School) -> Stormy:
    paced = Paced(in_turn([get("/api/v1/auth/me", token) for token in school.tokens]))
    await paced.connect(server.port, _CONNECTIONS)
    await paced.use_each_once()
    calm = await paced.run(RATE, lambda seconds: seconds < CALM)
    sign_ins = SignIns()
    lines = await sign_ins.connect(server.port)
    running = asyncio.create_task(paced.run(RATE, lambda _: sign_ins.left > 0))
    for line, address in zip(lines, school.addresses, strict=True):
        body = orjson.dumps({"email": address, "password": PASSWORD})
        line.ask(post("/api/v1/auth/login", body), perf_counter())
    stormy = await running
    for line in lines:
        line.close()
    paced.close()
    return Stormy(
        calm=calm.percentile(0.99),
        storm=stormy.percentile(0.99),
        failed=calm.failed + stormy.failed,
        signed_in=sign_ins.statuses[200],
        put_off=sign_ins.statuses[503],
        put_off_without_time=sign_ins.without_time,
        unanswered=sign_ins.statuses[LOST],
        slowest_signed_in=sign_ins.slowest.get(200, 0.0),
        slowest_put_off=sign_ins.slowest.get(503, 0.0),
    )


async def storms(server: Running, school: School, count: int) -> list[Stormy]:
    return [await storm(server, school) for _ in range(count)]
