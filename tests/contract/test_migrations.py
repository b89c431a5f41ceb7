"""The schema, from nothing to what is declared."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from adapters.persistence import embedded, migrations
from adapters.persistence.migrations import CannotMigrate
from adapters.persistence.postgres import Pool, PostgresStorage
from faraday_core.identity.model import User
from tests.postgres import Postgres
from tests.world import OPERATOR, TestClock, world_over

UPGRADE = (
    "import sys; from adapters.persistence import migrations; migrations.upgrade(sys.argv[1])"
)


@pytest.fixture
def bare_url(postgres: Postgres) -> Iterator[str]:
    url = postgres.bare_database()
    yield url
    postgres.drop(url)


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_what_is_migrated_is_what_is_declared(bare_url: str) -> None:
    assert migrations.current(bare_url) is None
    assert [f"it is at revision none and not at {migrations.head()}"] == migrations.check(bare_url)

    migrations.upgrade(bare_url)

    assert migrations.head() == migrations.current(bare_url)
    assert [] == migrations.check(bare_url)


def test_a_migrated_database_is_left_as_it_is(database_url: str) -> None:
    run(database_url, "insert into rate_limits values ('x', 1, now())")

    migrations.upgrade(database_url)

    with psycopg.connect(database_url) as connection:
        assert (1,) == connection.execute("select count(*) from rate_limits").fetchone()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("alter table mails drop column failure", "failure"),
        ("alter table users add column shoe_size integer", "shoe_size"),
        ("alter table users alter column full_name drop not null", "full_name"),
        ("alter table users drop constraint email_taken", "add_constraint"),
        ("drop index terms_of_person", "terms_of_person"),
        ("drop policy own on users", "the policy own of users is missing"),
        ("create policy more on users using (true)", "the policy more of users is not declared"),
        ("alter table users disable row level security", "row-level security of users is off"),
        ("revoke delete on users from faraday_app", "faraday_app may not delete users"),
        ("grant delete on audit_log to faraday_app", "faraday_app may delete audit_log"),
        ("drop table login_attempts", "login_attempts"),
        ("alter policy own on users using (true)", "the policy own of users is PERMISSIVE"),
        ("alter policy own on users to faraday_platform", "the policy own of users is PERM"),
        ("revoke update (seal) on audit_log from faraday_worker", "may not update audit_log.seal"),
        ("grant update (action) on audit_log to faraday_app", "may update audit_log.action"),
        (
            'alter table users alter full_name type text collate "POSIX"',
            "the collation of users.full_name is POSIX",
        ),
    ],
)
def test_what_was_changed_by_hand_is_reported(database_url: str, change: str, told: str) -> None:
    run(database_url, change)

    assert told in "\n".join(migrations.check(database_url))


def test_two_that_migrate_one_database_at_once_both_succeed(bare_url: str) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, bare_url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={"PYTHONPATH": ":".join(sys.path)},
            text=True,
        )
        for _ in range(2)
    ]
    faults = [process.communicate(timeout=60)[1] for process in both]

    assert [0, 0] == [process.returncode for process in both], faults
    assert [] == migrations.check(bare_url)


def test_a_server_that_is_too_old_is_refused_in_one_line() -> None:
    with pytest.raises(migrations.ServerTooOld) as caught:
        migrations.require_server(140_012, {"vector", "pg_trgm", "unaccent", "btree_gin"})

    assert "PostgreSQL 14 is too old: 15 or newer is needed." == str(caught.value)


def test_a_server_without_pgvector_is_refused_in_one_line() -> None:
    with pytest.raises(migrations.ExtensionMissing) as caught:
        migrations.require_server(150_000, {"pg_trgm", "unaccent", "btree_gin"})

    assert "This PostgreSQL is without pgvector: install it on the server." == str(caught.value)


def test_the_oldest_server_that_will_do_does() -> None:
    migrations.require_server(150_000, {"vector", "pg_trgm", "unaccent", "btree_gin", "citext"})


def test_a_newer_database_is_left_alone(database_url: str) -> None:
    run(database_url, "update alembic_version set version_num = '9999'")

    with pytest.raises(CannotMigrate, match=r"revision 9999, newer than the [0-9]+") as caught:
        migrations.upgrade(database_url)

    assert "\n" not in str(caught.value)
    assert "9999" == migrations.current(database_url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "postgresql://nobody@/none?host=/nowhere",
        "postgresql://x:y:z@[",
        "nonsense",
    ],
)
def test_a_database_that_is_away_is_told_in_one_line(url: str) -> None:
    for migrate in (migrations.upgrade, migrations.check, migrations.current):
        with pytest.raises(CannotMigrate) as caught:
            migrate(url)
        assert "\n" not in str(caught.value)


def test_a_migration_that_fails_leaves_nothing_behind(bare_url: str) -> None:
    run(bare_url, "create table users (id integer)")

    with pytest.raises(CannotMigrate) as caught:
        migrations.upgrade(bare_url)

    assert "\n" not in str(caught.value)
    assert migrations.current(bare_url) is None
    run(bare_url, "drop table users")
    migrations.upgrade(bare_url)
    assert [] == migrations.check(bare_url)


@pytest.fixture
def owned_url(data_dir: Path) -> Iterator[str]:
    """A database on a server of its own, where no role of ours has ever been; its owner may make
    roles and nothing more, as with those who host it."""
    server = embedded.start(data_dir, durable=False)
    with psycopg.connect(server.url, autocommit=True) as superuser:
        superuser.execute("create role owner login createrole")
        superuser.execute("alter database faraday owner to owner")
        superuser.execute("create extension vector")
    yield server.url.replace("postgres@", "owner@")
    server.release()


async def test_an_owner_who_is_no_superuser_migrates_and_is_served(owned_url: str) -> None:
    await asyncio.to_thread(migrations.upgrade, owned_url)
    assert [] == await asyncio.to_thread(migrations.check, owned_url)

    clock = TestClock()
    async with world_over(PostgresStorage(Pool(owned_url), now=clock), clock) as world:
        person = await world.person(email="pat@example.org")
        await world.sign_in(person)
        async with world.storage.look(OPERATOR, person=person.id) as reader:
            assert person.id == (await reader.get(User, person.id)).id
