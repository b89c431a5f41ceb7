"""The roles that the policies are for. They belong to the whole server, not to one database."""

import time
from itertools import pairwise
from typing import Final

import psycopg

from adapters.persistence.tables.declaring import ROLES

_TRIES: Final = 20
_PAUSE: Final = 0.05  # seconds


def make_all(connection: psycopg.Connection) -> None:
    """Each role has the rights of the one before; whoever connects may act as any of them.

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
    for inherited, role in pairwise(ROLES):
        _let(connection, role, inherited)
    row = connection.execute("select current_user, rolsuper from pg_roles"
                             " where rolname = current_user").fetchone()  # fmt: skip
    assert row
    user, superuser = row
    for role in () if superuser else ROLES:
        _let(connection, psycopg.sql.Identifier(user).as_string(connection), role)


def _let(connection: psycopg.Connection, member: str, role: str) -> None:
    is_member = connection.execute(
        "select from pg_auth_members m join pg_roles r on r.oid = m.roleid"
        " join pg_roles u on u.oid = m.member where r.rolname = %s and u.rolname = %s",
        (role, member.strip('"')),
    )
    if not is_member.rowcount:
        connection.execute(f"grant {role} to {member}")
