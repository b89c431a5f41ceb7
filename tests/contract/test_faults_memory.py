"""Who works on memories in the background is killed, or is not alone: nothing lost or doubled."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.embedding.making import install
from tests.serving import SECRET, Client, Server, environment, faraday
from tests.tiny_model import WORDS, tiny_wheel
from tests.waiting import wait_until
from tests.world import WORKER

MEMORIES = 450
BATCH = 200  # of a cleanup
READ = 64  # by a model at a time
GATE = 7_711  # a lock that holds up whatever the test has chosen
# As a server does it by itself, now and again.
WORK = """
import asyncio, os, sys
from pathlib import Path
from attrs import evolve
from adapters import compose
from adapters.settings import read_settings
from faraday_core.kernel.actor import WORKER
url, folder, service, method = sys.argv[1:]
async def main():
    settings = evolve(read_settings(os.environ), data_dir=Path(folder))
    async with compose.postgres(url, settings=settings) as app:
        print(await getattr(getattr(app, service), method)(WORKER), flush=True)
asyncio.run(main())
"""


def rows(url: str, query: str, *given: object) -> list[Any]:  # of whatever columns
    with psycopg.connect(url, autocommit=True) as superuser:
        cursor = superuser.execute(query.encode(), given)
        return cursor.fetchall() if cursor.description else []


def nth_memory(url: str, n: int) -> str:
    return str(rows(url, "select id from user_memories order by id offset %s limit 1", n)[0][0])


def number(url: str, query: str) -> int:
    return int(rows(url, query)[0][0])


@pytest.fixture
async def sam(server: Server) -> Client:
    """Somebody with many memories, each of which says something else."""
    client = await server.signed_in()
    lines = [
        json.dumps({"content": f"{WORDS[n % 30 + 4]} {WORDS[n // 30 + 4]} {n}"})
        for n in range(MEMORIES)
    ]
    headers = {"Content-Type": "application/x-ndjson"}
    body = "".join(f"{line}\n" for line in lines).encode()
    answer = await client.ask("POST /memories/import", data=body, headers=headers)
    assert 200 == answer.status, answer.body
    return client


@contextmanager
def held_up(url: str, table: str, when: str) -> Iterator[None]:
    """Whoever writes such a row waits, for as long as the block lasts."""
    rows(
        url,
        "create function hold_up() returns trigger language plpgsql as"
        f" $$begin perform pg_advisory_xact_lock_shared({GATE}); return new; end$$",
    )
    event = f"create trigger hold_up before insert or update on {table} for each row"
    rows(url, f"{event} when ({when}) execute function hold_up()")
    with psycopg.connect(url, autocommit=True) as gate:
        gate.execute(f"select pg_advisory_lock({GATE})".encode())
        yield
    rows(url, f"drop trigger hold_up on {table}; drop function hold_up")


def waiting(url: str) -> int:
    query = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    return number(url, f"{query} and objid = {GATE}")


def killed_at_the_gate(url: str, *command: str, data_dir: Path) -> None:
    environ = environment(data_dir, SECRET | {"FARADAY_DATABASE_URL": url})
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environ
    ) as process:
        wait_until(lambda: waiting(url) or process.poll() is not None, seconds=60)
        process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        assert -signal.SIGKILL == process.returncode, said


async def test_a_cleanup_that_is_killed_half_way_is_gone_on_with(
    server: Server, sam: Client, database_url: str, tmp_path: Path
) -> None:
    assert sam
    rows(database_url, "update user_memories set expires_at = now() - interval '1 hour'")
    late = nth_memory(database_url, BATCH + 50)
    binned = "select count(*) from user_memories where deleted_at is not null"
    told = "select count(*) from audit_log where action = 'memory.expire'"
    with held_up(database_url, "user_memories", f"new.id = '{late}'"):
        await asyncio.to_thread(
            killed_at_the_gate,
            database_url,
            *("-m", "adapters.cli.main", "memories", "cleanup"),
            data_dir=tmp_path / "worker",
        )
    # The batch that was done is; the one that it was at is not, with nothing of it.
    assert [BATCH, 1] == [number(database_url, query) for query in (binned, told)]

    environ = SECRET | {"FARADAY_DATABASE_URL": database_url}
    again = await asyncio.to_thread(
        faraday, "memories", "cleanup", "--json", data_dir=tmp_path / "worker", environ=environ
    )
    assert MEMORIES - BATCH == json.loads(again.stdout)["expired"], again.stderr
    kept = "select count(*) from user_memories"
    assert [MEMORIES, MEMORIES, 3] == [number(database_url, q) for q in (binned, kept, told)]
    assert server


async def test_a_worker_that_is_killed_in_mid_batch_loses_and_doubles_nothing(
    sam: Client, database_url: str, tmp_path: Path
) -> None:
    wheel, source = tiny_wheel(tmp_path)
    folder = tmp_path / "worker"
    folder.mkdir()
    await asyncio.to_thread(install, folder, lambda _: None, wheel=wheel, source=source)
    vectors = "select count(*) from memory_vectors"
    command = ("-c", WORK, database_url, str(folder), "memory_vectors", "make_all")
    late = nth_memory(database_url, READ + 9)
    with held_up(database_url, "memory_vectors", f"new.id = '{late}'"):
        await asyncio.to_thread(killed_at_the_gate, database_url, *command, data_dir=folder)
    # Whole batches, whichever memories come first; nothing of the one that it was at.
    kept = number(database_url, vectors)
    assert kept < MEMORIES
    assert 0 == kept % READ

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *command],
        capture_output=True,
        text=True,
        env=environment(folder, SECRET),
    )
    assert f"{MEMORIES - kept}\n" == done.stdout, done.stderr
    assert MEMORIES == number(database_url, vectors)
    assert 200 == (await sam.ask("GET /memories/search?q=river")).status


async def test_two_that_roll_up_at_once_store_each_day_once(
    server: Server, sam: Client, database_url: str, tmp_path: Path
) -> None:
    answer = await sam.ask(
        "PATCH /users/preferences",
        {"privacy": {"track_activity": True}},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    assert 200 == answer.status, answer.body
    for word in ("river", "bridge", "sun"):
        assert 200 == (await sam.ask(f"GET /memories/search?q={word}")).status
    await server.app.memory_use.flush(WORKER)
    rows(database_url, "update memory_interactions set created_at = created_at - interval '1 day'")
    stored = "select to_jsonb(d) - 'updated_at' - 'version' from memory_analytics d order by 1"
    command = (sys.executable, "-c", WORK, database_url, str(tmp_path), "memory_analytics")
    with psycopg.connect(database_url) as first:
        first.execute("lock table memory_analytics in share mode")  # until both have come so far
        both = [
            subprocess.Popen(  # noqa: ASYNC220 -- they are waited for apart
                [*command, "roll_up"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(tmp_path, SECRET),
            )
            for _ in range(2)
        ]
        blocked = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
            " and datname = current_database()"
        )
        await asyncio.to_thread(wait_until, lambda: number(database_url, blocked) >= 2, seconds=60)
    said = [await asyncio.to_thread(process.communicate, timeout=60) for process in both]
    assert [("1\n", 0)] * 2 == [
        (out, process.returncode) for (out, _), process in zip(said, both, strict=True)
    ], said

    by_two = rows(database_url, stored)
    assert by_two
    assert 1 == await server.app.memory_analytics.roll_up(WORKER)
    assert by_two == rows(database_url, stored)
