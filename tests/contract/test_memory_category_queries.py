"""What the categories of a tenant cost, by the very statements that the adapter sends."""

from collections.abc import Iterator

import psycopg
import pytest

from adapters.persistence.postgres import PostgresStorage
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.memory.model import TenantMemoryCategory
from tests.contract.test_memory_queries import FILL, PEOPLE, WHO, assert_reads, made
from tests.contract.test_queries import ExplainingPool
from tests.postgres import Postgres

TENANT = "0000000a-0000-7000-8000-000000000001"
ONE = "0000000b-0000-7000-8000-000000000003"
TENANTS, CATEGORIES = 20, 50
MORE = f"""
set session_replication_role = replica;
insert into user_organizations (tenant_id, id, version, user_id, organization_id, role,
    permissions, created_at, updated_at)
  select {made("'a'", "p % 20")}, {made("'c'", "p")}, 1, {made("'1'", "p")},
    {made("'a'", "p % 20")}, 'student', '{{}}', now(), now() from generate_series(1, {PEOPLE}) p;
insert into tenant_memory_categories (tenant_id, id, version, organization_id, name, name_key,
    created_at, updated_at)
  select {made("'a'", "t")}, {made("'b'", "n")}, 1, {made("'a'", "t")}, 'Of all ' || n,
    'of all ' || n, now(), now()
  from generate_series(0, {TENANTS - 1}) t, generate_series(1, {CATEGORIES}) n;
"""  # noqa: S608 -- nothing in it comes from elsewhere


@pytest.fixture(scope="module")
def categories_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute(FILL.encode())
        connection.execute(MORE.encode())
        connection.execute("analyze")
    yield url
    postgres.drop(url)


async def test_the_categories_of_a_persons_tenants_are_read_and_no_more(
    categories_url: str,
) -> None:
    pool = ExplainingPool(categories_url)

    async with PostgresStorage(pool).look(Actor(WHO)) as reader:
        assert CATEGORIES == len(await reader.memory_categories.of_tenants())

    assert_reads(pool, CATEGORIES + 2)


async def test_a_tenants_categories_are_read_alone(categories_url: str) -> None:
    pool = ExplainingPool(categories_url)

    async with PostgresStorage(pool).look(Actor(WHO), tenant=TENANT) as reader:
        assert CATEGORIES == len(await reader.memory_categories.of_tenant())
        assert_reads(pool, CATEGORIES + 2)
        assert ONE == (await reader.get(TenantMemoryCategory, ONE)).id
        assert_reads(pool, 2)


async def test_who_has_something_in_a_category_is_found_among_the_tenants_people(
    categories_url: str,
) -> None:
    pool, of_tenant = ExplainingPool(categories_url), PEOPLE // TENANTS

    async with PostgresStorage(pool).look(WORKER, tenant=TENANT) as reader:
        first = await reader.memory_categories.having("Category 1", ONE, None, 4)
        rest = await reader.memory_categories.having("Category 1", ONE, first[-1], 100)
        assert of_tenant == len({*first, *rest})
        assert [] == [*await reader.memory_categories.having("Category 9", ONE, None, 4)]

    assert_reads(pool, 10 * of_tenant)
