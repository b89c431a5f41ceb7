"""The database beside what is declared: tables, columns, indexes, policies and grants."""

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.persistence.migrations.engine import engine_for
from adapters.persistence.tables import metadata
from adapters.persistence.tables.declaring import ROLES, guards_of

_OTHERS = re.compile(r"alembic_version|procrastinate_.*")


def differences(url: str) -> list[str]:
    with engine_for(url).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_server_default": True}
        )
        found = [str(difference) for difference in compare_metadata(context, metadata)]
        return [*found, *_guards(connection)]


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or not _OTHERS.fullmatch(name or "")


def _guards(connection: sa.Connection) -> Iterator[str]:
    """Policies by their names, and that each table has row-level security if it has any."""
    rows = connection.execute(sa.text("select tablename, policyname from pg_policies"))
    found = {(row[0], row[1]) for row in rows}
    secured = {
        row[0]
        for row in connection.execute(
            sa.text("select relname from pg_class where relrowsecurity and relkind = 'r'")
        )
    }
    declared = {
        (table.name, match[1])
        for table in metadata.sorted_tables
        for guard in guards_of(table)
        if (match := re.match(r"create policy (\w+)", guard))
    }
    for table, policy in sorted(declared - found):
        yield f"the policy {policy} of {table} is missing"
    for table, policy in sorted(found - declared):
        yield f"the policy {policy} of {table} is not declared"
    for table in sorted({table for table, _ in declared} - secured):
        yield f"row-level security of {table} is off"
    yield from _grants(connection)


def _grants(connection: sa.Connection) -> Iterator[str]:
    wanted = {
        (role, table.name, verb.strip())
        for table in metadata.sorted_tables
        for guard in guards_of(table)
        if (match := re.match(r"grant ([a-z, ]+) on \w+ to (\w+)$", guard))
        for verb in match[1].split(",")
        for role in [match[2]]
    }
    rows = connection.execute(
        sa.text(
            "select grantee, table_name, lower(privilege_type)"
            " from information_schema.role_table_grants where grantee = any(:roles)"
        ),
        {"roles": list(ROLES)},
    )
    names = {table.name for table in metadata.sorted_tables}
    found = {(row[0], row[1], row[2]) for row in rows if row[1] in names}
    for role, table, verb in sorted(wanted - found):
        yield f"{role} may not {verb} {table}"
    for role, table, verb in sorted(found - wanted):
        yield f"{role} may {verb} {table}, which is not declared"
