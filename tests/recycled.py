"""One database for one test after another, emptied between them: a new one for each would take
some thirty times as long.

A test that leaves more than rows behind (another schema, much dead weight) has its database thrown
away, so that the next one finds what it would find in a new one.
"""

from contextlib import suppress
from typing import Final

import psycopg
from attrs import define, field, frozen
from psycopg import sql

from tests.postgres import Postgres

GROWTH: Final = 16 << 20  # bytes: from there on, dead rows slow down what follows

# Who wrote a row is another after each change, so that these tell any two states apart. The only
# row of alembic_version is a part of the schema.
_SCHEMA: Final = " union all ".join(
    f"select count(*), sum(xmin::text::bigint) from {name}"  # noqa: S608 -- of these names
    for name in (
        *("pg_class", "pg_attribute", "pg_index", "pg_constraint", "pg_policy"),
        *("pg_proc", "pg_trigger", "alembic_version"),
    )
)
_END_THE_OTHERS: Final = (
    "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
    " where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend'"
)
_TABLES: Final = (
    "select tablename from pg_tables"
    " where schemaname = 'public' and tablename <> 'alembic_version'"
)
_RESTART: Final = (
    "select setval(format('%I.%I', schemaname, sequencename), start_value, false)"
    " from pg_sequences where last_value is not null"
)
_SIZE: Final = "select pg_database_size(current_database())"


@frozen
class _Database:
    url: str
    superuser: psycopg.Connection
    schema: list[tuple[object, ...]]
    size: int
    emptying: sql.Composed


@define
class RecycledDatabase:
    _postgres: Postgres
    _now: _Database | None = field(default=None, init=False)

    def take(self) -> str:
        """Migrated, and empty; a superuser's URL."""
        if self._now is None:
            self._now = self._new()
        return self._now.url

    def give_back(self) -> None:
        with suppress(psycopg.Error):  # a test may have cut this connection too
            if self._now and self._emptied(self._now):
                return
        self.close()

    def close(self) -> None:
        if self._now:
            self._now.superuser.close()
            self._postgres.drop(self._now.url)
            self._now = None

    def _new(self) -> _Database:
        url = self._postgres.new_database()
        superuser = psycopg.connect(url, autocommit=True)
        superuser.execute("set session_replication_role = replica")  # no triggers, in no order
        tables = [sql.Identifier(str(name)) for (name,) in superuser.execute(_TABLES)]
        emptying = sql.SQL(";").join(sql.SQL("delete from {}").format(table) for table in tables)
        schema = superuser.execute(_SCHEMA).fetchall()
        return _Database(url, superuser, schema, _size(superuser), emptying)

    @staticmethod
    def _emptied(database: _Database) -> bool:
        """Whether it is as it was at first."""
        superuser = database.superuser
        superuser.execute(_END_THE_OTHERS)
        if database.schema != superuser.execute(_SCHEMA).fetchall():
            return False
        superuser.execute(database.emptying)
        superuser.execute(_RESTART)
        return _size(superuser) < database.size + GROWTH


def _size(superuser: psycopg.Connection) -> int:
    (size,) = superuser.execute(_SIZE).fetchone() or (0,)
    return int(size)
