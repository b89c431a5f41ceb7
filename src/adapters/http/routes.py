"""What a handler's signature says of its route.

A handler is a plain function that names what it reads:

    routes = Routes("organizations")

    @routes.on("GET /organizations/{organization_id}")
    async def get_organization(
        actor: Actor, organizations: OrganizationService, organization_id: str
    ) -> OrganizationView: ...

`binder` reads requests by it and `openapi` documents it, so the two cannot part.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator
from enum import Enum, auto
from functools import cached_property
from http import HTTPStatus
from inspect import Parameter, signature
from types import NoneType
from typing import Annotated, Any, get_type_hints

import attrs

from faraday_core.identity.session_model import Identity
from faraday_core.kernel.actor import Actor, Origin

BASE = "/api/v1"
ONE_ORGANIZATION = "X-Organization-Id"  # the header by which a request is narrowed to one

Handler = Callable[..., Awaitable[Any]]  # each by its own signature
IfMatch = Annotated[frozenset[str] | None, "If-Match"]


class Source(Enum):
    ACTOR = auto()  # by its type; the access token says who
    IDENTITY = auto()  # by its type; the same, with the session
    ORIGIN = auto()  # by its type; where the request comes from
    SERVICE = auto()  # by its type; the composition root made it
    PATH = auto()  # a name that stands in the path
    BODY = auto()  # what is called `body`
    HEADER = auto()  # IfMatch
    QUERY = auto()  # all else; a class is read field by field


_BY_TYPE = {Actor: Source.ACTOR, Identity: Source.IDENTITY, Origin: Source.ORIGIN}


@attrs.frozen
class Input:
    name: str
    kind: Any  # the annotation
    source: Source
    default: Any  # of that kind

    @property
    def required(self) -> bool:
        return self.default in (Parameter.empty, attrs.NOTHING)

    def fields(self) -> "list[Input]":
        """Itself, or an input for each field where it is a class."""
        if not attrs.has(self.kind):
            return [self]
        kinds = get_type_hints(self.kind, include_extras=True)
        return [
            Input(as_asked(field.name), kinds[field.name], self.source, field.default)
            for field in attrs.fields(self.kind)
        ]


def as_asked(name: str) -> str:
    """A parameter's name where Python has the word for itself: `from` is the field `from_`."""
    return name.removesuffix("_")


@attrs.frozen
class Terms:
    """How a route is offered, beside what its signature says.

    `location`: where what was created can be found; it makes the answer a 201. `status`: the
    answer's, where it is not 200, 201 or 204. `auth_rate`: it is limited an address, as all by
    which one signs in. `idempotent`: a POST that honours `Idempotency-Key`. `optional_body`: it
    may be left out. `always_whole`: no 304. `largest_file`: bytes of the one in a form.
    `largest_body`: bytes of it all, where that is not what the installation has for every route.
    `refusals`: what it may answer besides what follows from its signature.
    """

    location: str | None = None
    status: HTTPStatus | None = None
    auth_rate: bool = False
    idempotent: bool = False
    optional_body: bool = False
    always_whole: bool = False
    largest_file: int = 0
    largest_body: int = 0
    cache_control: str = "no-store"
    refusals: tuple[HTTPStatus, ...] = ()


@attrs.frozen(eq=False)
class Operation:
    tag: str
    method: str
    path: str
    terms: Terms
    handler: Handler
    inputs: tuple[Input, ...]
    result: Any  # the annotation

    @property
    def name(self) -> str:
        return self.handler.__name__

    @cached_property
    def query_names(self) -> frozenset[str]:
        return frozenset(
            field.name for wanted in self.reads(Source.QUERY) for field in wanted.fields()
        )

    @cached_property
    def signed_in(self) -> bool:
        return bool(self.reads(Source.ACTOR) or self.reads(Source.IDENTITY))

    @cached_property
    def status(self) -> HTTPStatus:
        if self.terms.status:
            return self.terms.status
        if self.result is NoneType:
            return HTTPStatus.NO_CONTENT
        return HTTPStatus.CREATED if self.terms.location else HTTPStatus.OK

    def reads(self, source: Source) -> list[Input]:
        return [wanted for wanted in self.inputs if wanted.source is source]


@attrs.frozen
class Routes:
    """The routes of one resource, under its name in the API's description."""

    tag: str
    base: str = BASE
    _declared: list[tuple[str, str, Terms, Handler]] = attrs.Factory(list)

    def on(self, route: str, terms: Terms | None = None) -> Callable[[Handler], Handler]:
        method, path = route.split(" ")

        def declare(handler: Handler) -> Handler:
            self._declared.append((method, self.base + path, terms or Terms(), handler))
            return handler

        return declare

    def operations(self, services: Collection[type]) -> Iterator[Operation]:
        for method, path, terms, handler in self._declared:
            kinds = get_type_hints(handler, include_extras=True)
            inputs = tuple(
                Input(name, kinds[name], _source(name, kinds[name], path, services), given.default)
                for name, given in signature(handler).parameters.items()
            )
            yield Operation(self.tag, method, path, terms, handler, inputs, kinds["return"])


def _source(name: str, kind: Any, path: str, services: Collection[type]) -> Source:  # annotation
    if source := _BY_TYPE.get(kind):
        return source
    if kind in services:
        return Source.SERVICE
    if f"{{{name}}}" in path:
        return Source.PATH
    if name == "body":
        return Source.BODY
    return Source.HEADER if kind == IfMatch else Source.QUERY
