"""Both storages, one school. A test that asks for `world` runs once over each."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters.persistence.memory import MemoryStorage
from adapters.persistence.postgres import Pool, PostgresStorage
from tests.postgres import Postgres, running_postgres, source
from tests.world import TestClock, World, world_over


def pytest_report_header() -> str:
    return f"PostgreSQL: {source()}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """A database of this test's own, migrated and empty; a superuser's URL."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


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
