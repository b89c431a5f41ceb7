"""Lists of people: by where their roles lie, or by the words that they are found by.

A list reads as many rows as it shows, or few times more, however many people there are: its places
(the tenants, or the organisations of a subtree) are each walked in the order of the list.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen
from sqlalchemy.dialects.postgresql import ARRAY

from adapters.persistence.postgres.organizations import subtree
from adapters.persistence.postgres.people import person_from, roles_of
from adapters.persistence.postgres.rows import Row, Rows
from adapters.persistence.postgres.statements import (
    EVERYWHERE,
    LIMIT,
    TENANT,
    Condition,
    InSight,
    PageQuery,
    Query,
    columns_of,
    merged,
    page_cut,
    page_of,
    sighted,
    statement_of,
    tenants_near,
)
from adapters.persistence.tables import Id, user_organizations, user_terms, users
from adapters.persistence.tables.declaring import Name
from faraday_core.identity.model import User
from faraday_core.kernel.ids import uuid7
from faraday_core.kernel.paging import Page, PageRequest
from faraday_core.people.model import Listing, UserFilter, words_of

LAST_LETTER: Final = "\U0010ffff"

_ROLE: sa.BindParameter[str] = sa.bindparam("role", type_=sa.Text)
# Cast, since PostgreSQL cannot tell the type of what is only asked whether it is null.
_ACTIVE: sa.Cast[bool] = sa.cast(sa.bindparam("active", type_=sa.Boolean), sa.Boolean)
_LOW: sa.BindParameter[str] = sa.bindparam("low", type_=Name)
_HIGH: sa.BindParameter[str] = sa.bindparam("high", type_=Name)
_OTHERS: sa.BindParameter[Sequence[str]] = sa.bindparam("others", type_=ARRAY(Name))
_OF: sa.BindParameter[str] = sa.bindparam("of", type_=Id)
_TERMS: sa.BindParameter[Sequence[str]] = sa.bindparam("terms", type_=ARRAY(Name))
_IDS: sa.BindParameter[Sequence[str]] = sa.bindparam("ids", type_=ARRAY(Id))

_MEMBER, _TERM = user_organizations.c, user_terms.c


@frozen
class Shape:
    """Which list it is: each is a statement of its own, made when it is first asked for.

    `everywhere`: of all tenants. `nodes`: of these organisations and those below them alone.
    """

    everywhere: bool
    nodes: bool
    role: bool
    search: bool

    @property
    def in_sight(self) -> InSight:
        if self.everywhere:
            return lambda _: sa.true()
        near = tenants_near()
        return lambda table: table.c.tenant_id.in_(sa.select(near.c.tenant_id))

    @property
    def places(self) -> sa.CTE | None:
        if self.nodes:
            return subtree(self.in_sight)
        return None if self.everywhere else tenants_near()


@cache
def query_for(shape: Shape) -> PageQuery[Listing]:
    order = {"term": _TERM.term, "id": _TERM.user_id} if shape.search else {"id": _MEMBER.user_id}
    if _of_all_users(shape):
        order = {"id": users.c.id}
    names = list(order)

    def page(behind: Condition) -> Query:
        listed = (_by_term if shape.search else _by_id)(shape, behind).cte("listed")
        term = listed.c.term if shape.search else sa.literal_column("''").label("term")
        query = sa.select(*columns_of(User), roles_of(users.c.id, shape.in_sight), term).where(
            users.c.id == listed.c.id
        )
        return query.order_by(*(listed.c[name] for name in names))

    why = EVERYWHERE if shape.everywhere else None
    return page_of(Listing, page, order, across_all=why)


def _by_id(shape: Shape, behind: Condition) -> Query:
    if _of_all_users(shape):
        return page_cut(sa.select(users.c.id).where(behind, _active(users)), ["id"])
    shown = _shown(_MEMBER.user_id, shape)
    member = sa.select(_MEMBER.user_id.label("id")).distinct().where(behind, shown)
    if shape.role:
        member = member.where(_MEMBER.role == _ROLE)
    if (places := shape.places) is None:
        return page_cut(member, ["id"])
    return merged(places, member.where(_at(shape, places)), ["id"])


def _of_all_users(shape: Shape) -> bool:
    """Those without a role, too."""
    return not shape.search and not shape.role and shape.places is None


def _by_term(shape: Shape, behind: Condition) -> Query:
    found = sa.select(_TERM.term, _TERM.user_id.label("id")).where(
        _TERM.term >= _LOW, _TERM.term < _HIGH, behind, _least(), _has_others()
    )
    found = found.where(_shown(_TERM.user_id, shape))
    if shape.nodes or shape.role:
        found = found.where(_holds(shape))
    if shape.everywhere:
        return found.distinct().order_by(_TERM.term, _TERM.user_id).limit(LIMIT)
    near = tenants_near()
    return merged(near, found.where(_TERM.tenant_id == near.c.tenant_id), ["term", "id"])


def _at(shape: Shape, places: sa.CTE) -> Condition:
    at_place = _MEMBER.tenant_id == places.c.tenant_id
    return at_place & (_MEMBER.organization_id == places.c.id) if shape.nodes else at_place


def _holds(shape: Shape) -> Condition:
    """A role there, of that kind, in the tenant in which the person was found."""
    held = sa.select(_MEMBER.id).where(_MEMBER.user_id == _TERM.user_id)
    held = held if shape.everywhere else held.where(_MEMBER.tenant_id == _TERM.tenant_id)
    if shape.role:
        held = held.where(_MEMBER.role == _ROLE)
    if shape.nodes:
        below = subtree(shape.in_sight)
        held = held.where(_MEMBER.organization_id == below.c.id)
    return _any(held)


def _shown(user_id: sa.ColumnElement[str], shape: Shape) -> Condition:
    person = users.alias("person")
    shown = sa.select(person.c.id).where(person.c.id == user_id, _active(person))
    return _any(shown if shape.everywhere else shown.where(~person.c.is_platform_admin))


def _any(query: Query) -> Condition:
    """Whether there is one, looked up for one row after the other until the page is full. Without
    the offset PostgreSQL may join all rows to all others first."""
    return query.offset(sa.literal_column("0")).exists()


def _active(table: sa.FromClause) -> Condition:
    return sa.or_(_ACTIVE.is_(None), table.c.is_active == _ACTIVE)


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
_NEW = sa.func.unnest(_IDS, _TERMS).table_valued("id", "term").render_derived()
_DESCRIBE = statement_of(
    user_terms.insert().from_select(
        ["tenant_id", "id", "user_id", "term"], sa.select(TENANT, _NEW.c.id, _OF, _NEW.c.term)
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
            )
        )
        # The longest word finds the fewest; the others are looked for among those.
        longest = words[0] if words else ""
        given = {
            "nodes": nodes,
            "role": wanted.role,
            "active": wanted.activity,
            "low": longest,
            "high": longest + LAST_LETTER,
            "others": words[1:],
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
        self.rows.defer(_DESCRIBE, of=user_id, ids=[uuid7() for _ in terms], terms=[*terms])


def _listing(row: Row) -> Listing:
    person = person_from(row)
    return Listing(person.user.id, person, row[-1])
