"""The server as a process: how it starts, what it survives, and how it ends."""

import asyncio
import getpass
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from aiohttp import web
from attrs import frozen

from adapters.http.health import STOPPING
from adapters.http.listening import bound_socket, listening
from tests.postgres import Postgres
from tests.serving import FARADAY, Answer, Serving, environment, faraday, faraday_serve
from tests.waiting import wait_until
from tests.world import PASSWORD

PAT = {"email": "pat@example.org", "password": PASSWORD, "full_name": "Pat Doe"}
SIGN_IN = {"email": PAT["email"], "password": PASSWORD}


def ask(url: str, route: str, body: object = None, *, token: str = "") -> Answer:
    """By a connection of its own. `route`: as in "POST /api/v1/auth/login"."""
    method, path = route.split(" ")
    headers = {"Connection": "close", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        return Answer(response.status, dict(response.headers), response.read())
    finally:
        connection.close()


def registered(url: str) -> None:
    assert 201 == ask(url, "POST /api/v1/auth/register", PAT).status


def signed_in(url: str) -> Mapping[str, str]:
    answer = ask(url, "POST /api/v1/auth/login", SIGN_IN)
    assert 200 == answer.status, answer.body
    found: Mapping[str, str] = answer.json
    return found


def me(url: str, token: str) -> int:
    return ask(url, "GET /api/v1/auth/me", token=token).status


def mails(data_dir: Path) -> int:
    return len(list((data_dir / "mail").glob("*.eml")))


def refuses(url: str) -> bool:
    at = urlsplit(url)
    try:
        socket.create_connection((at.hostname or "", at.port or 0), timeout=0.5).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def running_postgres(data_dir: Path) -> int | None:
    """The embedded PostgreSQL's process, where it lives."""
    try:
        pid = int((data_dir / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (OSError, IndexError, ValueError):
        return None
    return pid


# The start


def test_a_port_in_use_is_one_line(data_dir: Path) -> None:
    with bound_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        done = faraday("serve", "--port", str(port), data_dir=data_dir)

    assert (1, "") == (done.returncode, done.stdout)
    expected = rf"faraday: .*127\.0\.0\.1:{port}: Address already in use\. .*--port.*\n"
    assert re.fullmatch(expected, done.stderr)
    assert [] == list(data_dir.iterdir())


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
def test_an_address_of_nobodys_here_is_one_line(host: str, data_dir: Path) -> None:
    done = faraday("serve", "--host", host, "--port", "0", data_dir=data_dir)

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(rf"faraday: .*{re.escape(host)}:0: .+\n", done.stderr)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"FARADAY_PORT": "http"}, "FARADAY_PORT is no whole number. Example: FARADAY_PORT=8000"),
        ({"FARADAY_ENV": "production"}, "FARADAY_SECRET_KEY is missing"),
        ({"FARADAY_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "cannot be reached"),
        (
            {"FARADAY_TLS_CERT": "/nowhere/f.pem", "FARADAY_TLS_KEY": "/nowhere/f.key"},
            "FARADAY_TLS_CERT",
        ),
        ({"FARADAY_SECRET_KEY_FILE": "/nowhere/key"}, "FARADAY_SECRET_KEY_FILE names a file"),
    ],
)
def test_what_is_set_wrong_is_one_line(
    environ: Mapping[str, str], told: str, data_dir: Path
) -> None:
    done = faraday("serve", "--port", "0", data_dir=data_dir, environ=environ)

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: .+\n", done.stderr)
    assert told in done.stderr


def test_a_data_directory_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = faraday("serve", "--port", "0", data_dir=tmp_path / "file" / "data")

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: The data directory .+ cannot be used: .+\n", done.stderr)


def test_another_secret_than_before_is_one_line(database_url: str, tmp_path: Path) -> None:
    def listed(key: str) -> "subprocess.CompletedProcess[str]":
        environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_SECRET_KEY": key}
        return faraday("users", "list", data_dir=tmp_path, environ=environ)

    first, second = "first-secret-" * 4, "second-secret-" * 4
    assert 0 == listed(first).returncode

    done = listed(second)

    assert (1, "") == (done.returncode, done.stdout)
    assert re.fullmatch(r"faraday: The secret is not the one .+\n", done.stderr)


def test_a_variable_with_a_slip_in_it_is_a_warning(database_url: str, data_dir: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url, "FARADAY_RATE_LIMTI": "5"}
    with faraday_serve(data_dir=data_dir, environ=environ) as server:
        wait_until(lambda: f"{server.url}/docs" in server.log.read_text())

    expected = "FARADAY_RATE_LIMTI is no setting; did you mean FARADAY_RATE_LIMIT?"
    assert expected in server.log.read_text()


# One data directory: restarts, a second server, a command beside it


def test_all_lives_through_a_restart_and_the_second_start_is_quick(data_dir: Path) -> None:
    with faraday_serve(data_dir=data_dir) as server:
        registered(server.url)
        tokens = signed_in(server.url)
        assert 0 == server.stop()

    begin = time.monotonic()
    with faraday_serve(data_dir=data_dir) as server:
        took = time.monotonic() - begin
        print(f"the second start took {took:.2f} s")
        assert took < 10
        assert 200 == me(server.url, tokens["access_token"])
        spent = {"refresh_token": tokens["refresh_token"]}
        assert 200 == ask(server.url, "POST /api/v1/auth/refresh", spent).status
        assert signed_in(server.url)
        assert 0 == server.stop(signal.SIGINT)

    ended(data_dir)


def test_what_was_done_is_there_after_a_kill(data_dir: Path) -> None:
    with faraday_serve(data_dir=data_dir) as server:
        registered(server.url)
        token = signed_in(server.url)["access_token"]
        before = running_postgres(data_dir)
        assert before
        server.stop(signal.SIGKILL)

    with faraday_serve(data_dir=data_dir) as server:
        assert 200 == me(server.url, token)
        server.stop(signal.SIGKILL)
    os.kill(running_postgres(data_dir) or before, signal.SIGKILL)

    with faraday_serve(data_dir=data_dir) as server:
        assert 200 == me(server.url, token)
        assert 0 == server.stop()


def test_two_servers_and_a_command_share_one_database(data_dir: Path) -> None:
    with faraday_serve(data_dir=data_dir) as first, faraday_serve(data_dir=data_dir) as second:
        postgres = running_postgres(data_dir)
        registered(first.url)
        token = signed_in(second.url)["access_token"]
        assert 200 == me(first.url, token)

        shown = faraday("users", "show", PAT["email"], "--json", data_dir=data_dir)
        assert PAT["full_name"] == json.loads(shown.stdout)["full_name"]
        wait_until(lambda: mails(data_dir) == 1)
        done = faraday("users", "send-reset", PAT["email"], data_dir=data_dir)
        assert 0 == done.returncode, done.stderr
        wait_until(lambda: mails(data_dir) == 2, seconds=30)
        done = faraday("users", "deactivate", PAT["email"], data_dir=data_dir)
        assert 0 == done.returncode, done.stderr
        assert [401, 401] == [me(server.url, token) for server in (first, second)]

        assert 0 == first.stop()
        assert postgres == running_postgres(data_dir)
        assert 200 == ask(second.url, "GET /readyz").status
        assert 0 == second.stop()


def ended(data_dir: Path) -> None:
    """The embedded database, with the last who used it."""
    wait_until(lambda: running_postgres(data_dir) is None, seconds=20)


def test_whoever_runs_it_needs_no_rights_and_no_settings() -> None:
    """As root does it in a container, and as anybody else: in the data directory of their own."""
    with tempfile.TemporaryDirectory(prefix="faraday-home-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        own = "nobody" if os.geteuid() == 0 and _reached_by("nobody") else None
        if own:
            shutil.chown(home, own)
        environ = environment(home) | {"HOME": name, "USER": own or getpass.getuser()}
        for unset in ("FARADAY_DATA_DIR", "XDG_DATA_HOME"):
            environ.pop(unset, None)

        def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [*FARADAY, *arguments],
                user=own,
                env=environ,
                cwd=home,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )

        made = run("organizations", "create", "--name", "District")
        assert 0 == made.returncode, made.stderr
        data_dir = home / ".local" / "share" / "faraday"
        secret = data_dir / "secret_key"
        assert (own or getpass.getuser()) == secret.owner()
        assert 0o600 == secret.stat().st_mode & 0o777
        assert "District" in run("organizations", "list").stdout
        ended(data_dir)


def _reached_by(user: str) -> bool:
    """Whether this Python, which may lie in root's own home, is there for somebody else."""
    try:
        probe = subprocess.run(
            [FARADAY[0], "-c", "import attrs"], user=user, capture_output=True, check=False
        )
    except PermissionError:
        return False
    return probe.returncode == 0


# The end


@frozen
class SlowRequest:
    """A registration of which half is sent."""

    connection: socket.socket
    rest: bytes

    def finished(self) -> tuple[int, bytes]:
        """The answer's status and body."""
        self.connection.sendall(self.rest)
        response = http.client.HTTPResponse(self.connection)
        response.begin()
        return response.status, response.read()


@contextmanager
def slow_request(url: str, email: str) -> Iterator[SlowRequest]:
    at = urlsplit(url)
    body = json.dumps(PAT | {"email": email}).encode()
    head = (
        f"POST /api/v1/auth/register HTTP/1.1\r\nHost: {at.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((at.hostname or "", at.port or 0), timeout=20) as connection:
        connection.sendall(head + body[:20])
        yield SlowRequest(connection, body[20:])


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_gets_its_own_answer(
    workers: int, number: signal.Signals, database_url: str, data_dir: Path
) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url}
    with (
        faraday_serve("--workers", str(workers), data_dir=data_dir, environ=environ) as server,
        slow_request(server.url, "slow@example.org") as slow,
    ):
        # What was sent before is read by then, by one process at least.
        assert 200 == ask(server.url, "GET /readyz").status
        begin = time.monotonic()
        server.process.send_signal(number)
        wait_until(lambda: refuses(server.url), seconds=5)
        assert server.process.poll() is None
        status, body = slow.finished()

        assert (201, "slow@example.org") == (status, json.loads(body)["email"])
        assert 0 == server.process.wait(15)
        assert time.monotonic() - begin < 15
        assert "Traceback" not in server.log.read_text()


def test_who_never_ends_their_request_holds_nobody_up(database_url: str, data_dir: Path) -> None:
    with (
        faraday_serve(data_dir=data_dir, environ={"FARADAY_DATABASE_URL": database_url}) as server,
        slow_request(server.url, "never@example.org"),
    ):
        begin = time.monotonic()
        assert 0 == server.stop()
        assert time.monotonic() - begin < 15


def test_what_was_done_is_sealed_when_the_server_has_ended(
    database_url: str, data_dir: Path
) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url}
    with faraday_serve(data_dir=data_dir, environ=environ) as server:
        registered(server.url)
        assert 0 == server.stop()

    done = faraday("audit", "verify", "--json", data_dir=data_dir, environ=environ)
    verdict = json.loads(done.stdout)
    assert (True, 0) == (verdict["ok"], verdict["unsealed"])


# Several processes


def children(server: Serving) -> list[int]:
    """The processes that serve, of a server that has several."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and b"spawn_main" in (entry / "cmdline").read_bytes():
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                if int(parent) == server.process.pid:
                    found.append(int(entry.name))
    return found


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_each_of_several_processes_answers_and_all_end(database_url: str, data_dir: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url}
    with faraday_serve("--workers", "2", data_dir=data_dir, environ=environ) as server:
        pids = children(server)
        assert 2 == len(pids)
        registered(server.url)
        for pid in pids:  # where one stands still the other answers
            os.kill(pid, signal.SIGSTOP)
            try:
                token = signed_in(server.url)["access_token"]
                assert 200 == me(server.url, token)
            finally:
                os.kill(pid, signal.SIGCONT)
        assert 0 == server.stop()

        assert all(map(gone, pids))
        assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("who", ["a worker", "the parent"])
def test_where_one_is_killed_nobody_is_left(who: str, database_url: str, data_dir: Path) -> None:
    environ = {"FARADAY_DATABASE_URL": database_url}
    with faraday_serve("--workers", "2", data_dir=data_dir, environ=environ) as server:
        pids = children(server)
        if who == "a worker":
            os.kill(pids[0], signal.SIGKILL)
            assert 1 == server.process.wait(20)
            assert re.search(r"^faraday: .+ has ended by itself", server.log.read_text(), re.M)
        else:
            server.stop(signal.SIGKILL)

        wait_until(lambda: all(map(gone, pids)), seconds=20)
        assert refuses(server.url)


# The database


def test_a_database_that_comes_back_is_used_without_a_restart(
    postgres: Postgres, database_url: str, data_dir: Path
) -> None:
    name = urlsplit(database_url).path.removeprefix("/")
    with (
        faraday_serve(data_dir=data_dir, environ={"FARADAY_DATABASE_URL": database_url}) as server,
        psycopg.connect(postgres.url, autocommit=True) as connection,
    ):
        registered(server.url)
        token = signed_in(server.url)["access_token"]
        connection.execute(f"alter database {name} with allow_connections false")
        try:
            sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
            connection.execute(sql, (name,))
            for route in ("GET /api/v1/auth/me", "GET /readyz"):
                answer = ask(server.url, route, token=token)
                assert (503, "unavailable") == (answer.status, answer.code)
                assert int(answer.headers["Retry-After"]) > 0
                assert answer.headers["Content-Type"].startswith("application/problem+json")
            refused = ask(server.url, "POST /api/v1/auth/login", SIGN_IN)
            assert 503 == refused.status
            assert 200 == ask(server.url, "GET /livez").status
        finally:
            connection.execute(f"alter database {name} with allow_connections true")

        wait_until(lambda: ask(server.url, "GET /readyz").status == 200)
        assert 200 == me(server.url, token)
        wait_until(lambda: mails(data_dir) == 1)
        asked = ask(server.url, "POST /api/v1/auth/forgot-password", {"email": PAT["email"]})
        assert 202 == asked.status
        wait_until(lambda: mails(data_dir) == 2, seconds=30)
        assert 0 == server.stop()


# Connections that take their time


async def test_who_sends_headers_byte_by_byte_is_cut_off_and_delays_nobody() -> None:
    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    server = web.Application()
    server[STOPPING] = []
    server.router.add_get("/", hello)
    at = bound_socket("127.0.0.1", 0)
    host, port = at.getsockname()

    async def slow() -> float:
        """How long it was borne with."""
        reader, writer = await asyncio.open_connection(host, port)
        begin = time.monotonic()
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"a")
                await writer.drain()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await reader.read(1)
        writer.close()
        return time.monotonic() - begin

    async with listening(server, at, None, header_timeout=1.0), asyncio.timeout(20):
        waiting = [asyncio.create_task(slow()) for _ in range(50)]
        reader, writer = await asyncio.open_connection(host, port)
        answered = 0
        while not all(task.done() for task in waiting):
            begin = time.monotonic()
            writer.write(b"GET / HTTP/1.1\r\nHost: tests\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            assert b"hello" == await reader.readexactly(5)
            assert time.monotonic() - begin < 1
            answered += 1
            await asyncio.sleep(0.02)
        writer.close()

    assert answered > 5
    assert all(0.9 < task.result() < 5 for task in waiting)
