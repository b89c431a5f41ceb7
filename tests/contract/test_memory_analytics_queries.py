"""What the understanding of memories costs: a year is one small read, however many people there
are; by the very statements that the adapter sends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.persistence.postgres import PostgresStorage
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.memory.recommendations_model import MemoryRecommendation
from tests.contract.test_memory_queries import EACH, FILL, MEMORY, PEOPLE, WHO, made
from tests.contract.test_queries import ExplainingPool, rows_of, scans_of
from tests.postgres import Postgres

END = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 400
DONE = 1500  # interactions of each person
MORE = f"""
update memory_interactions set created_at = timestamptz '{END}' - interval '20 days'
  + interval '1 minute' * right(id::text, 4)::integer;
update memory_interactions set interaction_type = 'feedback' where id::text like '%1';
insert into memory_analytics (user_id, id, version, begins_at, updated_at, totals, by_category,
    by_hour, by_context, response_times)
  select {made("'1'", "p")}, {made("p::text", "n")}, 1,
    timestamptz '{END}' - interval '1 day' * n, now(), '{{"created": 1}}', '{{}}', '{{}}', '{{}}',
    '{{}}' from generate_series(1, {PEOPLE}) p, generate_series(1, {DAYS}) n;
insert into memory_recommendations (user_id, id, version, kind, memory_id, offered_at)
  select {made("'1'", "p")}, {made("p::text", "n")}, 1, 'forget', {made("p::text", "n")}, now()
  from generate_series(1, {PEOPLE}) p, generate_series(1, 20) n;
"""  # noqa: S608 -- nothing in it comes from elsewhere


@pytest.fixture(scope="module")
def used_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute(FILL.encode())
        connection.execute(MORE.encode())
        connection.execute("analyze")
    yield url
    postgres.drop(url)


def assert_reads(pool: ExplainingPool, most: int) -> None:
    assert pool.plans
    for plan in pool.plans:
        scans = [*scans_of(plan)]
        told = [(s["Node Type"], s["Relation Name"], s.get("Index Name"), rows_of(s))
                for s in scans]  # fmt: skip
        assert most >= sum(map(rows_of, scans)), told
        assert "Seq Scan" not in {s["Node Type"] for s in scans}, told
    pool.plans.clear()


async def test_a_year_is_one_small_read(used_url: str) -> None:
    pool = ExplainingPool(used_url)

    async with PostgresStorage(pool).look(Actor(WHO)) as reader:
        assert END - timedelta(days=1) == await reader.memory_activity.latest()
        assert_reads(pool, 1)
        assert 365 == len(await reader.memory_activity.days(END - timedelta(days=365), END))
        assert_reads(pool, 365)
        assert 20 == len(await reader.memory_activity.recommendations())
        assert_reads(pool, 20)
        offered = await reader.memory_activity.recommendations()
        assert offered[0] == await reader.get(MemoryRecommendation, offered[0].id)


async def test_what_is_counted_is_the_persons_and_of_the_days_that_are_open(
    used_url: str,
) -> None:
    pool = ExplainingPool(used_url)

    async with PostgresStorage(pool).look(Actor(WHO)) as reader:
        past = await reader.memory_activity.past(END - timedelta(days=1))
        assert (EACH, []) == (len(past.facts), [*past.done])
        assert_reads(pool, DONE)
        assert DONE == len((await reader.memory_activity.past(None)).done)
        assert_reads(pool, DONE)
        seen = await reader.memory_activity.seen()
        assert MEMORY in {one.memory_id for one in seen}
        assert_reads(pool, DONE)


async def test_who_was_active_is_found_by_when_it_was(used_url: str) -> None:
    pool = ExplainingPool(used_url)

    async with PostgresStorage(pool).look_everywhere(WORKER) as reader:
        assert [] == [*await reader.memory_activity.active(END)]
        assert_reads(pool, 0)
        assert PEOPLE == len(await reader.memory_activity.active(END - timedelta(days=30)))
