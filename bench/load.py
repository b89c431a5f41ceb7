"""Who asks: keep-alive connections that send what was written before, and read no more of an
answer than its status and its length, so that asking costs little beside answering."""

import asyncio
import gc
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Final, cast

from attrs import Factory, define, frozen

_AT_ONCE: Final = 500  # connections that are being opened
_FEW: Final = 20  # that ask at once, where it is not for the measuring
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
LOST: Final = 0  # in the place of a status: the connection ended without an answer


class Line(asyncio.Protocol):
    """One connection, with one request under way at most. `answered` is told (line, status)."""

    def __init__(self, answered: "Callable[[Line, int], None]") -> None:
        self.answered = answered
        self.began = 0.0
        self.asking = False
        self.head = b""  # of the last answer
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class

    def ask(self, request: bytes, began: float) -> None:
        self.began, self.asking = began, True
        if self._transport is None or self._transport.is_closing():
            self._answer(LOST)
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = buffer = self._buffer + data if self._buffer else data
        end = buffer.find(_END)
        if end < 0:
            return
        head = buffer[:end].lower()
        at = head.find(_LENGTH)
        length = int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(buffer) >= end + len(_END) + length:
            self._buffer, self.head = b"", head
            self._answer(int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        if self.asking:
            self._answer(LOST)

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def _answer(self, status: int) -> None:
        self.asking = False
        self.answered(self, status)


@frozen
class Measured:
    """`latencies`: seconds each."""

    latencies: list[float]
    statuses: Counter[int]
    seconds: float

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.statuses.items() if not 200 <= status < 300)

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


async def connected(
    port: int, count: int, answered: Callable[[Line, int], None]
) -> tuple[list[Line], int]:
    """So many connections, and how many were refused."""
    loop = asyncio.get_running_loop()

    async def connect() -> Line | None:
        line = Line(answered)
        try:
            await loop.create_connection(lambda: line, "127.0.0.1", port)
        except OSError:
            return None
        return line

    lines: list[Line] = []
    for first in range(0, count, _AT_ONCE):
        some = min(_AT_ONCE, count - first)
        opened = await asyncio.gather(*(connect() for _ in range(some)))
        lines += [line for line in opened if line]
    return lines, count - len(lines)


async def at_full_speed(
    port: int, connections: int, requests: Iterator[bytes], seconds: float
) -> Measured:
    """Each connection asks again as soon as it is answered."""
    ended = asyncio.get_running_loop().create_future()
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    asking = connections

    def answered(line: Line, status: int) -> None:
        nonlocal asking
        now = perf_counter()
        latencies.append(now - line.began)
        statuses[status] += 1
        if now < deadline and status != LOST:
            line.ask(next(requests), now)
            return
        asking -= 1
        if not asking:
            ended.set_result(None)

    lines, refused = await connected(port, connections, answered)
    assert not refused
    with undisturbed():
        began = perf_counter()
        deadline = began + seconds
        for line in lines:
            line.ask(next(requests), perf_counter())
        await ended
        took = perf_counter() - began
    for line in lines:
        line.close()
    return Measured(latencies, statuses, took)


@define
class Paced:
    """So many requests a second, whatever becomes of them, over connections in turn. A latency
    counts from when its request was due."""

    requests: Iterator[bytes]
    latencies: list[float] = Factory(list)
    statuses: Counter[int] = Factory(Counter)
    lines: list[Line] = Factory(list)
    _free: deque[Line] = Factory(deque)
    _late: deque[float] = Factory(deque)  # when they were due
    _under_way: int = 0

    async def connect(self, port: int, count: int) -> int:
        """How many were refused."""
        lines, refused = await connected(port, count, self._answered)
        self.lines += lines
        self._free.extend(lines)
        return refused

    async def use_each_once(self) -> None:
        for first in range(0, len(self.lines), _FEW):
            for _ in self.lines[first : first + _FEW]:
                self._ask(perf_counter())
            await self.settle()

    async def run(self, rate: float, goes_on: Callable[[float], bool]) -> Measured:
        """`goes_on`: is asked before each with the seconds since it began."""
        self.latencies, self.statuses = [], Counter()
        began = perf_counter()
        with undisturbed():
            due, count = began, 0
            while goes_on(due - began):
                await asyncio.sleep(max(0.0, due - perf_counter()))
                self._ask(due)
                count += 1
                due = began + count / rate
            seconds = perf_counter() - began
            await self.settle()
        return Measured(self.latencies, self.statuses, seconds)

    async def settle(self) -> None:
        """Until all are answered."""
        while self._under_way:  # noqa: ASYNC110 -- counted down by many
            await asyncio.sleep(0.005)
        self.statuses[LOST] += len(self._late)  # whom no connection is left for
        self._late.clear()

    def close(self) -> None:
        for line in self.lines:
            line.close()

    def _ask(self, due: float) -> None:
        if self._free:
            self._under_way += 1
            self._free.popleft().ask(next(self.requests), due)
        else:
            self._late.append(due)

    def _answered(self, line: Line, status: int) -> None:
        self.latencies.append(perf_counter() - line.began)
        self.statuses[status] += 1
        self._under_way -= 1
        if status == LOST:
            return  # whose turn does not come again
        self._free.append(line)
        if self._late:
            self._ask(self._late.popleft())


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector of who asks."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def get(path: str, token: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    return head.encode()


def post(path: str, body: bytes, token: str | None = None) -> bytes:
    signed = f"Authorization: Bearer {token}\r\n" if token else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{signed}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def in_turn(requests: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests
