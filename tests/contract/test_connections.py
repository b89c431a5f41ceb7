"""The pool and its connections, where things go wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
import pytest
import uvloop

from adapters.persistence.postgres import Pool, PostgresStorage
from adapters.persistence.postgres.connections import Connection
from adapters.persistence.postgres.rows import Rows, Scope
from adapters.persistence.postgres.statements import text_statement
from faraday_core.kernel.errors import Unavailable
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import PageRequest
from tests.waiting import until
from tests.world import OPERATOR

ONE = text_statement("select 1")
PID = text_statement("select pg_backend_pid()")
FAULT = text_statement("select 1 / 0")
ECHO = text_statement("select %(value)s::text")
SLEEP = text_statement("select pg_sleep(30)")
NAP = text_statement("select pg_sleep(0.002)")
BEGIN = text_statement("begin")


@pytest.fixture
async def narrow(database_url: str) -> AsyncIterator[Pool]:
    """One connection, and little patience."""
    pool = Pool(database_url, size=1, wait=0.2)
    yield pool
    pool.close()


async def pid_of(connection: Connection) -> int:
    pid: int = (await connection.trip([(PID, {})]))[0].rows[0][0]
    return pid


async def terminate(url: str, pid: int) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as superuser:
        await superuser.execute("select pg_terminate_backend(%s, 5000)", (pid,))


async def test_who_comes_after_a_connection_was_lost_unused_notices_nothing(
    database_url: str, narrow: Pool
) -> None:
    async with narrow.connection() as connection:
        pid = await pid_of(connection)
    await terminate(database_url, pid)
    await until(lambda: is_broken(connection))

    async with narrow.connection() as another:
        assert pid != await pid_of(another)


async def is_broken(connection: Connection) -> bool:
    return connection.broken


async def test_a_connection_that_is_lost_in_use_fails_once_and_is_replaced(
    database_url: str, narrow: Pool
) -> None:
    storage = PostgresStorage(narrow)

    async def ask() -> None:
        async with storage.look(OPERATOR, tenant=uuid7()) as reader:
            await reader.audit_log.page(None, PageRequest())

    async with storage.look(OPERATOR, tenant=uuid7()) as reader:
        await reader.audit_log.page(None, PageRequest())
        line = reader._rows._line
        assert line
        await terminate(database_url, await pid_of(line))
        with pytest.raises(Unavailable):
            await reader.audit_log.page(None, PageRequest())

    await ask()


async def test_a_connection_that_is_lost_while_it_waits_for_an_answer_fails(
    database_url: str, narrow: Pool
) -> None:
    connection = await narrow.take()
    pid = await pid_of(connection)
    trip = asyncio.create_task(connection.trip([(SLEEP, {})]))
    await asyncio.sleep(0)  # it is on its way

    await terminate(database_url, pid)

    with pytest.raises(psycopg.OperationalError):
        await trip
    await narrow.give_back(connection)
    assert await narrow.answers()


def test_nobody_waits_for_ever_on_uvloop_however_connections_are_cut_off(
    database_url: str,
) -> None:
    """It tells once, at most, that a socket has both something to read and its end."""

    async def ask_again_and_again(pool: Pool, done: asyncio.Event) -> int:
        answered = 0
        while not done.is_set():
            with suppress(psycopg.OperationalError, Unavailable):
                async with asyncio.timeout(10), pool.connection() as connection:
                    await connection.trip([(ONE, {}), (NAP, {}), (ONE, {})])
                    answered += 1
        return answered

    async def cut_off(done: asyncio.Event) -> None:
        sql = (
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            for _ in range(100):
                await other.execute(sql)
                await other.execute("select pg_sleep(random() * 0.02)")
        done.set()

    async def run() -> None:
        pool, done = Pool(database_url, size=4), asyncio.Event()
        asking = (ask_again_and_again(pool, done) for _ in range(6))
        _, *answered = await asyncio.gather(cut_off(done), *asking)
        assert all(answered)
        pool.close()

    uvloop.run(run())


async def test_who_waits_too_long_is_refused(narrow: Pool) -> None:
    async with narrow.connection():
        with pytest.raises(Unavailable) as caught:
            await narrow.take()

    assert "overloaded" == caught.value.code
    assert await narrow.answers()


async def test_too_many_who_wait_are_refused_at_once(database_url: str) -> None:
    pool = Pool(database_url, size=1, wait=30, most_waiting=1)
    connection = await pool.take()
    waiting = asyncio.create_task(pool.take())
    await asyncio.sleep(0)

    with pytest.raises(Unavailable):
        await pool.take()

    await pool.give_back(connection)
    assert connection is await waiting
    await pool.give_back(connection)
    pool.close()


async def test_they_are_served_in_turn(narrow: Pool) -> None:
    served: list[int] = []
    first = await narrow.take()

    async def wait(number: int) -> None:
        async with narrow.connection():
            served.append(number)

    waiting = [asyncio.create_task(wait(number)) for number in range(5)]
    await asyncio.sleep(0)
    await narrow.give_back(first)
    await asyncio.gather(*waiting)

    assert [*range(5)] == served


async def test_who_gives_up_waiting_leaves_the_place_to_the_next(narrow: Pool) -> None:
    connection = await narrow.take()
    gives_up = asyncio.create_task(narrow.take())
    stays = asyncio.create_task(narrow.take())
    await asyncio.sleep(0)

    await narrow.give_back(connection)  # to the first who waits, who is cancelled in that moment
    gives_up.cancel()

    assert connection is await stays
    await narrow.give_back(connection)
    assert await narrow.answers()


async def test_who_is_cancelled_in_the_middle_takes_no_place_with_them(narrow: Pool) -> None:
    asked = asyncio.Event()

    async def ask() -> None:
        async with narrow.connection() as connection:
            asked.set()
            await connection.trip([(SLEEP, {})])

    asking = asyncio.create_task(ask())
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert await narrow.answers()


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 13])
async def test_who_is_cancelled_while_it_connects_takes_no_place_with_them(
    narrow: Pool, steps: int
) -> None:
    taking = asyncio.create_task(narrow.take())
    for _ in range(steps):
        await asyncio.sleep(0)
    taking.cancel()
    with suppress(asyncio.CancelledError):  # it may have come so far
        await narrow.give_back(await taking)

    assert await narrow.answers()


async def test_an_open_transaction_is_rolled_back_when_it_is_given_back(narrow: Pool) -> None:
    write = text_statement("insert into login_attempts values ('x', 1, null, now())")
    count = text_statement("select count(*) from login_attempts")
    async with narrow.connection() as connection:
        await connection.trip([(BEGIN, {}), (write, {})])

    async with narrow.connection() as same:
        assert connection is same
        assert not same.in_transaction
        assert [(0,)] == (await same.trip([(count, {})]))[0].rows


async def test_a_failed_transaction_is_rolled_back_when_it_is_given_back(narrow: Pool) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        async with narrow.connection() as connection:
            await connection.trip([(BEGIN, {}), (FAULT, {})])

    async with narrow.connection() as same:
        assert connection is same
        assert [(1,)] == (await same.trip([(ONE, {})]))[0].rows


async def test_a_statement_that_fails_leaves_the_connection_well(narrow: Pool) -> None:
    async with narrow.connection() as connection:
        for calls in ([FAULT], [ONE, FAULT, ECHO], [FAULT, ONE]):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connection.trip([(statement, {"value": "x"}) for statement in calls])
        assert not connection.broken
        results = await connection.trip([(ONE, {}), (ECHO, {"value": "x"})])

    assert [[(1,)], [("x",)]] == [result.rows for result in results]


async def test_a_statement_that_cannot_be_prepared_leaves_the_connection_well(
    narrow: Pool,
) -> None:
    async with narrow.connection() as connection:
        for _ in range(2):
            with pytest.raises(psycopg.errors.UndefinedTable):
                await connection.trip([(ONE, {}), (text_statement("select from no_table"), {})])
        assert [(1,)] == (await connection.trip([(ONE, {})]))[0].rows


async def test_a_new_statement_may_come_twice_in_a_trip(narrow: Pool) -> None:
    async with narrow.connection() as connection:
        for _ in range(2):
            results = await connection.trip([(ECHO, {"value": "a"}), (ECHO, {"value": "b"})])
            assert [[("a",)], [("b",)]] == [result.rows for result in results]


async def test_more_than_a_socket_holds_goes_out_and_comes_back(narrow: Pool) -> None:
    large = "x" * 4_000_000
    async with narrow.connection() as connection:
        results = await connection.trip([(ECHO, {"value": large})] * 3)

    assert [[(large,)]] * 3 == [result.rows for result in results]


async def test_what_a_unit_stands_in_ends_with_it(narrow: Pool) -> None:
    where = text_statement(
        "select coalesce(current_setting('faraday.tenant_id', true), ''), current_user"
    )
    rows = Rows(narrow, Scope(uuid7(), role="faraday_worker"), in_transaction=True)
    inside = await rows.one(where)
    await rows.release()
    async with narrow.connection() as connection:
        outside = (await connection.trip([(where, {})]))[0].rows[0]

    assert inside
    assert "faraday_worker" == inside[1]
    assert ("", "faraday_app") == outside


async def test_a_database_that_is_away_is_told(database_url: str) -> None:
    pool = Pool("postgresql://nobody@127.0.0.1:1/none", size=1)

    for _ in range(2):  # the place is free again
        with pytest.raises(Unavailable):
            await pool.take()
    assert not await pool.answers()
