"""Lists of people: by where their roles lie, or by the words that they are found by.

A list reads as many rows as it shows, or few times more, however many people there are: its places
(the tenants, or the organisations of a subtree) are each walked in the order of the list.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from adapters.persistence.postgres.people import grants_of, roles_of
from adapters.persistence.postgres.rows import Row, Rows
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    TENANT,
    Condition,
    InSight,
    PageQuery,
    Query,
    in_tenants,
    merged,
    page_cut,
    page_of,
    sighted,
    statement_of,
    tenants_near,
)
from adapters.persistence.postgres.trees import subtree
from adapters.persistence.tables import Id, user_organizations, user_terms, users
from adapters.persistence.tables.declaring import Name
from faraday_core.identity.model import UserView, roles_held
from faraday_core.kernel.actor import PLATFORM_GRANT
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.kernel.words import words_of
from faraday_core.people.model import Listing, UserFilter

LAST_LETTER: Final = "\U0010ffff"

_ROLE: sa.BindParameter[str] = sa.bindparam("role", type_=sa.Text)
_LOW: sa.BindParameter[str] = sa.bindparam("low", type_=Name)
_HIGH: sa.BindParameter[str] = sa.bindparam("high", type_=Name)
_OTHERS: sa.BindParameter[Sequence[str]] = sa.bindparam("others", type_=ARRAY(Name))
_OF: sa.BindParameter[str] = sa.bindparam("of", type_=Id)
_TERMS: sa.BindParameter[Sequence[str]] = sa.bindparam("terms", type_=ARRAY(Name))
_SYSTEM: sa.BindParameter[str] = sa.bindparam("source_system", type_=sa.Text)
_SOURCE_ID: sa.BindParameter[str] = sa.bindparam("source_id", type_=Name)

_MEMBER, _TERM = user_organizations.c, user_terms.c
# What a list shows of a person, in the order in which `_listing` takes it.
_COLUMNS: Final[Sequence[sa.ColumnElement[Any]]] = (
    users.c.id,
    users.c.email,
    users.c.full_name,
    users.c.is_active,
    users.c.email_verified,
    users.c.username,
    users.c.source_system,
    users.c.source_id,
    users.c.created_at,
    users.c.updated_at,
    users.c.version,
    users.c.is_platform_admin,
)
_NONE: sa.ColumnElement[int] = sa.literal_column("0")


@frozen
class Shape:
    """Which list it is: each is a statement of its own, made when it is first asked for.

    `everywhere`: of all tenants. `nodes`: of these organisations and those below them alone.
    `active`: of those who may sign in, who may not, or (None) of both. `service`: of programs,
    too. `system`, `source`: of this source, or by the id that it gives them.
    """

    everywhere: bool
    nodes: bool
    role: bool
    search: bool
    active: bool | None
    service: bool
    system: bool = False
    source: bool = False

    @property
    def in_sight(self) -> InSight:
        return (lambda _: sa.true()) if self.everywhere else in_tenants

    @property
    def places(self) -> sa.CTE | None:
        if self.nodes:
            return subtree(self.in_sight)
        return None if self.everywhere else tenants_near()


@cache
def query_for(shape: Shape) -> PageQuery[Listing]:
    order = {"term": _TERM.term, "id": _TERM.user_id} if shape.search else {"id": _MEMBER.user_id}
    if _of_all_users(shape) or _of_source(shape):
        order = {"id": users.c.id}

    def page(behind: Condition) -> Query:
        found = _by_term if shape.search else _by_source if shape.source else _by_id
        listed = found(shape, behind).cte("listed")
        term = listed.c.term if shape.search else sa.literal_column("''").label("term")
        columns = (listed.c[column.name] for column in _COLUMNS)
        query = sa.select(*columns, roles_of(listed.c.id, shape.in_sight), term)
        return query.order_by(*(listed.c[name] for name in order))

    why = EVERYWHERE if shape.everywhere else None
    return page_of(Listing, page, order, across_all=why)


def _by_id(shape: Shape, behind: Condition) -> Query:
    if _of_all_users(shape):
        return page_cut(sa.select(*_COLUMNS).where(behind, *_wanted(shape)), ["id"])
    member = sa.select(_MEMBER.user_id.label("id")).where(behind)
    if shape.role:
        member = member.where(_MEMBER.role == _ROLE)
    places = shape.places
    if places is not None:
        member = member.where(_at(shape, places))
    return _people(shape, member, [_MEMBER.user_id], places)


def _by_source(shape: Shape, behind: Condition) -> Query:
    """Those without a role (yet), too, where no place or role is asked for."""
    found = sa.select(*_COLUMNS).where(behind, *_wanted(shape))
    near = None if shape.everywhere else tenants_near()
    if shape.nodes or shape.role:
        found = found.where(
            _holds(shape, users.c.id, near.c.tenant_id if near is not None else None)
        )
    if near is None:
        return page_cut(found, ["id"])
    return merged(near, found.where(users.c.source_tenant_id == near.c.tenant_id), ["id"])


def _of_source(shape: Shape) -> bool:
    return shape.source and not shape.search


def _of_all_users(shape: Shape) -> bool:
    """Those without a role, too."""
    return not shape.search and not shape.role and shape.places is None


def _by_term(shape: Shape, behind: Condition) -> Query:
    word = sa.select(_TERM.term, _TERM.user_id.label("id")).where(
        _TERM.term >= _LOW, _TERM.term < _HIGH, behind, _least(), _has_others()
    )
    if shape.nodes or shape.role:
        tenant_id = None if shape.everywhere else _TERM.tenant_id
        word = word.where(_holds(shape, _TERM.user_id, tenant_id))
    places = None if shape.everywhere else tenants_near()
    if places is not None:
        word = word.where(_TERM.tenant_id == places.c.tenant_id)
    return _people(shape, word, [_TERM.term, _TERM.user_id], places)


def _people(
    shape: Shape, found: Query, order: list[sa.ColumnElement[Any]], places: sa.CTE | None
) -> Query:
    """Those found at each place who are to be shown, each looked up once."""
    names = [column.name for column in found.selected_columns]
    # It alone goes by the order of an index, whatever the plan.
    found = found.ext(distinct_on(*order))
    if places is not None:
        return merged(places, _with_person(shape, found, order[-1]), names)
    # Whoever sees everything is held to no policy: looked up twice, so that what is passed over
    # has its price and the closest index is taken.
    cut = page_cut(found.where(_any(_person(shape, order[-1]))), names).subquery("cut")
    return _with_person(shape, sa.select(*cut.c), cut.c.id)


def _with_person(shape: Shape, found: Query, user_id: sa.ColumnElement[str]) -> Query:
    """One row after the other until the page is full. Without the offset PostgreSQL may join all
    rows to all others first."""
    person = _person(shape, user_id).offset(_NONE).lateral("person")
    # But the id that was found, of which PostgreSQL knows that it comes in order.
    rest = [column for column in person.c if column.name != "id"]
    return found.add_columns(*rest).join_from(user_id.table, person, sa.true())


def _person(shape: Shape, user_id: sa.ColumnElement[str]) -> Query:
    return sa.select(*_COLUMNS).where(users.c.id == user_id, *_wanted(shape))


def _at(shape: Shape, places: sa.CTE) -> Condition:
    at_place = _MEMBER.tenant_id == places.c.tenant_id
    return at_place & (_MEMBER.organization_id == places.c.id) if shape.nodes else at_place


def _holds(
    shape: Shape, user_id: sa.ColumnElement[str], tenant_id: sa.ColumnElement[str] | None
) -> Condition:
    """A role there, of that kind, in the tenant in which the person was found."""
    held = sa.select(_MEMBER.id).where(_MEMBER.user_id == user_id)
    held = held if tenant_id is None else held.where(_MEMBER.tenant_id == tenant_id)
    if shape.role:
        held = held.where(_MEMBER.role == _ROLE)
    if shape.nodes:
        below = subtree(shape.in_sight)
        held = held.where(_MEMBER.organization_id == below.c.id)
    return _any(held)


def _wanted(shape: Shape) -> list[Condition]:
    """Named and not given, so that who may not sign in, being few, are found by an index."""
    wanted = [] if shape.everywhere else [~users.c.is_platform_admin]
    wanted += [] if shape.service else [~users.c.is_service]
    wanted += [users.c.source_system == _SYSTEM] if shape.system else []
    wanted += [users.c.source_id == _SOURCE_ID] if shape.source else []
    if shape.active is None:
        return wanted
    return [*wanted, users.c.is_active if shape.active else ~users.c.is_active]


def _any(query: Query) -> Condition:
    """Whether there is one, looked up as `_with_person` does."""
    return query.offset(_NONE).exists()


def _least() -> Condition:
    """Of a person whom the word finds twice, only the first."""
    other = user_terms.alias("other")
    return ~_any(
        sa.select(other.c.term).where(
            other.c.tenant_id == _TERM.tenant_id,
            other.c.user_id == _TERM.user_id,
            other.c.term >= _LOW,
            other.c.term < _TERM.term,
        )
    )


def _has_others() -> Condition:
    """All the other words of the search find the person as well."""
    other = user_terms.alias("one")
    words = sa.func.unnest(_OTHERS).table_valued("word").render_derived()
    found = sa.select(other.c.term).where(
        other.c.tenant_id == _TERM.tenant_id,
        other.c.user_id == _TERM.user_id,
        other.c.term >= words.c.word,
        other.c.term < words.c.word.op("||")(sa.literal_column(f"'{LAST_LETTER}'")),
    )
    # Said, since by itself SQLAlchemy looks for what a query refers to but one level up.
    found = found.correlate(words, user_terms)
    lacking = sa.select(words.c.word).select_from(words).where(~_any(found))
    return ~_any(lacking.correlate(user_terms))


def _tenants_of(in_sight: InSight, why: str | None) -> Any:
    query = sa.select(_MEMBER.tenant_id).distinct()
    return statement_of(
        query.where(_MEMBER.user_id == _OF, in_sight(user_organizations)), across_all=why
    )


_TENANTS_OF = sighted(_tenants_of)
_FORGET = statement_of(user_terms.delete().where(_TERM.tenant_id == TENANT, _TERM.user_id == _OF))
_NEW = sa.func.unnest(_TERMS).table_valued("term").render_derived()
_DESCRIBE = statement_of(
    user_terms.insert().from_select(
        ["tenant_id", "user_id", "term"], sa.select(TENANT, _OF, _NEW.c.term)
    )
)


@frozen
class PostgresDirectory:
    rows: Rows

    async def page(
        self, nodes: Sequence[str] | None, wanted: UserFilter, page: PageRequest
    ) -> Page[Listing]:
        words = sorted(words_of(wanted.q or ""), key=len, reverse=True)
        if wanted.q is not None and not words:
            return Page(())
        query = query_for(
            Shape(
                everywhere=self.rows.scope.everywhere,
                nodes=nodes is not None,
                role=wanted.role is not None,
                search=bool(words),
                active=wanted.activity,
                service=wanted.include_service,
                system=wanted.source_system is not None,
                source=wanted.source_id is not None,
            )
        )
        # The longest word finds the fewest; the others are looked for among those.
        longest = words[0] if words else ""
        given = {
            "nodes": nodes,
            "role": wanted.role,
            "low": longest,
            "high": longest + LAST_LETTER,
            "others": words[1:],
            "source_system": wanted.source_system,
            "source_id": wanted.source_id,
        }
        return await self.rows.page(query, page, make=_listing, **given)

    async def tenants_of(self, user_id: str) -> Sequence[str]:
        found = await self.rows.run(self.rows.of(_TENANTS_OF), of=user_id)
        return [row[0] for row in found.rows]


@frozen
class PostgresDirectoryEntries:
    rows: Rows

    async def describe(self, user_id: str, terms: Collection[str]) -> None:
        self.rows.defer(_FORGET, of=user_id)
        self.rows.defer(_DESCRIBE, of=user_id, terms=[*terms])


def _listing(row: Row) -> Listing:
    """Straight to what is shown, since a page has many of them."""
    (
        id,
        email,
        name,
        active,
        verified,
        username,
        system,
        source_id,
        created,
        updated,
        version,
        admin,
        roles,
        term,
    ) = row
    grants = grants_of(roles)
    view = UserView(
        id,
        email,
        name,
        roles_held((PLATFORM_GRANT, *grants) if admin else grants),
        grants[0].organization_id if grants else None,
        active,
        verified,
        username,
        system,
        source_id,
        created,
        updated,
        version,
        grants,
    )
    return Listing(id, view, term)
