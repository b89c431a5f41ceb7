"""How a table is declared: whose its rows are, and so who sees them, whatever a statement forgets.

Three roles, each with the rights of the one before, and one apart for imports. Whoever signs in to
PostgreSQL, the product's connections act as one of them; none owns a table, and no policy lets one
off.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

metadata = sa.MetaData()

Id = sa.Uuid(as_uuid=False)
# Bytewise order, so that PostgreSQL and Python sort a name alike and a cursor means one thing.
Name = sa.Text(collation="C")
Time = sa.DateTime(timezone=True)
Bytes = sa.LargeBinary()


class HalfVector(UserDefinedType[bytes]):
    """pgvector's numbers of half precision, however many; read as they go over the wire."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "public.halfvec"

    def column_expression(self, column: sa.ColumnElement[bytes]) -> sa.ColumnElement[bytes]:
        return sa.func.public.halfvec_send(column, type_=sa.LargeBinary)


ischema_names["halfvec"] = HalfVector  # so that a database is compared with what is declared

APP_ROLE: Final = "faraday_app"  # a request: one tenant or several, one person
PLATFORM_ROLE: Final = "faraday_platform"  # a platform_admin's lists, over all
WORKER_ROLE: Final = "faraday_worker"  # what runs by itself, and the operator's shell
# An import: sets of rows of one tenant, and of a person no more than that there is something.
IMPORT_ROLE: Final = "faraday_import"
LADDER: Final = (APP_ROLE, PLATFORM_ROLE, WORKER_ROLE)
ROLES: Final = (*LADDER, IMPORT_ROLE)

# A scalar subquery is run once a statement, and not once a row.
THE_TENANT: Final = "(select nullif(current_setting('faraday.tenant_id', true), '')::uuid)"
THE_TENANTS: Final = "(select nullif(current_setting('faraday.tenant_ids', true), '')::uuid[])"
THE_PERSON: Final = "(select nullif(current_setting('faraday.user_id', true), '')::uuid)"
THE_ADDRESS: Final = "(select nullif(current_setting('faraday.email_key', true), ''))"
# Who stands in one tenant names it here too: one comparison a row, not two.
IN_TENANTS: Final = f"tenant_id = any({THE_TENANTS}::uuid[])"

# Of somebody whom a roster of the tenant brought in.
OF_ROSTER: Final = (
    f"exists (select from users u where u.id = user_id and u.source_tenant_id = {THE_TENANT})"
)

ALL_VERBS: Final = "select, insert, update, delete"


def tenant_table(name: str, *columns: sa.schema.SchemaItem, verbs: str = ALL_VERBS) -> sa.Table:
    """Rows of a tenant: seen from where one stands in it, written there alone."""
    table = sa.Table(name, metadata, sa.Column("tenant_id", Id, primary_key=True), *columns)
    grant(table, APP_ROLE, verbs)
    policy(table, "in_tenants", APP_ROLE, "select", using=IN_TENANTS)
    for verb in verbs.split(", ")[1:]:
        policy(table, f"{verb}_in_tenant", APP_ROLE, verb, using=f"tenant_id = {THE_TENANT}")
    policy(table, "everywhere", PLATFORM_ROLE, "select", using="true")
    # So that an import that is undone takes away nothing that others have built on.
    grant(table, IMPORT_ROLE, "select")
    policy(table, "import_sees", IMPORT_ROLE, "select", using=f"tenant_id = {THE_TENANT}")
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
    # So that an import that is undone takes away nobody who has begun to use their account.
    grant(table, IMPORT_ROLE, f"select ({', '.join(_people_in(table))})")
    policy(table, "built_upon", IMPORT_ROLE, "select", using="true")
    return table


def _people_in(table: sa.Table) -> list[str]:
    """Whose it is, and with whom else it would go."""
    referring = {
        constraint.column_keys[-1]
        for constraint in table.foreign_key_constraints
        if constraint.elements[0].target_fullname == "users.id"
        and constraint.ondelete != "SET NULL"
    }
    return sorted({"user_id", *referring})


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


def own_view(table: sa.Table, name: str) -> None:
    """A person's rows by a wall of its own. PostgreSQL takes no operator on arrays into an index
    where a policy stands before it, since it might tell of rows that the policy hides."""
    query = f"select * from {table.name} where user_id = {THE_PERSON}"  # noqa: S608 -- names of ours
    _guards(table).append(f"create view {name} as {query}")
    _guards(table).append(f"grant select on {name} to {APP_ROLE}")


def sweepable(table: sa.Table) -> None:
    policy(table, "find_to_sweep", WORKER_ROLE, "select", using="true")
    policy(table, "sweep", WORKER_ROLE, "delete", using="true")


def importable(table: sa.Table) -> None:
    """Rows of a tenant that rosters write."""
    grant(table, IMPORT_ROLE, "insert, update, delete")
    for verb in ("insert", "update", "delete"):
        policy(table, f"import_{verb}", IMPORT_ROLE, verb, using=f"tenant_id = {THE_TENANT}")


def of_source() -> tuple[sa.Column[str], ...]:
    """By what a roster's thing is found again."""
    return (
        sa.Column("source_root_id", Id),
        sa.Column("source_system", sa.Text),
        sa.Column("source_id", Name),
    )


def voidable(table: sa.Table) -> None:
    """What ends with an address, or with the account, where it is a roster that ends it."""
    grant(table, IMPORT_ROLE, "delete")
    policy(table, "import_voids", IMPORT_ROLE, "delete", using=OF_ROSTER)


def held_fields() -> sa.Column[Any]:  # a list of texts
    return sa.Column("held_fields", ARRAY(sa.Text), nullable=False)


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
