"""A PostgreSQL that will not do is told in one line, and one that is lost is borne."""

import re
import shutil
import socketserver
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from adapters.persistence import migrations
from adapters.persistence.embedded import program
from adapters.persistence.migrations import CannotMigrate
from tests.contract.test_processes import ask
from tests.postgres import Postgres
from tests.serving import FARADAY, environment, faraday, faraday_serve
from tests.waiting import wait_until
from tests.world import World

LOCK = 7_302_511_883  # migrations' own


# One that will not do


def test_a_server_without_pgvector_is_one_line_and_nothing_is_made(data_dir: Path) -> None:
    """Our own PostgreSQL, as it is where nobody has installed the extension."""
    packages, package = data_dir / "packages", program("postgres").parents[2]
    for part in package.parent.glob(f"{package.name}*"):
        left_out = shutil.ignore_patterns("vector*", "include")
        shutil.copytree(part, packages / part.name, symlinks=True, ignore=left_out)
    environ = {"PYTHONPATH": f"{packages}:{environment(data_dir)['PYTHONPATH']}"}

    done = subprocess.run(
        [*FARADAY, "serve", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(data_dir / "data", environ),
    )
    assert (1, "") == (done.returncode, done.stdout)
    told = "faraday: This PostgreSQL is without pgvector: install it on the server.\n"
    assert told == done.stderr


class OfPostgres12(socketserver.StreamRequestHandler):
    """As much of the protocol (PostgreSQL's manual, chapter 55) as it takes to be asked which
    version one is."""

    def handle(self) -> None:
        while (code := self._startup()) != 196_608:  # version 3.0, neither TLS nor GSS
            if code == 0:
                return
            self.wfile.write(b"N")
        self._say(b"R", struct.pack("!i", 0))
        for name, value in (("server_version", "12.22"), ("client_encoding", "UTF8")):
            self._say(b"S", f"{name}\0{value}\0".encode())
        self._say(b"Z", b"I")
        while (kind := self.rfile.read(1)) not in {b"", b"X"}:
            (length,) = struct.unpack("!i", self.rfile.read(4))
            self._answer(self.rfile.read(length - 4) if kind == b"Q" else b"")

    def _startup(self) -> int:
        head = self.rfile.read(8)
        if len(head) < 8:
            return 0
        length, code = struct.unpack("!ii", head)
        self.rfile.read(length - 8)
        return int(code)

    def _answer(self, query: bytes) -> None:
        self._say(
            b"T", struct.pack("!h", 1) + b"x\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0)
        )
        if b"to_regclass" in query:  # there is no such table
            self._say(b"D", struct.pack("!hi", 1, -1))
        self._say(b"C", b"SELECT\0")
        self._say(b"Z", b"I")

    def _say(self, kind: bytes, content: bytes) -> None:
        self.wfile.write(kind + struct.pack("!i", len(content) + 4) + content)


@pytest.fixture
def old_url() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OfPostgres12) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"postgresql://pat@127.0.0.1:{server.server_address[1]}/faraday"
        server.shutdown()


def test_a_server_that_is_too_old_is_one_line(old_url: str, data_dir: Path) -> None:
    """No binary of that age is to be had with the package: what answers is a server of the test's
    own, over a real socket, that says of itself to be PostgreSQL 12."""
    environ = {"FARADAY_DATABASE_URL": old_url}
    done = faraday("serve", "--port", "0", data_dir=data_dir, environ=environ)
    assert (1, "") == (done.returncode, done.stdout)
    assert "faraday: PostgreSQL 12 is too old: 15 or newer is needed.\n" == done.stderr


def test_a_newer_schema_is_one_line_and_stays_as_it_is(database_url: str, data_dir: Path) -> None:
    with psycopg.connect(database_url, autocommit=True) as superuser:
        superuser.execute("update alembic_version set version_num = '9999'")
    environ = {"FARADAY_DATABASE_URL": database_url}
    for given in (("serve", "--port", "0"), ("users", "list")):
        done = faraday(*given, data_dir=data_dir, environ=environ)
        assert (1, "") == (done.returncode, done.stdout)
        assert re.fullmatch(r"faraday: The database is at revision 9999, newer .+\n", done.stderr)
    assert "9999" == migrations.current(database_url)


# One that is lost in the middle


def test_a_migration_that_loses_its_database_is_told_in_one_line(postgres: Postgres) -> None:
    url = postgres.bare_database()
    name = urlsplit(url).path.removeprefix("/")
    refused: list[str] = []

    def upgrade() -> None:
        with pytest.raises(CannotMigrate) as refusal:
            migrations.upgrade(url)
        refused.append(str(refusal.value))

    upgrading = threading.Thread(target=upgrade)
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", (LOCK,))  # so that it is in the middle
        upgrading.start()
        waits = (
            "select pid from pg_locks join pg_stat_activity using (pid) where not granted"
            " and locktype = 'advisory' and datname = %s"
        )
        pids = wait_until(lambda: other.execute(waits, (name,)).fetchall())
        other.execute("select pg_terminate_backend(%s)", pids[0])
        upgrading.join(20)
    (told,) = refused
    assert told.startswith("The database could not be upgraded: ")
    assert "\n" not in told

    migrations.upgrade(url)  # the lock is nobody's
    assert [] == migrations.check(url)
    postgres.drop(url)


def test_jobs_are_heard_of_at_once_when_the_database_is_back(
    postgres: Postgres, database_url: str, data_dir: Path
) -> None:
    """And not only at the next look: who listens, and who gives signs of life, are there again."""
    name = urlsplit(database_url).path.removeprefix("/")
    listening = (
        "select count(*) from pg_stat_activity where datname = %s and query like 'LISTEN%%'"
    )
    with (
        faraday_serve(data_dir=data_dir, environ={"FARADAY_DATABASE_URL": database_url}) as server,
        psycopg.connect(postgres.url, autocommit=True) as superuser,
    ):

        def heard() -> bool:
            return superuser.execute(listening, (name,)).fetchone() != (0,)

        wait_until(heard)
        superuser.execute(f"alter database {name} with allow_connections false".encode())
        ended = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
        superuser.execute(ended, (name,))
        wait_until(lambda: ask(server.url, "GET /readyz").status == 503)
        wait_until(lambda: "stopping worker" in server.log.read_text(), seconds=20)
        superuser.execute(f"alter database {name} with allow_connections true".encode())

        wait_until(heard, seconds=40)
        assert 0 == server.stop()


# A clock that jumps


@pytest.mark.parametrize("days", [-400, -1, 400])
async def test_a_clock_that_jumps_locks_nobody_out_for_good(world: World, days: int) -> None:
    person = await world.person(email="pat@example.org")
    before = await world.sign_in(person)
    world.clock.move(days=days)

    again = await world.sign_in(person)
    assert person.id == (await world.actor(again)).user_id
    world.clock.move(days=-days)
    last = await world.sign_in(person)
    assert person.id == (await world.actor(last)).user_id
    assert person.id == (await world.actor(before)).user_id or days == 400
