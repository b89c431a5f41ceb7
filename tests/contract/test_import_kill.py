"""Whatever breaks an import off, nothing or all of it is there, and the next one succeeds."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from attrs import evolve

from adapters.persistence.postgres.rosters import PostgresRosters
from faraday_core.kernel.errors import Conflict, FaradayError
from faraday_core.kernel.paging import PageRequest
from faraday_core.organizations.model import OrganizationFields
from faraday_core.roster.reading import Format
from faraday_core.roster.requests import ImportFilter, ImportRequest, ImportView
from tests.roster_sets import folder_of, school
from tests.serving import FARADAY, OPERATOR, SECRET, Server, environment
from tests.waiting import until, wait_until

PUPILS = 2_000
MOMENTS = 10
_AT_WORK = "select pid from pg_stat_activity where application_name = 'faraday import'"
_TERMINATE = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'faraday import' and query ilike %s limit 1"
)


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(school(PUPILS), tmp_path_factory.mktemp("rosters") / "set")


def ask(url: str, sql: str, *given: object) -> Any:  # the first column of the first row
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(sql.encode(), given).fetchone()
    return row[0] if row else None


def people_of(url: str, organization_id: str) -> int:
    sql = "select count(*) from users where source_root_id = %s"
    return cast(int, ask(url, sql, organization_id))


async def district(server: Server, name: str) -> str:
    fields = OrganizationFields(name)
    return (await server.app.organizations.create(OPERATOR, fields)).id


async def imported(server: Server, at: str, path: Path) -> ImportView:
    return await server.app.imports.run(
        OPERATOR, ImportRequest(at, Format.ONEROSTER, str(path)), accept_large_change=True
    )


async def test_killed_at_any_moment_nothing_or_all_of_it_is_there(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    begun = time.monotonic()
    first = folder_of(school(PUPILS, domain="first.example.org"), tmp_path / "first")
    await imported(server, await district(server, "Measured"), first)
    whole = time.monotonic() - begun
    states = []
    for moment in range(MOMENTS):
        at = await district(server, f"District {moment}")
        # No address is anybody's of another district.
        roster = folder_of(school(PUPILS, domain=f"d{moment}.example.org"), tmp_path / f"{moment}")
        with subprocess.Popen(  # noqa: ASYNC220 -- it is killed, and nothing of it is read
            [*FARADAY, "import", "run", "oneroster", str(roster), "--organization", at, "--json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(tmp_path, SECRET | {"FARADAY_DATABASE_URL": database_url}),
        ) as process:
            await asyncio.to_thread(
                wait_until, lambda: ask(database_url, _AT_WORK) or process.poll(), seconds=60
            )
            until_then = time.monotonic() + whole * moment / (MOMENTS - 1)
            await asyncio.to_thread(
                wait_until, lambda at=until_then: time.monotonic() >= at, seconds=60
            )
            process.send_signal(signal.SIGKILL)
        assert process.returncode in {0, -signal.SIGKILL}
        await asyncio.to_thread(wait_until, lambda: not ask(database_url, _AT_WORK), seconds=30)
        found = people_of(database_url, at)
        assert found in {0, PUPILS + 1}
        states.append(found)
        again = await imported(server, at, roster)
        assert "applied" == again.status
        assert PUPILS + 1 == people_of(database_url, at)
        assert PUPILS + 1 - found == again.counts["users"]["create"]
    assert 0 in states


@pytest.mark.parametrize("query", ["copy", "insert"])
async def test_a_database_that_is_lost_in_the_middle_leaves_nothing_behind(
    server: Server, database_url: str, roster: Path, query: str
) -> None:
    at = await district(server, "Lost")
    running = asyncio.create_task(imported(server, at, roster))

    async def ended() -> bool:
        gone = await asyncio.to_thread(ask, database_url, _TERMINATE, f"%{query}%")
        return gone is not None or running.done()

    await until(ended, seconds=60)
    with pytest.raises(FaradayError) as refusal:
        await running
    assert "unavailable" == refusal.value.code
    assert 0 == people_of(database_url, at)
    (run,) = (await server.app.imports.list(OPERATOR, ImportFilter(at), PageRequest())).items
    assert ("failed", "unavailable") == (run.status, (run.problem or {}).get("code"))

    assert PUPILS + 1 == (await imported(server, at, roster)).counts["users"]["create"]


async def test_a_second_import_of_a_district_waits_and_then_says_so(
    server: Server, database_url: str, tmp_path: Path
) -> None:
    at = await district(server, "Twice")
    path = folder_of(school(3), tmp_path / "set")
    imports = server.app.imports
    impatient = evolve(
        imports, work=evolve(imports.work, rosters=PostgresRosters(database_url, lock_seconds=1))
    )
    request = ImportRequest(at, Format.ONEROSTER, str(path))
    hold = "select pg_advisory_lock(hashtextextended('import ' || %s, 0))"
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(hold, (at,))
        with pytest.raises(Conflict) as refusal:
            await impatient.run(OPERATOR, request)
        assert "import_running" == refusal.value.code
        assert "planned" == (await imports.plan(OPERATOR, request)).status  # it takes no lock
        second = asyncio.create_task(imports.run(OPERATOR, request))
        await until(lambda: asyncio.to_thread(ask, database_url, waiting), seconds=20)
        assert not second.done()
    assert "applied" == (await second).status


async def test_the_server_goes_on_answering_meanwhile(server: Server, roster: Path) -> None:
    client = await server.signed_in()
    at = await district(server, "Busy")
    running = asyncio.create_task(imported(server, at, roster))
    answered = 0
    while not running.done():
        assert 200 == (await client.ask("GET /auth/me")).status
        answered += 1
    await running

    assert answered > 20
