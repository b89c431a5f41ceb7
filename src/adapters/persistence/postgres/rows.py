"""Rows as one unit of work sees them: from where it stands, by as few round trips as can be."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Protocol, TypeVar, get_args, get_origin, get_type_hints

import attrs
import psycopg
from attrs import define, field, frozen
from sqlalchemy.dialects.postgresql import JSONB

from adapters.persistence.postgres.connections import Call, Pool, Result, Value
from adapters.persistence.postgres.connections import Connection as Line
from adapters.persistence.postgres.room import is_out_of_room, out_of_room
from adapters.persistence.postgres.statements import (
    Item,
    PageQuery,
    Sighted,
    Statement,
    text_statement,
)
from adapters.persistence.tables import PLATFORM_ROLE, TABLES, WORKER_ROLE
from faraday_core.kernel.actor import Actor
from faraday_core.kernel.entity import Entity
from faraday_core.kernel.errors import Conflict, FaradayError, NotFound, StaleVersion, Unavailable
from faraday_core.kernel.paging import Page, PageRequest, cut

T = TypeVar("T")
Row = tuple[Any, ...]  # as the statement's columns are
Maker = Callable[[Row], Any]

# What no UUID can be, and so is nobody's id.
_NO_ID: Final = (
    psycopg.errors.InvalidTextRepresentation,
    psycopg.errors.CharacterNotInRepertoire,
)
_BEGIN: Final = text_statement("begin")
_COMMIT: Final = text_statement("commit")
_SETTINGS: Final = {
    "tenant_id": "faraday.tenant_id",
    "tenant_ids": "faraday.tenant_ids",
    "user_id": "faraday.user_id",
    "email_key": "faraday.email_key",
    "role": "role",
}


@frozen
class Scope:
    """Where a unit stands. Both walls are told: the statements, and, by settings that last as long
    as the transaction, the policies."""

    tenant_id: str | None = None
    tenant_ids: tuple[str, ...] | None = None
    user_id: str | None = None
    email_key: str | None = None
    role: str | None = None
    everywhere: bool = False
    today: date | None = None  # by which roles have begun, or have ended

    @property
    def parameters(self) -> dict[str, Value]:
        """For the statements: who stands in one tenant sees that one among several, too."""
        tenants = self.tenant_ids or ((self.tenant_id,) if self.tenant_id else ())
        return {
            "tenant_id": self.tenant_id,
            "tenant_ids": tenants,
            "user_id": self.user_id,
            "today": self.today,
        }

    @property
    def call(self) -> Call | None:
        """For the policies."""
        told = {name: getattr(self, name) for name in _SETTINGS if getattr(self, name) is not None}
        if self.tenant_id:
            told["tenant_ids"] = (self.tenant_id,)
        return (_stand(tuple(told)), told) if told else None


@cache
def _stand(names: tuple[str, ...]) -> Statement:
    settings = (f"set_config('{_SETTINGS[name]}', %({name})s, true)" for name in names)
    return text_statement("select " + ", ".join(settings))


def role_of(actor: Actor, *, everywhere: bool = False) -> str | None:
    """As whom the connection acts for this actor; None as for any request."""
    if actor.is_machine:
        return WORKER_ROLE
    return PLATFORM_ROLE if everywhere else None


@frozen
class Pending:
    """A statement that waits for the next trip. `must_hit`: it is to find its row."""

    call: Call
    must_hit: bool


class Proof(Protocol):
    """What goes along with the first trip, to find that an actor is who is remembered."""

    @property
    def call(self) -> Call: ...

    def check(self, result: Result) -> None:
        """Raises ActorChanged."""


@define
class Rows:
    """A connection, taken with the first question and kept to the unit's end.

    Without a transaction each trip is one by itself, of what is committed by then.
    """

    pool: Pool
    scope: Scope
    in_transaction: bool = False
    proof: Proof | None = None
    _line: Line | None = None
    _begun: bool = False
    _pending: list[Pending] = field(factory=list)

    def of(self, sighted: Sighted[T]) -> T:
        return sighted.far if self.scope.everywhere else sighted.near

    async def run(self, statement: Statement, **given: Value) -> Result:
        """Ask now, and send what waits along with it."""
        return (await self._trip([(statement, self.scope.parameters | given)]))[-1]

    async def one(self, statement: Statement, **given: Value) -> Row | None:
        rows = (await self.run(statement, **given)).rows
        return rows[0] if rows else None

    def defer(self, statement: Statement, *, must_hit: bool = False, **given: Value) -> None:
        """Send it with the next trip, at the latest with the commit."""
        self.send(statement, given, must_hit=must_hit)

    def send(
        self, statement: Statement, given: Mapping[str, Value], *, must_hit: bool = False
    ) -> None:
        """As `defer`, with what is given as a mapping."""
        call = (statement, {**self.scope.parameters, **given})
        self._pending.append(Pending(call, must_hit))

    async def page(
        self,
        query: PageQuery[Item],
        request: PageRequest,
        make: Callable[[Row], Item] | None = None,
        **given: Value,
    ) -> Page[Item]:
        """`make`: from a row to an item, where that is not just its fields."""
        statement = query.first
        if after := request.after(query.kind, query.order):
            statement = query.following
            given |= {f"after_{name}": key for name, key in zip(query.order, after, strict=True)}
        found = await self.run(statement, limit=request.limit + 1, **given)
        items = [*map(make or maker_of(query.kind), found.rows)]
        return cut(items, request, query.order)

    async def commit(self) -> None:
        if any(pending.must_hit for pending in self._pending):
            await self._trip([])  # to see that all hit, before it counts
        if self._begun or self._pending:
            await self._trip([(_COMMIT, {})])

    async def release(self) -> None:
        if self._line:
            line, self._line = self._line, None
            await self.pool.give_back(line)

    async def _trip(self, asked: Sequence[Call]) -> list[Result]:
        pending, self._pending = self._pending, []
        proof, self.proof = self.proof, None
        preamble = self._preamble(proof)
        try:
            if self._line is None:
                self._line = await self.pool.take()
            calls = [*preamble, *(waiting.call for waiting in pending), *asked]
            results = await self._line.trip(calls)
        except psycopg.Error as error:
            raise _refusal(error) from error
        self._begun = self.in_transaction
        if proof:
            proof.check(results[preamble.index(proof.call)])
        for waiting, result in zip(pending, results[len(preamble) :], strict=False):
            if waiting.must_hit and not result.count:
                raise StaleVersion("It was changed or removed by somebody else.")
        return results

    def _preamble(self, proof: Proof | None) -> list[Call]:
        begin: list[Call] = [(_BEGIN, {})] if self.in_transaction and not self._begun else []
        stand = [self.scope.call] if self.scope.call and not self._begun else []
        if proof is None:
            return [*begin, *stand]
        user_id = proof.call[1]["user_id"]
        if user_id == self.scope.user_id:
            return [*begin, *stand, proof.call]
        # Proven as who acts; then on to where the unit stands.
        if self.scope.user_id is None and self.scope.role is None:
            # Nobody else's: what is told of the one does not touch the other.
            told = {"user_id": user_id, **(self.scope.call[1] if self.scope.call else {})}
            return [*begin, (_stand(tuple(told)), told), proof.call]
        return [*begin, (_stand(("user_id",)), {"user_id": user_id}), proof.call, *stand]


def _refusal(error: psycopg.Error) -> FaradayError | psycopg.Error:  # noqa: PLR0911 -- a kind each
    """What a use case understands of it; a fault of our own stays what it is."""
    if isinstance(error, _NO_ID):
        return NotFound("There is no such thing here.")
    if isinstance(error, psycopg.errors.UniqueViolation):
        return Conflict("It is there already.", code=error.diag.constraint_name)
    if isinstance(error, psycopg.IntegrityError):
        return Conflict("Something else stands on it, or it stands on what is not there.")
    if isinstance(error, psycopg.errors.QueryCanceled):
        return Unavailable("The database took too long.", code="overloaded")
    if is_out_of_room(error):
        return out_of_room()
    if isinstance(error, psycopg.OperationalError):
        return Unavailable("The database has gone away.", retry_after=2)
    return error


@cache
def maker_of(kind: type[Any]) -> Maker:
    """From a row, its columns in the order of the fields, to the value."""
    hints = get_type_hints(kind)
    convert = {
        index: found
        for index, name in enumerate(field.name for field in attrs.fields(kind))
        if (found := _conversion(hints[name]))
    }
    if not convert:
        return lambda row: kind(*row)

    def make(row: Row) -> Any:
        values = list(row)
        for index, converted in convert.items():
            if values[index] is not None:
                values[index] = converted(values[index])
        return kind(*values)

    return make


def _conversion(hint: Any) -> Callable[[Any], object] | None:
    """Of what a column holds, where the field is of another type."""
    return tuple if get_origin(hint) is Sequence else _enum_in(hint)


def _enum_in(hint: Any) -> type[Enum] | None:
    """The enumeration that a column's text is a member of, if it is one."""
    options = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    for option in options:
        if option is not NoneType and isinstance(option, type) and issubclass(option, Enum):
            return option
    return None


def values_of(entity: Entity) -> dict[str, Value]:
    """By the names of the columns."""
    kind = type(entity)
    as_json = _json_columns(kind)
    return {
        field.name: _stored(getattr(entity, field.name), as_json=field.name in as_json)
        for field in attrs.fields(kind)
    }


@cache
def _json_columns(kind: type[Entity]) -> frozenset[str]:
    return frozenset(c.name for c in TABLES[kind].columns if isinstance(c.type, JSONB))


def _stored(value: Any, *, as_json: bool) -> Value:
    if isinstance(value, Enum):
        return str(value.value)
    if as_json and value is not None:
        return json.dumps(value)
    stored: Value = value
    return stored
