"""What memories cost: so many rows are read as a page has, or as a person has, however many other
people have; by the very statements that the adapter sends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import pytest

from adapters.persistence.postgres import Pool, PostgresStorage
from adapters.persistence.postgres.memory_sketch import SKETCH, given_of, sketch_of
from adapters.persistence.postgres.rows import Rows, Scope
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.paging import PageRequest
from faraday_core.memory.model import MemoryState, UserMemory
from faraday_core.memory.ports import Uses
from faraday_core.memory.ports import Wanted as Listed
from faraday_core.memory.ranking import Filters, Vector, Weights
from faraday_core.memory.ranking.sketch import Wanted, strength_of
from tests.contract.test_queries import ExplainingPool, explained, rows_of, scans_of
from tests.postgres import Postgres

EACH: Final = 500  # memories of each person
PEOPLE: Final = 200
NOW: Final = datetime(2026, 9, 1, 7, 40, tzinfo=UTC)
WHO: Final = "00000001-0000-7000-8000-000000000007"
PAGE: Final = 100
STRENGTH: Final = strength_of(Weights(), asks_when=False)
OTHER: Final = "00000001-0000-7000-8000-000000000008"  # of whom nothing is changed
MEMORY: Final = "00000007-0000-7000-8000-000000000009"


def made(kind: str, number: str) -> str:
    return f"(lpad({kind}, 8, '0') || '-0000-7000-8000-' || lpad(({number})::text, 12, '0'))::uuid"


FILL = f"""
set session_replication_role = replica;
insert into users (id, version, email, email_key, full_name, created_at, updated_at, is_active,
    email_verified, is_platform_admin, security_epoch, is_service, grades, held_fields)
  select {made("'1'", "p")}, 1, 'p' || p || '@example.org', 'p' || p || '@example.org', 'P', now(),
    now(), true, true, false, 1, false, '{{}}', '{{}}' from generate_series(1, {PEOPLE}) p;
insert into user_memories (user_id, id, version, content, created_at, updated_at, category, tags,
    context, importance_score, importance_given, access_count, expires_at, pinned, repetitions,
    helpful, unhelpful, text_hash, changed, deleted_at, supersedes)
  select {made("'1'", "p")}, {made("p::text", "n")}, 1, 'Memory ' || n, now(), now(),
    'Category ' || n % 5, array['t' || n % 7], '{{}}', n % 10 / 10.0, false, 0,
    case when n % 50 = 0 then '{NOW - timedelta(days=1)}' else '{NOW + timedelta(days=99)}' end
      ::timestamptz, false, 0, 0, 0, n::text::bytea, n,
    case when n % 25 = 1 then '{NOW - timedelta(days=31)}'::timestamptz end,
    case when n % 40 = 2 then {made("p::text", "n - 1")} end
  from generate_series(1, {PEOPLE}) p, generate_series(1, {EACH}) n;
insert into memory_versions (user_id, id, version, memory_id, number, content, tags, context,
    importance_score, pinned, written_at, replaced_at)
  select {made("'1'", "p")}, {made("p::text", "n * 100 + k")}, 1, {made("p::text", "n")}, k, 'x',
    '{{}}', '{{}}', 0.5, false, now(), now()
  from generate_series(1, {PEOPLE}) p, generate_series(1, 50) n, generate_series(1, 30) k;
insert into memory_interactions (user_id, id, version, memory_id, interaction_type, context,
    success, created_at)
  select user_id, id, 1, memory_id, 'retrieve', '{{}}', true, now() from memory_versions;
insert into memory_categories (user_id, id, version, name, name_key, created_at, updated_at)
  select {made("'1'", "p")}, {made("p::text", "n")}, 1, 'Category ' || n, 'category ' || n, now(),
    now() from generate_series(1, {PEOPLE}) p, generate_series(0, 4) n;
insert into memory_grants (user_id, id, version, grantee_id, purpose, expires_at, created_at,
    granted_by)
  select {made("'1'", "p")}, {made("p::text", "n")}, 1, {made("'1'", "n")}, 'x',
    '{NOW + timedelta(days=1)}', now(), {made("'1'", "p")}
  from generate_series(1, {PEOPLE}) p, generate_series(1, 30) n;
insert into memory_vectors (user_id, id, version, model, numbers, changed)
  select user_id, id, 1, 'a model', '[1,2]', changed from user_memories
  where changed <= {EACH - 10};
insert into memory_layouts (user_id, id, version, rules, said, thread, occurred_at, log_length,
    length, plain_length, flags, terms, times, place)
  select user_id, id, 1, 'en.1', version, (changed / 10) % 3, now(), 2, 2, 2, 0,
    array['memori', changed::text], '\\x01010101', '[null]'
  from user_memories where deleted_at is null;
insert into memory_states (user_id, id, version, changed)
  select {made("'1'", "p")}, {made("'1'", "p")}, 1, {EACH} from generate_series(1, {PEOPLE}) p;
"""  # noqa: S608 -- nothing in it comes from elsewhere


@pytest.fixture(scope="module")
def memories_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        connection.execute(FILL.encode())
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


LISTS: dict[str, Listed] = {
    "all": Listed(now=NOW),
    "expired or not": Listed(),
    "of a category": Listed(("Category 1", "Category 2"), now=NOW),
    "of a category that nothing is in": Listed(("Category 9",), now=NOW),
    "with a tag": Listed(tag="t3", now=NOW),
    "with a tag that nothing has": Listed(tag="x", now=NOW),
    "important ones": Listed(min_importance=0.9, now=NOW),
    "with words": Listed(words=("memory", "77"), now=NOW),
    "with words that nothing has": Listed(words=("nothing",), now=NOW),
    "by all of it": Listed(("Category 1",), "t1", 0.1, ("memory",), NOW),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_of_memories_reads_no_more_than_its_person_has(
    memories_url: str, name: str
) -> None:
    pool, cursor = ExplainingPool(memories_url), None
    storage = PostgresStorage(pool)

    for _ in range(2):
        async with storage.look(Actor(WHO)) as reader:
            page = await reader.memories.page(LISTS[name], PageRequest(10, cursor))
        assert_reads(pool, EACH)
        if not (cursor := page.next_cursor):
            break


async def test_the_newest_of_a_person_are_read_as_many_as_a_page_has(memories_url: str) -> None:
    pool = ExplainingPool(memories_url)

    async with PostgresStorage(pool).look(Actor(WHO)) as reader:
        assert 10 == len((await reader.memories.page(Listed(now=NOW), PageRequest(10))).items)

    assert_reads(pool, 15)


async def test_what_has_changed_is_told_by_what_has_changed(memories_url: str) -> None:
    pool = ExplainingPool(memories_url)
    storage = PostgresStorage(pool)

    async with storage.look(Actor(WHO)) as reader:
        assert () == (await reader.memories.changes(EACH)).memories
        assert_reads(pool, 1)
        assert 3 == len((await reader.memories.changes(EACH - 3)).memories)
        assert_reads(pool, 3)
        assert EACH - EACH / 25 == len((await reader.memories.changes(0)).memories)
        assert_reads(pool, EACH)


async def test_what_hangs_on_a_memory_is_read_page_by_page(memories_url: str) -> None:
    pool, page = ExplainingPool(memories_url), PageRequest(10)
    storage = PostgresStorage(pool)

    async with storage.look(Actor(WHO)) as reader:
        asked: list[Any] = [reader.memories.versions, reader.memories.interactions]
        for ask in asked:
            first = await ask(MEMORY, page)
            assert 10 == len((await ask(MEMORY, PageRequest(10, first.next_cursor))).items)
        assert_reads(pool, 40)
        grants = await reader.memory_grants.page(page)
        assert (await reader.memory_grants.page(PageRequest(10, grants.next_cursor))).items
        assert 1 == len(await reader.memory_grants.to(WHO, NOW))
        assert 5 == len(await reader.memory_categories.all())
        assert MEMORY == (await reader.get(UserMemory, MEMORY)).id
        assert WHO == (await reader.get(MemoryState, WHO)).id
        assert 1 == len(await reader.memories.some([MEMORY]))
        assert_reads(pool, 40)
        assert 10 == len(await reader.memories.without_vector("a model", 64))
        assert_reads(pool, 2 * EACH)
        assert (await reader.memories.bin(page)).items
        assert await reader.memories.count()
        assert await reader.memory_categories.counts()
        assert await reader.memories.citing([MEMORY, MEMORY.replace("009", "001")])
        assert_reads(pool, EACH)


async def test_tidying_up_reads_what_is_the_persons(memories_url: str) -> None:
    pool = ExplainingPool(memories_url)
    storage = PostgresStorage(pool)

    async with storage.begin(WORKER, person=WHO) as unit:
        assert EACH + 1 == await unit.memory_keeping.advance()
        assert await unit.memory_keeping.expired(NOW, 100)
        assert await unit.memory_keeping.trivial(NOW + timedelta(days=9999), 0.5, 100)
        await unit.memory_keeping.note_uses([Uses(MEMORY, 1, NOW, 0.5)])
        await unit.memory_keeping.rename_category("Category 1", "Category 11", EACH + 1)

    for plan in pool.plans:
        read = [s for s in scans_of(plan) if s["Node Type"] == "Seq Scan"]
        assert not read, read


async def test_for_whom_there_is_work_is_found_at_once(memories_url: str) -> None:
    pool = ExplainingPool(memories_url)
    storage = PostgresStorage(pool)

    async with storage.look_everywhere(WORKER) as reader:
        assert 5 == len(await reader.memory_upkeep.without_vectors("a model", 5))
        assert_reads(pool, 2 * 5 * EACH)
        await reader.memory_upkeep.due(NOW, NOW - timedelta(days=30), NOW - timedelta(days=9), 0.9)
        assert_reads(pool, PEOPLE * EACH // 10)
        due = await reader.memory_upkeep.due(NOW, NOW - timedelta(days=30), NOW, 0.0)

    assert PEOPLE == len(due)
    assert (10, 20) == (due[0].expired, due[0].binned)


async def test_a_first_search_reads_what_is_the_persons_and_finds_words_by_their_index(
    memories_url: str,
) -> None:
    pool = Pool(memories_url, size=1)
    vectors = [Vector("a model", (0.6, 0.8))]

    for narrowed in (Filters(), Filters(frozenset({"Category 2"}), frozenset({"t1"}), NOW)):
        wanted = Wanted("en.1", ["memori", "x"], vectors, narrowed, STRENGTH, 60, 300)
        rows = Rows(pool, Scope(user_id=OTHER))
        sketch = await sketch_of(rows, wanted)
        given = {**given_of(wanted), "user_id": OTHER}
        plan = (await rows.run(explained(SKETCH, given))).rows[0][0][0]["Plan"]
        await rows.release()

        assert EACH - EACH // 25 == sketch.total.memories
        assert 0 == sketch.total.missing
        assert "layouts_by_term" in str(plan)
        scans = [*scans_of(plan)]
        told = [(s["Node Type"], s["Relation Name"], s.get("Index Name"), rows_of(s))
                for s in scans]  # fmt: skip
        assert "Seq Scan" not in {s["Node Type"] for s in scans}, told
        assert 8 * EACH >= sum(map(rows_of, scans)), told
    pool.close()


async def test_all_of_a_person_is_read_in_parts(memories_url: str) -> None:
    pool = ExplainingPool(memories_url)

    async with PostgresStorage(pool).look(Actor(OTHER)) as reader:
        assert PAGE == len(await reader.memories.kept(None, PAGE))
        assert_reads(pool, 4 * PAGE)
        assert 1 == len(await reader.memories.saying([b"3"]))
        assert_reads(pool, 1)
        assert await reader.memories.few_changes(EACH - 3, 10)
        assert_reads(pool, 4)
        assert await reader.memories.few_changes(1, 10) is None
        assert_reads(pool, 12)
