"""Three walls between tenants, and between people: statements, policies, foreign keys. Each test
takes the other two away."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from attrs import frozen
from psycopg import sql
from sqlalchemy.dialects.postgresql import JSONB

import adapters.persistence.postgres as adapter
from adapters.persistence.postgres.statements import PERSON, TENANT, statement_of
from adapters.persistence.tables import metadata, users
from adapters.persistence.tables.declaring import HalfVector, guards_of

TENANT_TABLES = [table for table in metadata.sorted_tables if "tenant_id" in table.c]
PERSON_TABLES = [
    table
    for table in metadata.sorted_tables
    if "user_id" in table.primary_key.columns and table not in TENANT_TABLES
]
BOTH = [*((t, "tenant_id") for t in TENANT_TABLES), *((t, "user_id") for t in PERSON_TABLES)]
A, B = str(uuid4()), str(uuid4())
NOW = datetime(2026, 9, 1, tzinfo=UTC)


# Each has a row whose id is its tenant's, for the others to refer to.
REFERRED = {
    constraint.referred_table
    for table in metadata.sorted_tables
    for constraint in table.foreign_key_constraints
} - {users}


# Rows of something else, and known by what they are about.
JOURNALS = {"import_changes": "run_id", "import_creations": "run_id", "user_terms": "user_id"}


def key_of(table: sa.Table) -> sa.Column[object]:
    """Its id; where rows have none, that of what they belong to."""
    return table.c[JOURNALS.get(table.name, "id")]


def names(tables: list[sa.Table]) -> set[str]:
    return {table.name for table in tables}


# --- what is declared


def test_each_table_is_a_tenants_a_persons_or_nobodys() -> None:
    shared = {"users", "signing_keys", "login_attempts", "rate_limits", "mails", "personal_keys"}

    everything = names([*metadata.sorted_tables])
    assert everything == names(TENANT_TABLES) | names(PERSON_TABLES) | shared
    assert not names(TENANT_TABLES) & names(PERSON_TABLES)


@pytest.mark.parametrize(("table", "owner"), BOTH, ids=str)
def test_the_owner_comes_first_in_all_that_is_unique(table: sa.Table, owner: str) -> None:
    known_by = table.primary_key.columns.keys()
    assert owner == known_by[0]
    assert key_of(table).name in known_by
    assert table.name in JOURNALS or 2 == len(known_by)
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            assert owner == constraint.columns.keys()[0], constraint.name
    assert not [index.name for index in table.indexes if index.unique]


@pytest.mark.parametrize(("table", "owner"), BOTH, ids=str)
def test_what_refers_to_a_table_of_the_same_kind_stays_with_the_owner(
    table: sa.Table, owner: str
) -> None:
    for constraint in table.foreign_key_constraints:
        referred = constraint.referred_table
        if referred is users:
            assert 1 == len(constraint.column_keys)  # a person lies in no tenant
        else:
            assert owner == constraint.column_keys[0]
            assert owner in referred.primary_key.columns


@pytest.mark.parametrize("table", [*TENANT_TABLES, *PERSON_TABLES, users], ids=str)
def test_each_of_their_tables_has_policies(table: sa.Table) -> None:
    assert [guard for guard in guards_of(table) if "enable row level security" in guard]


# --- the statements


@pytest.mark.parametrize("table", [*TENANT_TABLES, *PERSON_TABLES, users], ids=str)
def test_a_statement_that_names_no_owner_cannot_be_made(table: sa.Table) -> None:
    key = key_of(table)
    nobodys = key == sa.bindparam("this")
    for clause in (
        sa.select(key).where(nobodys),
        sa.select(sa.func.count()).select_from(sa.select(key).subquery()),
        table.update().where(nobodys),
        table.delete().where(nobodys),
    ):
        with pytest.raises(ValueError, match="rows of all"):
            statement_of(clause, {"version"} if isinstance(clause, sa.Update) else None)


def test_a_statement_that_names_one_can_be_made() -> None:
    for table, owner in BOTH:
        stands_at = TENANT if owner == "tenant_id" else PERSON
        assert statement_of(sa.select(key_of(table)).where(table.c[owner] == stands_at)).text


def test_only_these_statements_see_the_rows_of_all_and_for_these_reasons() -> None:
    expected = {
        "a row says itself whose it is",
        "what has expired, whoever's it was",
        "which chains there are, for who seals and verifies them",
        "who looks everywhere, as a platform_admin or a worker does",
        "whether a platform_admin is the last one",
        "whose an address is, before anybody has signed in",
        "whoever an audit entry names has a key",
        "what a person did or had done to them, in whatever chain",
        "what has been kept long enough, whoever's it was",
        "what has waited for its moment, whoever's it is",
        "who is to be erased by now",
        "where somebody was invited who is erased",
        "for whom memories are to be tidied up",
        "whose memories a model has still to read",
        "whose use of memories is to be stored by the day",
    }

    assert expected == reasons_given()


def reasons_given() -> set[str]:
    """All that is given for `across_all` in the adapter's own source."""
    constants: dict[str, str] = {}
    given: list[ast.expr] = []
    for file in sorted(Path(str(adapter.__file__)).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.Assign(targets=[ast.Name(name)], value=value)
                    | ast.AnnAssign(target=ast.Name(name), value=value)
                ) if value:
                    constants[name] = "".join(texts_of(value))
                case ast.keyword(arg="across_all", value=value):
                    given.append(value)
    found = set()
    for value in given:
        # What is only handed on (`why`, `across_all`) was given elsewhere.
        found |= {constants.get(value.id, "")} if isinstance(value, ast.Name) else texts_of(value)
    return found - {""}


def texts_of(value: ast.expr) -> set[str]:
    """The text that an expression is, or may be."""
    if isinstance(value, ast.IfExp):
        return texts_of(value.body) | texts_of(value.orelse)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return {value.value}
    return set()


# --- the policies


@frozen
class District:
    tenant: str
    person: str


@pytest.fixture
def districts(database_url: str) -> tuple[District, District]:
    """Two tenants, A and B, with a row in each of the tables; a person in each."""
    made = District(A, str(uuid4())), District(B, str(uuid4()))
    with psycopg.connect(database_url, autocommit=True) as connection:
        for district in made:
            for table in [users, *(t for t in metadata.sorted_tables if t is not users)]:
                fill(connection, table, district)
    return made


def fill(connection: psycopg.Connection, table: sa.Table, district: District) -> None:
    """A row, its columns of whatever value will do."""
    values = {column.name: value_for(column, district) for column in table.columns}
    if table is users:
        values["id"] = district.person
    if table in REFERRED:
        values["id"] = district.tenant
    insert = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join(sql.Placeholder() * len(values)),
    )
    connection.execute(insert, [*values.values()])


def value_for(column: sa.Column[object], district: District) -> object:
    known = {
        "tenant_id": district.tenant,
        "organization_id": district.tenant,
        "session_id": district.tenant,
        "user_id": district.person,
        "email_key": f"{district.person}@example.org",
    }
    if column.name in known:
        return known[column.name]
    if column.nullable:
        return None
    if any(key.column.table is users for key in column.foreign_keys):
        return district.person
    if any(key.column.table in REFERRED for key in column.foreign_keys):
        return district.tenant
    kinds: dict[type[object], object] = {
        sa.Uuid: str(uuid4()),
        sa.DateTime: NOW,
        sa.Date: NOW.date(),
        sa.Boolean: False,
        sa.Integer: 1,
        sa.Float: 0.5,
        JSONB: "{}",
        sa.ARRAY: "{}",
        sa.LargeBinary: uuid4().bytes,
        HalfVector: "[1,2]",
    }
    return next((value for kind, value in kinds.items() if isinstance(column.type, kind)), "text")


@contextmanager
def acting(url: str, role: str, **settings: str) -> Iterator[psycopg.Connection]:
    """Raw SQL, with nothing between it and the policies."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, false)", (f"faraday.{name}", value))
            if name == "tenant_id":  # as the adapter says it: written in one, seen from it too
                seen = ("faraday.tenant_ids", f"{{{value}}}")
                connection.execute("select set_config(%s, %s, false)", seen)
        yield connection


def owners_seen(connection: psycopg.Connection, table: sa.TableClause, owner: str) -> set[str]:
    query = sql.SQL("select {}::text from {}").format(
        sql.Identifier(owner), sql.Identifier(table.name)
    )
    return {row[0] for row in connection.execute(query)}


def test_who_stands_nowhere_sees_nothing(
    database_url: str, districts: tuple[District, District]
) -> None:
    with psycopg.connect(database_url) as superuser:
        for table, owner in [*BOTH, (users, "id")]:
            assert 2 == len(owners_seen(superuser, table, owner)), table.name

    with acting(database_url, "faraday_app") as connection:
        for table, owner in [*BOTH, (users, "id")]:
            assert set() == owners_seen(connection, table, owner), table.name


def test_who_stands_in_a_tenant_sees_its_rows_alone(
    database_url: str, districts: tuple[District, District]
) -> None:
    with acting(database_url, "faraday_app", tenant_id=A) as connection:
        for table in TENANT_TABLES:
            assert {A} == owners_seen(connection, table, "tenant_id"), table.name
        assert {districts[0].person} == owners_seen(connection, users, "id")
    with acting(database_url, "faraday_app", tenant_ids=f"{{{A}}}") as connection:
        for table in TENANT_TABLES:
            assert {A} == owners_seen(connection, table, "tenant_id"), table.name


def test_who_stands_at_a_person_sees_what_is_theirs_alone(
    database_url: str, districts: tuple[District, District]
) -> None:
    me = districts[0].person
    with acting(database_url, "faraday_app", user_id=me) as connection:
        for table in PERSON_TABLES:
            assert {me} == owners_seen(connection, table, "user_id"), table.name
        assert {me} == owners_seen(connection, users, "id")


def test_the_view_by_which_words_are_found_is_a_wall_as_well(
    database_url: str, districts: tuple[District, District]
) -> None:
    me, view = districts[0].person, sa.table("own_memory_layouts")
    with acting(database_url, "faraday_app") as connection:
        assert set() == owners_seen(connection, view, "user_id")
    with acting(database_url, "faraday_app", tenant_id=B) as connection:
        assert set() == owners_seen(connection, view, "user_id")
    with acting(database_url, "faraday_app", user_id=me) as connection:
        assert {me} == owners_seen(connection, view, "user_id")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("delete from own_memory_layouts")
    with acting(database_url, "faraday_worker") as connection:  # who sees the table's
        assert set() == owners_seen(connection, view, "user_id")


@pytest.mark.parametrize(("table", "owner"), BOTH, ids=str)
def test_nothing_is_written_into_anothers(
    database_url: str, districts: tuple[District, District], table: sa.Table, owner: str
) -> None:
    mine, theirs = districts
    where = {"tenant_id": mine.tenant, "user_id": mine.person}
    other = theirs.tenant if owner == "tenant_id" else theirs.person
    whose = sql.SQL("{} = {}").format(sql.Identifier(owner), sql.Literal(other))
    name, key = sql.Identifier(table.name), sql.Identifier(key_of(table).name)
    with acting(database_url, "faraday_app", **where) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            fill(connection, table, theirs)
        for change in (
            sql.SQL("update {} set {} = {} where {}").format(name, key, key, whose),
            sql.SQL("delete from {} where {}").format(name, whose),
        ):
            assert 0 == hits(connection, change)
        away = sql.SQL("update {} set {} = {}").format(
            name, sql.Identifier(owner), sql.Literal(other)
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(away)
    with psycopg.connect(database_url) as superuser:
        assert 2 == len(owners_seen(superuser, table, owner))


def hits(connection: psycopg.Connection, change: sql.Composed) -> int:
    """None, too, where the role may not even try."""
    try:
        return connection.execute(change).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0


def test_who_stands_in_several_tenants_writes_in_none_of_them(
    database_url: str, districts: tuple[District, District]
) -> None:
    with acting(database_url, "faraday_app", tenant_ids=f"{{{A},{B}}}") as connection:
        assert {A, B} == owners_seen(connection, TENANT_TABLES[0], "tenant_id")
        assert 0 == connection.execute("update organizations set name = 'x'").rowcount
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            fill(connection, metadata.tables["organizations"], District(A, A))


@pytest.mark.parametrize("role", ["faraday_app", "faraday_platform", "faraday_worker"])
@pytest.mark.parametrize(
    "change", ["delete from audit_log", "update audit_log set action = 'x'", "truncate audit_log"]
)
def test_nobody_changes_or_removes_what_is_in_the_audit_log(
    database_url: str, districts: tuple[District, District], role: str, change: str
) -> None:
    with (
        acting(database_url, role, tenant_id=A) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(change.encode())


def test_a_worker_seals_an_entry_once(
    database_url: str, districts: tuple[District, District]
) -> None:
    seal = "update audit_log set sequence = 1, seal = 'x', seal_key = 'k' where tenant_id = %s"
    with (
        acting(database_url, "faraday_app", tenant_id=A) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(seal, (A,))
    with acting(database_url, "faraday_worker", tenant_id=A) as connection:
        assert 1 == connection.execute(seal, (A,)).rowcount
        assert 0 == connection.execute(seal, (A,)).rowcount


def test_a_request_reads_no_mail_and_no_list_of_all(
    database_url: str, districts: tuple[District, District]
) -> None:
    with acting(database_url, "faraday_app", tenant_id=A) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from mails")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update signing_keys set retires_at = null")


# --- the foreign keys


def test_no_row_refers_into_another_tenant(
    database_url: str, districts: tuple[District, District]
) -> None:
    """Not even where policies are off, as for a superuser."""
    row = (A, str(uuid4()), districts[0].person, B, NOW, NOW)
    with psycopg.connect(database_url, autocommit=True) as superuser:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            superuser.execute(
                "insert into user_organizations (tenant_id, id, version, user_id, organization_id,"
                " role, permissions, created_at, updated_at)"
                " values (%s, %s, 1, %s, %s, 'teacher', '{}', %s, %s)",
                row,
            )
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            superuser.execute(
                "update organizations set parent_organization_id = %s where tenant_id = %s", (B, A)
            )


def test_no_row_refers_to_what_is_another_persons(
    database_url: str, districts: tuple[District, District]
) -> None:
    with (
        psycopg.connect(database_url, autocommit=True) as superuser,
        pytest.raises(psycopg.errors.ForeignKeyViolation),
    ):
        superuser.execute(
            "update refresh_tokens set session_id = %s where user_id = %s",
            (B, districts[0].person),
        )
