"""The product and the bare server in turn, a route and a number of connections after another."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final

from attrs import frozen

from bench.load import Measured, at_full_speed, get, in_turn, post
from bench.machine import Running
from bench.school import School

ME: Final = "GET /auth/me"
LIST: Final = "GET /users?limit=20"
ADD: Final = "POST /organizations"
LIVES: Final = "GET /livez"
_WARM_UP: Final = 0.3  # of the measured time


@frozen
class Round:
    """`cpu`: microseconds of the server's a request."""

    rate: float
    p50: float
    p99: float
    cpu: float


@frozen
class Load:
    route: str
    connections: int


@frozen
class Goal:
    """At least so many times the bare server's requests a second, at most so much of its CPU."""

    rate: float
    cpu: float | None = None


GOALS: Final[Mapping[str, Goal]] = {ME: Goal(1.0, 0.95), LIST: Goal(0.9), ADD: Goal(0.9)}
LOADS: Final = (
    *(Load(route, connections) for route in (ME, LIST, ADD) for connections in (1, 32, 256)),
    Load(LIVES, 32),
)


@frozen
class Compared:
    """One load's rounds, each of both servers."""

    load: Load
    product: Sequence[Round]
    bare: Sequence[Round]

    def ratios(self, of: Callable[[Round], float]) -> list[float]:
        """The product's to the bare server's, in each round."""
        return [of(one) / of(other) for one, other in zip(self.product, self.bare, strict=True)]

    @property
    def meets_goal(self) -> bool | None:
        """By the medians; None where there is no goal."""
        goal = GOALS.get(self.load.route)
        if goal is None:
            return None
        rate, cpu = (median(self.ratios(of)) for of in (rate_of, cpu_of))
        return rate >= goal.rate and (goal.cpu is None or cpu <= goal.cpu)


def rate_of(found: Round) -> float:
    return found.rate


def cpu_of(found: Round) -> float:
    return found.cpu


async def compare(
    product: Running,
    bare: Running,
    school: School,
    *,
    rounds: int,
    seconds: float,
    tell: Callable[[str], None],
) -> list[Compared]:
    """The order of the two turns with each round. Raises RuntimeError where one refuses."""
    found: dict[tuple[Load, str], list[Round]] = defaultdict(list)
    requests = {route: _requests(route, school) for route in (ME, LIST, ADD, LIVES)}
    for number in range(rounds):
        servers = [product, bare] if number % 2 else [bare, product]
        for load in LOADS:
            tell(f"round {number + 1} of {rounds}: {load.route}, {load.connections} connections")
            for server in servers:
                measured = await _round(server, load, requests[load.route], seconds)
                found[load, server.name].append(measured)
    return [Compared(load, found[load, product.name], found[load, bare.name]) for load in LOADS]


async def _round(server: Running, load: Load, requests: Iterator[bytes], seconds: float) -> Round:
    await at_full_speed(server.port, load.connections, requests, seconds * _WARM_UP)
    await asyncio.sleep(0.05)
    before = server.cpu()
    measured = await at_full_speed(server.port, load.connections, requests, seconds)
    used = server.cpu() - before
    _require_whole(server, load, measured)
    return Round(
        measured.rate,
        measured.percentile(0.5),
        measured.percentile(0.99),
        used / len(measured.latencies) * 1e6,
    )


def _require_whole(server: Running, load: Load, measured: Measured) -> None:
    if measured.failed:
        raise RuntimeError(f"{server.name}, {load.route}: {dict(measured.statuses)}")


def _requests(route: str, school: School) -> Iterator[bytes]:
    if route == ADD:
        body = b'{"name": "A class", "parent_organization_id": "%s"}' % school.growing.encode()
        return in_turn([post("/api/v1/organizations", body, token) for token in school.adding])
    path = "/livez" if route == LIVES else "/api/v1" + route.removeprefix("GET ")
    return in_turn([get(path, token) for token in school.tokens])
