"""The database beside what is declared: tables, columns, indexes, policies and grants.

What PostgreSQL itself makes of a declaration (a policy's text, above all) it alone can tell. So it
is declared anew, in a schema of its own that is rolled back, and the two are compared as the
catalogs have them.
"""

import re
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.persistence.migrations.engine import engine_for
from adapters.persistence.tables import metadata
from adapters.persistence.tables.declaring import ROLES, guards_of

_OTHERS = re.compile(r"alembic_version|procrastinate_.*")
_ASIDE: Final = "faraday_declared"

_POLICIES: Final = """
select tablename, policyname, permissive || ' ' || cmd || ' to ' || roles::text
  || ' using ' || coalesce(qual, '-') || ' check ' || coalesce(with_check, '-')
from pg_policies where schemaname = :schema
"""
_SECURED: Final = """
select relname from pg_class
where relnamespace = cast(:schema as regnamespace) and relrowsecurity and relkind = 'r'
"""
_COLLATIONS: Final = """
select relname || '.' || attname, collname from pg_attribute
  join pg_class on pg_class.oid = attrelid join pg_collation on pg_collation.oid = attcollation
where relnamespace = cast(:schema as regnamespace) and relkind = 'r' and attnum > 0
"""
_GRANTS: Final = """
select rolname, relname, lower(privilege_type)
from pg_class, aclexplode(relacl) join pg_roles on pg_roles.oid = grantee
where relnamespace = cast(:schema as regnamespace) and relkind = 'r' and rolname = any(:roles)
union
select rolname, relname || '.' || attname, lower(privilege_type)
from pg_class join pg_attribute on attrelid = pg_class.oid,
  aclexplode(attacl) join pg_roles on pg_roles.oid = grantee
where relnamespace = cast(:schema as regnamespace) and relkind = 'r' and rolname = any(:roles)
"""

Rows = set[tuple[str, ...]]


def differences(url: str) -> list[str]:
    with engine_for(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_server_default": True}
        )
        found = [str(difference) for difference in compare_metadata(context, metadata)]
        found += _guards(connection)
        connection.rollback()
    return found


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not _OTHERS.fullmatch(name or "")


def _guards(connection: sa.Connection) -> Iterator[str]:
    """Row-level security, policies, collations and grants."""
    is_there = _catalogs(connection, "public")
    _declare_aside(connection)
    declared = _catalogs(connection, _ASIDE)
    wanted, found = (
        {row[:2]: row[2] for row in catalogs[_POLICIES]} for catalogs in (declared, is_there)
    )
    for table, policy in sorted(wanted.keys() - found.keys()):
        yield f"the policy {policy} of {table} is missing"
    for table, policy in sorted(found.keys() - wanted.keys()):
        yield f"the policy {policy} of {table} is not declared"
    for table, policy in sorted(wanted.keys() & found.keys()):
        if wanted[table, policy] != found[table, policy]:
            yield f"the policy {policy} of {table} is {found[table, policy]}"
    for (table,) in sorted(declared[_SECURED] - is_there[_SECURED]):
        yield f"row-level security of {table} is off"
    for column, collation in sorted(is_there[_COLLATIONS] - declared[_COLLATIONS]):
        yield f"the collation of {column} is {collation}"
    for role, what, verb in sorted(declared[_GRANTS] - is_there[_GRANTS]):
        yield f"{role} may not {verb} {what}"
    for role, what, verb in sorted(is_there[_GRANTS] - declared[_GRANTS]):
        yield f"{role} may {verb} {what}, which is not declared"


def _declare_aside(connection: sa.Connection) -> None:
    connection.exec_driver_sql(f"create schema {_ASIDE}")
    connection.exec_driver_sql(f"set local search_path = {_ASIDE}")
    metadata.create_all(connection, checkfirst=False)
    for table in metadata.sorted_tables:
        for guard in guards_of(table):
            connection.exec_driver_sql(guard)


def _catalogs(connection: sa.Connection, schema: str) -> dict[str, Rows]:
    """By the question: what it answers of our tables. Names are printed as from within."""
    connection.exec_driver_sql(f"set local search_path = {schema}")
    given = {"schema": schema, "roles": list(ROLES)}
    questions = (_POLICIES, _SECURED, _COLLATIONS, _GRANTS)
    answers = {question: connection.execute(sa.text(question), given) for question in questions}
    return {
        question: {tuple(row) for row in rows if not _is_others(row)}
        for question, rows in answers.items()
    }


def _is_others(row: sa.Row[tuple[str, ...]]) -> bool:
    return any(_OTHERS.fullmatch(name.partition(".")[0]) for name in row)
