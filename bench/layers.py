"""Where a request's time goes: each layer by itself, in a process of its own.

    python -m bench.layers FILE

FILE: what `bench` knows of the school, as JSON. Prints JSON: microseconds of CPU a call.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from itertools import cycle
from pathlib import Path
from time import process_time
from typing import Final

import orjson
import uvloop
from attrs import asdict, evolve, frozen

from adapters.compose import StoredApp, stored
from adapters.http.encoding import encoded
from adapters.persistence.postgres import Pool
from bench.school import School, installation_of
from faraday_core.identity.model import view_of
from faraday_core.identity.session_model import Identity
from faraday_core.kernel.actor import Actor, Origin
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import UserFilter

AT_ONCE: Final = 32  # as many as there are connections in the rounds
_TRIPS: Final = 6_000
_CALLS: Final = 30_000
_ORIGIN: Final = Origin("127.0.0.1", None, "bench")


@frozen
class Inside:
    """Microseconds of CPU; `token`: one whose signature was verified before."""

    token: float
    trip: float
    identify: float
    encode_one: float
    list_users: float
    encode_page: float
    read_body: float
    add: float


async def measure(environ: Mapping[str, str], school: School) -> Inside:
    installation = installation_of(environ)
    pool = Pool(installation.database_url)
    async with stored(installation) as app:
        claims = [await app.keys.read(token) for token in school.tokens]
        people = [await app.sessions.identify(one) for one in claims]
        tokens, asking, who = cycle(school.tokens), cycle(claims), cycle(people)
        added = [await app.sessions.identify(await app.keys.read(one)) for one in school.adding]
        adding = cycle(added)
        body = OrganizationFields("A class", school.growing)
        page = await app.users.list(_acting(app, people[0]), UserFilter(), PageRequest(20))
        view = view_of(people[0].person)
        given = orjson.dumps(asdict(body))

        def parse() -> None:
            app.parser.parse(OrganizationFields, orjson.loads(given))

        found = Inside(
            token=await _awaited(lambda: app.keys.read(next(tokens)), _CALLS),
            trip=await _awaited(pool.answers, _TRIPS),
            identify=await _awaited(lambda: app.sessions.identify(next(asking)), _TRIPS),
            encode_one=_called(lambda: encoded(view)),
            list_users=await _awaited(
                lambda: app.users.list(_acting(app, next(who)), UserFilter(), PageRequest(20)),
                _TRIPS,
            ),
            encode_page=_called(lambda: encoded(page)),
            read_body=_called(parse),
            add=await _awaited(
                lambda: app.organizations.create(_acting(app, next(adding)), body), _TRIPS // 2
            ),
        )
    pool.close()
    return found


def _acting(app: StoredApp, identity: Identity) -> Actor:
    """As one who was remembered, and is proven anew along with what they ask."""
    assert identity.evidence
    now = app.sessions.now()
    evidence = identity.evidence.again(now, app.sessions.policy.unused_since(now))
    return evolve(identity.acting(_ORIGIN), evidence=evidence)


async def _awaited(call: Callable[[], Awaitable[object]], count: int) -> float:
    async def one_after_another(times: int) -> None:
        for _ in range(times):
            await call()

    await one_after_another(200)
    began = process_time()
    await asyncio.gather(*(one_after_another(count // AT_ONCE) for _ in range(AT_ONCE)))
    return (process_time() - began) / (count // AT_ONCE * AT_ONCE) * 1e6


def _called(call: Callable[[], object]) -> float:
    for _ in range(200):
        call()
    began = process_time()
    for _ in range(_CALLS):
        call()
    return (process_time() - began) / _CALLS * 1e6


if __name__ == "__main__":
    import os

    known = orjson.loads(Path(sys.argv[1]).read_bytes())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(orjson.dumps(asdict(runner.run(measure(os.environ, School(**known))))).decode())
