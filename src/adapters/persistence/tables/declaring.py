"""How a table is declared: whose its rows are, and so who sees them, whatever a statement forgets.

Three roles, each with the rights of the one before. Whoever signs in to PostgreSQL, the product's
connections act as one of them; none owns a table, and no policy lets one off.
"""

from typing import Final

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.Uuid(as_uuid=False)
# Bytewise order, so that PostgreSQL and Python sort a name alike and a cursor means one thing.
Name = sa.Text(collation="C")
Time = sa.DateTime(timezone=True)
Bytes = sa.LargeBinary()

APP_ROLE: Final = "faraday_app"  # a request: one tenant or several, one person
PLATFORM_ROLE: Final = "faraday_platform"  # a platform_admin's lists, over all
WORKER_ROLE: Final = "faraday_worker"  # what runs by itself, and the operator's shell
ROLES: Final = (APP_ROLE, PLATFORM_ROLE, WORKER_ROLE)

# A scalar subquery is run once a statement, and not once a row.
THE_TENANT: Final = "(select nullif(current_setting('faraday.tenant_id', true), '')::uuid)"
THE_TENANTS: Final = "(select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])"
THE_PERSON: Final = "(select nullif(current_setting('faraday.user_id', true), '')::uuid)"
THE_ADDRESS: Final = "(select nullif(current_setting('faraday.email_key', true), ''))"
# Who stands in one tenant names it here too: one comparison a row, not two.
IN_TENANTS: Final = f"tenant_id = any({THE_TENANTS}::uuid[])"

ALL_VERBS: Final = "select, insert, update, delete"


def tenant_table(name: str, *columns: sa.schema.SchemaItem, verbs: str = ALL_VERBS) -> sa.Table:
    """Rows of a tenant: seen from where one stands in it, written there alone."""
    table = sa.Table(name, metadata, sa.Column("tenant_id", Id, primary_key=True), *columns)
    grant(table, APP_ROLE, verbs)
    policy(table, "in_tenants", APP_ROLE, "select", using=IN_TENANTS)
    for verb in verbs.split(", ")[1:]:
        policy(table, f"{verb}_in_tenant", APP_ROLE, verb, using=f"tenant_id = {THE_TENANT}")
    policy(table, "everywhere", PLATFORM_ROLE, "select", using="true")
    return table


def person_table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    """Rows of a person, in however many tenants they are; a worker may sweep them."""
    table = sa.Table(
        name,
        metadata,
        sa.Column("user_id", Id, primary_key=True),
        sa.Column("id", Id, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        *columns,
    )
    grant(table, APP_ROLE, ALL_VERBS)
    policy(table, "own", APP_ROLE, "all", using=f"user_id = {THE_PERSON}")
    sweepable(table)
    return table


def platform_table(name: str, *columns: sa.schema.SchemaItem, app: str, worker: str) -> sa.Table:
    """Rows of nobody's: what all share and what names nobody. `app`, `worker`: their verbs."""
    table = sa.Table(name, metadata, *columns)
    if app:
        grant(table, APP_ROLE, app)
    if worker:
        grant(table, WORKER_ROLE, worker)
    return table


def entity_columns() -> tuple[sa.Column[str], sa.Column[int]]:
    """What all entities have: an id of their own, and a version to save against."""
    return sa.Column("id", Id, primary_key=True), sa.Column("version", sa.Integer, nullable=False)


def grant(table: sa.Table, role: str, verbs: str) -> None:
    _guards(table).append(f"grant {verbs} on {table.name} to {role}")


def policy(
    table: sa.Table, name: str, role: str, verb: str, *, using: str, check: str | None = None
) -> None:
    """`using`: the rows that it opens. `check`: what a written row has to be; None: the same."""
    guards = _guards(table)
    enabled = f"alter table {table.name} enable row level security"
    if enabled not in guards:
        guards.append(enabled)
    clause = f"with check ({using})" if verb == "insert" else f"using ({using})"
    if check:
        clause += f" with check ({check})"
    guards.append(f"create policy {name} on {table.name} for {verb} to {role} {clause}")


def view(table: sa.Table, name: str, query: str) -> None:
    """Some of a table's rows, by a name of their own: who asks sees what the table lets them."""
    _guards(table).append(f"create view {name} with (security_invoker = true) as {query}")
    _guards(table).append(f"grant select on {name} to {APP_ROLE}")


def sweepable(table: sa.Table) -> None:
    policy(table, "find_to_sweep", WORKER_ROLE, "select", using="true")
    policy(table, "sweep", WORKER_ROLE, "delete", using="true")


def guards_of(table: sa.Table) -> list[str]:
    """The statements that give a table its policies and its grants."""
    return list(_guards(table))


def _guards(table: sa.Table) -> list[str]:
    guards: list[str] = table.info.setdefault("guards", [])
    return guards


def in_tenant(column: str, table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """Refers within the tenant: no row can point into another one, and the tables can be
    sharded."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete=ondelete
    )


def of_person(column: str, table: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    """Refers within what is the same person's."""
    return sa.ForeignKeyConstraint(
        ["user_id", column], [f"{table}.user_id", f"{table}.id"], ondelete=ondelete
    )


def to_user() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE")


def unique(*columns: str, name: str) -> sa.UniqueConstraint:
    """Within the tenant, or within what is the same person's: the first column says which."""
    return sa.UniqueConstraint(*columns, name=name)
