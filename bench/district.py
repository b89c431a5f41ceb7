"""A state's worth of people and places: `python -m bench.district [--seconds N]`.

100,000 people, 500 organisations in five districts, 2,000 departments and 10,000 teams. What an
administrator of a district, one of a school and a teacher ask for, by 32 connections that send 200
requests a second together; what the access decision takes once the roles are loaded; and what it
takes to move a school of 2,000 people.
"""

import argparse
import asyncio
import json
import os
import urllib.request
from collections.abc import Mapping, Sequence
from statistics import median
from timeit import repeat
from typing import Final

import psycopg
import uvloop
from attrs import frozen
from rich import box
from rich.table import Table

from adapters.compose import StoredApp, stored, upgrade
from adapters.security.hashing import BcryptHasher
from bench import machine
from bench.__main__ import console, database
from bench.load import Paced, get, in_turn
from bench.machine import PRODUCT, Running, environment, running
from bench.school import PASSWORD, installation_of
from faraday_core.kernel.access import Action, Place, deciding_grants
from faraday_core.kernel.actor import Actor, Grant, Origin, Role, ScopeType, operator
from faraday_core.people.model import NewUser

PEOPLE: Final = 100_000
DISTRICTS: Final = 5
SCHOOLS: Final = 500 - DISTRICTS
DEPARTMENTS: Final = 2_000
TEAMS: Final = 10_000
LARGE: Final = 2_000  # people of the school that is moved
CONNECTIONS: Final = 32
RATE: Final = 200.0
GOAL: Final = 30.0  # ms, of a list's 95th percentile
_PLACE, _DEPARTMENT, _TEAM, _USER, _HELD, _TERM = range(1, 7)


def _id(kind: int, number: int) -> str:
    return f"{kind:08d}-0000-7000-8000-{number:012d}"


def _made(kind: int, number: str = "n") -> str:
    """The same in SQL."""
    return f"('{kind:08d}-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


# School n lies in district n % 5; person n in school n % 495 + 5, but for the first 2,000, who are
# in the first school; department n in school n % 495 + 5, team n in department n % 2000.
_SCHOOL: Final = f"(case when n < {LARGE} then 5 else n % {SCHOOLS} + {DISTRICTS} end)"
_TENANT_OF_SCHOOL: Final = f"{_SCHOOL} % {DISTRICTS}"
_OF_DEPARTMENT: Final = f"(n % {DEPARTMENTS}) % {SCHOOLS} + {DISTRICTS}"
FILL: Final = f"""
set session_replication_role = replica;
insert into organizations (tenant_id, id, version, name, name_key, parent_organization_id,
    created_at, updated_at, held_fields)
  select {_made(_PLACE, f"n % {DISTRICTS}")}, {_made(_PLACE)}, 1, 'School ' || n, ' school ' || n,
    case when n >= {DISTRICTS} then {_made(_PLACE, f"n % {DISTRICTS}")} end, now(), now(),
    '{{}}'
  from generate_series(0, {DISTRICTS + SCHOOLS - 1}) n;
insert into departments (tenant_id, id, version, name, name_key, organization_id, created_at,
    updated_at, held_fields)
  select {_made(_PLACE, f"({_OF_DEPARTMENT}) % {DISTRICTS}")}, {_made(_DEPARTMENT)}, 1,
    'Department ' || n, ' department ' || n, {_made(_PLACE, _OF_DEPARTMENT)}, now(), now(),
    '{{}}'
  from generate_series(0, {DEPARTMENTS - 1}) n;
insert into teams (tenant_id, id, version, name, name_key, department_id, organization_id,
    created_at, updated_at)
  select {_made(_PLACE, f"({_OF_DEPARTMENT}) % {DISTRICTS}")}, {_made(_TEAM)}, 1,
    'Team ' || n, ' team ' || n, {_made(_DEPARTMENT, f"n % {DEPARTMENTS}")},
    {_made(_PLACE, _OF_DEPARTMENT)}, now(), now()
  from generate_series(0, {TEAMS - 1}) n;
insert into users (id, version, email, email_key, full_name, created_at, updated_at, is_active,
    email_verified, is_platform_admin, security_epoch, is_service, grades, held_fields)
  select {_made(_USER)}, 1, 'p' || n || '@example.org', 'p' || n || '@example.org',
    'First' || n % 700 || ' Last' || n % 900, now(), now(), true, true, false, 1,
    false, '{{}}', '{{}}'
  from generate_series(0, {PEOPLE - 1}) n;
insert into user_organizations (tenant_id, id, version, user_id, organization_id, role,
    permissions, created_at, updated_at)
  select {_made(_PLACE, _TENANT_OF_SCHOOL)}, {_made(_HELD)}, 1, {_made(_USER)},
    {_made(_PLACE, _SCHOOL)}, case when n % 20 = 0 then 'teacher' else 'student' end, '{{}}',
    now(), now()
  from generate_series(0, {PEOPLE - 1}) n;
insert into user_organizations (tenant_id, id, version, user_id, organization_id, team_id, role,
    permissions, created_at, updated_at)
  select {_made(_PLACE, f"(({_OF_DEPARTMENT}) % {DISTRICTS})")},
    {_made(_HELD, f"n + {PEOPLE}")}, 1, {_made(_USER)}, {_made(_PLACE, _OF_DEPARTMENT)},
    {_made(_TEAM, f"n % {TEAMS}")}, 'student',
    '{{}}', now(), now()
  from generate_series(0, {PEOPLE - 1}) n;
insert into user_terms
  select {_made(_PLACE, _TENANT_OF_SCHOOL)}, {_made(_USER)},
    case k when 0 then 'p' || n || '@example.org' when 1 then 'first' || n % 700
      else 'last' || n % 900 end
  from generate_series(0, {PEOPLE - 1}) n, generate_series(0, 2) k;
"""  # noqa: S608 -- nothing in it comes from elsewhere


@frozen
class Asked:
    """One kind of list: its latencies in ms."""

    what: str
    p50: float
    p95: float
    failed: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.district", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="a kind of list")
    seconds = parser.parse_args().seconds
    there, told = machine.cores(), machine.description()
    os.sched_setaffinity(0, {there.others})
    with database() as (folder, url), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        environ = environment(folder, url)
        console.print("making 100,000 people …", style="dim")
        tokens = _make(environ)
        with running("faraday", PRODUCT, environ, there.server, "/readyz") as server:
            lists = loop.run(_lists(server, tokens, seconds))
            moves = _moves(server, tokens["district"])
    console.print(f"\n{told}\n")
    _show(lists, moves, _decision())


def _make(environ: Mapping[str, str]) -> dict[str, str]:
    """The tokens of three who ask."""
    installation = installation_of(environ)
    upgrade(installation)
    with psycopg.connect(installation.database_url, autocommit=True) as connection:
        connection.execute(FILL.encode())
        connection.execute("vacuum analyze")

    async def make() -> dict[str, str]:
        async with stored(installation, BcryptHasher(installation.secrets, cost=4)) as app:
            return {
                "district": await _token(app, Role.ORG_ADMIN, _id(_PLACE, 0)),
                "school": await _token(app, Role.ORG_ADMIN, _id(_PLACE, 10)),
                "teacher": await _token(app, Role.TEACHER, _id(_PLACE, 10)),
            }

    return asyncio.run(make())


async def _token(app: StoredApp, role: Role, place: str) -> str:
    email = f"{role}.{place[-3:]}@example.org"
    new = NewUser(email, "Pat Doe", place, role, PASSWORD)
    await app.users.create(operator("bench"), new)
    origin = Origin("127.0.0.1", "bench", None)
    return (await app.auth.login(email=email, password=PASSWORD, origin=origin)).access_token


def _paths(who: str) -> Mapping[str, str]:
    """What is asked for, by its name. Team 5 lies in department 5 of school 10."""
    school, department, team = _id(_PLACE, 10), _id(_DEPARTMENT, 5), _id(_TEAM, 5)
    nodes = {
        "organisations": "/organizations?limit=20",
        "departments": "/departments?limit=20",
        "teams": "/teams?limit=20",
        "teams of a department": f"/teams?department_id={department}",
        "teams by name": "/teams?q=team%2099",
    }
    people = {
        "people": "/users?limit=20",
        "people by name": "/users?q=first77%20last",
        "people of a school": f"/users?organization_id={school}",
        "members of a school": f"/organizations/{school}/members",
        "members of a team": f"/teams/{team}/members",
    }
    return nodes if who == "teacher" else nodes | people


async def _lists(server: Running, tokens: Mapping[str, str], seconds: float) -> list[Asked]:
    found = []
    for who, token in tokens.items():
        for what, path in _paths(who).items():
            console.print(f"{who}: {what}", style="dim")
            paced = Paced(in_turn([get(f"/api/v1{path}", token)]))
            await paced.connect(server.port, CONNECTIONS)
            await paced.use_each_once()
            measured = await paced.run(RATE, lambda passed: passed < seconds)
            paced.close()
            p50, p95 = measured.percentile(0.5), measured.percentile(0.95)
            found.append(Asked(f"{what}, of a {who}", p50, p95, measured.failed))
    return found


def _moves(server: Running, token: str) -> Sequence[float]:
    """Milliseconds each: a school of 2,000 people below another, and back."""
    from time import perf_counter  # noqa: PLC0415 -- here alone

    took = []
    for parent in (20, 0, 20, 0, 20, 0):
        body = json.dumps({"parent_organization_id": _id(_PLACE, parent)}).encode()
        request = urllib.request.Request(  # noqa: S310 -- our own, on loopback
            f"{server.url}/api/v1/organizations/{_id(_PLACE, 5)}",
            body,
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            method="PATCH",
        )
        began = perf_counter()
        with urllib.request.urlopen(request):  # noqa: S310 -- the same
            took.append((perf_counter() - began) * 1000)
    return took


def _decision() -> float:
    """Microseconds: of somebody with eight roles, about something twelve levels deep."""
    path = tuple(_id(_PLACE, number) for number in range(12))
    grants = tuple(
        Grant(Role.TEACHER, ScopeType.ORGANIZATION, _id(_PLACE, number), path[0])
        for number in range(4, 12)
    )
    actor, place = Actor("user", grants), Place((path,))
    count = 10_000
    took = repeat(
        lambda: deciding_grants(actor, Action.READ_ORGANIZATIONS, place), number=count, repeat=5
    )
    return min(took) / count * 1e6


def _show(lists: Sequence[Asked], moves: Sequence[float], decision: float) -> None:
    rows = [
        (one.what, f"{one.p50:.1f}", f"{one.p95:.1f}", one.failed, _met(one.p95 < GOAL))
        for one in lists
    ]
    heads = ("list", "p50, ms", "p95, ms", "failed", f"p95 < {GOAL:.0f} ms")
    console.print("### Lists", _table(heads, rows), "", sep="\n")
    others = [
        ("the access decision, µs", f"{decision:.1f}", "< 20", _met(decision < 20)),
        ("moving a school of 2,000, ms", f"{median(moves):.0f}", "< 200", _met(max(moves) < 200)),
    ]
    others_heads = ("what", "took", "goal", "met")
    console.print("### Beside them", _table(others_heads, others), "", sep="\n")


def _table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    table = Table(*headings, box=box.MARKDOWN)
    for row in rows:
        table.add_row(*map(str, row))
    return table


def _met(goal: bool) -> str:  # noqa: FBT001 -- what it is about
    return "yes" if goal else "NO"


if __name__ == "__main__":
    main()
