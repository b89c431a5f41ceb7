"""What `GET /auth/me` notices of pictures that are uploaded one after another beside it."""

import asyncio
import os
from time import perf_counter
from typing import Final

from attrs import frozen

from bench.load import Line, Measured, Paced, connected, get, in_turn
from bench.machine import Cores, Running
from bench.school import School

RATE: Final = 100.0
SECONDS: Final = 6.0  # of each half
ROUNDS: Final = 3
_CONNECTIONS: Final = 32
_BOUNDARY: Final = "a-picture"


@frozen
class Beside:
    """The 99th percentile, ms; `uploads` were answered meanwhile, `failed` of all of it were
    not as they should be."""

    calm: float
    busy: float
    uploads: int
    failed: int

    @property
    def ratio(self) -> float:
        return self.busy / self.calm


async def beside_uploads(
    server: Running, school: School, picture: bytes, there: Cores
) -> list[Beside]:
    # The process that decodes goes where there is room, as it does where nobody measures.
    os.sched_setaffinity(server.pid, {there.server, there.others})
    return [await _round(server, school, picture) for _ in range(ROUNDS)]


async def _round(server: Running, school: School, picture: bytes) -> Beside:
    paced = Paced(in_turn([get("/api/v1/auth/me", token) for token in school.tokens]))
    await paced.connect(server.port, _CONNECTIONS)
    await paced.use_each_once()
    calm = await paced.run(RATE, lambda seconds: seconds < SECONDS)
    statuses, busy = await _while_uploading(server, school, picture, paced)
    paced.close()
    wrong = sum(status != 201 for status in statuses)
    failed = calm.failed + busy.failed + wrong
    return Beside(calm.percentile(0.99), busy.percentile(0.99), len(statuses), failed)


async def _while_uploading(
    server: Running, school: School, picture: bytes, paced: Paced
) -> tuple[list[int], Measured]:
    """Of one person after the other, each as soon as the one before is answered."""
    uploads = in_turn([upload(picture, token) for token in school.tokens[:8]])
    statuses: list[int] = []
    until = perf_counter() + SECONDS

    def answered(line: Line, status: int) -> None:
        statuses.append(status)
        if perf_counter() < until:
            line.ask(next(uploads), perf_counter())

    (line,), _ = await connected(server.port, 1, answered)
    line.ask(next(uploads), perf_counter())
    busy = await paced.run(RATE, lambda _: perf_counter() < until)
    while line.asking:  # noqa: ASYNC110 -- the last one
        await asyncio.sleep(0.01)
    line.close()
    return statuses, busy


def upload(picture: bytes, token: str) -> bytes:
    body = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename=me\r\n\r\n".encode()
        + picture
        + f"\r\n--{_BOUNDARY}--\r\n".encode()
    )
    head = (
        "POST /api/v1/users/profile/avatar HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n\r\n"
    )
    return head.encode() + body
