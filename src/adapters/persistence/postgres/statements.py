"""Statements as text, made once. One that forgot whose rows it wants does not live to be run."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import blake2s
from typing import Any, Final, Generic, TypeVar

import attrs
import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.visitors import iterate

from adapters.persistence.tables import TABLES, Id, users
from faraday_core.kernel.entity import Entity, Owner
from faraday_core.kernel.paging import Order

# What Rows fills in by itself: where it stands.
TENANT: sa.BindParameter[str] = sa.bindparam("tenant_id", type_=Id)
TENANTS: sa.BindParameter[Sequence[str]] = sa.bindparam("tenant_ids", type_=ARRAY(Id))
PERSON: sa.BindParameter[str] = sa.bindparam("user_id", type_=Id)
TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date)
STANDS: Final = frozenset({"tenant_id", "tenant_ids", "user_id"})

THIS: sa.BindParameter[str] = sa.bindparam("id", type_=Id)
SEEN: sa.BindParameter[int] = sa.bindparam("seen_version", type_=sa.Integer)
MOST_ROWS: Final = 101  # of the largest page, and the one that says that there are more
LIMIT: sa.BindParameter[int] = sa.bindparam("limit", type_=sa.Integer)

T = TypeVar("T")
Item = TypeVar("Item", bound=attrs.AttrsInstance)
InSight = Callable[[sa.FromClause], sa.ColumnElement[bool]]

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # SQLAlchemy left it untyped
_PARAMETER = re.compile(r"%\((\w+)\)s")


@frozen
class Statement:
    """SQL with `$1`, `$2`, …, and the names of what they stand for. `name`: that of the prepared
    statement, the same in every process."""

    name: bytes
    text: bytes
    parameters: tuple[str, ...]
    constants: Mapping[str, Any] = {}  # numbers and texts that the statement itself names


def statement_of(
    clause: sa.ClauseElement,
    columns: Collection[str] | None = None,
    *,
    across_all: str | None = None,
) -> Statement:
    """Compile a clause.

    `columns`: those that an insert or update writes. `across_all`: the reason why this one, by way
    of exception, may name nobody whose rows it wants; a test holds the list of them.
    Raises ValueError where it would see the rows of all tenants, or of all people.
    """
    compiled = clause.compile(dialect=_DIALECT, column_keys=columns)
    text = str(compiled)
    named = {*_PARAMETER.findall(text)}
    if across_all is None and not _stands_somewhere(clause, named):
        raise ValueError(f"this would see the rows of all: {text}")
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return _numbered(text, constants)


def text_statement(text: str) -> Statement:
    """One that names no table: it begins, commits, or says where the unit stands."""
    return _numbered(text, {})


def _numbered(text: str, constants: Mapping[str, Any]) -> Statement:  # of whatever types
    order: dict[str, int] = {}
    for parameter in _PARAMETER.findall(text):
        order.setdefault(parameter, len(order) + 1)
    numbered = _PARAMETER.sub(lambda match: f"${order[match[1]]}", text).replace("%%", "%")
    name = blake2s(numbered.encode(), digest_size=12).hexdigest()
    return Statement(name.encode(), numbered.encode(), tuple(order), constants)


def _stands_somewhere(clause: sa.ClauseElement, named: set[str]) -> bool:
    """Whether the rows of each table that it mentions are asked for by their owner."""
    tables = [part for part in iterate(clause) if isinstance(part, sa.Table)]
    of_tenants = any("tenant_id" in table.c for table in tables)
    of_people = any("user_id" in table.primary_key.columns or table is users for table in tables)
    return not (of_tenants or of_people) or bool(named & STANDS)


@frozen
class Verbs:
    """What every entity can be asked to do. Parameters bear the names of its fields."""

    get: Statement
    hold: Statement
    add: Statement
    save: Statement
    remove: Statement


def columns_of(kind: type[Entity]) -> list[sa.ColumnElement[Any]]:  # of whatever types
    """In the order of the entity's fields, as `maker_of` wants them."""
    return [TABLES[kind].c[field.name] for field in attrs.fields(kind)]


def owned(kind: type[Entity]) -> list[sa.ColumnElement[bool]]:
    """That a row is of the one whom the unit stands at."""
    table = TABLES[kind]
    if table is users:
        return [table.c.id == PERSON]
    if kind.owner is Owner.PLATFORM:
        return []
    if kind.owner is Owner.PERSON:
        return [table.c.user_id == PERSON]
    return [table.c.tenant_id == TENANT]


def _verbs(kind: type[Entity]) -> Verbs:
    table = TABLES[kind]
    columns = {*table.columns.keys()}
    this = (*owned(kind), table.c.id == THIS)
    one = sa.select(*columns_of(kind)).where(*this)
    unchanged = (*this, table.c.version == SEEN)
    # What is added to nobody's stands nowhere, and what is a person's is checked by its policy.
    free = "a row says itself whose it is" if kind.owner is not Owner.TENANT else None
    return Verbs(
        get=statement_of(one),
        hold=statement_of(one.with_for_update(key_share=True)),  # others may refer to it meanwhile
        add=statement_of(table.insert(), columns, across_all=free),
        save=statement_of(
            table.update().where(*unchanged), columns - {"id", "tenant_id", "user_id"}
        ),
        remove=statement_of(table.delete().where(*unchanged)),
    )


VERBS = {kind: _verbs(kind) for kind in TABLES}


@frozen
class Sighted(Generic[T]):
    """What is asked of the tenants that one stands in, and the same of all that there are: two
    texts, since each has a plan of its own."""

    near: T
    far: T


EVERYWHERE: Final = "who looks everywhere, as a platform_admin or a worker does"


def in_tenants(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """That its row is of a tenant that is stood in."""
    found: sa.ColumnElement[bool] = table.c.tenant_id == sa.any_(TENANTS)
    return found


def sighted(make: Callable[[InSight, str | None], T]) -> Sighted[T]:
    """`make` is given what says of a table that its row is in sight, and the reason, if any, why
    the statement may name nobody."""
    return Sighted(
        near=make(in_tenants, None),
        far=make(lambda _: sa.true(), EVERYWHERE),
    )


@frozen
class PageQuery(Generic[Item]):
    """A list in the order of these fields, from the beginning and from behind a key."""

    kind: type[Item]
    order: Order
    first: Statement
    following: Statement


Condition = sa.ColumnElement[bool]
Columns = list[sa.ColumnElement[Any]]  # of whatever types
Query = sa.Select[Any]  # of whatever columns the rows are made from


def page_of(
    kind: type[Item],
    query: Callable[[Condition], Query],
    order: Mapping[str, sa.ColumnElement[Any]],
    *,
    newest_first: bool = False,
    across_all: str | None = None,
) -> PageQuery[Item]:
    """`query` is given the condition that a row lies behind the page before, and says itself in
    which order its rows come. `order`: by which field and so which column, the last one unique.
    """
    columns = list(order.values())
    after = sa.tuple_(
        *(sa.bindparam(f"after_{name}", type_=column.type) for name, column in order.items())
    )
    here = sa.tuple_(*columns)
    behind = here < after if newest_first else here > after
    return PageQuery(
        kind,
        tuple(order),
        first=statement_of(query(sa.true()), across_all=across_all),
        following=statement_of(query(behind), across_all=across_all),
    )


def plain_page_of(
    kind: type[Item],
    query: Query,
    order: Mapping[str, sa.ColumnElement[Any]],
    *,
    newest_first: bool = False,
    across_all: str | None = None,
) -> PageQuery[Item]:
    """One whose rows an index gives in the page's order."""
    ordered = _ordered(query, list(order.values()), newest_first)
    return page_of(kind, ordered.where, order, newest_first=newest_first, across_all=across_all)


@cache  # one, however often a statement mentions it
def tenants_near() -> sa.CTE:
    """The tenants that are stood in, a row each."""
    return sa.select(sa.func.unnest(TENANTS, type_=Id).label("tenant_id")).cte("near")


def merged(
    places: sa.CTE, each: Query, order: Collection[str], *, newest_first: bool = False
) -> Query:
    """The first rows of each place, and of these the first: so many rows are read as a page has,
    times the places, however many there are. What lies in two places comes once."""
    found = _ordered(each, [each.exported_columns[name] for name in order], newest_first)
    of_place = found.lateral("of_place")
    columns: Columns = [of_place.c[name] for name in order]
    query = sa.select(*of_place.c).select_from(places.join(of_place, sa.true()))
    return _ordered(query.ext(distinct_on(*columns)), columns, newest_first)


def page_cut(query: Query, order: Collection[str]) -> Query:
    """The first rows, of one place. Bounded twice: a plan that is made for whatever limit comes
    takes a tenth of all rows for it, and so would read them all."""
    columns = [query.exported_columns[name] for name in order]
    most = query.order_by(*columns).limit(sa.literal_column(str(MOST_ROWS))).subquery("most")
    return sa.select(*most.c).order_by(*(most.c[name] for name in order)).limit(LIMIT)


def _ordered(query: Query, columns: Columns, newest_first: bool) -> Query:  # noqa: FBT001 -- within this file
    directed = [column.desc() if newest_first else column for column in columns]
    return query.order_by(*directed).limit(LIMIT)
