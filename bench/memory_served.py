"""How fast a server finds memories, over HTTP: somebody's ten thousand at first and later, many
people at once, and what it takes to keep one and to take many in. The bare SQL is asked beside it.
"""

import asyncio
import json
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median
from time import perf_counter, sleep
from typing import Any, Final
from urllib.parse import quote

import psycopg
import uvloop
from attrs import frozen

from adapters.compose import StoredApp, stored, upgrade
from adapters.security.hashing import BcryptHasher
from adapters.stemming.snowball import SnowballStemmer
from bench import machine
from bench.load import Paced, get, in_turn
from bench.machine import PRODUCT, Running, environment, running
from bench.memory_many import copied, english, fill, many
from bench.school import PASSWORD, installation_of
from faraday_core.kernel.actor import Origin, Role, operator
from faraday_core.memory.ranking.laying import Reading
from faraday_core.organizations.model import OrganizationFields
from faraday_core.people.model import NewUser

LARGE: Final = 10_000  # memories of each of the few who are asked about one by one
FEW: Final = 7
STARTS: Final = 3  # of the server, after each of which those few are asked about first
ASKING: Final = 200  # of the many, at once
CONNECTIONS: Final = 32
RATE: Final = 60.0
HOT: Final = 400  # searches
CREATED: Final = 300
IMPORTED: Final = 10_000
_QUIET: Final = 0.05  # of a core: then nothing is laid out in the background any more
_OPERATOR: Final = operator("bench")
_BARE: Final = """
select m.id, m.content, (select count(*) from unnest(l.terms) term where term = any(%(terms)s)) n
from memory_layouts l join user_memories m using (user_id, id)
where l.user_id = %(user_id)s::uuid and l.terms && %(terms)s::text[] order by n desc limit 20
"""


@frozen
class Person:
    id: str
    token: str


@frozen
class Times:
    """Milliseconds each."""

    what: str
    each: Sequence[float]
    cpu: float  # of the server each
    goal: str
    reached: Callable[["Times"], bool]

    def of(self, share: float) -> float:
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@frozen
class Served:
    memories: int
    people: int
    times: Sequence[Times]
    bare: float  # ms, the median of the bare SQL for one of the few
    imported: float  # a second
    filled: float  # seconds
    failed: int


def serve(memories: int, people: int, seconds: float) -> Served:
    """`memories` of `people` in all, beside those of the few; `seconds` of many at once."""
    from bench.__main__ import database  # noqa: PLC0415 -- which asks nothing of this

    core = machine.cores().server
    with database() as (folder, url), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        environ = environment(folder, url)
        database_url = installation_of(environ).database_url
        upgrade(installation_of(environ))
        known = asyncio.run(_people(environ, FEW + min(ASKING, people) + 1))
        few, rest, fresh = known[:FEW], known[FEW:-1], known[-1]
        began = perf_counter()
        count = _fill(database_url, few, rest, memories, people)
        filled = perf_counter() - began
        times = [_first(environ, core, few)]
        with running("faraday", PRODUCT, environ, core, "/readyz") as server:
            _search(server, few[0], "anything")
            _settle(server)
            times.append(_hot(server, few[0]))
            times.append(_creating(server, few[0]))
            took = _import(server, fresh)
            _settle(server)
            crowd, failed = loop.run(_many(server, rest, seconds))
        bare = _bare(database_url, few[0])
    return Served(count, people + FEW, [*times, crowd], bare, IMPORTED / took, filled, failed)


def _first(environ: Mapping[str, str], core: int, few: Sequence[Person]) -> Times:
    """Of each of the few after each of several starts."""
    each, cpu, questions = [], 0.0, _questions()
    for start in range(STARTS):
        with running("faraday", PRODUCT, environ, core, "/readyz") as server:
            _search(server, few[0], "anything")  # what is loaded with the first request
            for at, person in enumerate(few[1:]):
                _settle(server)
                before = server.cpu()
                question = questions[(start * FEW + at) % len(questions)]
                each.append(_timed(partial(_search, server, person, question)))
                cpu += server.cpu() - before
    goal = "p95 < 80 ms"
    return Times("first search", each, 1000 * cpu / len(each), goal, lambda t: t.of(0.95) < 80)


def _hot(server: Running, person: Person) -> Times:
    questions, before = _questions(), server.cpu()
    each = [
        _timed(partial(_search, server, person, questions[n % len(questions)])) for n in range(HOT)
    ]
    cpu = 1000 * (server.cpu() - before) / HOT
    return Times("search", each, cpu, "p95 < 15 ms", lambda t: t.of(0.95) < 15)


def _creating(server: Running, person: Person) -> Times:
    before = server.cpu()
    each = [_timed(partial(_create, server, person, number)) for number in range(CREATED)]
    cpu = 1000 * (server.cpu() - before) / CREATED
    return Times("create", each, cpu, "p95 < 15 ms", lambda t: t.of(0.95) < 15)


async def _people(environ: Mapping[str, str], count: int) -> list[Person]:
    """Of one school, each with a token."""
    installation = installation_of(environ)
    async with stored(installation, BcryptHasher(installation.secrets, cost=4)) as app:
        school = await app.organizations.create(_OPERATOR, OrganizationFields("School", None))
        return [await _person(app, school.id, number) for number in range(count)]


async def _person(app: StoredApp, school: str, number: int) -> Person:
    email = f"person.{number}@example.org"
    user = await app.users.create(
        _OPERATOR, NewUser(email, "Pat Doe", school, Role.STUDENT, PASSWORD)
    )
    origin = Origin("127.0.0.1", "bench", None)
    signed_in = await app.auth.login(email=email, password=PASSWORD, origin=origin)
    return Person(user.id, signed_in.access_token)


def _fill(
    url: str, few: Sequence[Person], rest: Sequence[Person], memories: int, people: int
) -> int:
    rows = copied(many(english(), LARGE))
    others = [person.id for person in rest]
    others += [f"{n:08x}-0000-7000-8000-000000000000" for n in range(1, people - len(rest) + 1)]
    each = max(1, min(LARGE, memories // people))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        # What refers to what is right by how it is made, and need not be proven row by row.
        connection.execute("set session_replication_role = replica")
        _add(connection, others[len(rest) :])
        count = fill(connection, [person.id for person in few], rows)
        count += fill(connection, others, rows[:each])
        connection.execute("vacuum analyze")
    return count


def _add(connection: psycopg.Connection, ids: Sequence[str]) -> None:
    connection.execute(
        "insert into users (id, version, email, email_key, full_name, created_at, updated_at,"
        " is_active, email_verified, is_platform_admin, security_epoch, is_service, grades,"
        " held_fields) select id, 1, id::text || '@example.net', id::text || '@example.net', 'P',"
        " now(), now(), true, true, false, 1, false, '{}', '{}' from unnest(%s::uuid[]) id",
        (list(ids),),
    )


def _questions() -> Sequence[str]:
    return [one.text for one in english().questions]


def _path(question: str) -> str:
    return f"/api/v1/memories/search?q={quote(question)}"


def _ask(server: Running, person: Person, path: str, body: bytes | None, kind: str) -> Any:
    request = urllib.request.Request(  # noqa: S310 -- our own, on loopback
        server.url + path,
        body,
        {"Authorization": f"Bearer {person.token}", "Content-Type": kind},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 -- the same
        return json.load(answer)


def _search(server: Running, person: Person, question: str) -> int:
    found = _ask(server, person, _path(question), None, "application/json")
    return len(found["items"])


def _create(server: Running, person: Person, number: int) -> None:
    body = {"content": f"Today I learnt fact {number} of {number * 7 % 1000} about volcanoes."}
    encoded = json.dumps(body).encode()
    _ask(server, person, "/api/v1/memories", encoded, "application/json")


def _import(server: Running, person: Person) -> float:
    """Seconds. Found at once, or it does not count."""
    made = many(english(), IMPORTED)
    lines = [json.dumps({"content": m.content, "context": m.context}) for m in made]
    lines[-1] = json.dumps({"content": "The zeppelin landed."})
    took = _timed(
        lambda: _ask(
            server,
            person,
            "/api/v1/memories/import",
            "\n".join(lines).encode(),
            "application/x-ndjson",
        )
    )
    assert _search(server, person, "zeppelin") == 1
    return took / 1000


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = perf_counter()
    act()
    return (perf_counter() - began) * 1000


def _settle(server: Running) -> None:
    """Until what goes on in the background is done."""
    before = server.cpu()
    while True:
        sleep(0.2)
        now = server.cpu()
        if now - before < 0.2 * _QUIET:
            return
        before = now


async def _many(server: Running, people: Sequence[Person], seconds: float) -> tuple[Times, int]:
    """Each person once before it counts."""
    questions = _questions()
    asked = [
        get(_path(questions[n % len(questions)]), person.token) for n, person in enumerate(people)
    ]
    paced = Paced(in_turn(asked))
    await paced.connect(server.port, CONNECTIONS)
    await paced.run(RATE, lambda passed: passed < len(people) / RATE)
    await asyncio.to_thread(_settle, server)
    before = server.cpu()
    measured = await paced.run(RATE, lambda passed: passed < seconds)
    cpu = 1000 * (server.cpu() - before) / max(1, len(measured.latencies))
    paced.close()
    what = f"search, {RATE:.0f} a second by {CONNECTIONS} for {len(people)} people"
    each = [1000 * one for one in measured.latencies]
    times = Times(what, each, cpu, "p99 < 100 ms", lambda t: t.of(0.99) < 100)
    return times, measured.failed


def _bare(url: str, person: Person) -> float:
    reading = Reading(SnowballStemmer(), "en")
    took = []
    with psycopg.connect(url, autocommit=True) as connection:
        for question in 4 * list(_questions()):
            terms = list(reading.terms.by_word(question))
            given = {"terms": terms, "user_id": person.id}
            took.append(_timed(lambda: connection.execute(_BARE, given).fetchall()))  # noqa: B023
    return median(took)
