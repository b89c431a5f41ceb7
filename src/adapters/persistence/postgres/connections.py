"""Connections, and what goes over them: round trips.

A trip is any number of statements sent at once, by libpq's pipeline mode, and answered at once.
Measured (docs/performance.md), a trip of two costs half of what psycopg's own pipeline does, and a
checkout from this free list a fifth of one from psycopg_pool: with a statement or two a request,
that is a third of a server's work.
"""

import asyncio
import select
from asyncio import AbstractEventLoop, Future
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, ClassVar, Final

import psycopg
from attrs import frozen
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.types.string import TextLoader

from adapters.persistence.postgres.statements import Statement, text_statement
from faraday_core.kernel.errors import Unavailable

STATEMENT_TIMEOUT: Final = 30  # seconds, after which PostgreSQL gives a statement up
# Each statement is made for an index, whatever is asked for. So a plan is made once a connection,
# since planning a list anew takes longer than the list; and no table is read as a whole because
# some organisation has more below it than others.
OPTIONS: Final = (
    f"-c TimeZone=UTC -c statement_timeout={STATEMENT_TIMEOUT}s"
    " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off"
)
CONNECT_TIMEOUT: Final = 5  # seconds
WAIT_TIMEOUT: Final = 5.0  # seconds that a request waits for a connection
MOST_WAITING: Final = 1000

_NOTHING = text_statement("select 1")
_ROLLBACK = text_statement("rollback")
# As numbers, since a member of an enumeration takes longer to look up than a result to read.
_DONE: Final = (int(ExecStatus.TUPLES_OK), int(ExecStatus.COMMAND_OK))
_FAILED: Final = int(ExecStatus.FATAL_ERROR)
_SYNC: Final = int(ExecStatus.PIPELINE_SYNC)
_IDLE: Final = int(TransactionStatus.IDLE)

# A value as storage has it: text, numbers, times, bytes, lists of text, None.
Value = str | int | float | bool | bytes | date | Sequence[str] | None
Call = tuple[Statement, Mapping[str, Value]]


@frozen
class Result:
    rows: list[tuple[Any, ...]]  # as the columns are
    count: int


class Connection:
    """One connection, which is always in pipeline mode and makes one trip at a time."""

    trips: ClassVar[int] = 0  # of all connections of this process, so that a test can count them

    def __init__(self, connection: psycopg.AsyncConnection, loop: AbstractEventLoop) -> None:
        self._connection = connection  # kept, since its end would close the one below
        self._pg = connection.pgconn
        self._loop = loop
        self._transformer = Transformer(connection)
        self._prepared: set[bytes] = set()
        self._answers: list[Any] = []  # psycopg's PGresult, of either of its implementations
        self._ended: Future[None] | None = None
        self._writing = False
        self._socket = self._pg.socket
        self.broken = False
        self._unheard = select.poll()
        self._unheard.register(self._socket, select.POLLIN)
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        # For as long as it is open: a connection that is lost while nobody uses it is known to be.
        loop.add_reader(self._socket, self._read)

    @classmethod
    async def open(cls, url: str) -> "Connection":
        """Raises psycopg.OperationalError."""
        connection = await psycopg.AsyncConnection.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT,
            application_name="faraday",
            options=OPTIONS,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            tcp_user_timeout=(STATEMENT_TIMEOUT + 10) * 1000,
        )
        connection.adapters.register_loader("uuid", TextLoader)
        try:
            await connection.execute("set role faraday_app")  # whoever signs in, the policies hold
        except BaseException:
            await connection.close()
            raise
        return cls(connection, asyncio.get_running_loop())

    @property
    def in_transaction(self) -> bool:
        return self._pg.transaction_status != _IDLE

    def lives(self) -> bool:
        """Whether PostgreSQL has said nothing since it was used last: that were its goodbye."""
        if not self.broken and self._unheard.poll(0):
            self.close()
        return not self.broken

    async def trip(self, calls: Sequence[Call]) -> list[Result]:
        """Send all, and answer all. Outside a transaction they are one together.

        Raises the first statement's error (psycopg.Error); those behind it have not run.
        """
        values = [_values(call) for call in calls]  # before anything is sent
        Connection.trips += 1
        self._answers = []
        self._ended = self._loop.create_future()
        try:
            self._send(calls, values)
            await self._ended
        except BaseException:
            # Cancelled or broken off half-way: nobody can tell what is still to come.
            self.close()
            raise
        finally:
            self._ended = None
        return self._results(calls)

    def close(self) -> None:
        if not self.broken:
            self.broken = True
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._pg.finish()

    def _send(self, calls: Sequence[Call], values: Sequence[list[bytes | None]]) -> None:
        preparing: set[bytes] = set()
        for (statement, _), given in zip(calls, values, strict=True):
            name = statement.name
            if name not in self._prepared and name not in preparing:
                self._pg.send_prepare(name, statement.text)
                preparing.add(name)
            self._pg.send_query_prepared(name, given)
        self._pg.pipeline_sync()
        self._write()

    def _write(self) -> None:
        """Send what libpq holds back; a lot of it takes more than one go."""
        if self._pg.flush():
            self._writing = True
            self._loop.add_writer(self._socket, self._write)
        elif self._writing:
            self._writing = False
            self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        asked = self._ended is not None
        if self._take_in() or not asked:
            # A connection's last words. Where its end came along with them, uvloop has told of
            # both at once, and will not tell again.
            self._loop.call_soon(self._take_in)

    def _take_in(self) -> bool:
        """Read what has come; answers whether some of it was an error."""
        failed = False
        if self.broken:
            return failed
        try:
            self._pg.consume_input()
            while self._ended and not self._pg.is_busy():
                answer = self._pg.get_result()
                if answer is None:
                    continue
                self._answers.append(answer)
                status = answer.status
                failed = failed or status == _FAILED
                if status == _SYNC:
                    self._end(None)
        except psycopg.OperationalError as error:
            self._end(error)
            self.close()
        return failed

    def _end(self, error: Exception | None) -> None:
        if self._ended and not self._ended.done():
            if error:
                self._ended.set_exception(error)
            else:
                self._ended.set_result(None)
        self._ended = None

    def _results(self, calls: Sequence[Call]) -> list[Result]:
        results = []
        answers = iter(self._answers)
        for statement, _ in calls:
            if statement.name not in self._prepared:
                self._check(next(answers))
                self._prepared.add(statement.name)
            results.append(self._result(next(answers)))
        return results

    def _check(self, answer: Any) -> None:
        if answer.status not in _DONE:
            raise error_from_result(answer, encoding="utf-8")

    def _result(self, answer: Any) -> Result:
        self._check(answer)
        if not answer.ntuples:
            return Result([], answer.command_tuples or 0)
        self._transformer.set_pgresult(answer)
        rows = self._transformer.load_rows(0, answer.ntuples, tuple)
        return Result(rows, answer.ntuples)


def _values(call: Call) -> list[bytes | None]:
    """Raises psycopg.errors.CharacterNotInRepertoire, as PostgreSQL itself would."""
    statement, given = call
    known = {**statement.constants, **given} if statement.constants else given
    try:
        values = [encoded(known[name]) for name in statement.parameters]
    except UnicodeEncodeError as error:
        raise psycopg.errors.CharacterNotInRepertoire(str(error)) from error
    for value in values:
        if value is not None and b"\0" in value:
            raise psycopg.errors.CharacterNotInRepertoire("a text ends at its first NUL")
    return values


def encoded(value: Value) -> bytes | None:  # noqa: PLR0911 -- a kind each
    """In PostgreSQL's text format. The statement says what type it is."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, date):  # or a moment, which is one to Python
        return value.isoformat().encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, int | float):
        return repr(value).encode()
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return ("{" + ",".join(f'"{item}"' for item in quoted) + "}").encode()


class Pool:
    """So many connections and no more, opened as they are needed; whoever waits, waits in turn."""

    def __init__(
        self,
        url: str,
        size: int = 10,
        *,
        wait: float = WAIT_TIMEOUT,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._url = url
        self._size = size
        self._wait = wait
        self._most_waiting = most_waiting
        self._free: list[Connection] = []
        self._open = 0
        self._waiting: deque[Future[Connection | None]] = deque()
        self._closed = False

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Raises Unavailable where PostgreSQL is away, or too many wait already."""
        connection = await self.take()
        try:
            yield connection
        finally:
            await self.give_back(connection)

    async def take(self) -> Connection:
        while self._free:
            connection = self._free.pop()
            if connection.lives():
                return connection
            self._open -= 1
        if self._open < self._size:
            return await self._new()
        return await self._next()

    async def give_back(self, connection: Connection) -> None:
        if connection.in_transaction and not connection.broken:
            try:
                await connection.trip([(_ROLLBACK, {})])
            except psycopg.Error:
                connection.close()
        if connection.broken or self._closed:
            connection.close()
            self._open -= 1
            self._wake(None)
        else:
            self._wake(connection)

    async def answers(self) -> bool:
        """Whether PostgreSQL can be asked at this moment."""
        try:
            async with self.connection() as connection:
                await connection.trip([(_NOTHING, {})])
        except (Unavailable, psycopg.Error):
            return False
        return True

    def close(self) -> None:
        self._closed = True
        for connection in self._free:
            connection.close()
        self._open -= len(self._free)
        self._free.clear()

    async def _new(self) -> Connection:
        self._open += 1
        try:
            return await Connection.open(self._url)
        except psycopg.OperationalError as error:
            self._open -= 1
            self._wake(None)
            raise Unavailable("The database cannot be reached.", retry_after=2) from error
        except BaseException:
            self._open -= 1
            self._wake(None)
            raise

    async def _next(self) -> Connection:
        if len(self._waiting) >= self._most_waiting:
            raise _busy()
        loop = asyncio.get_running_loop()
        waiter: Future[Connection | None] = loop.create_future()
        self._waiting.append(waiter)
        # And not asyncio's timeout, which takes longer than most waits do.
        patience = loop.call_later(self._wait, _give_up, waiter)
        try:
            connection = await waiter
        except BaseException:
            # Given one in the very moment in which the wait was broken off: it goes to the next.
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self._wake(waiter.result())
            raise
        finally:
            patience.cancel()
        return connection or await self.take()

    def _wake(self, connection: Connection | None) -> None:
        """Hand it to who has waited longest; None means that there is room for another one."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection:
            self._free.append(connection)


def _give_up(waiter: "Future[Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(_busy())


def _busy() -> Unavailable:
    return Unavailable("Too many requests wait for the database.", code="overloaded")
