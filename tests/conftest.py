"""Both storages, one school. A test that asks for `world` runs once over each."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.app import App
from adapters.compose import in_memory, stored
from adapters.installation import Installation
from adapters.logs import configure_logs
from adapters.persistence.memory import MemoryStorage
from adapters.persistence.postgres import Pool, PostgresStorage
from adapters.settings import Settings, read_settings
from adapters.settings.model import LogLevel
from tests.postgres import Postgres, running_postgres, source
from tests.recycled import RecycledDatabase
from tests.serving import Server, serving
from tests.terminal import Site
from tests.world import SECRETS, TestClock, World, world_over

configure_logs(Settings(log_level=LogLevel.ERROR))


def pytest_report_header() -> str:
    return f"PostgreSQL: {source()}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def recycled(postgres: Postgres) -> Iterator[RecycledDatabase]:
    database = RecycledDatabase(postgres)
    yield database
    database.close()


@pytest.fixture
def database_url(recycled: RecycledDatabase) -> Iterator[str]:
    """A database of this test's own, migrated and empty; a superuser's URL."""
    yield recycled.take()
    recycled.give_back()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = Pool(database_url)
    yield pool
    pool.close()


@pytest.fixture
async def memory_world() -> AsyncIterator[World]:
    clock = TestClock()
    async with world_over(MemoryStorage(now=clock), clock) as world:
        yield world


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    clock = TestClock()
    storage = (
        MemoryStorage(now=clock)
        if request.param == "memory"
        else PostgresStorage(Pool(request.getfixturevalue("database_url")), now=clock)
    )
    async with world_over(storage, clock) as world:
        yield world


@pytest.fixture(params=["postgres", "http"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The support terminal's: directly over PostgreSQL, as an operator has it, and through a real
    server; each over another storage, so that both ways and both storages are tried."""
    clock = TestClock()
    storage = (
        MemoryStorage(now=clock)
        if request.param == "http"
        else PostgresStorage(Pool(request.getfixturevalue("database_url")), now=clock)
    )
    async with world_over(storage, clock) as world:
        yield Site(world, over_http=request.param == "http")


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """A product that serves on a real socket, over a PostgreSQL of its own."""
    async with serving(database_url, tmp_path) as server:
        yield server


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for a real installation, which PostgreSQL's user can reach."""
    with tempfile.TemporaryDirectory(prefix="faraday-data-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "a dir with ümlaut"
        Path(name).chmod(0o711)  # ours
        folder.mkdir()
        yield folder


@pytest.fixture(params=["memory", "postgres"])
async def app(request: pytest.FixtureRequest) -> AsyncIterator[App]:
    """The product alone, over each storage; its passwords hash at the product's own cost."""
    if request.param == "memory":
        async with in_memory() as app:
            yield app
    else:
        url = request.getfixturevalue("database_url")
        settings = read_settings({"FARADAY_DATABASE_URL": url})
        folder = request.getfixturevalue("tmp_path")
        async with stored(Installation(settings, folder, SECRETS, url)) as app:
            yield app


@pytest.fixture
async def stored_world(database_url: str) -> AsyncIterator[World]:
    clock = TestClock()
    async with world_over(PostgresStorage(Pool(database_url), now=clock), clock) as world:
        yield world
