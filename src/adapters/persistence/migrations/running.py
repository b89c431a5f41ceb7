"""Alembic, run from here: one at a time, and only on a PostgreSQL that will do."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from adapters.persistence.migrations.roles import make_all

FOLDER: Final = Path(__file__).parent
OLDEST: Final = 15  # PostgreSQL's major version
EXTENSIONS: Final = ("vector", "pg_trgm", "unaccent", "btree_gin")
CONNECT_TIMEOUT: Final = 5  # seconds
_LOCK: Final = 7_302_511_883  # any number that others do not use


class CannotMigrate(Exception):
    """One line: what stands in the way, and what can be done."""


class SchemaTooNew(CannotMigrate):
    pass


class ServerTooOld(CannotMigrate):
    pass


class ExtensionMissing(CannotMigrate):
    pass


def head() -> str:
    """The revision that this version needs: that of its last migration."""
    return max(file.stem.partition("_")[0] for file in (FOLDER / "versions").glob("0*.py"))


def current(url: str) -> str | None:
    """The database's revision; None where it is empty. Raises CannotMigrate."""
    with _connected(url) as connection:
        return _revision(connection)


def upgrade(url: str) -> None:
    """Bring the database to `head()`. Where two do so at once the second waits, and finds it done.

    Raises CannotMigrate.
    """
    with _connected(url) as connection:
        if _revision(connection) == head():
            return
        _require_server(connection)
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))  # until the connection ends
        revision = _revision(connection)
        if revision is not None and revision > head():
            raise SchemaTooNew(
                f"The database is at revision {revision}, newer than the {head()} of this "
                "version of faraday: start the newer version, or restore an earlier backup."
            )
        if revision != head():
            make_all(connection)
            _run_alembic(url)


def check(url: str) -> list[str]:
    """How the database differs from what is declared; raises CannotMigrate."""
    # Slow to import, and only needed here.
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 -- most starts need it not

    from adapters.persistence.migrations.comparing import differences  # noqa: PLC0415 -- most starts need it not

    with _connected(url) as connection:
        if (revision := _revision(connection)) != head():
            return [f"it is at revision {revision or 'none'} and not at {head()}"]
    try:
        return differences(url)
    except DBAPIError as error:
        detail = " ".join(str(error.orig).split())
        raise CannotMigrate(f"The database could not be compared: {detail}") from error


def make_roles(url: str) -> None:
    """Whom the policies are for, before a backup is restored; raises CannotMigrate."""
    with _connected(url) as connection:
        make_all(connection)


def _run_alembic(url: str) -> None:
    # Here, since most starts find nothing to do.
    from alembic import command  # noqa: PLC0415 -- most starts need it not
    from alembic.config import Config  # noqa: PLC0415 -- most starts need it not

    from adapters.persistence.migrations.engine import engine_for  # noqa: PLC0415 -- most starts need it not

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine_for(url).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: psycopg.Connection) -> str | None:
    found = connection.execute("select to_regclass('public.alembic_version')").fetchone()
    if not found or found[0] is None:
        return None
    row = connection.execute("select version_num from public.alembic_version").fetchone()
    return row[0] if row else None


def _require_server(connection: psycopg.Connection) -> None:
    found = connection.execute("select name from pg_available_extensions").fetchall()
    require_server(connection.info.server_version, {row[0] for row in found})


def require_server(version: int, extensions: Collection[str]) -> None:
    """`version`: as libpq has it, 180006. Raises ServerTooOld, ExtensionMissing."""
    major = version // 10_000
    if major < OLDEST:
        raise ServerTooOld(f"PostgreSQL {major} is too old: {OLDEST} or newer is needed.")
    missing = [name for name in EXTENSIONS if name not in extensions]
    if missing:
        names = ", ".join("pgvector" if name == "vector" else name for name in missing)
        raise ExtensionMissing(f"This PostgreSQL is without {names}: install it on the server.")


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT)
    except psycopg.Error as error:
        raise CannotMigrate(f"The database cannot be reached: {_line(error)}") from error
    try:
        with connection:
            yield connection
    except psycopg.Error as error:  # lost in the middle, too
        raise CannotMigrate(f"The database could not be upgraded: {_line(error)}") from error


def _line(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
