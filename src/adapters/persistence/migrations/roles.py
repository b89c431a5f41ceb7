"""The roles that the policies are for. They belong to the whole server, not to one database."""

import time
from itertools import pairwise
from typing import Final

import psycopg
import psycopg.sql

from adapters.persistence.tables.declaring import LADDER, ROLES

_TRIES: Final = 20
_PAUSE: Final = 0.05  # seconds
_WITH_SET: Final = 160_000


def make_all(connection: psycopg.Connection) -> None:
    """Each role of the ladder has the rights of the one before; whoever connects may act as any.

    Two databases of one server may be made at once, and no lock reaches over both: what they
    collide on is tried again.
    """
    for again in range(_TRIES, -1, -1):
        try:
            with connection.transaction():
                _make(connection)
            return
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
            if not again:
                raise
        except psycopg.errors.InternalError_:  # "tuple concurrently updated"
            if not again:
                raise
        time.sleep(_PAUSE)


def _make(connection: psycopg.Connection) -> None:
    found = {row[0] for row in connection.execute("select rolname from pg_roles").fetchall()}
    for role in ROLES:
        if role not in found:
            connection.execute(f"create role {role} nologin nobypassrls nosuperuser")
    for inherited, role in pairwise(LADDER):
        _let(connection, role, inherited)
    row = connection.execute("select current_user").fetchone()
    assert row
    for role in ROLES:
        _let(connection, row[0], role)


def _let(connection: psycopg.Connection, member: str, role: str) -> None:
    # To have made a role gives, since PostgreSQL 16, the right to give it away, but not to act
    # as it: that takes a grant of its own.
    acts = "SET" if connection.info.server_version >= _WITH_SET else "MEMBER"
    row = connection.execute("select pg_has_role(%s, %s, %s)", (member, role, acts)).fetchone()
    if not row or not row[0]:
        names = psycopg.sql.Identifier(role), psycopg.sql.Identifier(member)
        connection.execute(psycopg.sql.SQL("grant {} to {}").format(*names))
