"""What is asked about one person reads what is theirs, however many there are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from adapters.persistence.postgres import PostgresStorage
from faraday_core.identity.model import User
from faraday_core.kernel.actor import WORKER, Actor
from faraday_core.kernel.paging import PageRequest
from faraday_core.privacy.rules import personal, retained
from tests.contract.test_queries import NOW, ExplainingPool, assert_cheap, id_of, made
from tests.postgres import Postgres

MANY = "from generate_series(1, 20000) n"
USER, ROW, TENANT = 1, 2, 3
HERSELF, CHILD, GUARDIAN = (id_of(USER, number) for number in (7, 8, 9))
PERSON = made(USER, "n % 500")  # so that each has forty of everything

FILL = f"""
set session_replication_role = replica;
insert into users (id, version, email, email_key, full_name, created_at, updated_at, is_active,
    email_verified, is_platform_admin, security_epoch, is_service, grades, held_fields)
  select {made(USER)}, 1, n || '@example.org', n || '@example.org', 'P', now(), now(), n % 100 > 0,
    true, false, 1, false, '{{}}', '{{}}' {MANY};
insert into enrollments (tenant_id, id, version, class_id, user_id, role, organization_id,
    is_primary, is_active, created_at, updated_at)
  select {made(TENANT, "n % 20")}, {made(ROW)}, 1, {made(ROW)}, {PERSON}, 'student', {made(ROW)},
    false, true, now(), now() {MANY};
insert into disclosures (user_id, id, version, at, reader_id, what, purpose)
  select {PERSON}, {made(ROW)}, 1, now(), {made(USER)}, 'profile', 'x' {MANY};
insert into rectifications (user_id, id, version, at, field)
  select {PERSON}, {made(ROW)}, 1, now(), 'full_name' {MANY};
insert into consents (user_id, id, version, purpose, text_version, granted_at)
  select {PERSON}, {made(ROW)}, 1, 'p' || n % 40, '1', now() {MANY};
insert into exports (user_id, id, version, status, created_at, expires_at)
  select {PERSON}, {made(ROW)}, 1, 'done', now(), now() + interval '1 day' {MANY};
insert into notifications (user_id, id, version, kind, title, text, created_at, outcomes,
    shown_at, read_at, send_at)
  select {PERSON}, {made(ROW)}, 1, 'import', 't', 't', now(), '{{}}',
    now() - n * interval '1 hour', case when n % 3 > 0 then now() end,
    case when n % 400 = 0 then now() end {MANY};
insert into erasures (user_id, id, version, asked_at, erase_after)
  select {made(USER)}, {made(USER)}, 1, now(), now() + interval '30 days' {MANY};
insert into guardianships (tenant_id, id, version, guardian_id, child_id, created_at)
  select {made(TENANT, "n % 20")}, {made(ROW)}, 1, {made(USER)}, {made(USER, "n - 1")}, now()
  {MANY};
insert into personal_keys (id, version, user_id, key, created_at)
  select {made(ROW)}, 1, {made(USER)}, 'k', now() {MANY};
insert into audit_log (tenant_id, id, at, actor_id, action, target_type, target_id, details,
    sequence, seal, seal_key)
  select {made(TENANT, "n % 20")}, {made(ROW)}, now(), {PERSON}, 'user.rename', 'user',
    {made(USER, "n % 400")}, '{{}}', n, 's', 'k' {MANY};
insert into user_sessions (user_id, id, version, security_epoch, created_at, last_used_at,
    expires_at)
  select {PERSON}, {made(ROW)}, 1, 1, now(), now(), now() + interval '30 days' {MANY};
"""


@pytest.fixture(scope="module")
def crowd(postgres: Postgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FILL.encode())
        connection.execute("analyze")
    yield url
    postgres.drop(url)


async def test_what_is_kept_for_ones_own_sake_reads_what_is_ones_own(crowd: str) -> None:
    pool = ExplainingPool(crowd)
    storage, page = PostgresStorage(pool), PageRequest(10)

    async with storage.look(Actor(HERSELF)) as reader:
        for ask in (
            reader.records.disclosures,
            reader.records.rectifications,
            reader.records.consents,
        ):
            first = await ask(page)
            assert 10 == len((await ask(PageRequest(10, first.next_cursor))).items)
        for unread in (False, True):
            told = await reader.notifications.page(datetime.now(UTC), page, unread=unread)
            again = PageRequest(10, told.next_cursor)
            later = await reader.notifications.page(datetime.now(UTC), again, unread=unread)
            assert later.items
        assert [] == [*await reader.notifications.waiting(datetime.now(UTC))]
        assert 20 == len(await reader.records.current_consents("p7"))
        assert 40 == len(await reader.held.exports())
    async with storage.look(Actor(GUARDIAN)) as reader:
        assert await reader.guardianships.between(GUARDIAN, CHILD)
        assert 1 == len(await reader.guardianships.of_child(CHILD))
    async with storage.look(Actor(HERSELF), tenant=id_of(TENANT, 9)) as reader:
        assert await reader.guardianships.between(GUARDIAN, CHILD)

    assert_cheap(pool)


async def test_the_export_of_one_person_reads_what_is_theirs(crowd: str) -> None:
    pool = ExplainingPool(crowd)
    storage, page = PostgresStorage(pool), PageRequest(10)

    async with storage.look(WORKER, person=HERSELF) as reader:
        for holding in personal():
            if holding.file:
                first = await reader.held.rows(holding, page)
                if first.next_cursor:
                    await reader.held.rows(holding, PageRequest(10, first.next_cursor))
        entries = await reader.audit_log.naming([HERSELF, id_of(ROW, 7)], page)
        assert {HERSELF} <= {id for e in entries.items for id in (e.actor_id, e.target_id)}
        again = PageRequest(10, entries.next_cursor)
        assert 10 == len((await reader.audit_log.naming([HERSELF], again)).items)
        assert 2 == len(await reader.personal_keys.of_people([HERSELF, CHILD]))
        assert 1 == len(await reader.personal_keys.with_pseudonyms([id_of(ROW, 5), CHILD]))

    assert_cheap(pool)


async def test_whoever_sweeps_reads_what_there_is_to_sweep(crowd: str) -> None:
    pool = ExplainingPool(crowd)
    storage = PostgresStorage(pool)
    before = NOW - timedelta(days=36500)

    async with storage.look_everywhere(WORKER) as reader:
        assert 10 == len(await reader.notifications.due(datetime.now(UTC), 10))
        assert [] == [*await reader.held.due(before)]
        assert [] == [*await reader.held.expired_exports(before)]
        assert [] == [*await reader.held.inactive(before)]
        for holding, rule in retained():
            if holding.kind is User:  # of them it is asked who has been inactive so long
                continue
            assert 0 == await reader.held.count(holding, rule.column, before)

    assert_cheap(pool)
